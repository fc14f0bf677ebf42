import { countEvents } from '#core/aggregate/count-events.ts';
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
}

/** The result for one object of a message. */
export type FileOutcome =
  | ({ kind: 'applied'; key: string; rows: number; items: number } & Applied)
  | { kind: 'ignored'; key: string; reason: string };

/**
 * Counts the raw files of one message. Safe to repeat.
 * @param deadline milliseconds since the epoch
 * @throws if a file could not be counted: the message must stay on the queue
 */
export async function rollUpMessage(
  dependencies: RollUpDependencies,
  body: string,
  deadline: number,
): Promise<FileOutcome[]> {
  const outcomes: FileOutcome[] = [];
  for (const { bucket, key } of parseNotification(body)) {
    const raw = parseRawKey(key);
    if (bucket !== dependencies.bucket) outcomes.push({ kind: 'ignored', key, reason: `it is in bucket ${bucket}` });
    else if (raw === undefined) outcomes.push({ kind: 'ignored', key, reason: 'it is not a raw file' });
    else outcomes.push(await rollUpFile(dependencies, key, raw.rows, deadline));
  }
  return outcomes;
}

async function rollUpFile(
  { rawFiles, rollups }: RollUpDependencies,
  key: string,
  stated: number,
  deadline: number,
): Promise<FileOutcome> {
  const columns = await readEventColumns(await rawFiles.read(key));
  if (columns.rows !== stated)
    throw new RowCountMismatch(`${key} has ${columns.rows} rows, but its name states ${stated}`);
  const deltas = countEvents(columns);
  const applied = await rollups.applyFile(key, deltas, deadline);
  return { kind: 'applied', key, rows: columns.rows, items: deltas.length, ...applied };
}
