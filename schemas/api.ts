import { z } from 'zod';
import { filterQuery } from './api/filters.ts';
import { countedDimensions, recordOf } from './dimensions.ts';
import { roles } from './catalog.ts';
import { linkCodePattern } from './catalog-rules.ts';
import { conversionKinds, outcomes } from './event.ts';
import { localDateSchema } from './time/local-date.ts';

/**
 * Requests and responses of `/api/v1`. The routes, the OpenAPI document and the dashboard's client derive from them.
 *
 * Responses are views: each lists its fields, and a new field of a stored record is private until its view names it.
 */

export const intervals = ['hour', 'day'] as const;

const moment = z.string().max(40);

const rangeQuery = {
  from: moment.optional().meta({
    description:
      'First local date (`2026-11-22`) or instant. Default: 30 days before `to`; 7 days before `to` with `interval=hour`',
    example: '2026-11-01',
  }),
  to: moment.optional().meta({
    description: 'Last local date (included) or instant (excluded). Default: today',
    example: '2026-11-22',
  }),
  tz: z.string().max(64).optional().meta({
    description: "IANA time zone in which hours are shown (`Europe/Vienna`). Default: the page's time zone",
  }),
};
const interval = z.enum(intervals).meta({ description: 'A range has at most 31 days by hour and 400 by day' });

/** Unknown parameters are refused, so that no filter is silently ignored. */
export const rangeQuerySchema = z.strictObject({ ...rangeQuery, interval: interval.default('day') });

const period = z
  .union([z.enum(['requested', 'previous', 'year']), localDateSchema])
  .default('requested')
  .meta({
    description:
      'Returns what the range is compared with instead: `previous` is the preceding period of equal length, `year` the same dates a year before, and a date the period of equal length that begins on it. If the range is not over, that period ends as far into its day as today has come (with a filter: as far as hours have settled), and what is known of settled dates ends with as many of them',
  });

export const statsQuerySchema = rangeQuerySchema.extend({ ...filterQuery, period });
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
const watermark = z.iso.datetime().nullable();

export const outcomeCountsSchema = z.record(z.enum(outcomes), count).meta({
  description: 'Events by outcome. `counted` events are in the totals; the others are not, each for a reason',
});

/** Seconds that an event waits until it is counted. */
export const freshnessSecondsSchema = z.int().meta({
  description:
    'Seconds after which an event is counted, by the setting `freshnessSeconds`; processing takes one or two more, and with little traffic it may take up to 40',
});

export const freshnessSchema = z.object({
  hot: z.iso
    .datetime()
    .meta({ description: 'When the counters were read. They include an event `seconds` after it happened' }),
  seconds: freshnessSecondsSchema,
  settledThrough: watermark.meta({
    description:
      'Hours before this time are exact. Later ones count an event as often as it arrived, until its copies become `duplicate`. Null before the first settle',
  }),
  receivedThrough: watermark.meta({
    description: '`received` includes the requests logged before this time. Null before the first count',
  }),
  settling: z
    .object({
      unit: z.enum(['hours', 'days']),
      done: count,
      total: count,
      startedAt: z.iso.datetime(),
    })
    .nullable()
    .meta({ description: 'The settle that runs now: how many hours, then days, it has looked at. Null if none runs' }),
});

const received = count.nullable().meta({
  description:
    'Requests that the edge logged, counted independently of the events. Null with a filter, and for ranges that are older than the hourly counters',
});
export const sourceSchema = z.enum(['rollups', 'lake']).meta({
  description:
    '`rollups`: counters, updated within seconds. `lake`: settled events, for what the counters cannot answer',
});
const imported = count.nullable().default(0).meta({
  description:
    'Events of `outcomes` that imports of history have brought. They were no requests of ours: `received` + `imported` + `surplus` = all outcomes + `lost`. Null with a filter',
});
const lost = count.nullable().meta({
  description:
    'Requests without an outcome, in the hours whose requests are all counted. Never negative: `received` + `imported` + `surplus` = all outcomes + `lost` for these hours. Null where `received` is null, and before the first count',
});
const surplus = count.nullable().meta({
  description:
    'Outcomes beyond the requests of an hour: events that were delivered twice, or late ones whose requests are not counted yet. Provisional: 0 when the hour has settled. Null where `lost` is null',
});
const surplusSettlesAt = z.iso.datetime().nullable().meta({
  description: 'When settle is expected to have removed `surplus`. Null without one, and if its hours have settled',
});

