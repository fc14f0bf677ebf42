import { z } from 'zod';
import { alertMethods, incidentSchema, pageForecastSchema, sensitivities } from '../alerts.ts';
import { listingOf, listQuery } from './listing.ts';

/**
 * `open`: goes on. `recovered`: three usual days ended it (two usual hours an hourly signal). `closed`: an hourly signal
 * that nobody follows any more; the days since then are evaluated as days.
 */
export const incidentStates = ['open', 'recovered', 'closed'] as const;

/** An alert, and what its mail says of it. */
export const anomalySchema = incidentSchema
  .extend({
    state: z.enum(incidentStates),
    words: z.object({
      /** "62 % fewer views than usual since 12 Nov": one line of a list. */
      line: z.string(),
      /** The line, what was expected and came, and where the change came from. */
      sentence: z.string(),
      state: z.string(),
      /** Causes, destinations and robots, a sentence each. */
      facts: z.array(z.string()),
      /** In the order of `broken`: the link's name, and what is wrong with where it leads. */
      broken: z.array(z.object({ name: z.string(), problem: z.string() })),
    }),
  })
  .meta({ id: 'Anomaly' });
export type Anomaly = z.infer<typeof anomalySchema>;

/** `GET /pages/{page}/anomalies`: alerts of the page, newest first. */
export const anomaliesQuerySchema = z.strictObject(listQuery);
export const anomaliesSchema = listingOf(anomalySchema).meta({ id: 'Anomalies' });

/** `GET /pages/{page}/forecast`: `forecast` is null before the first. */
export const forecastSchema = z
  .object({
    forecast: pageForecastSchema.nullable(),
    /** Settled days up to `through`, in the forecast's unit: null on a day of which nothing is known, and as a whole while the counters do not answer. */
    recent: z.array(z.object({ date: z.string(), value: z.number().nullable() })).nullable(),
    /** Of the next 7 and 28 days together, with their 80 % interval. */
    totals: z.array(z.object({ days: z.int(), expected: z.number(), low: z.number(), high: z.number() })),
    words: z.object({ pace: z.string().nullable(), skipped: z.string().nullable() }),
  })
  .meta({ id: 'Forecast' });
export type Forecast = z.infer<typeof forecastSchema>;

/** `GET /pages/{page}/backtest`. */
export const backtestQuerySchema = z.strictObject({
  method: z
    .enum(alertMethods, { error: `one of ${alertMethods.join(', ')}` })
    .optional()
    .meta({ description: "Without it the page's own" }),
  sensitivity: z
    .enum(sensitivities, { error: `one of ${sensitivities.join(', ')}` })
    .optional()
    .meta({ description: "Without it the page's own; the classic rules have none" }),
  badDays: z
    .string()
    .max(366 * 11)
    .optional()
    .meta({
      description: "Local dates that teach nothing and are not evaluated, divided by commas; without it the page's own",
      example: '2026-11-03,2026-11-04',
    }),
  days: z.coerce.number().int().min(1).max(365).default(90).meta({ description: 'Settled days looked at' }),
});

export const backtestSchema = z.object({
  method: z.enum(alertMethods),
  /** Null for the classic rules, which have none. */
  sensitivity: z.enum(sensitivities).nullable(),
  /** Days that could be evaluated. */
  evaluated: z.int(),
  /** Days of traffic that would have opened an alert, oldest first; `actual` is what the first of them brought. */
  incidents: z.array(
    z.object({
      from: z.string(),
      to: z.string(),
      direction: z.enum(['drop', 'surge', 'silent']),
      /** Days with an alert from `from` to `to`. */
      days: z.int(),
      expected: z.number(),
      actual: z.number(),
      /** "62 % fewer views than usual on 12 Nov" */
      words: z.string(),
    }),
  ),
  /** "With the setting “normal” you would have had 3 alerts in 90 days (…)." */
  words: z.string(),
});
export type Backtest = z.infer<typeof backtestSchema>;

export const backtestsSchema = z
  .object({
    /** Last settled local date of the page; null where nothing has settled. */
    through: z.string().nullable(),
    days: z.int(),
    unit: z.enum(['views', 'clicks']),
    /** What the question asks for. */
    asked: backtestSchema,
    /** Every sensitivity, and the classic rules. */
    compared: z.array(backtestSchema),
  })
  .meta({ id: 'Backtests' });
export type Backtests = z.infer<typeof backtestsSchema>;
