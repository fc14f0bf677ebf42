import { type DirtyReason, digestListing, emptyTail, findDirtyReason } from '#core/settle/dirty.ts';
import { lastClosableEnd } from '#core/settle/closing.ts';
import { after, before, endOf, hourName, isImported, startOf, type UtcHour } from '#core/settle/hours.ts';
import { formatRule } from '#core/settle/rules.ts';
import { excludesRows } from '#core/settle/tombstone.ts';
import { settledTables } from '#schemas/lake-tables.ts';
import { manifestKey, noRun } from '#schemas/lake-keys.ts';
import { forEachConcurrently } from '#stores/dynamodb/rounds.ts';
import { QueryFailed } from '#stores/lake/errors.ts';
import type { RawFile } from '#stores/lake/lake.ts';
import { settleEvents, settleExpected, settleRead, settleWritten } from '#stores/lake/lake-queries.ts';
import { runFolder } from '#stores/lake/settled-files.ts';
import type { HourRecord } from '#stores/settle/settle-state.ts';
import type { Inspection } from './column-reader.ts';
import type { SettleDeps } from './deps.ts';
import { readManifest, writeManifest } from './manifest.ts';
import { reclassifyReferrals } from './reclassify.ts';
import { queryDeadline, slicesAtOnce, slicesOf } from './slices.ts';
import type { Visit } from './visit.ts';

export interface HourUnit {
  hour: UtcHour;
  /** Its raw files as they were listed. */
  files: readonly RawFile[];
  /** Set if it must settle again even if its files have not changed. */
  mark: string | undefined;
  /** Set if its referrers are classified again. */
  reclassify: string | undefined;
}

export type HourOutcome =
  | { kind: 'clean' }
  | { kind: 'settled'; record: HourRecord; next: MarkedHour | undefined }
  /** The present run stays, and an alarm is raised. */
  | { kind: 'refused'; reason: string }
  /** A file arrived, or another settle committed; the next settle looks again. */
  | { kind: 'changed' };

/** The hour after one whose tail has changed. */
interface MarkedHour {
  hour: UtcHour;
  mark: string;
}

/**
 * Settles one hour if its present run is outdated: builds a new run next to it, verifies the new run against its files,
 * and switches. Until the switch, no reader sees a change.
 * @throws {StoreUnavailable}
 */
export async function settleHour(visit: Visit, unit: HourUnit): Promise<HourOutcome> {
  const { deps, records } = visit;
  const record = records.get(hourName(unit.hour));
  const why = await explainDirty(visit, unit, record);
  if (!why) return { kind: 'clean' };
  const attempt = await prepare(visit, unit, record);
  if ('mismatch' in attempt) return { kind: 'refused', reason: attempt.mismatch };
  let written: Written | Mismatch;
  try {
    written = await buildRun(visit, attempt);
  } catch (error) {
    await discard(deps, attempt);
    if (error instanceof QueryFailed) return { kind: 'refused', reason: error.message };
    throw error;
  }
  if ('mismatch' in written) {
    await discard(deps, attempt);
    // A mismatch may only mean that a file arrived meanwhile.
    const listing = digestListing(await deps.lake.listRawHour(unit.hour));
    return listing === digestListing(unit.files) ? { kind: 'refused', reason: written.mismatch } : { kind: 'changed' };
  }
  const next = await markNext(deps, attempt, written);
  const committed = await commit(deps, attempt, written);
  if (!committed) return { kind: 'changed' };
  records.set(hourName(unit.hour), committed);
  const { run, events, files } = committed;
  deps.report({ kind: 'hour-settled', hour: hourName(unit.hour), why, run, events, files, erased: written.erased });
  return { kind: 'settled', record: committed, next };
}

async function explainDirty(
  { deps, records }: Visit,
  { hour, files, mark, reclassify }: HourUnit,
  record: HourRecord | undefined,
): Promise<DirtyReason | undefined> {
  const head = findPrevious(records, hour)?.tail ?? emptyTail;
  const reason = await findDirtyReason(files, record, head, () => readKnownKeys(deps, record));
  return reason ?? ((mark ?? reclassify) !== undefined && (record || files.length > 0) ? 'forced' : undefined);
}

