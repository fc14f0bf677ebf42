import { localTimeOf } from '#core/enrich/local-time.ts';
import { addDays, lastEndedDate } from '#core/ledger/time-range.ts';
import { addPeriods, endOfPeriod, listPeriods, startOfPeriod } from '#core/periods.ts';
import { buildRetention } from '#core/retention/table.ts';
import {
  type Retention,
  type RetentionCounts,
  retentionLimits,
  retentionPrivacy,
  type RetentionQuery,
  toFilters,
} from '#schemas/api/insights/retention.ts';
import type { Page } from '#schemas/catalog.ts';
import type { RetentionRow } from '#stores/lake/stats-queries.ts';
import { StoreUnavailable } from '#stores/errors.ts';
import type { ApiDeps } from '../deps.ts';
import { invalidRequest } from '../problem.ts';
import { emptyCoverage, firstEventDate, readKeptCounts, toCoverage, toSource, unavailable } from './kept-counts.ts';
import { type Progress, readProgress } from '../reports/progress.ts';
import type { PeriodUnit } from '#schemas/time/periods.ts';

export interface RetentionViewer {
  /** Whether they see small numbers of people who came back. */
  exact: boolean;
  /** Computes again, whatever is cached. */
  refresh: boolean;
}

/** What a table shows: whole periods of local dates. */
interface Span {
  by: PeriodUnit;
  cohorts: string[];
  from: string;
  to: string;
  today: string;
}

/**
 * Returns who came back to a page, from its settled events: from the cache until the next hour settles.
 * @throws {Problem} 400 for an invalid range
 * @throws {StoreUnavailable}
 */
export async function readRetention(
  deps: Pick<ApiDeps, 'lake' | 'stats' | 'retentions' | 'now'>,
  page: Page,
  request: RetentionQuery,
  { exact, refresh }: RetentionViewer,
): Promise<Retention> {
  const now = deps.now();
  const span = parseSpan(request, page.timeZone, now);
  const progress = await readProgress(deps.stats, now);
  const shell = buildShell(span, progress);
  // Without the secret, no id was ever kept.
  if (page.identitySecret === undefined) return { ...shell, unavailable: unavailable['identities-off'] };
  if (progress.settledKnown && progress.settled === undefined)
    return { ...shell, unavailable: unavailable['not-settled'] };
  const { start = {}, return: back = {}, mode } = request;
  const kept = await readKeptCounts(deps.retentions, {
    // The mean and whether it is unbounded are computed from the same counts.
    key: [page.path, page.timeZone, span, start, back, mode],
    progress,
    refresh,
    query: () => queryCounts(deps, { page, request, span, progress }),
  });
  const { counts, error } = kept;
  const settledDate = lastEndedDate(page.timeZone, counts.settledThrough);
  const { periods } = retentionLimits[span.by];
  const privacy = { smallest: retentionPrivacy.size, fewest: exact ? 1 : retentionPrivacy.returned };
  const { mean, unbounded } = request;
  const options = { ...span, ...privacy, periods, settledDate, unbounded: unbounded === 'true', mean };
  return {
    ...shell,
    ...(counts.since !== null && buildRetention(counts, options)),
    coverage: toCoverage(counts.counted, counts.withId),
    identityConflicts: counts.conflicts,
    identitiesSince: counts.since,
    unavailable:
      counts.since === null ? unavailable[page.identities === 'none' ? 'identities-off' : 'no-ids-yet'] : null,
    settledThrough: new Date(counts.settledThrough).toISOString(),
    sources: { retention: toSource(kept) },
    errors: [...progress.errors, ...(error === undefined ? [] : [{ part: 'retention', message: error }])],
  };
}

/** Cohorts by default, the present one included. */
const defaultCohorts = { day: 14, week: 12, month: 12 } as const satisfies Record<PeriodUnit, number>;

/** @throws {Problem} 400 */
function parseSpan({ by, from, to }: RetentionQuery, zone: string, now: number): Span {
  const today = localTimeOf(zone, now).date;
  const last = startOfPeriod(to === undefined || to > today ? today : to, by);
  const first = from === undefined ? addPeriods(last, 1 - defaultCohorts[by], by) : startOfPeriod(from, by);
  const { cohorts: most } = retentionLimits[by];
  if (first > last) throw invalidRequest([{ field: 'to', value: to ?? null, allowed: '`from` or later' }]);
  if (first <= addPeriods(last, -most, by))
    throw invalidRequest([
      { field: 'from', value: from ?? null, allowed: `at most ${most} ${by}s before \`to\`, the last one included` },
    ]);
  return { by, cohorts: listPeriods(first, last, by), from: first, to: endOfPeriod(last, by), today };
}

function buildShell({ by, from, to }: Span, { settled, freshness, errors }: Progress): Retention {
  return {
    by,
    from,
    to,
    cohorts: [],
    mean: [],
    coverage: emptyCoverage,
    identityConflicts: 0,
    identitiesSince: null,
    unavailable: null,
    settledThrough: settled === undefined ? null : new Date(settled).toISOString(),
    sources: {},
    freshness,
    errors: [...errors],
  };
}

interface CountsRequest {
  page: Page;
  request: RetentionQuery;
  span: Span;
  progress: Progress;
}

async function queryCounts(
  { lake }: Pick<ApiDeps, 'lake'>,
  { page, request, span, progress: { settled } }: CountsRequest,
): Promise<RetentionCounts> {
  if (settled === undefined) throw new StoreUnavailable('how far the lake has settled is not known');
  const { start = {}, return: back = {}, mode } = request;
  const { by, from, to, today, cohorts } = span;
  const last = cohorts.at(-1) ?? from;
  const settledDate = lastEndedDate(page.timeZone, settled);
  const current = startOfPeriod(settledDate, by);
  const rows = await lake.retention({
    first_dt: firstEventDate(page),
    last_dt: addDays(today, 1),
    from,
    to,
    page: page.path,
    by,
    mode,
    start_type: start.type ?? '',
    start_filters: toFilters(start),
    return_type: back.type ?? '',
    return_filters: toFilters(back),
    first_period: from,
    last_period: last,
    closed_period: endOfPeriod(current, by) <= settledDate ? current : addPeriods(current, -1, by),
    horizon: addPeriods(last, retentionLimits[by].periods, by),
  });
  return toCounts(rows, settled);
}

function toCounts(rows: readonly RetentionRow[], settledThrough: number): RetentionCounts {
  const lists = Map.groupBy(rows, ({ list }) => list);
  function only(list: RetentionRow['list']): number {
    return lists.get(list)?.[0]?.amount ?? 0;
  }
  return {
    settledThrough,
    sizes: Object.fromEntries((lists.get('size') ?? []).map(({ cohort, amount }) => [cohort, amount])),
    back: byCohort(lists.get('back') ?? []),
    last: byCohort(lists.get('last') ?? []),
    counted: only('counted'),
    withId: only('identified'),
    conflicts: only('conflicts'),
    since: lists.get('since')?.[0]?.period ?? null,
  };
}

function byCohort(rows: readonly RetentionRow[]): Record<string, Record<string, number>> {
  return Object.fromEntries(
    [...Map.groupBy(rows, ({ cohort }) => cohort)].map(([cohort, periods]) => [
      cohort,
      Object.fromEntries(periods.map(({ period, amount }) => [period, amount])),
    ]),
  );
}
