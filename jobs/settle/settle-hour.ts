import { type Dirt, dirtOf, emptyTail, listingDigest } from '#core/settle/dirty.ts';
import { before, endOf, hourName, startOf, type UtcHour } from '#core/settle/hours.ts';
import { ruleLine } from '#core/settle/rules.ts';
import { settledTables } from '#schemas/lake-tables.ts';
import { manifestKey, noRun } from '#schemas/settle-keys.ts';
import { z } from 'zod';
import type { RawFile } from '#stores/lake/lake.ts';
import { settleEvents, settleExpected, settleRead, settleWritten } from '#stores/lake/lake-queries.ts';
import { QueryFailed } from '#stores/lake/errors.ts';
import type { HourRecord, RuleRecord, Tombstone } from '#stores/settle/settle-state.ts';
import { runFolder } from '#stores/lake/settled-files.ts';
import type { SettleDeps } from './deps.ts';
import type { ColumnReader, Inspection } from './column-reader.ts';

/** What became of an hour. */
export type HourOutcome =
  | { kind: 'clean' }
  | { kind: 'settled'; why: Dirt; record: HourRecord }
  /** The present run stays, and someone is told. */
  | { kind: 'refused'; reason: string }
  /** A file arrived meanwhile; the next settle takes it along. */
  | { kind: 'changed' };

/** What applies to every hour of one invocation. */
export interface HourContext {
  reader: ColumnReader;
  nextRun: (beyond?: string) => string;
  tombstones: readonly Tombstone[];
  rules: readonly RuleRecord[];
}

const manifestSchema = z.object({
  run: z.string(),
  previous: z.string(),
  files: z.array(z.object({ key: z.string(), rows: z.number() })),
  unreadable: z.array(z.object({ key: z.string(), reason: z.string() })),
});
export type Manifest = z.infer<typeof manifestSchema>;

interface Written {
  events: number;
  erased: number;
  tail: string;
  localDates: string[];
}

/**
 * Settles one hour when its present run does not say the truth any more: computes a new run beside it, holds it
 * against what the files promise, and switches. Until the switch nothing changes for any reader.
 * @throws {StoreUnavailable}
 */
export async function settleHour(
  deps: SettleDeps,
  context: HourContext,
  hour: UtcHour,
  files: readonly RawFile[],
  forced: boolean,
): Promise<HourOutcome> {
  const [record, previousHour] = await Promise.all([deps.state.hour(hour), deps.state.hour(before(hour))]);
  const head = previousHour?.tail ?? emptyTail;
  const dirt = await dirtOf(files, record, head, () => knownKeys(deps, record));
  const why = dirt ?? (forced && (record || files.length > 0) ? 'forced' : undefined);
  if (!why) return { kind: 'clean' };
  const attempt = await attemptOf(deps, context, hour, files, record, previousHour);
  if ('mismatch' in attempt) return { kind: 'refused', reason: attempt.mismatch };
  let written: Written | { mismatch: string };
  try {
    written = await compute(deps, context, attempt, record);
  } catch (error) {
    // The run that is present stays; the folder of this one is nobody's.
    await discard(deps, attempt);
    if (error instanceof QueryFailed) return { kind: 'refused', reason: error.message };
    throw error;
  }
  if ('mismatch' in written) {
    await discard(deps, attempt);
    const changed = (await listingNow(deps, hour)) !== listingDigest(files);
    return changed ? { kind: 'changed' } : { kind: 'refused', reason: written.mismatch };
  }
  const next = await commit(deps, attempt, written, record);
  // Whoever was faster computed from the same files; the next visit finds what is left.
  if (!next) return { kind: 'changed' };
  deps.report({
    kind: 'hour-settled',
    hour: hourName(hour),
    why,
    run: next.run,
    events: next.events,
    files: next.files,
    erased: written.erased,
  });
  return { kind: 'settled', why, record: next };
}

async function knownKeys(deps: SettleDeps, record: HourRecord | undefined): Promise<ReadonlySet<string>> {
  if (!record) return new Set();
  const { files, unreadable } = await readManifest(deps, record, record.run);
  return new Set([...files, ...unreadable].map(({ key }) => key));
}

