import { type Outcome, outcomes } from '#schemas/event.ts';
import { outcomeAttribute, receivedPrefix } from '#schemas/rollup-item.ts';

/** What became of the requests of a page: received = Σ outcomes + lost. */
export interface Ledger {
  received: number;
  outcomes: Record<Outcome, number>;
  lost: number;
}

const countedAttributes = ['views', 'clicks', 'customs'];

const outcomeOf = (attribute: string): Outcome | undefined =>
  countedAttributes.includes(attribute)
    ? 'counted'
    : outcomes.find((outcome) => outcome !== 'counted' && outcomeAttribute(outcome) === attribute);

const ledgerFrom = (received: number, counts: ReadonlyMap<Outcome, number>): Ledger => ({
  received,
  outcomes: Object.fromEntries(outcomes.map((outcome) => [outcome, counts.get(outcome) ?? 0])) as Record<
    Outcome,
    number
  >,
  lost: received - [...counts.values()].reduce((sum, count) => sum + count, 0),
});

/** Adds up hourly items, by the hot numbers: settled ones come later, and a replay is judged at once. */
export const sumLedger = (hours: Iterable<{ hot: Readonly<Record<string, number>> }>): Ledger => {
  const counts = new Map<Outcome, number>();
  let received = 0;
  for (const { hot } of hours)
    for (const [attribute, count] of Object.entries(hot)) {
      const outcome = outcomeOf(attribute);
      if (outcome) counts.set(outcome, (counts.get(outcome) ?? 0) + count);
      else if (attribute.startsWith(receivedPrefix)) received += count;
    }
  return ledgerFrom(received, counts);
};

/** What was added between two readings. */
export const ledgerSince = (before: Ledger, after: Ledger): Ledger =>
  ledgerFrom(
    after.received - before.received,
    new Map(outcomes.map((outcome) => [outcome, after.outcomes[outcome] - before.outcomes[outcome]])),
  );
