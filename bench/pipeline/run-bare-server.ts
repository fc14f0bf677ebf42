import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { z } from 'zod';

/** Starts the bare server in a process of its own, and returns its port. */
export async function startBareServer(): Promise<{ port: number; stop: () => void }> {
  const child: ChildProcess = fork(new URL('./bare-server.ts', import.meta.url), { execArgv: [] });
  const [port] = await once(child, 'message');
  return { port: z.number().parse(port), stop: () => child.disconnect() };
}
