import type { TimeRange } from '#core/ledger/time-range.ts';
import { buildBreakdowns, buildSeries, computeTotals } from '#core/stats/counters.ts';
import type { Stats } from '#schemas/api.ts';
import type { StatsStore } from '#stores/counters/stats.ts';
import type { Progress } from './progress.ts';
import { computeRangeBalance, reportExpiredHours, readCounters, type RangeCounters } from './read-counters.ts';

/** Reads the statistics of a page or link from the counters, with received and lost. @throws {StoreUnavailable} */
export async function readStats(
  store: StatsStore,
  entity: string,
  range: TimeRange,
  now: number,
  progress: Progress,
): Promise<Stats> {
  return buildStats(await readCounters(store, entity, range, progress.settled, true), range, now, progress);
}

export function buildStats(counters: RangeCounters, range: TimeRange, now: number, progress: Progress): Stats {
  return {
    totals: computeTotals(counters, counters.settledDays),
    ...computeRangeBalance(counters, range, progress),
    series: buildSeries(counters, range, now),
    breakdowns: buildBreakdowns(counters),
    source: 'rollups',
    freshness: progress.freshness,
    errors: [...progress.errors, ...reportExpiredHours(counters, range)],
  };
}
