import { UnreadableFile } from '#core/imports/unreadable-file.ts';
import { historyLimits } from '#schemas/history/history-formats.ts';
import type { ImportJob } from '#schemas/history/history-job.ts';
import { importedHour, parseRawKey } from '#schemas/lake-keys.ts';
import { forEachConcurrently } from '#stores/dynamodb/rounds.ts';
import { runFolder } from '#stores/lake/settled-files.ts';
import type { ImportDeps } from './deps.ts';
import { createUndone, listRawImports, readImportedRows } from './imported-rows.ts';
import type { Run } from './run.ts';

/** Ids of events of a date that other imports of the page have brought. */
export interface OtherIds {
  has: (id: bigint) => boolean;
}

/**
 * Checks that no date has more rows than an import takes, and none more events of other imports than can be compared with.
 * @param rows of the import by UTC date
 * @throws {UnreadableFile} that names the date
 */
export async function checkDates({ deps, job }: Run, rows: ReadonlyMap<string, number>): Promise<void> {
  const { mostRowsOfDate: most = historyLimits.rowsOfDate, mostOthersOfDate = historyLimits.othersOfDate } = deps;
  for (const [dt, some] of rows)
    if (some > most)
      throw new UnreadableFile(
        `the file has ${show(some)} rows of ${dt} (UTC); an import takes ${show(most)} of one date. Divide the file`,
      );
  const large: string[] = [];
  await forEachConcurrently([...rows.keys()], datesAtOnce, async (dt) => {
    if ((await countImported(deps, dt)) > mostOthersOfDate) large.push(dt);
  });
  for (const dt of large) await readOtherIds(deps, job, dt);
}

const datesAtOnce = 16;

function show(rows: number): string {
  return rows.toLocaleString('en');
}

/** Returns how many imported events a date has at most: of all pages, those in two files twice. */
async function countImported({ files, settle }: ImportDeps, dt: string): Promise<number> {
  const keys = await listRawImports(files, dt);
  const record = await settle.hour({ dt, hr: importedHour });
  return keys.reduce((sum, key) => sum + (parseRawKey(key)?.rows ?? 0), record?.events ?? 0);
}

/**
 * Reads the ids of events of a date that other imports of the page have brought and that were not undone.
 * @throws {UnreadableFile} if they are too many
 */
export async function readOtherIds(
  { files, settle, mostOthersOfDate: most = historyLimits.othersOfDate }: ImportDeps,
  { id, page }: Pick<ImportJob, 'id' | 'page'>,
  dt: string,
): Promise<OtherIds> {
  const hour = { dt, hr: importedHour };
  const raw = await listRawImports(files, dt);
  const record = await settle.hour(hour);
  const settled = record === undefined ? [] : await files.list(runFolder(hour, record.run));
  const isUndone = await createUndone(settle);
  const ids = createIds();
  for (const key of [...raw, ...settled])
    for await (const rows of readImportedRows(files, key, { page, columns: ['event_id'] })) {
      for (const { event_id, import_id } of rows)
        if (typeof event_id === 'bigint' && import_id !== id && !isUndone(import_id)) ids.add(event_id);
      if (ids.exceeds(most))
        throw new UnreadableFile(
          `other imports have brought more than ${show(most)} events of ${dt} (UTC), with which each row is compared. Leave out this date`,
        );
    }
  return ids.sorted();
}

/** Collects ids in 8 bytes each: a set of ten million would take half a gigabyte. */
function createIds() {
  let ids = new BigInt64Array(1_024);
  let count = 0;
  /** Sorts them, and leaves out those that are there twice. */
  function compact(): void {
    const sorted = ids.subarray(0, count).sort();
    count = 0;
    for (const id of sorted) if (count === 0 || ids[count - 1] !== id) ids[count++] = id;
  }
  function has(id: bigint): boolean {
    let [from, to] = [0, count];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((ids[middle] ?? id) < id) from = middle + 1;
      else to = middle;
    }
    return from < count && ids[from] === id;
  }
  return {
    add: (id: bigint): void => {
      if (count === ids.length) {
        compact();
        const more = new BigInt64Array(count > ids.length / 2 ? ids.length * 2 : ids.length);
        more.set(ids.subarray(0, count));
        ids = more;
      }
      ids[count++] = id;
    },
    /** Whether there are more different ones. */
    exceeds: (most: number): boolean => {
      if (count > most) compact();
      return count > most;
    },
    sorted: (): OtherIds => {
      compact();
      return { has };
    },
  };
}
