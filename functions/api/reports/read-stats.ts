import type { TimeRange } from '#core/ledger/time-range.ts';
import { breakdownsOf, seriesOf, totalsOf } from '#core/stats/counted.ts';
import type { Stats } from '#schemas/api.ts';
import type { StatsStore } from '#stores/counters/stats.ts';
import type { Progress } from './progress.ts';
import { balanceOfReading, expiredHours, readCounted, type Reading } from './read-counted.ts';

/** Counts of an entity from the counters, with what was received. @throws {StoreUnavailable} */
export async function readStats(
  store: StatsStore,
  pk: string,
  range: TimeRange,
  now: number,
  progress: Progress,
): Promise<Stats> {
  return statsOf(await readCounted(store, pk, range, progress.settled, true), range, now, progress);
}

/** Stats of what was read. */
export function statsOf(reading: Reading, range: TimeRange, now: number, progress: Progress): Stats {
  return {
    totals: totalsOf(reading, reading.settledDays),
    ...balanceOfReading(reading, range, progress.received),
    series: seriesOf(reading, range, now),
    breakdowns: breakdownsOf(reading),
    source: 'rollups',
    freshness: progress.freshness,
    errors: [...progress.errors, ...expiredHours(reading, range)],
  };
}
