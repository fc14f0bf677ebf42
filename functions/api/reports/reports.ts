import type { Ledger, Stats } from '#schemas/api.ts';
import type { DimensionName } from '#schemas/dimensions.ts';
import type { RangeRequest } from '#core/ledger/time-range.ts';
import type { LakeStats } from '#stores/lake/lake-stats.ts';
import { type Comparison, comparedPeriod } from '#core/stats/period.ts';
import type { StatsStore } from '#stores/counters/stats.ts';
import { readProgress } from './progress.ts';
import { parseFilters, toLakeRequest, readFilteredLedger, readFilteredStats } from './read-filtered.ts';
import { readLedger } from './read-ledger.ts';
import { readStats } from './read-stats.ts';
import { parseRange } from './parse-range.ts';
import type { ReportSubject } from './subject.ts';

export interface ReportDeps {
  stats: StatsStore;
  lake: LakeStats;
  now: () => number;
}

/** A range and filters. */
export type ReportRequest = RangeRequest & Partial<Record<DimensionName, string | undefined>>;

export type StatsRequest = ReportRequest & { period: 'requested' | Comparison };

/**
 * Returns the statistics of a page or link: from the counters, or with a filter from the settled events.
 * @throws {Problem} 400 for an invalid range
 * @throws {StoreUnavailable}
 */
export async function reportStats(
  { stats, lake, now: clock }: ReportDeps,
  subject: ReportSubject,
  request: StatsRequest,
): Promise<Stats> {
  const now = clock();
  const requested = parseRange(request, subject.zone, now);
  const range = request.period === 'requested' ? requested : comparedPeriod(requested, request.period, now);
  const progress = await readProgress(stats, now);
  const filters = parseFilters(request);
  return filters
    ? readFilteredStats(lake, toLakeRequest(subject, range, filters), range, now, progress)
    : readStats(stats, subject.entity, range, now, progress);
}

/**
 * Returns the ledger of a page or link: from the counters, or with a filter from the settled events.
 * @throws {Problem} 400 for an invalid range
 * @throws {StoreUnavailable}
 */
export async function reportLedger(
  { stats, lake, now: clock }: ReportDeps,
  subject: ReportSubject,
  request: ReportRequest,
): Promise<Ledger> {
  const now = clock();
  const range = parseRange(request, subject.zone, now);
  const progress = await readProgress(stats, now);
  const filters = parseFilters(request);
  return filters
    ? readFilteredLedger(lake, toLakeRequest(subject, range, filters), range, progress)
    : readLedger(stats, subject.entity, range, progress);
}
