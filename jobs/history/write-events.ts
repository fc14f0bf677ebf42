import { createHash } from 'node:crypto';
import { toParquet } from '#core/enrich/parquet-file.ts';
import { eventIdOf, type StagedRow } from '#core/history/staged-row.ts';
import { type EventContext, toEvent } from '#core/history/to-event.ts';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { decodeUlidTime, ulidOf } from '#core/ulid.ts';
import type { EventRow } from '#schemas/event.ts';
import { importedHour, importedKey, importFolder } from '#schemas/lake-keys.ts';
import { type Chunk, findBlocks, type ImportAttempt, rangeOf, readPart } from './chunks.ts';
import type { ImportDeps, ImportedPage } from './deps.ts';
import { type OtherIds, readOtherIds } from './other-ids.ts';
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
  return [...sumDates(chunks)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([dt, sum]) => {
      const parts = Math.ceil(sum / rows);
      return Array.from({ length: parts }, (_, part) => ({ dt, part, parts }));
    });
}

/** Adds up the rows of each UTC date. */
export function sumDates(chunks: readonly Chunk[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { dates } of chunks) for (const { dt, rows } of dates) sums.set(dt, (sums.get(dt) ?? 0) + rows);
  return sums;
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
 * Writes the events of the units that are left, mostly a file each, and marks a date to settle when all of its files are written.
 * A file has a name that depends on the import and its unit only: writing it again changes nothing.
 * @returns false if the time is over
 */
export async function writeEvents(run: Run, page: ImportedPage, chunks: readonly Chunk[]): Promise<boolean> {
  const { deps } = run;
  const units = listUnits(chunks, rowsAtOnce(deps));
  const places = groupPlaces(chunks);
  const links = new Map([...page.links.values()].map((link) => [link.id, link]));
  let existing: { dt: string; ids: OtherIds } | undefined;
  for (let at = run.job.cursor.done; at < units.length; at++) {
    const unit = units[at];
    if (unit === undefined) break;
    const { job } = run;
    if (existing?.dt !== unit.dt) existing = { dt: unit.dt, ids: await readOtherIds(deps, job, unit.dt) };
    const context = { page: job.page, settings: page.settings, importId: job.id, links };
    const summary = await writeUnit(run, { unit, places: places.get(unit.dt) ?? [], existing: existing.ids, context });
    if (!job.dryRun && unit.part === unit.parts - 1) await deps.settle.mark([`${unit.dt}T${importedHour}`]);
    await deps.files.put(unitKey(job, at), Buffer.from(JSON.stringify(summary), 'utf8'));
    await run.move({ ...job.cursor, step: 'events', done: at + 1, total: units.length });
    if (run.isOver()) return false;
  }
  return true;
}

/** Where rows of a date are: the number of the chunk, and the place in it. */
type Place = Chunk['dates'][number] & { chunk: number };

function groupPlaces(chunks: readonly Chunk[]): Map<string, Place[]> {
  return Map.groupBy(
    chunks.flatMap(({ dates }, chunk) => dates.map((date) => ({ ...date, chunk }))),
    ({ dt }) => dt,
  );
}

interface UnitWork {
  unit: EventUnit;
  places: readonly Place[];
  existing: OtherIds;
  context: EventContext;
}

/** Writes the events of a unit: several files, if so many rows have one key that it is larger than others. */
async function writeUnit({ deps, job }: Run, { unit, places, existing, context }: UnitWork): Promise<UnitSummary> {
  const summary: UnitSummary = { imported: 0, repeated: 0, outcomes: {}, repeatedMonths: {} };
  const numbers = new Map<string, number>();
  let events: EventRow[] = [];
  let files = 0;
  async function put(): Promise<void> {
    const key = importedKey(unit.dt, fileUlid(job, unit, files++), events.length);
    if (!job.dryRun) await deps.files.put(key, toParquet(events.toSorted(byLinkAndTime)));
    events = [];
  }
  for await (const rows of readUnit(deps, job, unit, places)) {
    for (const row of rows) {
      const number = numbers.get(row.key) ?? 0;
      numbers.set(row.key, number + 1);
      const id = eventIdOf(row, number);
      if ((row.isNative && number > 0) || existing.has(id)) {
        noteRepeated(summary, row, context.settings.timeZone);
        continue;
      }
      const event = toEvent(row, id, context);
      summary.imported += 1;
      summary.outcomes[event.outcome] = (summary.outcomes[event.outcome] ?? 0) + 1;
      events.push(event);
    }
    if (events.length >= 2 * rowsAtOnce(deps)) await put();
  }
  if (events.length > 0) await put();
  return summary;
}

function noteRepeated(summary: UnitSummary, row: StagedRow, timeZone: string): void {
  summary.repeated += 1;
  const month = `${row.link ?? ''} ${localTimeOf(timeZone, row.at).date.slice(0, 7)}`;
  summary.repeatedMonths[month] = (summary.repeatedMonths[month] ?? 0) + 1;
}

/** A ULID of the time of the import that depends on import, unit and number of the file alone. */
function fileUlid({ id }: ImportAttempt, { dt, part }: EventUnit, file: number): string {
  const digest = createHash('sha256').update(`${id} ${dt} ${part} ${file}`).digest();
  return ulidOf(decodeUlidTime(id), digest);
}

/** Chunks that are read side by side: 20,000 rows of each, if all have one key. */
const readsAtOnce = 8;

/** Reads the rows of a unit, chunk by chunk. */
async function* readUnit(
  deps: Pick<ImportDeps, 'files'>,
  job: ImportAttempt,
  { part, parts }: EventUnit,
  places: readonly Place[],
): AsyncGenerator<StagedRow[]> {
  for (let at = 0; at < places.length; at += readsAtOnce) {
    const reads = places.slice(at, at + readsAtOnce).map((place) => {
      const blocks = findBlocks(place, part, parts);
      return readPart<StagedRow>(deps.files, job, place.chunk, blocks);
    });
    for (const rows of await Promise.all(reads)) yield rows.filter((row) => rangeOf(row, parts) === part);
  }
}

function byLinkAndTime(a: EventRow, b: EventRow): number {
  const [left, right] = [a.link_id ?? '', b.link_id ?? ''];
  return left < right ? -1 : left > right ? 1 : a.occurred_at - b.occurred_at;
}

export function unitKey({ id, attempt }: ImportAttempt, number: number): string {
  return `${importFolder(id, attempt)}unit-${number}.json`;
}
