import { z } from 'zod';
import filteredCountsSql from '#queries/reports/filtered-counts.sql' with { type: 'text' };
import filteredVisitorsSql from '#queries/reports/filtered-visitors.sql' with { type: 'text' };
import ledgerExamplesSql from '#queries/reports/ledger-examples.sql' with { type: 'text' };
import ruleEffectSql from '#queries/reports/rule-effect.sql' with { type: 'text' };
import { eventTypes, outcomes } from '#schemas/event.ts';
import { column, defineQuery } from './query.ts';
import { parameter } from './query-parameters.ts';

const { text, date, whole, instant, filters } = parameter;

const dates = { first_dt: date, last_dt: date, from: date, to: date } as const;
/** Whole local dates, and the time within them. */
const range = { ...dates, start: instant, end: instant } as const;

const outcome = z.enum(outcomes);

/** `kind` is `page` or `link`, `name` the path or the code. */
export const filteredCounts = defineQuery({
  name: 'filtered-counts',
  sql: filteredCountsSql,
  parameters: { ...range, filters, kind: text, name: text, longest: whole },
  row: z.object({
    list: column.text,
    value: column.text,
    outcome,
    views: column.whole,
    clicks: column.whole,
    events: column.whole,
  }),
});
export type FilteredCount = z.infer<typeof filteredCounts.row>;

export const filteredVisitors = defineQuery({
  name: 'filtered-visitors',
  sql: filteredVisitorsSql,
  parameters: { ...range, filters, kind: text, name: text },
  row: z.object({
    local_date: column.text,
    visitors: column.whole,
    sessions: column.whole,
    bounces: column.whole,
    milliseconds: column.whole,
  }),
});
export type FilteredVisitors = z.infer<typeof filteredVisitors.row>;

/** An empty `link` matches everything. */
export const ledgerExamples = defineQuery({
  name: 'ledger-examples',
  sql: ledgerExamplesSql,
  parameters: { ...dates, page: text, link: text, outcome: text },
  row: z.object({
    outcome_rule: column.text,
    browser: column.optionalText,
    bot_name: column.optionalText,
    country: column.optionalText,
    referrer_host: column.optionalText,
    /** JSON with the requested path, for the rule `link.unknown` only. */
    requested: column.optionalText,
    last_hour: column.optionalText,
    events: column.whole,
  }),
});
export type LedgerExample = z.infer<typeof ledgerExamples.row>;

/** Rows by outcome, type and whether the rule matches. The row without an outcome counts the hours that would change. */
export const ruleEffect = defineQuery({
  name: 'rule-effect',
  sql: ruleEffectSql,
  parameters: { from_dt: date, to_dt: date, page: text, field: text, wanted: text, becomes: text },
  row: z.object({
    outcome: outcome.nullable(),
    event_type: z.enum(eventTypes).nullable(),
    fits: column.optionalNumber,
    events: column.whole,
    hours: column.whole,
  }),
});
export type RuleEffectRow = z.infer<typeof ruleEffect.row>;
