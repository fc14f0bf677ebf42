import { z } from 'zod';
import { alertMethods, incidentSchema, pageForecastSchema, sensitivities } from '../alerts.ts';
import { listingOf, listQuery } from './listing.ts';

/**
 * `open`: a job follows it. `recovered`: three usual days ended it (for hourly detection: two usual hours). `closed`: an
 * hourly incident that is no longer followed, because its day was evaluated as a day.
 */
export const incidentStates = ['open', 'recovered', 'closed'] as const;

const feedbacks = ['useful', 'not-useful'] as const;

/** What the API shows of an incident, with the sentences of its mail. */
export const anomalySchema = incidentSchema
  .pick({
    id: true,
    page: true,
    metric: true,
    method: true,
    direction: true,
    since: true,
    lastAlert: true,
    recovered: true,
    openedAt: true,
    recoveredAt: true,
    hours: true,
    unit: true,
    first: true,
    end: true,
    cause: true,
    broken: true,
    checked: true,
    checkProblem: true,
  })
  .extend({
    state: z.enum(incidentStates),
    acknowledgedAt: z.iso.datetime().nullable().meta({ description: 'When someone said that they know of it' }),
    feedback: z.enum(feedbacks).nullable().meta({ description: 'What the caller said of it, here or in its mail' }),
    words: z.object({
      line: z.string().meta({ example: '62% fewer views than usual since 12 Nov' }),
      sentence: z.string().meta({ description: 'The line, the expected and the actual count, and the main cause' }),
      state: z.string(),
      facts: z.array(z.string()).meta({ description: 'One sentence per cause, broken destination and bot traffic' }),
      broken: z
        .array(z.object({ name: z.string(), problem: z.string() }))
        .meta({ description: "Per destination in `broken`: the link's name and what is wrong with the destination" }),
      brokenLinks: z
        .string()
        .nullable()
        .meta({ example: '8 links are broken', description: 'Null for fewer than two' }),
    }),
  })
  .meta({ id: 'Anomaly' });
export type Anomaly = z.infer<typeof anomalySchema>;

export const anomaliesQuerySchema = z.strictObject(listQuery);
export const anomaliesSchema = listingOf(anomalySchema)
  .extend({
    mutedUntil: z.iso.datetime().nullable().meta({ description: 'Until then, the page has no mails of alerts' }),
  })
  .meta({ id: 'Anomalies' });

export const anomalyChangeSchema = z
  .strictObject({
    acknowledged: z.boolean().meta({ description: 'Known: it is no longer shown above the statistics' }),
    feedback: z
      .enum(feedbacks)
      .meta({ description: 'Adjusts how sensitive alerts of the page are, like the link in its mail' }),
  })
  .partial()
  .meta({ id: 'AnomalyChange' });
export type AnomalyChange = z.infer<typeof anomalyChangeSchema>;

export const muteSchema = z
  .strictObject({
    until: z.iso
      .datetime()
      .nullable()
      .meta({ description: 'At most 90 days from now; null ends it', example: '2026-12-01T00:00:00Z' }),
  })
  .meta({ id: 'Mute' });

/** What the API shows of a stored forecast. */
const forecastViewSchema = pageForecastSchema.pick({
  page: true,
  through: true,
  state: true,
  reason: true,
  unit: true,
  days: true,
  pace: true,
});
export type ForecastView = z.infer<typeof forecastViewSchema>;

export const forecastSchema = z
  .object({
    forecast: forecastViewSchema.nullable().meta({ description: 'Null before the first forecast' }),
    recent: z
      .array(z.object({ date: z.string(), value: z.number().nullable() }))
      .nullable()
      .meta({
        description:
          'The 28 settled days before the forecast, in its unit. A value is null for a day without data; the list is null while the counters are unavailable',
      }),
    totals: z
      .array(z.object({ days: z.int(), expected: z.number(), low: z.number(), high: z.number() }))
      .meta({ description: 'Sums over the next 7 and 28 days with their 80% prediction interval' }),
    words: z.object({
      pace: z.string().nullable(),
      skipped: z.string().nullable().meta({ description: 'Why there is no forecast' }),
    }),
  })
  .meta({ id: 'Forecast' });
export type Forecast = z.infer<typeof forecastSchema>;

export const backtestQuerySchema = z.strictObject({
  method: z.enum(alertMethods).optional().meta({ description: "Default: the page's setting" }),
  sensitivity: z
    .enum(sensitivities)
    .optional()
    .meta({ description: "Default: the page's setting. Ignored by the classic rules" }),
  badDays: z
    .string()
    .max(366 * 11)
    .optional()
    .meta({
      description: "Excluded local dates, separated by commas. Default: the page's setting",
      example: '2026-11-03,2026-11-04',
    }),
  days: z.coerce.number().int().min(1).max(365).default(90).meta({ description: 'Number of settled days to evaluate' }),
});

/** Changes within a day, of a page whose hours are steady. */
const hourlyBacktestSchema = z.object({
  days: z.int().meta({ description: 'Days whose hours could be evaluated: at most 90, after eight weeks of hours' }),
  incidents: z
    .array(
      z.object({
        from: z.string().meta({ example: '2026-11-22T07+01:00', description: 'First of three local hours' }),
        to: z.string().meta({ description: 'Last local hour before it was usual again' }),
        direction: z.enum(['drop', 'surge']),
        expected: z.number(),
        actual: z.number().meta({ description: 'Count of the first three hours' }),
        words: z.string().meta({ example: '31% fewer views than usual from 07:00 on 22 Nov to 12:00 on 22 Nov' }),
      }),
    )
    .meta({
      description: 'Alerts about three hours, oldest first. A change that lasts is also in the incidents by day',
    }),
  words: z.string().meta({ example: 'Hourly detection would have sent 2 alerts in 34 days (3 Nov, 12 Nov).' }),
});

export const backtestSchema = z.object({
  method: z.enum(alertMethods),
  sensitivity: z.enum(sensitivities).nullable().meta({ description: 'Null for the classic rules' }),
  evaluated: z.int().meta({ description: 'Days with enough history to be evaluated' }),
  incidents: z
    .array(
      z.object({
        from: z.string(),
        to: z.string(),
        direction: z.enum(['drop', 'surge', 'silent']),
        days: z.int().meta({ description: 'Days with an alert from `from` to `to`' }),
        expected: z.number(),
        actual: z.number().meta({ description: 'Count of the first day' }),
        words: z.string().meta({ example: '62% fewer views than usual on 12 Nov' }),
      }),
    )
    .meta({ description: 'Alerts that the setting would have raised, oldest first' }),
  hourly: hourlyBacktestSchema
    .nullable()
    .meta({ description: 'Null for the classic rules, and for a page whose hours are not steady or too few' }),
  words: z.string().meta({ example: 'With the setting “normal” you would have had 3 alerts in 90 days (…).' }),
});
export type Backtest = z.infer<typeof backtestSchema>;

export const backtestsSchema = z
  .object({
    through: z.string().nullable().meta({ description: 'Last settled local date. Null before the first settle' }),
    days: z.int(),
    unit: z.enum(['views', 'clicks']),
    asked: backtestSchema.meta({ description: 'The requested setting' }),
    compared: z.array(backtestSchema).meta({ description: 'Every sensitivity, and the classic rules' }),
  })
  .meta({ id: 'Backtests' });
export type Backtests = z.infer<typeof backtestsSchema>;