/** Returns the record of the hour before, which this one depends on. */
function findPrevious(records: Visit['records'], hour: UtcHour): HourRecord | undefined {
  return isImported(hour) ? undefined : records.get(hourName(before(hour)));
}

async function readKnownKeys(deps: SettleDeps, record: HourRecord | undefined): Promise<ReadonlySet<string>> {
  if (!record) return new Set();
  const { files, unreadable } = await readManifest(deps, record, record.run);
  return new Set([...files, ...unreadable].map(({ key }) => key));
}

/** Everything that a new run is built from. */
interface Attempt {
  hour: UtcHour;
  run: string;
  /** The present record, which the new run replaces. */
  record: HourRecord | undefined;
  previousHour: HourRecord | undefined;
  files: readonly RawFile[];
  readable: readonly RawFile[];
  unreadable: { key: string; reason: string }[];
  reclassify: boolean;
}

interface Mismatch {
  mismatch: string;
}

async function prepare(
  visit: Visit,
  { hour, files, reclassify }: HourUnit,
  record: HourRecord | undefined,
): Promise<Attempt | Mismatch> {
  const { files: inspections } = await visit.reader.inspect(hour, files);
  const mismatch = findWrongRowCount(inspections);
  if (mismatch) return { mismatch };
  const unreadable = inspections.flatMap((one) =>
    one.kind === 'unreadable' ? [{ key: one.file.key, reason: one.reason }] : [],
  );
  for (const { key, reason } of unreadable)
    visit.deps.report({ kind: 'file-unreadable', alert: true, hour: hourName(hour), key, reason });
  return {
    hour,
    run: visit.nextRun(record?.run),
    record,
    previousHour: findPrevious(visit.records, hour),
    files,
    readable: inspections.flatMap((one) => (one.kind === 'readable' ? [one.file] : [])),
    unreadable,
    reclassify: reclassify !== undefined,
  };
}

function findWrongRowCount(inspections: readonly Inspection[]): string | undefined {
  for (const inspection of inspections)
    if (inspection.kind === 'readable' && inspection.rows !== inspection.file.rows)
      return `${inspection.file.key} promises ${inspection.file.rows} rows and holds ${inspection.rows}`;
  return undefined;
}

interface Written {
  events: number;
  /** Rows that erasure removed. */
  erased: number;
  erasedEvents: number;
  /** Rows that lost the ids of people. */
  forgotten: number;
  tail: string;
  localDates: string[];
}

/** Writes the manifest and the run, and returns what the run holds, or why it must not become visible. */
async function buildRun(visit: Visit, attempt: Attempt): Promise<Written | Mismatch> {
  const { deps } = visit;
  const { hour, run, record, readable, unreadable } = attempt;
  const listed = new Set(attempt.files.map(({ key }) => key));
  const known = record ? (await readManifest(deps, hour, record.run)).files : [];
  // Deleted files stay in the manifest: their rows are in the present run.
  const deleted = known.filter(({ key }) => !listed.has(key));
  await writeManifest(deps, hour, {
    run,
    previous: record?.run ?? noRun,
    files: [...readable.map(({ key, rows }) => ({ key, rows })), ...deleted],
    unreadable,
  });
  const expected = await countExpected(visit, attempt, deleted.length > 0);
  await unload(visit, attempt, expected, expected.erased + expected.forgotten > 0 || deleted.length > 0);
  return verify(deps, attempt, expected);
}

/** Events that the new run must hold, and rows and events that erasure removes. */
interface Expected {
  events: number;
  erased: number;
  erasedEvents: number;
  forgotten: number;
}

