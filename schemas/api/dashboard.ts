import { z } from 'zod';
import { breakdownRowSchema, freshnessSchema, statsQuerySchema, statsSchema } from '../api.ts';
import { listSections, recordOf, utmKeys } from '../dimensions.ts';
import { partSourceSchema } from './listing.ts';

/** Parts of a dashboard that are read, fail and are shown each for itself. */
export const dashboardParts = ['current', 'previous', 'people', ...listSections, 'utm', 'links'] as const;
export type DashboardPart = (typeof dashboardParts)[number];

/** `parts=people,cities`; without it all of them. `compare=previous` adds the period of equal length before. */
export const dashboardQuerySchema = statsQuerySchema.extend({
  parts: z.string().max(200).optional(),
  compare: z.enum(['previous', 'none']).default('none'),
});

const count = z.int().min(0);
const rows = z.array(breakdownRowSchema).nullable();

export const peopleSchema = z.object({
  /** Null for days that are not settled yet. */
  days: z.array(z.object({ date: z.string(), visitors: count.nullable(), sessions: count.nullable() })),
  visitors: count.nullable(),
  sessions: count.nullable(),
  /** Share of sessions with one event, 0 to 1. */
  bounceRate: z.number().nullable(),
  averageSeconds: z.number().nullable(),
});

/** `/pages/{page}/dashboard` and `/links/{code}/dashboard`. A part that was not asked for, or failed, is null. */
export const dashboardSchema = z
  .object({
    range: z.object({ from: z.string(), to: z.string(), zone: z.string() }),
    current: statsSchema.nullable(),
    previous: statsSchema.nullable(),
    people: peopleSchema.nullable(),
    /** Over settled dates. `value` of a city is `AT/Wien`. */
    ...recordOf(listSections, () => rows),
    utm: z.object(recordOf(utmKeys, () => rows)).nullable(),
    links: z
      .array(z.object({ code: z.string(), title: z.string().nullable(), clicks: count, ctr: z.number().nullable() }))
      .nullable(),
    sources: z.partialRecord(z.enum(dashboardParts), partSourceSchema),
    freshness: freshnessSchema,
    errors: z.array(z.object({ part: z.string(), message: z.string() })),
  })
  .meta({ id: 'Dashboard' });
export type DashboardResponse = z.infer<typeof dashboardSchema>;
