import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { startDynoxide } from './dynoxide.ts';
import { createServiceFaults } from '../fault-injection/service-faults.ts';
import { startFauxqs } from './fauxqs.ts';
import { type BackendsOrder, type BackendsReport, backendsOrderSchema, faultsOrderSchema } from './protocol.ts';

/**
 * Runs DynamoDB, SQS and S3 in a process of their own, to keep them off the event loop of the functions. It ends with
 * its parent, even after SIGKILL: the IPC channel closes, and dynoxide is stopped.
 */

// Ctrl-C signals the whole process group; the backends must outlive the draining functions.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);

// The parent may end while this process is still starting.
const parentGone = process.connected ? once(process, 'disconnect') : Promise.resolve();

process.once('message', (message) => {
  serve(backendsOrderSchema.parse(message)).then(
    () => process.exit(0),
    async (cause: unknown) => {
      await report({ kind: 'failed', reason: cause instanceof Error ? cause.message : String(cause) });
      process.exit(1);
    },
  );
});

async function serve(order: BackendsOrder): Promise<void> {
  mkdirSync(order.dataDirectory, { recursive: true });
  const database = path.join(order.dataDirectory, 'tables.db');
  const tables = await startDynoxide({ binary: order.dynoxide, database });
  process.once('exit', tables.stop);
  // The stack can't work without tables; exit so that the parent reports it.
  void tables.ended.then(() => process.exit(1));
  const serviceFaults = createServiceFaults();
  process.on('message', (message) => serviceFaults.set(faultsOrderSchema.parse(message).serviceFaults));
  const queues = await startFauxqs({
    ...order,
    serviceFaults,
    denied: (message) => void report({ kind: 'denied', message }),
  });
  await report({ kind: 'ready', queuesUrl: queues.url, gateUrl: queues.gateUrl, tablesUrl: tables.url });
  await parentGone;
  await queues.stop();
}

/** Resolves once the message is sent, or if the parent is gone. */
function report(message: BackendsReport): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.send?.(message, undefined, undefined, () => resolve());
    else resolve();
  });
}
