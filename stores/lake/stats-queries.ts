import { z } from 'zod';
import eventCountsSql from '#queries/reports/event-counts.sql' with { type: 'text' };
import funnelSql from '#queries/reports/funnel.sql' with { type: 'text' };
import filteredCountsSql from '#queries/reports/filtered-counts.sql' with { type: 'text' };
import filteredVisitorsSql from '#queries/reports/filtered-visitors.sql' with { type: 'text' };
import ledgerExamplesSql from '#queries/reports/ledger-examples.sql' with { type: 'text' };
import retentionSql from '#queries/reports/retention.sql' with { type: 'text' };
import ruleEffectSql from '#queries/reports/rule-effect.sql' with { type: 'text' };
import { eventTypes, outcomes } from '#schemas/event.ts';
import { funnelSteps } from '#queries/fragments.ts';
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

export const eventCounts = defineQuery({
  name: 'event-counts',
  sql: eventCountsSql,
  parameters: { ...range, filters, kind: text, page: text, name: text, longest: whole },
  row: z.object({ list: column.text, value: column.text, events: column.whole, amount: column.whole }),
});
export type EventCountRow = z.infer<typeof eventCounts.row>;

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
    /** JSON with the requested path, for the rules `link.unknown` and `link.domain` only. */
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

/** Whole periods by the first local date of each; an empty type matches all. `from` and `to` are the cohorts' dates. */
export const retentionCounts = defineQuery({
  name: 'retention',
  sql: retentionSql,
  parameters: {
    ...dates,
    page: text,
    by: text,
    mode: text,
    start_type: text,
    start_filters: filters,
    return_type: text,
    return_filters: filters,
    first_period: date,
    last_period: date,
    closed_period: date,
    horizon: date,
  },
  row: z.object({
    list: z.enum(['size', 'back', 'last', 'counted', 'identified', 'since', 'conflicts']),
    cohort: column.text,
    period: column.text,
    amount: column.whole,
  }),
});
export type RetentionRow = z.infer<typeof retentionCounts.row>;

const stepParameters = funnelSteps.flatMap((step) => [
  [`type_${step}`, text] as const,
  [`path_${step}`, text] as const,
]);
const stepFilters = funnelSteps.map((step) => [`filters_${step}`, filters] as const);
type Letter = (typeof funnelSteps)[number];

/** An empty type or path matches all. `until`: the last local date of later steps. `seconds`: the window. */
export const funnelCounts = defineQuery({
  name: 'funnel',
  sql: funnelSql,
  parameters: {
    ...dates,
    until: date,
    page: text,
    unit: text,
    dimension: text,
    length: whole,
    longest: whole,
    seconds: whole,
    settled: instant,
    // Object.fromEntries forgets the names.
    ...(Object.fromEntries(stepParameters) as Record<`type_${Letter}` | `path_${Letter}`, typeof text>),
    ...(Object.fromEntries(stepFilters) as Record<`filters_${Letter}`, typeof filters>),
  },
  row: z.object({
    list: z.enum(['total', 'value', 'counted', 'united']),
    value: column.text,
    step: column.whole,
    reached: column.whole,
    open: column.whole,
    median: column.optionalNumber,
  }),
});
export type FunnelRow = z.infer<typeof funnelCounts.row>;
