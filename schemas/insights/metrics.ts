import { z } from 'zod';
import { freshnessSchema } from '../api.ts';
import { isOneLine, lineOfText, oneLine } from '../catalog.ts';
import { type DimensionName, dimensionNames, dimensions } from '../dimensions.ts';
import type { EventFieldName } from '../event.ts';
import { localDateSchema } from '../time/local-date.ts';
import { metricAlertSchema, metricAlertStatusSchema, metricUnits, type MetricUnit } from './metric-alert.ts';
import { periodUnits } from '../time/periods.ts';

/** Numbers of a page's own: measures of its events, a formula over them, a goal and an alert. */

export const metricLimits = {
  ofPage: 20,
  name: 60,
  measures: 6,
  measureName: 20,
  filters: 5,
  values: 20,
  value: 253,
  /** Of all filter values of a metric together: a query holds those of many metrics. */
  characters: 2_000,
  property: 64,
  formula: 200,
  target: 1e12,
  /** Earlier definitions that are kept for the days that still have them. */
  earlierVersions: 5,
  /** Days of a range, and of a preview. */
  days: 400,
  previewDays: 28,
  /** Changed definitions and previews of a page an hour. Each reads the lake. */
  readsAnHour: 60,
} as const;

/**
 * What a measure counts: clicks, views, custom events; visitors of each day and sessions, added up; the sum or the mean of a
 * property of custom events.
 */
export const measureKinds = ['clicks', 'views', 'events', 'visitors', 'sessions', 'sum', 'average'] as const;
export type MeasureKind = (typeof measureKinds)[number];

export const metricOperators = ['is', 'is-not', 'starts-with'] as const;
export type MetricOperator = (typeof metricOperators)[number];

/** What a measure can be filtered by besides the dimensions. */
const moreFields = {
  /** Events have no tags: a filter by tag is one by the links that have it (`core/metrics/tags.ts`). */
  tag: { column: 'link_id', label: 'Tag of the link' },
  utm_term: { column: 'utm_term', label: 'UTM term' },
  utm_content: { column: 'utm_content', label: 'UTM content' },
} as const satisfies Record<string, { column: EventFieldName; label: string }>;

export type MetricColumn = DimensionName | keyof typeof moreFields;
export const metricColumns = [...dimensionNames, ...(Object.keys(moreFields) as (keyof typeof moreFields)[])];

/** Before the name of a property: `properties.plan`. */
export const propertyPrefix = 'properties.';

/** Without quotes and backslashes, which would end a JSON path. */
const propertyName = /^[\p{L}\p{N}][\p{L}\p{N} _.$:/@-]*$/u;

export function isMetricColumn(field: string): field is MetricColumn {
  return metricColumns.some((name) => name === field);
}

export function columnOfField(field: MetricColumn): EventFieldName {
  return isMore(field) ? moreFields[field].column : dimensions[field].column;
}

export function labelOfField(field: MetricColumn): string {
  return isMore(field) ? moreFields[field].label : dimensions[field].label;
}

function isMore(field: string): field is keyof typeof moreFields {
  return Object.hasOwn(moreFields, field);
}

const property = z
  .string()
  .max(metricLimits.property)
  .regex(propertyName, { error: 'a name of letters, digits, spaces and _ . $ : / @ -' });

const field = z
  .string()
  .max(propertyPrefix.length + metricLimits.property)
  .refine(
    (name) =>
      isMetricColumn(name) || (name.startsWith(propertyPrefix) && propertyName.test(name.slice(propertyPrefix.length))),
    { error: `one of ${metricColumns.join(', ')}, or \`properties.\` and a name` },
  )
  .meta({ description: `${metricColumns.join(', ')}, or \`properties.<name>\``, example: 'country' });

const filterSchema = z
  .strictObject({
    field,
    operator: z.enum(metricOperators),
    values: z
      .array(z.string().max(metricLimits.value).refine(isOneLine, oneLine))
      .min(1)
      .max(metricLimits.values)
      .meta({ description: 'One of them matches. An empty one stands for the events without a value' }),
  })
  .refine(({ operator, values }) => operator !== 'starts-with' || !values.includes(''), {
    error: 'a filter in which `starts-with` has no empty value',
  });
export type MetricFilter = z.infer<typeof filterSchema>;

const measureSchema = z
  .strictObject({
    of: z.enum(measureKinds),
    property: property.nullable().default(null).meta({
      description:
        'For `sum` and `average`: a numeric property of custom events. Null: sales less refunds, or the amount of the events that a filter by `event` names, in the currency of the metric',
    }),
    filters: z.array(filterSchema).max(metricLimits.filters).default([]),
  })
  .refine(({ of, property: name }) => name === null || takesProperty(of), {
    path: ['property'],
    error: 'null unless `of` is `sum` or `average`',
  });