export async function readManifest({ lake }: Pick<SettleDeps, 'lake'>, hour: UtcHour, run: string): Promise<Manifest> {
  return manifestSchema.parse(JSON.parse(Buffer.from(await lake.get(manifestKey(hour, run))).toString('utf8')));
}

/** One computation of an hour: its parameters, before anything is visible to anyone. */
interface Attempt {
  hour: UtcHour;
  run: string;
  previous: string;
  head: string;
  files: readonly RawFile[];
  readable: readonly RawFile[];
  unreadable: { key: string; reason: string }[];
  beforeHour: UtcHour;
  beforeRun: string;
}

async function attemptOf(
  deps: SettleDeps,
  context: HourContext,
  hour: UtcHour,
  files: readonly RawFile[],
  record: HourRecord | undefined,
  previousHour: HourRecord | undefined,
): Promise<Attempt | { mismatch: string }> {
  const inspections = await context.reader.inspect(files);
  const mismatch = brokenPromise(inspections);
  if (mismatch) return { mismatch };
  const unreadable = inspections.flatMap((one) =>
    one.kind === 'unreadable' ? [{ key: one.file.key, reason: one.reason }] : [],
  );
  for (const { key, reason } of unreadable)
    deps.report({ kind: 'file-unreadable', alert: true, hour: hourName(hour), key, reason });
  return {
    hour,
    run: context.nextRun(record?.run),
    previous: record?.run ?? noRun,
    head: previousHour?.tail ?? emptyTail,
    files,
    readable: inspections.flatMap((one) => (one.kind === 'readable' ? [one.file] : [])),
    unreadable,
    beforeHour: before(hour),
    beforeRun: previousHour?.run ?? noRun,
  };
}

function brokenPromise(inspections: readonly Inspection[]): string | undefined {
  for (const inspection of inspections)
    if (inspection.kind === 'readable' && inspection.rows !== inspection.file.rows)
      return `${inspection.file.key} promises ${inspection.file.rows} rows and holds ${inspection.rows}`;
  return undefined;
}

async function compute(
  deps: SettleDeps,
  context: HourContext,
  attempt: Attempt,
  record: HourRecord | undefined,
): Promise<Written | { mismatch: string }> {
  const before = record ? await readManifest(deps, attempt.hour, record.run) : undefined;
  const listed = new Set(attempt.files.map(({ key }) => key));
  const gone = (before?.files ?? []).filter(({ key }) => !listed.has(key));
  await putManifest(deps, attempt.hour, {
    run: attempt.run,
    previous: attempt.previous,
    files: [...attempt.readable.map(({ key, rows }) => ({ key, rows })), ...gone],
    unreadable: attempt.unreadable,
  });
  const expected = await countExpected(deps, context, attempt);
  await unload(deps, context, attempt, expected.erased > 0 || gone.length > 0);
  return verify(deps, attempt, expected);
}

/** Files that no longer exist but were read before stay in the manifest: what is known does not become new again. */
async function putManifest(deps: SettleDeps, hour: UtcHour, manifest: Manifest): Promise<void> {
  return deps.lake.put(manifestKey(hour, manifest.run), Buffer.from(JSON.stringify(manifest)));
}

/** Events that the new run must hold, and rows that erasure takes out. */
interface Expected {
  events: number;
  erased: number;
}

async function countExpected(deps: SettleDeps, context: HourContext, attempt: Attempt): Promise<Expected> {
  const { rows } = await deps.athena.rows(settleExpected, {
    ...attempt.hour,
    ...erasureOf(context),
    run: attempt.previous,
    unreadable: attempt.unreadable.map(({ key }) => s3Url(deps.bucket, key)),
  });
  return rows[0] ?? { events: 0, erased: 0 };
}

function erasureOf({ tombstones }: HourContext) {
  return {
    erased: tombstones.map(({ hash }) => hash),
    erased_count: tombstones.length,
  };
}

function s3Url(bucket: string, key: string): string {
  return `s3://${bucket}/${key}`;
}

