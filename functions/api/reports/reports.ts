import type { RangeRequest, TimeRange } from '#core/ledger/time-range.ts';
import { type Comparison, comparedDates, comparedPeriod } from '#core/stats/period.ts';
import type { DashboardResponse } from '#schemas/api/dashboard.ts';
import type { Ledger, Stats } from '#schemas/api.ts';
import type { LakeStats } from '#stores/lake/lake-stats.ts';
import type { StatsStore } from '#stores/counters/stats.ts';
import type { ApiDeps } from '../deps.ts';
import type { Principal } from '../principal.ts';
import { forbidden } from '../problem.ts';
import { parseRange } from './parse-range.ts';
import { type Progress, readProgress } from './progress.ts';
import { readCounters } from './read-counters.ts';
import {
  type FilterQuery,
  parseFilters,
  toLakeRequest,
  readFilteredLedger,
  readFilteredStats,
} from './read-filtered.ts';
import { readLedger } from './read-ledger.ts';
import { buildStats } from './read-stats.ts';
import { narrowToLink, type ReportSubject } from './subject.ts';

export interface ReportDeps {
  stats: StatsStore;
  lake: LakeStats;
  now: () => number;
}

/** A range and filters. */
export type ReportRequest = RangeRequest & FilterQuery;

export type Period = 'requested' | Comparison;

/**
 * Returns the statistics of a page or link: from the counters, or with a filter from the settled events.
 * @throws {Problem} 400 for an invalid range or filter
 * @throws {StoreUnavailable}
 */
export async function reportStats(
  deps: ReportDeps & Pick<ApiDeps, 'catalog'>,
  requested: ReportSubject,
  request: ReportRequest & { period: Period },
): Promise<Stats> {
  const now = deps.now();
  const range = parseRange(request, requested.zone, now);
  const { subject, filters } = await narrowToLink(deps, requested, parseFilters(request));
  const progress = await readProgress(deps.stats, now);
  const shown = choosePeriod({ range, period: request.period, filtered: filters.length > 0 }, progress, now);
  if (filters.length > 0)
    return readFilteredStats(deps.lake, toLakeRequest(subject, shown, filters), shown, now, progress);
  const counters = await readCounters(deps.stats, subject.entity, shown, progress.settled, true);
  const { last } = comparedDates(range, shown, progress.settled);
  const settledDays = counters.settledDays.filter(({ date }) => date <= last);
  const stats = buildStats({ ...counters, settledDays }, shown, now, progress);
  const { views, clicks } = stats.totals;
  if (request.period !== 'requested' || views + clicks > 0) return stats;
  return { ...stats, latest: await findLatest(deps.stats, subject) };
}

/** Without it, the statistics are still right. */
async function findLatest({ lastDate }: Pick<StatsStore, 'lastDate'>, { entity }: ReportSubject) {
  return (await lastDate(entity).catch(() => undefined)) ?? null;
}

/** Returns the period to show: that of the request, or the one to compare it with, up to the same time. */
export function choosePeriod(
  { range, period, filtered }: { range: TimeRange; period: Period; filtered: boolean },
  { settled }: Progress,
  now: number,
): TimeRange {
  if (period === 'requested') return range;
  // Filtered numbers end with the last settled hour.
  return comparedPeriod(range, period, filtered && settled !== undefined ? Math.min(now, settled - 1) : now);
}

/**
 * Returns whether the caller sees conversions: everybody, except a share whose owner does not say so.
 * @throws {Problem} 403 for a filter by event of such a share
 */
export function seesConversions(principal: Principal, query: FilterQuery): boolean {
  const sees = principal.kind !== 'share' || principal.share.extras.includes('conversions');
  if (!sees && parseFilters(query).some(({ dimension }) => dimension === 'event'))
    throw forbidden('This share link does not show conversions.');
  return sees;
}

/** Returns the statistics as a share sees them that does not show conversions. */
export function withoutConversions(stats: Stats): Stats {
  return { ...stats, conversions: null };
}

export function dashboardWithoutConversions(dashboard: DashboardResponse): DashboardResponse {
  const { current, previous } = dashboard;
  return {
    ...dashboard,
    current: current && withoutConversions(current),
    previous: previous && withoutConversions(previous),
    events: null,
  };
}

/**
 * Returns the ledger of a page or link: from the counters, or with a filter from the settled events.
 * @throws {Problem} 400 for an invalid range or filter
 * @throws {StoreUnavailable}
 */
export async function reportLedger(
  deps: ReportDeps & Pick<ApiDeps, 'catalog'>,
  requested: ReportSubject,
  request: ReportRequest,
): Promise<Ledger> {
  const now = deps.now();
  const range = parseRange(request, requested.zone, now);
  const { subject, filters } = await narrowToLink(deps, requested, parseFilters(request));
  const progress = await readProgress(deps.stats, now);
  return filters.length > 0
    ? readFilteredLedger(deps.lake, toLakeRequest(subject, range, filters), range, progress)
    : readLedger(deps.stats, subject.entity, range, progress);
}