export type Measure = z.infer<typeof measureSchema>;

export function takesProperty(of: MeasureKind): boolean {
  return of === 'sum' || of === 'average';
}

const measureName = z
  .string()
  .max(metricLimits.measureName)
  .regex(/^[a-z][a-z0-9_]*$/, { error: 'a small letter, then small letters, digits and _' });

const measures = z
  .record(measureName, measureSchema)
  .refine((named) => Object.keys(named).length >= 1 && Object.keys(named).length <= metricLimits.measures, {
    error: `1 to ${metricLimits.measures} measures`,
  })
  .meta({
    description: 'Measures by the names that the formula uses',
    maxProperties: metricLimits.measures,
    propertyNames: { type: 'string', maxLength: metricLimits.measureName },
    example: { a: { of: 'clicks' }, b: { of: 'views' } },
  });

const goalSchema = z
  .strictObject({
    target: z.number().min(0).max(metricLimits.target).meta({
      description: 'In the unit of the metric: 0.05 for 5%, smallest units of a currency for money',
    }),
    period: z.enum(periodUnits).meta({ description: 'Weeks begin on Monday' }),
    at: z.enum(['least', 'most']),
  })
  .meta({ id: 'MetricGoal' });
export type MetricGoal = z.infer<typeof goalSchema>;

const definition = {
  name: lineOfText(metricLimits.name).meta({ example: 'Clicks per view' }),
  unit: z.enum(metricUnits).meta({
    description: '`percent` is a ratio that is shown times 100; `money` is in the smallest units of `currency`',
  }),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, { error: 'an ISO 4217 code such as EUR' })
    .nullable()
    .default(null),
  decimals: z.int().min(0).max(2).optional().meta({
    description:
      'Decimals that are shown. Default: 1 of a percentage, 2 of a ratio, else 0; those of the currency for money',
  }),
  measures,
  formula: z.string().min(1).max(metricLimits.formula).meta({
    description: 'Numbers, names of measures, `+ - * /` and parentheses. A division by zero is null',
    example: 'a / b',
  }),
  goal: goalSchema.nullable().default(null),
  alert: metricAlertSchema.nullable().default(null).meta({ description: 'A threshold. Null for no alert' }),
};

/** Decimals that a value of a unit is shown with, unless its metric says otherwise. Those of money are its currency's. */
export const usualDecimals: Readonly<Record<MetricUnit, number>> = {
  count: 0,
  percent: 1,
  ratio: 2,
  seconds: 0,
  money: 0,
};

type Checked = { unit: MetricUnit; currency: string | null; measures: Record<string, Measure> };

export const newMetricSchema = z
  .strictObject(definition)
  .superRefine((metric: Checked, context) => {
    function refuse(path: (string | number)[], message: string): void {
      context.addIssue({ code: 'custom', path, message });
    }
    if ((metric.unit === 'money') !== (metric.currency !== null))
      refuse(['currency'], 'an ISO 4217 code for `money`, and null for any other unit');
    for (const [name, { of, property: of_ }] of Object.entries(metric.measures))
      if (takesProperty(of) && of_ === null && metric.unit !== 'money')
        refuse(['measures', name, 'property'], 'the name of a property, unless the metric is `money`');
    const filters = Object.values(metric.measures).flatMap((measure) => measure.filters);
    if (filters.flatMap(({ values }) => values).join('').length > metricLimits.characters)
      refuse(['measures'], `measures whose filter values have at most ${metricLimits.characters} characters together`);
  })
  .transform((metric) => ({ ...metric, decimals: metric.decimals ?? usualDecimals[metric.unit] }))
  .meta({ id: 'NewMetric' });
export type NewMetric = z.output<typeof newMetricSchema>;

/** What a day's measures were computed by. A new version begins when unit, currency, measures or formula change. */
const versionSchema = z.object({
  version: z.int().min(1),
  since: z.iso.datetime(),
  unit: definition.unit,
  currency: z.string().nullable(),
  measures: z.record(z.string(), measureSchema),
  formula: z.string(),
});
export type MetricVersion = z.infer<typeof versionSchema>;

/** A metric as it is stored. */
export const metricSchema = versionSchema.extend({
  id: z.string(),
  name: z.string(),
  decimals: z.int(),
  goal: goalSchema.nullable(),
  alert: metricAlertSchema.nullable().default(null),
  /** Newest first. */
  earlier: z.array(versionSchema),
});
export type Metric = z.infer<typeof metricSchema>;

