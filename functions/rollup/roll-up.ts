import { countEvents, type HourDelta } from '#core/aggregate/count-events.ts';
import { readEventColumns } from '#core/aggregate/event-columns.ts';
import { parseRawKey } from '#schemas/lake-keys.ts';
import type { RawFiles } from '#stores/lake/raw-files.ts';
import type { Applied, RollupWriter } from '#stores/counters/rollup-writer.ts';
import { parseNotification } from './notification.ts';

/** Thrown if a raw file has more or fewer rows than its key states. It is not counted. */
export class RowCountMismatch extends Error {
  override readonly name = 'RowCountMismatch';
}

export interface RollUpDependencies {
  bucket: string;
  rawFiles: RawFiles;
  rollups: RollupWriter;
  now: () => number;
}

/** Longest time for a raw file of at most 1,000 rows. */
const readMilliseconds = 8_000;

export interface Message {
  messageId: string;
  body: string;
}

export interface BatchOutcome extends Omit<Applied, 'failures'> {
  /** Files that are counted now, and their rows. */
  files: number;
  rows: number;
  ignored: { key: string; reason: string }[];
  /** Messages that must stay on the queue, each with its first error. */
  failed: { messageId: string; error: unknown }[];
}

/**
 * Counts the raw files that the messages announce, together. Safe to repeat.
 * @param deadline milliseconds since the epoch
 */
export async function rollUpBatch(
  dependencies: RollUpDependencies,
  messages: readonly Message[],
  deadline: number,
): Promise<BatchOutcome> {
  const { bucket, rawFiles, rollups, now } = dependencies;
  const { announced, ignored, failed } = readMessages(bucket, messages);
  const keys = new Set(announced.flatMap((message) => message.keys));
  // Files that S3 does not return leave the second half of the time to the others.
  const readsEnd = now() + (deadline - now()) / 2;
  const { failures, ...applied } = await rollups.applyFiles([...keys], {
    count: (key) => countFile(rawFiles, key, Math.min(readMilliseconds, readsEnd - now())),
    deadline,
  });
  for (const { messageId, keys: own } of announced) {
    const first = own.find((key) => failures.has(key));
    if (first !== undefined) failed.push({ messageId, error: failures.get(first) });
  }
  const counted = [...keys].filter((key) => !failures.has(key));
  return {
    ...applied,
    files: counted.length,
    rows: counted.reduce((sum, key) => sum + (parseRawKey(key)?.rows ?? 0), 0),
    ignored,
    failed,
  };
}

/** Returns the raw files of each message, and what of the batch is no raw file. */
function readMessages(bucket: string, messages: readonly Message[]) {
  const announced: { messageId: string; keys: string[] }[] = [];
  const ignored: BatchOutcome['ignored'] = [];
  const failed: BatchOutcome['failed'] = [];
  for (const { messageId, body } of messages) {
    try {
      const keys: string[] = [];
      for (const { bucket: its, key } of parseNotification(body))
        if (its !== bucket) ignored.push({ key, reason: `it is in bucket ${its}` });
        else if (parseRawKey(key) === undefined) ignored.push({ key, reason: 'it is not a raw file' });
        else keys.push(key);
      announced.push({ messageId, keys });
    } catch (error) {
      failed.push({ messageId, error });
    }
  }
  return { announced, ignored, failed };
}

async function countFile(rawFiles: RawFiles, key: string, milliseconds: number): Promise<HourDelta[]> {
  const columns = await readEventColumns(await rawFiles.read(key, milliseconds));
  const stated = parseRawKey(key)?.rows;
  if (columns.rows !== stated)
    throw new RowCountMismatch(`${key} has ${columns.rows} rows, but its name states ${stated}`);
  return countEvents(columns);
}
