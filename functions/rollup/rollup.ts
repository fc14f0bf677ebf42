import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { type Measurement, metricLine } from '#core/edge/metric-line.ts';
import { type FileOutcome, type RollUpDependencies, rollUpMessage } from './roll-up.ts';

type LogLine = (message: string, details: Record<string, unknown>) => void;

export interface RollupDependencies extends RollUpDependencies {
  now: () => number;
  log: { info: LogLine; warn: LogLine; error: LogLine };
  /** Writes one line of CloudWatch's embedded metric format. */
  writeMetrics: (line: string) => void;
}

/** Time for the response after the last attempt. */
const spareMilliseconds = 2_000;

type RollupHandler = (event: SQSEvent, context: Pick<Context, 'getRemainingTimeInMillis'>) => Promise<SQSBatchResponse>;

/**
 * Handles a batch of the files queue: counts each file exactly once. Reports only the messages whose files could not all
 * be counted as failed; SQS delivers those again.
 */
export function createRollup(dependencies: RollupDependencies): RollupHandler {
  const { now, log, writeMetrics } = dependencies;
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
    writeMetrics(metricLine(now(), toMeasurements(outcomes, failed.length, lagOf(event.Records, now()))));
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  };
}

function toMeasurements(outcomes: readonly FileOutcome[], failures: number, lag: number): Measurement[] {
  const applied = outcomes.filter((outcome) => outcome.kind === 'applied');
  function sum(of: (outcome: (typeof applied)[number]) => number): number {
    return applied.reduce((total, outcome) => total + of(outcome), 0);
  }
  return [
    count('RollupFiles', applied.length),
    count(
      'RollupEvents',
      sum(({ rows }) => rows),
    ),
    count(
      'RollupUpdates',
      sum(({ updates }) => updates),
    ),
    count(
      'RollupTransactions',
      sum(({ chunks }) => chunks),
    ),
    count('RollupFailures', failures),
    { name: 'RollupLag', value: lag, unit: 'Milliseconds' },
  ];
}

function count(name: string, value: number): Measurement {
  return { name, value, unit: 'Count' };
}

/** Milliseconds that the oldest message has waited since its file was written. */
function lagOf(records: readonly SQSRecord[], now: number): number {
  return Math.max(0, ...records.map((record) => now - Number(record.attributes.SentTimestamp)));
}
