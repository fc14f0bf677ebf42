import type { TimeRange } from '#core/ledger/time-range.ts';
import { leadingUnit } from '#core/alerts/page-history.ts';
import { buildConversions } from '#core/stats/conversions.ts';
import { buildBreakdowns, buildSeries, computeTotals } from '#core/stats/counters.ts';
import type { Stats } from '#schemas/api.ts';
import type { Progress } from './progress.ts';
import { computeRangeBalance, reportExpiredHours, type RangeCounters } from './read-counters.ts';

/** Builds the statistics of a page or link from its counters. */
export function buildStats(counters: RangeCounters, range: TimeRange, now: number, progress: Progress): Stats {
  const totals = computeTotals(counters, counters.settledDays);
  return {
    totals,
    ...computeRangeBalance(counters, range, progress),
    series: buildSeries(counters, range, now),
    breakdowns: buildBreakdowns(counters),
    latest: null,
    conversions: buildConversions(counters, leadingUnit([totals]) === 'clicks' ? totals.clicks : totals.views),
    source: 'rollups',
    freshness: progress.freshness,
    errors: [...progress.errors, ...reportExpiredHours(counters, range)],
  };
}
