import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { startDynoxide } from './dynoxide.ts';
import { startFauxqs } from './fauxqs.ts';
import { type BackendsOrder, type BackendsReport, backendsOrderSchema } from './protocol.ts';

/**
 * The process that holds DynamoDB, SQS and S3, so that they cost the functions no time of their event loop. It ends
 * when its parent does, however that happened: the IPC channel closes, and dynoxide is stopped with it.
 */

// A signal to the whole group (Ctrl-C) must not end the backends before the functions have drained.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);

// The parent may end while the services, or this module, are still starting.
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
  // Without its tables the stack is dead: ending too lets the parent say so.
  void tables.ended.then(() => process.exit(1));
  const queues = await startFauxqs(order);
  await report({ kind: 'ready', queuesUrl: queues.url, tablesUrl: tables.url });
  await parentGone;
  await queues.stop();
}

/** Resolves once the message is sent, or cannot be sent because the parent is gone. */
function report(message: BackendsReport): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.send?.(message, undefined, undefined, () => resolve());
    else resolve();
  });
}
