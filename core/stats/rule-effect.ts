import type { EventType, Outcome } from '#schemas/event.ts';

/** Settled events of a page by present outcome, and whether a rule matches them. */
export interface ClassifiedEvents {
  outcome: Outcome;
  type: EventType;
  fits: boolean;
  events: number;
}

interface Change {
  before: number;
  after: number;
}

/** The effect of a rule. Views and clicks are those of the whole page. */
export interface RuleEffect {
  events: number;
  views: Change;
  clicks: Change;
  /** Events that would change, by present outcome. */
  from: Partial<Record<Outcome, number>>;
}

export function computeRuleEffect(rows: readonly ClassifiedEvents[], becomes: Outcome): RuleEffect {
  const changed = rows.filter((row) => changes(row, becomes));
  const from: RuleEffect['from'] = {};
  for (const { outcome, events } of changed) from[outcome] = (from[outcome] ?? 0) + events;
  function change(type: EventType): Change {
    return {
      before: countedOf(rows, type, ({ outcome }) => outcome),
      after: countedOf(rows, type, (row) => (changes(row, becomes) ? becomes : row.outcome)),
    };
  }
  return {
    events: changed.reduce((sum, { events }) => sum + events, 0),
    views: change('page_view'),
    clicks: change('link_click'),
    from,
  };
}

/** A rule does not make duplicates count: settle finds the first event of the pair again. */
function changes({ outcome, fits }: ClassifiedEvents, becomes: Outcome): boolean {
  return fits && outcome !== becomes && outcome !== 'failed' && !(becomes === 'counted' && outcome === 'duplicate');
}

function countedOf(
  rows: readonly ClassifiedEvents[],
  type: EventType,
  outcomeOf: (row: ClassifiedEvents) => Outcome,
): number {
  return rows.reduce((sum, row) => (row.type === type && outcomeOf(row) === 'counted' ? sum + row.events : sum), 0);
}
