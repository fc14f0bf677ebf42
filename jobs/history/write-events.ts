import { createHash } from 'node:crypto';
import { parquetReadObjects } from 'hyparquet';
import { parquetCompressors, parquetFile } from '#core/aggregate/parquet-input.ts';
import { toParquet } from '#core/enrich/parquet-file.ts';
import { eventIdOf, type StagedRow } from '#core/history/staged-row.ts';
import { toEvent } from '#core/history/to-event.ts';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { memoize } from '#core/memoize.ts';
import { hashSubject } from '#core/settle/tombstone.ts';
import { decodeUlidTime, ulidOf } from '#core/ulid.ts';
import type { EventRow } from '#schemas/event.ts';
import type { ImportJob } from '#schemas/history/history-job.ts';
import { importedHour, importedKey, importFolder, parseRawKey, rawPrefix } from '#schemas/lake-keys.ts';
import { runFolder } from '#stores/lake/settled-files.ts';
import { type Chunk, type ImportAttempt, readPart } from './chunks.ts';
import type { ImportDeps, ImportedPage } from './deps.ts';
import { rowsAtOnce, type Run } from './run.ts';

/** A part of a UTC date that becomes one file. Rows with the same key are in the same one. */
export interface EventUnit {
  dt: string;
  /** Number of the part, and of how many. */
  part: number;
  parts: number;
}

/** Lists the units of an import, by date. The same chunks make the same units. */
export function listUnits(chunks: readonly Chunk[], rows: number): EventUnit[] {
  const sums = new Map<string, number>();
  for (const { dates } of chunks) for (const { dt, rows: some } of dates) sums.set(dt, (sums.get(dt) ?? 0) + some);
  return [...sums]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([dt, sum]) => {
      const parts = Math.ceil(sum / rows);
      return Array.from({ length: parts }, (_, part) => ({ dt, part, parts }));
    });
}

/** What became of the rows of a unit. */
export interface UnitSummary {
  imported: number;
  repeated: number;
  outcomes: Record<string, number>;
  /** Repeated rows by link and month, as in {@link Chunk}. */
  repeatedMonths: Record<string, number>;
}

/**
 * Writes the events of the units that are left, a file each, and marks a date to settle when all of its files are written. A
 * file has a name that depends on the import and its unit only: writing it again changes nothing.
 * @returns false if the time is over
 */
export async function writeEvents(run: Run, page: ImportedPage, chunks: readonly Chunk[]): Promise<boolean> {
  const { deps } = run;
  const units = listUnits(chunks, rowsAtOnce(deps));
  const links = new Map([...page.links.values()].map((link) => [link.id, link]));
  let existing: { dt: string; ids: ReadonlySet<bigint> } | undefined;
  for (let at = run.job.cursor.done; at < units.length; at++) {
    const unit = units[at];
    if (unit === undefined) break;
    const { job } = run;
    if (existing?.dt !== unit.dt) existing = { dt: unit.dt, ids: await readOtherIds(deps, job, unit.dt) };
    const rows = await readUnit(deps, job, chunks, unit);
    const { events, summary } = buildEvents(
      rows,
      existing.ids,
      (row, id) => toEvent(row, id, { page: job.page, settings: page.settings, importId: job.id, links }),
      page.settings.timeZone,
    );
    if (!job.dryRun) {
      if (events.length > 0)
        await deps.files.put(importedKey(unit.dt, unitUlid(job, unit), events.length), toParquet(events));
      if (unit.part === unit.parts - 1) await deps.settle.mark([`${unit.dt}T${importedHour}`]);
    }
    await deps.files.put(unitKey(job, at), Buffer.from(JSON.stringify(summary), 'utf8'));
    await run.move({ ...job.cursor, step: 'events', done: at + 1, total: units.length });
    if (run.isOver()) return false;
  }
  return true;
}

export function unitKey({ id, attempt }: ImportAttempt, number: number): string {
  return `${importFolder(id, attempt)}unit-${number}.json`;
}

