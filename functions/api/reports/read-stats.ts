import type { TimeRange } from '#core/ledger/time-range.ts';
import { buildBreakdowns, buildSeries, computeTotals } from '#core/stats/counters.ts';
import type { Stats } from '#schemas/api.ts';
import type { StatsStore } from '#stores/counters/stats.ts';
import type { Progress } from './progress.ts';
import { computeRangeBalance, reportExpiredHours, readCounters, type RangeCounters } from './read-counters.ts';

/** Counts of an entity from the counters, with what was received. @throws {StoreUnavailable} */
export async function readStats(
  store: StatsStore,
  entity: string,
  range: TimeRange,
  now: number,
  progress: Progress,
): Promise<Stats> {
  return buildStats(await readCounters(store, entity, range, progress.settled, true), range, now, progress);
}

/** Stats of what was read. */
export function buildStats(reading: RangeCounters, range: TimeRange, now: number, progress: Progress): Stats {
  return {
    totals: computeTotals(reading, reading.settledDays),
    ...computeRangeBalance(reading, range, progress.received),
    series: buildSeries(reading, range, now),
    breakdowns: buildBreakdowns(reading),
    source: 'rollups',
    freshness: progress.freshness,
    errors: [...progress.errors, ...reportExpiredHours(reading, range)],
  };
}
