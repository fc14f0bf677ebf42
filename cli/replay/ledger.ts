import { addOutcomes, emptyOutcomes, type OutcomeCounts, readOutcomes, sumOutcomes } from '#core/ledger/outcomes.ts';
import { addRefused, type RefusedCounts, sumRefused, withRefused } from '#core/ledger/refused.ts';
import { outcomes } from '#schemas/event.ts';

/** The ledger of a page: received + surplus = sum of outcomes + lost. */
export interface Ledger {
  received: number;
  outcomes: OutcomeCounts;
  lost: number;
  /** Events that were delivered twice; settle counts them once. */
  surplus: number;
  /** Requests of both that were refused and not kept as events, by rule. */
  notKept: RefusedCounts;
}

type Hour = { hot: Readonly<Record<string, number>>; received: number; refused: RefusedCounts };

/** Sums hourly items by their hot counters, because settled ones come later. */
export function sumLedger(hours: readonly Hour[]): Ledger {
  const notKept = addRefused(hours.map(({ refused }) => refused));
  return createLedger(
    hours.reduce((sum, { received }) => sum + received, sumRefused(notKept)),
    withRefused(
      hours.reduce((sum, { hot }) => addOutcomes(sum, readOutcomes(hot)), emptyOutcomes()),
      notKept,
    ),
    notKept,
  );
}

function createLedger(received: number, counts: OutcomeCounts, notKept: RefusedCounts): Ledger {
  return {
    received,
    outcomes: counts,
    lost: Math.max(0, received - sumOutcomes(counts)),
    surplus: Math.max(0, sumOutcomes(counts) - received),
    notKept,
  };
}

/** Returns the difference between two ledgers. */
export function ledgerSince(before: Ledger, after: Ledger): Ledger {
  const counts = emptyOutcomes();
  for (const outcome of outcomes) counts[outcome] = after.outcomes[outcome] - before.outcomes[outcome];
  const notKept = Object.entries(after.notKept).map(([rule, count]) => [rule, count - (before.notKept[rule] ?? 0)]);
  return createLedger(after.received - before.received, counts, Object.fromEntries(notKept));
}
