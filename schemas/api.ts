import { z } from 'zod';
import { filterQuery } from './api/filters.ts';
import { countedDimensions, recordOf } from './dimensions.ts';
import { roles } from './catalog.ts';
import { linkCodePattern } from './catalog-rules.ts';
import { outcomes } from './event.ts';

/** Questions and answers of `/api/v1`: the routes, the OpenAPI document and the dashboard's client derive from these. */

export const intervals = ['hour', 'day'] as const;

const moment = z.string().max(40);

const rangeQuery = {
  from: moment.optional().meta({
    description: 'First local date (`2026-11-22`) or instant; without it 30 days before `to`, or 7 with interval=hour',
    example: '2026-11-01',
  }),
  to: moment.optional().meta({
    description: 'Last local date, inclusive, or instant, exclusive; without it today',
    example: '2026-11-22',
  }),
  tz: z
    .string()
    .max(64)
    .optional()
    .meta({ description: "IANA zone to show hours in; the page's own without it", example: 'Europe/Vienna' }),
};
const interval = z
  .enum(intervals, { error: `one of ${intervals.join(', ')}` })
  .meta({ description: 'At most 31 days by hour and 400 by day' });

/** Parameters of stats. What is not named here is refused, so that no filter is silently ignored. */
export const statsQuerySchema = z.strictObject({
  ...rangeQuery,
  ...filterQuery,
  interval: interval.default('day'),
});
/** Parameters of ledgers. */
export const ledgerQuerySchema = z.strictObject({
  ...rangeQuery,
  ...filterQuery,
  interval: interval.default('hour'),
});

export const linkParamsSchema = z.object({
  code: z.string().regex(linkCodePattern).meta({ description: 'Short code of the link', example: 'k3x9' }),
});
export const pageParamsSchema = z.object({
  page: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/)
    .meta({ description: 'Path of the page without its slash', example: 'ada' }),
});

const count = z.int().min(0);
/** An instant in UTC; null before the job's first run. */
const through = z.iso.datetime().nullable();

export const outcomeCountsSchema = z.record(z.enum(outcomes), count).meta({
  description: 'Events by outcome: what counts, and each reason why one does not',
});

export const freshnessSchema = z.object({
  hot: z.iso.datetime().meta({ description: 'When the counters were read; they follow the events within seconds' }),
  settledThrough: through.meta({ description: 'Hours before this are exact' }),
  receivedThrough: through.meta({ description: 'Requests logged before this are in `received`' }),
});

const received = count.nullable().meta({
  description:
    'Requests that the edge logged, counted independently of the events; null with a filter, which the edge does not know, and where the range is older than the hourly counters',
});
/** Counters that follow the events within seconds and hold settled hours, or the settled events themselves. */
export const sourceSchema = z.enum(['rollups', 'lake']).meta({
  description: '`rollups`: counters, live to the second; `lake`: settled events, for what counters do not hold',
});
const lost = z.int().nullable().meta({
  description:
    'Received − Σ outcomes over the hours that are completely received; null with a filter, and before the first count',
});

const partErrorSchema = z.object({ part: z.string(), message: z.string() });

export const breakdownRowSchema = z.object({
  value: z.string().nullable().meta({ description: 'null gathers the events without a value' }),
  views: count,
  clicks: count,
});

export const statsSchema = z
  .object({
    totals: z.object({
      views: count,
      clicks: count,
      uniques: count
        .nullable()
        .meta({ description: 'Sum of daily unique visitors over the settled dates; null while there are none' }),
      sessions: count.nullable().meta({ description: 'Over the settled dates; null while there are none' }),
      ctr: z.number().nullable().meta({ description: 'Clicks by views; null without views' }),
    }),
    outcomes: outcomeCountsSchema,
    received,
    lost,
    series: z.array(
      z.object({
        start: z
          .string()
          .meta({ description: 'Hour with offset, or local date', example: '2026-11-22T07:00:00+01:00' }),
        views: count,
        clicks: count,
      }),
    ),
    breakdowns: z.object(recordOf(countedDimensions, () => z.array(breakdownRowSchema))),
    source: sourceSchema,
    freshness: freshnessSchema,
    errors: z.array(partErrorSchema).meta({ description: 'Parts of the answer that could not be read' }),
  })
  .meta({ id: 'Stats' });
export type Stats = z.infer<typeof statsSchema>;

const balance = { received, outcomes: outcomeCountsSchema, lost };

export const ledgerSchema = z
  .object({
    ...balance,
    series: z.array(z.object({ start: z.string(), ...balance })).meta({ description: 'Without the empty ones' }),
    meanings: z.record(z.enum(outcomes), z.string()).meta({ description: 'What each outcome means' }),
    source: sourceSchema,
    freshness: freshnessSchema,
    errors: z.array(partErrorSchema),
  })
  .meta({ id: 'Ledger' });
export type Ledger = z.infer<typeof ledgerSchema>;

export const meSchema = z
  .object({
    subject: z.string(),
    email: z.string().nullable(),
    role: z.enum(roles),
    agency: z.string().nullable(),
    pages: z.array(z.string()).meta({ description: 'Paths of the pages of a creator' }),
  })
  .meta({ id: 'Me' });

/** RFC 9457. `errors` names each field, its value and what is allowed. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    errors: z.array(z.object({ field: z.string(), value: z.string().nullable(), allowed: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });
export type ProblemDetails = z.infer<typeof problemSchema>;