/** A ULID of the time of the import that depends on import and unit alone. */
function unitUlid({ id }: ImportAttempt, { dt, part }: EventUnit): string {
  const digest = createHash('sha256').update(`${id} ${dt} ${part}`).digest();
  return ulidOf(decodeUlidTime(id), digest);
}

async function readUnit(
  deps: Pick<ImportDeps, 'files'>,
  job: ImportAttempt,
  chunks: readonly Chunk[],
  { dt, part, parts }: EventUnit,
): Promise<StagedRow[]> {
  const rows: StagedRow[] = [];
  for (const [number, chunk] of chunks.entries())
    for (const place of chunk.dates)
      if (place.dt === dt)
        for (const row of await readPart<StagedRow>(deps.files, job, number, place))
          if (parts === 1 || Number.parseInt(row.key.slice(-6), 16) % parts === part) rows.push(row);
  return rows;
}

function buildEvents(
  rows: readonly StagedRow[],
  existing: ReadonlySet<bigint>,
  build: (row: StagedRow, id: bigint) => EventRow,
  timeZone: string,
): { events: EventRow[]; summary: UnitSummary } {
  const numbers = new Map<string, number>();
  const events: EventRow[] = [];
  const summary: UnitSummary = { imported: 0, repeated: 0, outcomes: {}, repeatedMonths: {} };
  for (const row of rows) {
    const number = numbers.get(row.key) ?? 0;
    numbers.set(row.key, number + 1);
    const id = eventIdOf(row, number);
    if ((row.isNative && number > 0) || existing.has(id)) {
      summary.repeated += 1;
      const month = `${row.link ?? ''} ${localTimeOf(timeZone, row.at).date.slice(0, 7)}`;
      summary.repeatedMonths[month] = (summary.repeatedMonths[month] ?? 0) + 1;
      continue;
    }
    const event = build(row, id);
    summary.imported += 1;
    summary.outcomes[event.outcome] = (summary.outcomes[event.outcome] ?? 0) + 1;
    events.push(event);
  }
  return { events: events.toSorted(byLinkAndTime), summary };
}

function byLinkAndTime(a: EventRow, b: EventRow): number {
  const [left, right] = [a.link_id ?? '', b.link_id ?? ''];
  return left < right ? -1 : left > right ? 1 : a.occurred_at - b.occurred_at;
}

/** Reads the ids of events of a date that other imports of the page have brought and that were not undone. */
async function readOtherIds(
  { files, settle }: ImportDeps,
  { id, page }: Pick<ImportJob, 'id' | 'page'>,
  dt: string,
): Promise<Set<bigint>> {
  const hour = { dt, hr: importedHour };
  const raw = await files.list(`${rawPrefix}dt=${dt}/hr=${importedHour}/`);
  const record = await settle.hour(hour);
  const settled = record === undefined ? [] : await files.list(runFolder(hour, record.run));
  const undone = new Set((await settle.tombstones()).flatMap(({ kind, hash }) => (kind === 'import' ? [hash] : [])));
  // Millions of events are of a few imports.
  const isKept = memoize(
    1_000,
    (other: string) => other !== id && !undone.has(hashSubject({ kind: 'import', value: other })),
  );
  const ids = new Set<bigint>();
  for (const key of [...raw.filter((each) => parseRawKey(each) !== undefined), ...settled])
    for (const { event_id, import_id } of await readIds(files, key, page)) if (isKept(import_id)) ids.add(event_id);
  return ids;
}

/** Of a page alone: those of all others do not fit into memory, whenever one of them has millions. */
async function readIds(
  files: ImportDeps['files'],
  key: string,
  page: string,
): Promise<{ event_id: bigint; import_id: string }[]> {
  const bytes = await files.get(key);
  if (bytes === undefined) return [];
  const rows = await parquetReadObjects({
    file: parquetFile(bytes),
    columns: ['event_id', 'import_id', 'page_path'],
    compressors: parquetCompressors,
  });
  return rows.flatMap(({ event_id, import_id, page_path }) =>
    page_path === page && typeof event_id === 'bigint' && typeof import_id === 'string'
      ? [{ event_id, import_id }]
      : [],
  );
}
