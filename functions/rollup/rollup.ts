import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { type FileOutcome, type RollUpDependencies, rollUpMessage } from './roll-up.ts';

type LogLine = (message: string, details: Record<string, unknown>) => void;

export interface RollupDependencies extends RollUpDependencies {
  now: () => number;
  log: { info: LogLine; warn: LogLine; error: LogLine };
}

/** Time for the response after the last attempt. */
const spareMilliseconds = 2_000;

type RollupHandler = (event: SQSEvent, context: Pick<Context, 'getRemainingTimeInMillis'>) => Promise<SQSBatchResponse>;

/**
 * Handles a batch of the files queue: counts each file exactly once. Reports only the messages whose files could not all
 * be counted as failed; SQS delivers those again.
 */
export function createRollup(dependencies: RollupDependencies): RollupHandler {
  const { now, log } = dependencies;
  return async (event, context) => {
    const deadline = now() + context.getRemainingTimeInMillis() - spareMilliseconds;
    const outcomes: FileOutcome[] = [];
    const failed: string[] = [];
    for (const { body, messageId } of event.Records) {
      try {
        outcomes.push(...(await rollUpMessage(dependencies, body, deadline)));
      } catch (error) {
        log.error('message stays on the files queue', { messageId, body, error });
        failed.push(messageId);
      }
    }
    for (const outcome of outcomes)
      if (outcome.kind === 'ignored') log.warn('object ignored', { ...outcome });
      else log.info('file counted', { ...outcome });
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  };
}
