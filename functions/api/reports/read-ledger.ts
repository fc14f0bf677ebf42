import { outcomeMeanings } from '#core/ledger/meanings.ts';
import { balanceOf, balancesOf } from '#core/ledger/report.ts';
import type { TimeRange } from '#core/ledger/time-range.ts';
import { intakesOf } from '#core/stats/intakes.ts';
import type { Ledger } from '#schemas/api.ts';
import type { StatsStore } from '#stores/counters/stats.ts';
import type { Progress } from './progress.ts';
import { expiredHours, readCounted } from './read-counted.ts';

/** What was received for an entity and what became of it. @throws {StoreUnavailable} */
export async function readLedger(store: StatsStore, pk: string, range: TimeRange, progress: Progress): Promise<Ledger> {
  const reading = await readCounted(store, pk, range, progress.settled, true);
  const { days, hours } = intakesOf(reading, reading.received ?? new Map(), range);
  return {
    ...balanceOf([...days, ...hours], progress.received),
    series: balancesOf(range.interval === 'day' ? [...days, ...hours] : hours, progress.received),
    meanings: { ...outcomeMeanings },
    source: 'rollups',
    freshness: progress.freshness,
    errors: [...progress.errors, ...expiredHours(reading, range)],
  };
}
