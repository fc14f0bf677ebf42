import { z } from 'zod';
import { breakdownRowSchema, freshnessSchema, revenueSchema, statsQuerySchema, statsSchema } from '../api.ts';
import { listSections, recordOf, utmKeys } from '../dimensions.ts';
import { conversionKinds } from '../event.ts';
import { partSourceSchema } from './listing.ts';

/** Sections of a dashboard. Each is read and fails independently of the others. */
export const dashboardParts = ['current', 'previous', 'visitors', ...listSections, 'utm', 'links', 'events'] as const;
export type DashboardPart = (typeof dashboardParts)[number];

export const maxTopLinks = 100;

export const dashboardQuerySchema = statsQuerySchema.extend({
  parts: z
    .string()
    .max(200)
    .optional()
    .meta({ description: 'Parts to return, separated by commas. Default: all', example: 'visitors,cities' }),
  compare: z
    .enum(['previous', 'none'])
    .default('none')
    .meta({ description: '`previous` adds the preceding period of equal length' }),
  topLinks: z.coerce
    .number()
    .int()
    .min(1)
    .max(maxTopLinks)
    .default(15)
    .meta({ description: 'Maximum number of rows of `links`' }),
});

const count = z.int().min(0);
const rows = z.array(breakdownRowSchema).nullable().meta({ description: 'Top values of the settled dates' });

export const visitorStatsSchema = z.object({
  days: z
    .array(z.object({ date: z.string(), visitors: count.nullable(), sessions: count.nullable() }))
    .meta({ description: 'Null for days that are not settled' }),
  visitors: count.nullable(),
  sessions: count.nullable(),
  bounceRate: z.number().nullable().meta({
    description:
      'Share of the sessions with one event, from 0 to 1. Null, like `averageSeconds`, if there are more than four clicks per view: a visit that follows a link is one click',
  }),
  averageSeconds: z.number().nullable().meta({ description: 'Average length of a session' }),
});

const eventsSchema = z
  .array(
    z.object({
      event: z.string().meta({ description: 'Name of the custom event', example: 'Order Completed' }),
      kind: z.enum(conversionKinds).nullable().meta({ description: 'Null for an event that is no conversion' }),
      count,
      visitors: count.meta({
        description: 'Sum of the visitors of each day. Events of servers without an address have none',
      }),
      rate: z.number().nullable().meta({
        description: 'Share of all visitors, from 0 to 1. Null without visitors, and with a filter by `event`',
      }),
      revenue: revenueSchema,
    }),
  )
  .nullable()
  .default(null)
  .meta({
    description:
      'Custom events of the settled dates by name and kind; of a link those of the visits that followed it, after its last click. Null for a share that does not show conversions',
  });

export const dashboardSchema = z
  .object({
    range: z.object({ from: z.string(), to: z.string(), zone: z.string() }),
    current: statsSchema.nullable(),
    previous: statsSchema.nullable(),
    visitors: visitorStatsSchema.nullable(),
    ...recordOf(listSections, () => rows),
    utm: z.object(recordOf(utmKeys, () => rows)).nullable(),
    links: z
      .array(z.object({ code: z.string(), title: z.string().nullable(), clicks: count, ctr: z.number().nullable() }))
      .nullable()
      .meta({ description: 'Links with the most clicks, live and settled. Null in the dashboard of a link' }),
    events: eventsSchema,
    unsettled: z
      .object({
        from: z.string().meta({ description: 'Local date, or instant with a filter' }),
        settlesAt: z.iso.datetime(),
      })
      .nullable()
      .default(null)
      .meta({
        description:
          'Where the lists of cities, sites, languages, UTM values and events end, and when what follows is expected to settle: with a filter at an hour, and with it the totals, else at a date. Null if all of the range has settled',
      }),
    sources: z.partialRecord(
      z.enum(dashboardParts),
      partSourceSchema.extend({
        approximate: z
          .boolean()
          .optional()
          .meta({ description: 'True if the page has so many links that one with more clicks may be missing' }),
      }),
    ),
    freshness: freshnessSchema,
    errors: z.array(z.object({ part: z.string(), message: z.string() })),
  })
  .meta({ id: 'Dashboard', description: 'A part that was not requested or could not be read is null' });
export type DashboardResponse = z.infer<typeof dashboardSchema>;
