import type { Numbers } from '#core/ledger/outcomes.ts';
import { outcomeAttribute } from '#schemas/counters.ts';
import type { EventType, Outcome } from '#schemas/event.ts';
import type { DecidedEvent } from './population.ts';

/** One line of the receipt. */
export interface Check {
  check: string;
  expected: string;
  measured: string;
  passed: boolean;
  /** Passed, but something is to be done. */
  warning?: boolean;
  /** What to do, or where to look. */
  advice?: string;
}

export function compare(check: string, expected: string | number, measured: string | number): Check {
  const [wanted, found] = [String(expected), String(measured)];
  return { check, expected: wanted, measured: found, passed: wanted === found };
}

/** Rows of the lake with the same link, type, outcome and rule. */
export interface RowGroup {
  link: string;
  type: EventType;
  outcome: Outcome;
  rule: string;
  /** Distinct events. */
  events: number;
  /** Further rows of these events: the queue delivered them twice. */
  repeats: number;
  visitors: number;
  countries: number;
}

/** Counts events by the attribute that counts them. */
export function countEvents(events: readonly Pick<DecidedEvent, 'type' | 'outcome'>[]): Record<string, number> {
  return countBy(events, attributeOf, () => 1);
}

/** Counts what the hot counters hold too much until the hour settles. */
export function countRepeats(rows: readonly RowGroup[]): Record<string, number> {
  return countBy(rows, attributeOf, ({ repeats }) => repeats);
}

function countBy<T>(items: readonly T[], keyOf: (item: T) => string, sizeOf: (item: T) => number) {
  const counts: Record<string, number> = {};
  for (const item of items) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + sizeOf(item);
  return counts;
}

const typeAttributes: Readonly<Record<EventType, string>> = {
  link_click: 'clicks',
  page_view: 'views',
  custom: 'customs',
};

function attributeOf({ type, outcome }: Pick<DecidedEvent, 'type' | 'outcome'>): string {
  return outcome === 'counted' ? typeAttributes[type] : outcomeAttribute(outcome);
}

/** Returns one check for each outcome that is expected or counted. */
export function compareCounters(place: string, expected: Numbers, counted: Numbers): Check[] {
  return unionOf(expected, pickOutcomes(counted)).map((name) =>
    compare(`${place}: ${nameOf(name)}`, expected[name] ?? 0, counted[name] ?? 0),
  );
}

/** Returns one check for all outcomes. */
export function compareTotals(place: string, expected: Numbers, counted: Numbers): Check {
  return compare(place, describe(expected), describe(pickOutcomes(counted)));
}

function unionOf(...all: readonly Numbers[]): string[] {
  return [...new Set(all.flatMap((numbers) => Object.keys(numbers)))].toSorted();
}

/** Leaves out the counters of dimensions and minutes. */
export function pickOutcomes(counted: Numbers): Record<string, number> {
  const types = Object.values(typeAttributes);
  return Object.fromEntries(
    Object.entries(counted).filter(([name, count]) => count !== 0 && (name.startsWith('x.') || types.includes(name))),
  );
}

function nameOf(attribute: string): string {
  return attribute.replace(/^x\./, '');
}

function describe(numbers: Numbers): string {
  const parts = unionOf(numbers).map((name) => `${numbers[name]} ${nameOf(name)}`);
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}

/** Returns one check for each type, outcome and rule that is expected or in the rows. */
export function compareRules(place: string, expected: readonly DecidedEvent[], rows: readonly RowGroup[]): Check[] {
  const wanted = countBy(expected, ruleKey, () => 1);
  const found = countBy(rows, ruleKey, ({ events }) => events);
  return unionOf(wanted, found).map((key) => compare(`${place}: ${key}`, wanted[key] ?? 0, found[key] ?? 0));
}

function ruleKey({ type, outcome, rule }: Pick<DecidedEvent, 'type' | 'outcome' | 'rule'>): string {
  return outcome === 'counted' ? `${type}, counted` : `${type}, ${outcome} by ${rule.split('|', 1)[0]}`;
}
