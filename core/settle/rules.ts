import type { Outcome } from '#schemas/event.ts';
import type { RuleField } from '#schemas/dimensions.ts';

/** Gives events whose `field` is `value` another outcome. If several rules match, the newest applies. */
export interface ReclassificationRule {
  /** ULID: sorts by creation. */
  id: string;
  /** Null for all pages. */
  page: string | null;
  field: RuleField;
  value: string;
  outcome: Outcome;
}

/** Formats a rule as one line of the list parameter of `settle-events.sql`. */
export function formatRule({ id, page, field, value, outcome }: ReclassificationRule): string {
  return [id, field, value.replace(/[\0\t\n]/g, ' '), outcome, page ?? ''].join('\t');
}

/** Returns the rule that decided last: `behavior.too-fast` of `settle.behavior.too-fast|counted|counted`. */
export function readRuleName(outcomeRule: string): string {
  return outcomeRule.startsWith(settledPrefix)
    ? outcomeRule.slice(settledPrefix.length).replace(/\|.*$/s, '')
    : outcomeRule;
}

/** Starts the rule of an outcome that settle has changed: `settle.<rule>|<outcome before>|<rule before>`. */
const settledPrefix = 'settle.';
