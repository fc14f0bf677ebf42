import { outcomeMeanings } from '#core/ledger/meanings.ts';
import { computeBalance, balanceByBucket } from '#core/ledger/report.ts';
import type { TimeRange } from '#core/ledger/time-range.ts';
import { buildLedgerEntries } from '#core/stats/ledger-entries.ts';
import type { Ledger } from '#schemas/api.ts';
import type { StatsStore } from '#stores/counters/stats.ts';
import type { Progress } from './progress.ts';
import { reportExpiredHours, readCounters } from './read-counters.ts';

/** Reads the ledger of a page or link from the counters. @throws {StoreUnavailable} */
export async function readLedger(
  store: StatsStore,
  entity: string,
  range: TimeRange,
  progress: Progress,
): Promise<Ledger> {
  const counters = await readCounters(store, entity, range, progress.settled, true);
  const { days, hours } = buildLedgerEntries({
    counters,
    received: counters.received ?? new Map(),
    range,
    settledThrough: progress.settled,
  });
  return {
    ...computeBalance([...days, ...hours], progress.received),
    series: balanceByBucket(range.interval === 'day' ? [...days, ...hours] : hours, progress.received),
    meanings: { ...outcomeMeanings },
    source: 'rollups',
    freshness: progress.freshness,
    errors: [...progress.errors, ...reportExpiredHours(counters, range)],
  };
}
