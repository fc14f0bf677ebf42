import { outcomeMeanings } from '#core/ledger/meanings.ts';
import { localTimeOf } from '#core/enrich/local-time.ts';
import type { TimeRange } from '#core/ledger/time-range.ts';
import type { DayCounters } from '#core/stats/counters.ts';
import {
  type FilteredCounts,
  sumFilteredBalance,
  buildFilteredBalances,
  buildFilteredBreakdowns,
  groupFilteredRows,
  buildFilteredSeries,
  sumFilteredTotals,
} from '#core/stats/filtered.ts';
import type { Ledger, Stats } from '#schemas/api.ts';
import { type Filter, type filterQuery, findExcess, readFilters } from '#schemas/api/filters.ts';
import type { LakeRequest, LakeStats } from '#stores/lake/lake-stats.ts';
import { invalidRequest } from '../problem.ts';
import type { Progress } from './progress.ts';
import type { ReportSubject } from './subject.ts';

/** The values of each filter's parameter. */
export type FilterQuery = Partial<Record<keyof typeof filterQuery, string[] | undefined>>;

/** @throws {Problem} 400 for too many or too long filters */
export function parseFilters(query: FilterQuery): Filter[] {
  const filters = readFilters((parameter) => query[parameter] ?? []);
  const excess = findExcess(filters);
  if (excess) throw invalidRequest([{ field: 'filters', ...excess }]);
  return filters;
}

export function toLakeRequest(subject: ReportSubject, range: TimeRange, filters: readonly Filter[]): LakeRequest {
  return {
    kind: subject.kind,
    name: subject.name,
    page: subject.page,
    start: range.start,
    end: range.end,
    from: localTimeOf(range.pageZone, range.start).date,
    to: localTimeOf(range.pageZone, range.end - 1).date,
    filters,
  };
}

/** Reads statistics with filters from the settled events. @throws {StoreUnavailable} */
export async function readFilteredStats(
  lake: LakeStats,
  question: LakeRequest,
  range: TimeRange,
  now: number,
  progress: Progress,
): Promise<Stats> {
  const [filtered, visitors] = await Promise.all([
    readFiltered(lake, question, range),
    readFilteredVisitors(lake, question),
  ]);
  return buildFilteredStats(filtered, visitors, range, now, progress);
}

export async function readFiltered(lake: LakeStats, question: LakeRequest, range: TimeRange): Promise<FilteredCounts> {
  return groupFilteredRows(await lake.counts(question), range);
}

/** Reads visitors and sessions per date, by the attribute names of settled dates. */
export async function readFilteredVisitors(lake: LakeStats, question: LakeRequest): Promise<DayCounters[]> {
  return (await lake.people(question)).map(({ local_date: date, ...numbers }) => ({ date, numbers }));
}

export function buildFilteredStats(
  filtered: FilteredCounts,
  visitors: readonly DayCounters[] | undefined,
  range: TimeRange,
  now: number,
  progress: Progress,
): Stats {
  return {
    totals: {
      ...sumFilteredTotals(filtered),
      uniques: visitors ? sumDays(visitors, 'visitors') : null,
      sessions: visitors ? sumDays(visitors, 'sessions') : null,
    },
    ...sumFilteredBalance(filtered.hours),
    series: buildFilteredSeries(filtered, range, now),
    breakdowns: buildFilteredBreakdowns(filtered),
    latest: null,
    conversions: null,
    source: 'lake',
    freshness: progress.freshness,
    errors: progress.errors,
  };
}

function sumDays(days: readonly DayCounters[], name: string): number {
  return days.reduce((sum, { numbers }) => sum + (numbers[name] ?? 0), 0);
}

/** Reads the ledger with filters from the settled events. @throws {StoreUnavailable} */
export async function readFilteredLedger(
  lake: LakeStats,
  question: LakeRequest,
  range: TimeRange,
  progress: Progress,
): Promise<Ledger> {
  const filtered = await readFiltered(lake, question, range);
  return {
    ...sumFilteredBalance(filtered.hours),
    series: buildFilteredBalances(filtered, range),
    meanings: { ...outcomeMeanings },
    source: 'lake',
    freshness: progress.freshness,
    errors: progress.errors,
  };
}
