import type { Outcome } from '#schemas/event.ts';

/** What a reclassification rule looks at. `visitor` is a visitor_id, `rule` the rule by which enrich decided. */
export const reclassifiedFields = ['asn', 'bot', 'rule', 'referrer', 'country', 'browser', 'visitor'] as const;
export type ReclassifiedField = (typeof reclassifiedFields)[number];

/** Events where `field` is `value` get `outcome`; of several rules that match, the newest decides. */
export interface ReclassificationRule {
  /** ULID: sorts by creation. */
  id: string;
  /** NULL for every page. */
  page: string | null;
  field: ReclassifiedField;
  value: string;
  outcome: Outcome;
}

/** A rule as one line of the list that settle binds. */
export function ruleLine({ id, page, field, value, outcome }: ReclassificationRule): string {
  return [id, field, value.replace(/[\t\n]/g, ' '), outcome, page ?? ''].join('\t');
}