/** `counters`: live, from counters. `lake`: as of the last settled hour. */
export const metricSources = ['counters', 'lake'] as const;

export const metricViewSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    unit: definition.unit,
    currency: z.string().nullable(),
    decimals: z.int(),
    measures: z.record(z.string(), measureSchema),
    formula: z.string(),
    goal: goalSchema.nullable(),
    alert: metricAlertSchema.nullable(),
    version: z.int(),
    since: z.iso.datetime().meta({ description: 'When this version was saved' }),
    source: z.enum(metricSources).meta({
      description: '`counters`: live, and of every day. `lake`: up to the last settled hour, as far as events are kept',
    }),
  })
  .meta({ id: 'Metric' });
export type MetricView = z.infer<typeof metricViewSchema>;
export const metricsSchema = z.object({ rows: z.array(metricViewSchema) }).meta({ id: 'Metrics' });

export const metricValuesQuerySchema = z.strictObject({
  from: localDateSchema.optional().meta({ description: 'First local date of the page. Default: 27 days before `to`' }),
  to: localDateSchema.optional().meta({ description: 'Last local date of the page. Default: today' }),
  by: z.enum(periodUnits).default('day').meta({ description: 'Weeks begin on Monday' }),
});

const valueFields = {
  value: z.number().nullable().meta({ description: 'Null where it is unknown, or something is divided by zero' }),
  error: z.enum(['overflow']).nullable().meta({ description: '`overflow`: a number beyond 2^53, which is not exact' }),
  ignored: z.int().meta({ description: 'Events that `sum` and `average` left out: no number, or another currency' }),
};

export const metricStates = ['settled', 'running', 'pending', 'missing'] as const;
export type MetricState = (typeof metricStates)[number];

export const metricRowSchema = z.object({
  start: z.iso.date().meta({ description: 'First local date' }),
  ...valueFields,
  state: z.enum(metricStates).meta({
    description:
      '`running`: not over, or not settled. `pending`: computed when the next hour settles. `missing`: its events are not kept',
  }),
  version: z.int().meta({ description: 'Version of the definition that its days have; 0 without any' }),
});
export type MetricRow = z.infer<typeof metricRowSchema>;

export const metricPaces = ['ahead', 'on', 'behind'] as const;

export const goalStatusSchema = z.object({
  from: z.iso.date(),
  to: z.iso.date(),
  value: z.number().nullable(),
  share: z.number().nullable().meta({ description: 'Value by target; null for a target of 0' }),
  expected: z.number().nullable().meta({
    description: 'What the target means for this moment, by weekdays and hours. Null for ratios',
  }),
  pace: z.enum(metricPaces).nullable().meta({
    description: 'By 10% more or less than expected, as the goal wants it; null without `expected` or `value`',
  }),
});
export type GoalStatus = z.infer<typeof goalStatusSchema>;

export const metricValuesSchema = z
  .object({
    metric: metricViewSchema,
    from: z.iso.date(),
    to: z.iso.date(),
    by: z.enum(periodUnits),
    rows: z.array(metricRowSchema),
    total: z.object({
      ...valueFields,
      days: z.int().meta({ description: 'Days of the range so far' }),
      known: z.int().meta({ description: 'Days that the value is made of: those of the present version' }),
    }),
    goal: goalStatusSchema.nullable(),
    alert: metricAlertStatusSchema.nullable().meta({
      description: 'Null without an alert, on a share, and until a closed period is evaluated, once a day',
    }),
    freshness: freshnessSchema,
    errors: z.array(z.object({ part: z.string(), message: z.string() })),
  })
  .meta({ id: 'MetricValues' });
export type MetricValues = z.infer<typeof metricValuesSchema>;

const dollars = z.number().min(0);
export const metricPreviewSchema = z
  .object({
    source: z.enum(metricSources),
    from: z.iso.date(),
    to: z.iso.date(),
    rows: z.array(z.object({ start: z.iso.date(), ...valueFields })),
    total: z.object(valueFields),
    cost: z
      .object({
        preview: dollars.meta({ description: 'What this preview has cost' }),
        history: dollars.meta({ description: 'Computing the history once, at most' }),
        month: dollars.meta({ description: 'Each month, at most: the query is shared by all metrics of the stack' }),
      })
      .meta({ description: 'In US dollars, at list prices of Athena. Counters cost nothing' }),
  })
  .meta({ id: 'MetricPreview' });
export type MetricPreview = z.infer<typeof metricPreviewSchema>;