/** @param purged the raw files of an earlier erasure are gone, and with them what the present run no longer holds */
async function countExpected(visit: Visit, attempt: Attempt, purged: boolean): Promise<Expected> {
  const { rows } = await visit.deps.athena.rows(settleExpected, sourceParameters(visit, attempt), {
    deadline: queryDeadline(rowsOf(attempt)),
  });
  const [counts = { events: 0, erased: 0, erased_events: 0, forgotten: 0 }] = rows;
  const before = purged ? (attempt.record?.erased ?? 0) : 0;
  const { events, erased, erased_events: removed, forgotten } = counts;
  return { events, erased, erasedEvents: before + removed, forgotten };
}

function rowsOf({ readable, record }: Attempt): number {
  return readable.reduce((sum, { rows }) => sum + rows, record?.events ?? 0);
}

/** Parameters that name the rows of an hour: its raw files and its present run, without the erased. */
function sourceParameters({ deps, tombstones }: Visit, { hour, record, unreadable }: Attempt) {
  const erased = tombstones.flatMap((tombstone) => (excludesRows(tombstone, hour) ? [tombstone.hash] : []));
  // Hours from then on have the ids that the page keeps now.
  const forgotten = tombstones
    .filter(({ kind, createdAt }) => kind === 'ids' && startOf(hour) < createdAt)
    .map(({ hash }) => hash);
  return {
    ...hour,
    run: record?.run ?? noRun,
    unreadable: unreadable.map(({ key }) => s3Url(deps.bucket, key)),
    erased,
    erased_count: erased.length,
    forgotten,
    forgotten_count: forgotten.length,
  };
}

function s3Url(bucket: string, key: string): string {
  return `s3://${bucket}/${key}`;
}

/** Writes the run: its folder holds the files, or a folder of each slice. */
async function unload(visit: Visit, attempt: Attempt, expected: Expected, keepKeys: boolean): Promise<void> {
  const { deps, rules } = visit;
  const { hour, run, previousHour, reclassify } = attempt;
  const previous = before(hour);
  const source = sourceParameters(visit, attempt);
  const referrals = reclassify ? await reclassifyReferrals(deps.athena, source) : [];
  const parameters = {
    ...source,
    referrals,
    rules: rules.filter(({ state }) => state !== 'removed').map(formatRule),
    before_dt: previous.dt,
    before_hr: previous.hr,
    before_run: previousHour?.run ?? noRun,
    hour: startOf(hour),
    window_known: deps.windows.known,
    window_unknown: deps.windows.unknown,
    window_longest: longestWindow(deps),
    keep_keys: keepKeys ? 1 : 0,
  };
  const folder = s3Url(deps.bucket, runFolder(hour, run));
  const deadline = queryDeadline(expected.events);
  await forEachConcurrently(slicesOf(expected.events, deps.rowsPerSlice), slicesAtOnce, async (slice) => {
    const target = slice === '' ? folder : `${folder}slice-${slice}/`;
    await deps.athena.unload(settleEvents, { ...parameters, slice }, target, { deadline });
  });
}

function longestWindow({ windows }: SettleDeps): number {
  return Math.max(windows.known, windows.unknown);
}

async function verify(deps: SettleDeps, attempt: Attempt, expected: Expected): Promise<Written | Mismatch> {
  const unread = await findUnreadRows(deps, attempt);
  if (unread) return { mismatch: unread };
  const { rows } = await deps.athena.rows(
    settleWritten,
    {
      ...attempt.hour,
      run: attempt.run,
      hour_end: endOf(attempt.hour),
      window_longest: longestWindow(deps),
    },
    { deadline: queryDeadline(expected.events) },
  );
  const events = rows.reduce((sum, row) => sum + row.events, 0);
  const distinct = rows.reduce((sum, row) => sum + row.distinct_events, 0);
  if (events !== expected.events || distinct !== expected.events)
    return {
      mismatch: `the run holds ${events} rows, ${distinct} of them distinct, and must hold ${expected.events} events`,
    };
  const repeats = rows.reduce((sum, row) => sum + BigInt(row.repeats_tail), 0n);
  const sessions = rows.reduce((sum, row) => sum + BigInt(row.sessions_tail), 0n);
  return {
    events,
    erased: expected.erased,
    erasedEvents: expected.erasedEvents,
    forgotten: expected.forgotten,
    tail: `${repeats}.${sessions}`,
    localDates: rows.flatMap(({ local_date }) => local_date ?? []).toSorted(),
  };
}

