import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { ClientReport, Order } from './client.ts';

/** Sends the requests of an order from a process of their own. */
export async function runClient(order: Order): Promise<ClientReport> {
  const child = fork(new URL('./client.ts', import.meta.url), { execArgv: [], serialization: 'advanced' });
  child.send(order);
  const [report]: ClientReport[] = await once(child, 'message');
  if (!report) throw new Error('the client reported nothing');
  return report;
}
