import type { EventFieldName } from './event.ts';

/** What a reclassification rule can look at, and the column that holds it. `rule` is the rule that enrich applied. */
export const ruleFields = {
  asn: 'asn',
  bot: 'bot_name',
  rule: 'outcome_rule',
  referrer: 'referrer_host',
  country: 'country',
  browser: 'browser',
  visitor: 'visitor_id',
} as const satisfies Record<string, EventFieldName>;
export type RuleField = keyof typeof ruleFields;
export const ruleFieldNames = Object.keys(ruleFields) as [RuleField, ...RuleField[]];
