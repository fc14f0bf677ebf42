import { countEvents } from '#core/aggregate/count-events.ts';
import { readEventColumns } from '#core/aggregate/event-columns.ts';
import { parseRawKey } from '#schemas/lake-keys.ts';
import type { RawFiles } from '#stores/lake/raw-files.ts';
import type { Applied, RollupWriter } from '#stores/counters/rollup-writer.ts';
import { parseNotification } from './notification.ts';

/** A raw file does not hold as many rows as its key promises: it is not counted. */
export class RowCountMismatch extends Error {
  override readonly name = 'RowCountMismatch';
}

export interface RollUpDependencies {
  bucket: string;
  rawFiles: RawFiles;
  rollups: RollupWriter;
}

/** What became of one object that a message named. */
export type FileOutcome =
  | ({ kind: 'applied'; key: string; rows: number; items: number } & Applied)
  | { kind: 'ignored'; key: string; reason: string };

/**
 * Counts the raw files that one message of the files queue names. Safe to repeat.
 * @param deadline milliseconds since the epoch
 * @throws whatever kept a file from being counted; the message must then stay on the queue
 */
export async function rollUpMessage(
  dependencies: RollUpDependencies,
  body: string,
  deadline: number,
): Promise<FileOutcome[]> {
  const outcomes: FileOutcome[] = [];
  for (const { bucket, key } of parseNotification(body)) {
    const raw = parseRawKey(key);
    if (bucket !== dependencies.bucket) outcomes.push({ kind: 'ignored', key, reason: `of bucket ${bucket}` });
    else if (raw === undefined) outcomes.push({ kind: 'ignored', key, reason: 'not the key of a raw file' });
    else outcomes.push(await rollUpFile(dependencies, key, raw.rows, deadline));
  }
  return outcomes;
}

async function rollUpFile(
  { rawFiles, rollups }: RollUpDependencies,
  key: string,
  promised: number,
  deadline: number,
): Promise<FileOutcome> {
  const columns = await readEventColumns(await rawFiles.read(key));
  if (columns.rows !== promised)
    throw new RowCountMismatch(`${key} holds ${columns.rows} rows, its name promises ${promised}`);
  const deltas = countEvents(columns);
  const applied = await rollups.applyFile(key, deltas, deadline);
  return { kind: 'applied', key, rows: columns.rows, items: deltas.length, ...applied };
}