/** Returns undefined if Athena read as many rows of every file as its key promises. */
async function findUnreadRows(deps: SettleDeps, attempt: Attempt): Promise<string | undefined> {
  const unreadable = attempt.unreadable.map(({ key }) => s3Url(deps.bucket, key));
  const { rows } = await deps.athena.rows(
    settleRead,
    { ...attempt.hour, unreadable },
    { deadline: queryDeadline(rowsOf(attempt)) },
  );
  const read = new Map(rows.map(({ path, rows_read }) => [path, rows_read]));
  for (const { key, rows: promised } of attempt.readable) {
    const found = read.get(s3Url(deps.bucket, key)) ?? 0;
    if (found !== promised) return `Athena read ${found} of ${promised} rows of ${key}`;
  }
  return undefined;
}

async function discard(deps: SettleDeps, { hour, run }: Attempt): Promise<void> {
  const objects = await deps.files.list(runFolder(hour, run));
  await deps.files.delete([...objects.map(({ key }) => key), manifestKey(hour, run)]);
}

/** Marks the next hour if it is settled with another tail of this one. Before the commit: a mark too many does no harm. */
async function markNext(deps: SettleDeps, { hour }: Attempt, { tail }: Written): Promise<MarkedHour | undefined> {
  if (isImported(hour)) return undefined;
  const next = after(hour);
  const record = await deps.state.hour(next);
  return record && record.head !== tail ? { hour: next, mark: await deps.dirty.mark(hourName(next)) } : undefined;
}

/** Makes the new run the present one. Returns undefined if another settle committed first. */
async function commit(deps: SettleDeps, attempt: Attempt, written: Written): Promise<HourRecord | undefined> {
  const { hour, record } = attempt;
  const next: HourRecord = {
    ...hour,
    run: attempt.run,
    previous: record?.run ?? noRun,
    listing: digestListing(attempt.files),
    head: attempt.previousHour?.tail ?? emptyTail,
    tail: written.tail,
    events: written.events,
    files: attempt.files.length,
    localDates: written.localDates,
    unreadable: attempt.unreadable.map(({ key, reason }) => `${key}: ${reason}`),
    purge: written.erased + written.forgotten > 0 || (record?.purge ?? false),
    erased: written.erasedEvents,
    settledAt: deps.now(),
  };
  // Before the commit: superfluous work does no harm, forgotten work does.
  if (!isImported(hour)) await deps.state.addWork('traffic', [hour.dt]);
  await deps.state.addWork('dates', [...new Set([...written.localDates, ...(record?.localDates ?? []), hour.dt])]);
  await deps.state.addWork('hours', [hourName(hour)]);
  // Rollup does not mark an hour that should be open.
  if (isAheadOfClock(deps, hour)) await deps.dirty.mark(hourName(hour));
  if (!(await deps.state.commitHour(next))) return undefined;
  await showHour(deps, next);
  return next;
}

/** Makes the committed run visible to readers. Repeated with the final counters, in case of a crash in between. */
export function showHour(deps: Pick<SettleDeps, 'partitions' | 'bucket'>, record: HourRecord): Promise<void> {
  return deps.partitions.point(
    settledTables.events.name,
    [record.dt, record.hr],
    s3Url(deps.bucket, runFolder(record, record.run)),
  );
}

/** Returns whether an hour settles before the clock allows it: the time of a settle is an argument. */
export function isAheadOfClock({ now }: Pick<SettleDeps, 'now'>, hour: UtcHour): boolean {
  return endOf(hour) > lastClosableEnd(now());
}
