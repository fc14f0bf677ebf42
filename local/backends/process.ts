import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { startDynoxide } from './dynoxide.ts';
import { startFauxqs } from './fauxqs.ts';
import { type BackendsOrder, type BackendsReport, backendsOrderSchema } from './protocol.ts';

// A signal to the whole group (Ctrl-C) must not end the backends before the functions have drained.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);

process.once('message', (message) => {
  serve(backendsOrderSchema.parse(message)).catch((cause: unknown) => {
    report({ kind: 'failed', reason: cause instanceof Error ? cause.message : String(cause) });
    process.exitCode = 1;
    process.disconnect();
  });
});

async function serve(order: BackendsOrder): Promise<void> {
  mkdirSync(order.dataDirectory, { recursive: true });
  const tables = await startDynoxide(order.dynoxide, path.join(order.dataDirectory, 'tables.db'));
  process.once('exit', tables.stop);
  // Without its tables the stack is dead: ending too lets the parent say so.
  void tables.ended.then(() => process.exit(1));
  const queues = await startFauxqs(order);
  process.once('disconnect', () => {
    void queues.stop().finally(() => process.exit(0));
  });
  report({ kind: 'ready', queuesUrl: queues.url, tablesUrl: tables.url });
}

/**
 * The process that holds DynamoDB, SQS and S3, so that they cost the functions no time of their event loop. It ends
 * when its parent does, however that happened: the IPC channel closes, and dynoxide is stopped with it.
 */
function report(message: BackendsReport): void {
  process.send?.(message);
}
