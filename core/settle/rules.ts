import type { Outcome } from '#schemas/event.ts';
import type { RuleField } from '#schemas/rule-fields.ts';

/** Events where `field` is `value` get `outcome`; of several rules that match, the newest decides. */
export interface ReclassificationRule {
  /** ULID: sorts by creation. */
  id: string;
  /** NULL for every page. */
  page: string | null;
  field: RuleField;
  value: string;
  outcome: Outcome;
}

/** A rule as one line of the list that settle binds. */
export function formatRule({ id, page, field, value, outcome }: ReclassificationRule): string {
  return [id, field, value.replace(/[\t\n]/g, ' '), outcome, page ?? ''].join('\t');
}
