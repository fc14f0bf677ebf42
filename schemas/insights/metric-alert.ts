import { z } from 'zod';
import { periodUnits } from '../time/periods.ts';
import { metricStateSchema } from './alert-state.ts';

/** Alerts of custom metrics, and what their mails need to know of a metric. */

export const metricUnits = ['count', 'percent', 'ratio', 'seconds', 'money'] as const;
export type MetricUnit = (typeof metricUnits)[number];

/** `events`: with fewer of them in a period, a measure is too small for an alert. */
export const metricAlertLimits = { value: 1e12, periods: 14, months: 12, events: 20 } as const;

/** `below` and `above` a value, or a day that is `unusual` for the metric. */
export const metricAlertKinds = ['below', 'above', 'unusual'] as const;

/** Measures are kept for 400 days, which have 12 whole months. */
const thresholdSchema = z
  .strictObject({
    when: z.enum(['below', 'above']),
    value: z.number().min(-metricAlertLimits.value).max(metricAlertLimits.value).meta({
      description: 'In the unit of the metric: 0.05 for 5%, smallest units of a currency for money',
    }),
    period: z.enum(periodUnits).meta({ description: 'Local days, weeks from Monday, or months' }),
    periods: z.int().min(1).max(metricAlertLimits.periods).meta({
      description: 'How many periods in a row, each of which is over and settled. At most 12 months',
    }),
  })
  .refine(({ period, periods }) => period !== 'month' || periods <= metricAlertLimits.months, {
    path: ['periods'],
    error: `1 to ${metricAlertLimits.months} months`,
  });

const unusualSchema = z.strictObject({
  when: z.literal('unusual'),
  period: z.literal('day').default('day').meta({ description: 'Local days' }),
  periods: z.literal(1).default(1),
});

export const metricAlertSchema = z
  .discriminatedUnion('when', [thresholdSchema, unusualSchema], {
    error: (issue) => (issue.code === 'invalid_union' ? `one of ${metricAlertKinds.join(', ')}` : undefined),
  })
  .meta({ id: 'MetricAlert' });
export type MetricAlert = z.infer<typeof metricAlertSchema>;

/**
 * What a closed period says: `beyond` the threshold or unusual, or `within` it; `muted`: a measure of the formula has too few
 * events; `unknown`: no value, an excluded day, or too few days to know what is usual.
 */
export const periodOutcomes = ['beyond', 'within', 'muted', 'unknown'] as const;
export type PeriodOutcome = (typeof periodOutcomes)[number];

const statusFields = {
  start: z.iso.date().meta({ description: 'First local date of the last evaluated period' }),
  outcome: z.enum(periodOutcomes).meta({
    description:
      '`muted`: a measure of the formula has fewer than 20 events. `unknown`: no value, an excluded day, or too short a history. Neither opens or ends an alert',
  }),
  value: z.number().nullable(),
  expected: z.number().nullable().default(null).meta({
    description: 'What is usual for the day, of an `unusual` alert. Null if it could not be evaluated',
  }),
  since: z.iso.date().nullable().meta({
    description: 'First date of the period with which the alert opened. Null unless it is open',
  }),
};

/** How an alert stands, after the last closed period. */
export const metricAlertStatusSchema = z.object(statusFields).meta({ id: 'MetricAlertStatus' });
export type MetricAlertStatus = z.infer<typeof metricAlertStatusSchema>;

/** The status as it is stored. It holds for one rule and one version of the metric. */
export const metricAlertStateSchema = z.object({
  ...statusFields,
  rule: metricAlertSchema,
  version: z.int(),
  /** Whether a message about the open alert was sent. Only then is its end one, too. */
  announced: z.boolean().default(true),
  /** Of an `unusual` alert. */
  detection: metricStateSchema.exactOptional(),
});
export type MetricAlertState = z.infer<typeof metricAlertStateSchema>;

/** What a mail says of a metric. */
export const mailedMetricSchema = z.object({
  id: z.string(),
  name: z.string(),
  unit: z.enum(metricUnits),
  currency: z.string().nullable(),
  decimals: z.int(),
});

/** What a message says of the period that opened or ended an alert. */
export const alertPeriodFields = {
  /** Its first local date. It is over and settled. */
  start: z.string(),
  value: z.number(),
  /** Of an unusual day. */
  expected: z.number().nullable(),
};
