import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { type RollUpDependencies, rollUpBatch } from './roll-up.ts';

type LogLine = (message: string, details: Record<string, unknown>) => void;

export interface RollupDependencies extends RollUpDependencies {
  log: { info: LogLine; warn: LogLine; error: LogLine };
}

/** Time for the response after the last attempt. */
const spareMilliseconds = 2_000;

type RollupHandler = (event: SQSEvent, context: Pick<Context, 'getRemainingTimeInMillis'>) => Promise<SQSBatchResponse>;

/**
 * Handles a batch of the files queue: counts its files together, each exactly once. Reports only the messages whose files
 * could not all be counted as failed; SQS delivers those again.
 */
export function createRollup(dependencies: RollupDependencies): RollupHandler {
  const { now, log } = dependencies;
  return async (event, context) => {
    const deadline = now() + context.getRemainingTimeInMillis() - spareMilliseconds;
    const { failed, ignored, ...counted } = await rollUpBatch(dependencies, event.Records, deadline);
    for (const failure of failed) log.error('message stays on the files queue', failure);
    for (const object of ignored) log.warn('object ignored', object);
    if (counted.files > 0) log.info('files counted', counted);
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
}