const notKept = z.record(z.string(), count).meta({
  description:
    'Requests that were refused and not kept as events, by rule, because there were too many within a minute. They are part of `received` and of `outcomes`. Empty with a filter',
  example: { 'refused.origin': 4940 },
});

export const partErrorSchema = z.object({ part: z.string(), message: z.string() });

export const breakdownRowSchema = z.object({
  value: z.string().nullable().meta({ description: 'Null for the events without a value' }),
  views: count,
  clicks: count,
  customEvents: count.optional().meta({ description: 'Only with a filter' }),
});

export const revenueSchema = z
  .array(
    z.object({
      currency: z.string().meta({ description: 'ISO 4217', example: 'EUR' }),
      amount: z
        .string()
        .nullable()
        .meta({ description: 'Decimal number. Null if it is too large to be exact', example: '1234.50' }),
    }),
  )
  .meta({ description: 'Sales less refunds, by currency' });

export const conversionsSchema = z
  .object({
    kinds: z.array(
      z.object({
        kind: z.enum(conversionKinds),
        count,
        rate: z.number().nullable().meta({
          description:
            'Conversions per view; per click if there are more than four clicks per view. Null without any, and above 1',
        }),
      }),
    ),
    revenue: revenueSchema,
  })
  .nullable()
  .meta({
    description:
      'Leads, carts, sales and refunds of a page, live and settled; those of a link, and with a filter, are in `events` of the dashboard. Null with a filter, and for a share that does not show them',
  });

export const statsSchema = z
  .object({
    totals: z.object({
      views: count,
      clicks: count,
      customEvents: count.default(0),
      uniques: count
        .nullable()
        .meta({ description: 'Sum of the daily unique visitors of the settled dates. Null if no date is settled' }),
      sessions: count.nullable().meta({ description: 'Sessions of the settled dates. Null if no date is settled' }),
      ctr: z.number().nullable().meta({
        description:
          'Click-through rate: clicks / views, at most 1. Null without views, and if there are more than four clicks per view: such links are followed elsewhere',
      }),
    }),
    outcomes: outcomeCountsSchema,
    received,
    imported,
    lost,
    surplus,
    surplusSettlesAt,
    notKept,
    series: z.array(
      z.object({
        start: z
          .string()
          .meta({ description: 'Hour with offset, or local date', example: '2026-11-22T07:00:00+01:00' }),
        views: count,
        clicks: count,
        customEvents: count.default(0),
      }),
    ),
    breakdowns: z.object(recordOf(countedDimensions, () => z.array(breakdownRowSchema))),
    latest: z.string().nullable().default(null).meta({
      description: 'Last local date with views or clicks, if the range has none. Null otherwise, and with a filter',
    }),
    conversions: conversionsSchema,
    source: sourceSchema,
    freshness: freshnessSchema,
    errors: z.array(partErrorSchema).meta({ description: 'Parts of the response that are missing or stale' }),
  })
  .meta({ id: 'Stats' });
export type Stats = z.infer<typeof statsSchema>;

const balance = { received, imported, outcomes: outcomeCountsSchema, lost, surplus, surplusSettlesAt, notKept };

export const ledgerSchema = z
  .object({
    ...balance,
    series: z
      .array(z.object({ start: z.string(), ...balance }))
      .meta({ description: 'One balance per hour or day. Hours and days without requests are omitted' }),
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

/** Problem details (RFC 9457). */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    errors: z
      .array(z.object({ field: z.string(), value: z.string().nullable(), allowed: z.string() }))
      .optional()
      .meta({ description: 'Each invalid field with its value and what is allowed' }),
  })
  .meta({ id: 'Problem' });
export type ProblemDetails = z.infer<typeof problemSchema>;
