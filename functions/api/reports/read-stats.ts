import type { TimeRange } from '#core/ledger/time-range.ts';
import { buildBreakdowns, buildSeries, computeTotals } from '#core/stats/counters.ts';
import type { Stats } from '#schemas/api.ts';
import type { Progress } from './progress.ts';
import { computeRangeBalance, reportExpiredHours, type RangeCounters } from './read-counters.ts';

/** Builds the statistics of a page or link from its counters. */
export function buildStats(counters: RangeCounters, range: TimeRange, now: number, progress: Progress): Stats {
  return {
    totals: computeTotals(counters, counters.settledDays),
    ...computeRangeBalance(counters, range, progress),
    series: buildSeries(counters, range, now),
    breakdowns: buildBreakdowns(counters),
    latest: null,
    source: 'rollups',
    freshness: progress.freshness,
    errors: [...progress.errors, ...reportExpiredHours(counters, range)],
  };
}
