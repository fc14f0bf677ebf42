import { outcomeMeanings } from '#core/ledger/meanings.ts';
import { outcomesOf } from '#core/ledger/outcomes.ts';
import { balancesOf } from '#core/ledger/report.ts';
import type { TimeRange } from '#core/ledger/time-range.ts';
import type { Ledger } from '#schemas/api.ts';
import type { StatsStore } from '#stores/stats.ts';
import type { Progress } from './progress.ts';
import { balanceOfReading, expiredHours, readCounted, type Reading } from './read-counted.ts';

/** Settled dates whose hours have expired: what became of their events is known, what was received no longer. */
const expiredDays = ({ expired }: Reading, { interval }: TimeRange): Ledger['series'] =>
  interval === 'hour'
    ? []
    : expired.map(({ date, numbers }) => ({ start: date, received: null, outcomes: outcomesOf(numbers), lost: null }));

/** What was received for an entity and what became of it. @throws {StoreUnavailable} */
export const readLedger = async (
  store: StatsStore,
  pk: string,
  range: TimeRange,
  progress: Progress,
): Promise<Ledger> => {
  const reading = await readCounted(store, pk, range, progress.settled, true);
  return {
    ...balanceOfReading(reading, progress.received),
    series: [...expiredDays(reading, range), ...balancesOf(reading.hours, range, progress.received)],
    meanings: { ...outcomeMeanings },
    source: 'rollups',
    freshness: progress.freshness,
    errors: [...progress.errors, ...expiredHours(reading, range)],
  };
};
