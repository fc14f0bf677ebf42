import { addOutcomes, emptyOutcomes, type OutcomeCounts, readOutcomes, sumOutcomes } from '#core/ledger/outcomes.ts';
import { outcomes } from '#schemas/event.ts';

/** What became of the requests of a page: received = Σ outcomes + lost. */
export interface Ledger {
  received: number;
  outcomes: OutcomeCounts;
  lost: number;
}

/** Adds up hourly items, by the hot numbers: settled ones come later, and a replay is evaluated at once. */
export function sumLedger(hours: readonly { hot: Readonly<Record<string, number>>; received: number }[]): Ledger {
  return ledgerOf(
    hours.reduce((sum, { received }) => sum + received, 0),
    hours.reduce((sum, { hot }) => addOutcomes(sum, readOutcomes(hot)), emptyOutcomes()),
  );
}

function ledgerOf(received: number, counts: OutcomeCounts): Ledger {
  return {
    received,
    outcomes: counts,
    lost: received - sumOutcomes(counts),
  };
}

/** What was added between two readings. */
export function ledgerSince(before: Ledger, after: Ledger): Ledger {
  const counts = emptyOutcomes();
  for (const outcome of outcomes) counts[outcome] = after.outcomes[outcome] - before.outcomes[outcome];
  return ledgerOf(after.received - before.received, counts);
}