function unload(deps: SettleDeps, context: HourContext, attempt: Attempt, keepKeys: boolean) {
  return deps.athena.unload(
    settleEvents,
    {
      ...attempt.hour,
      ...erasureOf(context),
      run: attempt.previous,
      unreadable: attempt.unreadable.map(({ key }) => s3Url(deps.bucket, key)),
      rules: context.rules.filter(({ state }) => state !== 'removed').map(ruleLine),
      before_dt: attempt.beforeHour.dt,
      before_hr: attempt.beforeHour.hr,
      before_run: attempt.beforeRun,
      hour: startOf(attempt.hour),
      window_known: deps.windows.known,
      window_unknown: deps.windows.unknown,
      window_longest: longestWindow(deps),
      keep_keys: keepKeys ? 1 : 0,
    },
    s3Url(deps.bucket, runFolder(attempt.hour, attempt.run)),
  );
}

function longestWindow({ windows }: SettleDeps): number {
  return Math.max(windows.known, windows.unknown);
}

/** What the new run holds, or why it may not be shown. */
async function verify(deps: SettleDeps, attempt: Attempt, expected: Expected): Promise<Written | { mismatch: string }> {
  const unread = await unreadRows(deps, attempt);
  if (unread) return { mismatch: unread };
  const { rows } = await deps.athena.rows(settleWritten, {
    ...attempt.hour,
    run: attempt.run,
    hour_end: endOf(attempt.hour),
    window_longest: longestWindow(deps),
  });
  const events = rows.reduce((sum, row) => sum + row.events, 0);
  const distinct = rows.reduce((sum, row) => sum + row.distinct_events, 0);
  if (events !== expected.events || distinct !== expected.events)
    return {
      mismatch: `the run holds ${events} rows, ${distinct} of them distinct, and must hold ${expected.events} events`,
    };
  function sum(name: 'repeats_tail' | 'sessions_tail'): bigint {
    return rows.reduce((total, row) => total + BigInt(row[name]), 0n);
  }
  return {
    events,
    erased: expected.erased,
    tail: `${sum('repeats_tail')}.${sum('sessions_tail')}`,
    localDates: rows.flatMap(({ local_date }) => local_date ?? []).toSorted(),
  };
}

/** Undefined when the engine read of every file what it promises. */
async function unreadRows(deps: SettleDeps, attempt: Attempt): Promise<string | undefined> {
  const unreadable = attempt.unreadable.map(({ key }) => s3Url(deps.bucket, key));
  const { rows } = await deps.athena.rows(settleRead, { ...attempt.hour, unreadable });
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

/** The listing as it is now; a mismatch may only mean that a file arrived in between. */
async function listingNow(deps: SettleDeps, hour: UtcHour): Promise<string> {
  return listingDigest(await deps.lake.listRawHour(hour));
}

async function commit(
  deps: SettleDeps,
  attempt: Attempt,
  written: Written,
  record: HourRecord | undefined,
): Promise<HourRecord | undefined> {
  const { hour } = attempt;
  const next: HourRecord = {
    ...hour,
    run: attempt.run,
    previous: attempt.previous,
    listing: listingDigest(attempt.files),
    head: attempt.head,
    tail: written.tail,
    events: written.events,
    files: attempt.files.length,
    localDates: written.localDates,
    unreadable: attempt.unreadable.map(({ key, reason }) => `${key}: ${reason}`),
    purge: written.erased > 0 || (record?.purge ?? false),
    settledAt: deps.now(),
  };
  // Work is noted before the commit: noted in vain it does no harm, forgotten it would.
  await deps.state.addWork('traffic', [hour.dt]);
  await deps.state.addWork('dates', [...new Set([...written.localDates, ...(record?.localDates ?? []), hour.dt])]);
  await deps.state.addWork('hours', [hourName(hour)]);
  if (!(await deps.state.commitHour(next))) return undefined;
  await showHour(deps, next);
  return next;
}

/** Makes readers see the committed run; after a crash between the two it is done again. */
export function showHour(deps: Pick<SettleDeps, 'partitions' | 'bucket'>, record: HourRecord): Promise<void> {
  return deps.partitions.point(
    settledTables.events.name,
    [record.dt, record.hr],
    s3Url(deps.bucket, runFolder(record, record.run)),
  );
}
