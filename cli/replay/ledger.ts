import { addOutcomes, emptyOutcomes, type OutcomeCounts, readOutcomes, sumOutcomes } from '#core/ledger/outcomes.ts';
import { outcomes } from '#schemas/event.ts';

/** The ledger of a page: received + surplus = sum of outcomes + lost. */
export interface Ledger {
  received: number;
  outcomes: OutcomeCounts;
  lost: number;
  /** Events that were delivered twice; settle counts them once. */
  surplus: number;
}

/** Sums hourly items by their hot counters, because settled ones come later. */
export function sumLedger(hours: readonly { hot: Readonly<Record<string, number>>; received: number }[]): Ledger {
  return createLedger(
    hours.reduce((sum, { received }) => sum + received, 0),
    hours.reduce((sum, { hot }) => addOutcomes(sum, readOutcomes(hot)), emptyOutcomes()),
  );
}

function createLedger(received: number, counts: OutcomeCounts): Ledger {
  return {
    received,
    outcomes: counts,
    lost: Math.max(0, received - sumOutcomes(counts)),
    surplus: Math.max(0, sumOutcomes(counts) - received),
  };
}

/** Returns the difference between two ledgers. */
export function ledgerSince(before: Ledger, after: Ledger): Ledger {
  const counts = emptyOutcomes();
  for (const outcome of outcomes) counts[outcome] = after.outcomes[outcome] - before.outcomes[outcome];
  return createLedger(after.received - before.received, counts);
}
