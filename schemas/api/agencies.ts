import { z } from 'zod';
import { freshnessSchema } from '../api.ts';
import { agencyBrandSchema } from '../catalog.ts';
import { listingOf, listQuery, partSourceSchema } from './listing.ts';

/** Whole local days. The default range ends with the last date settled in every time zone: one small read per page and month. */
export const agencyQuerySchema = z.strictObject({
  from: z.string().max(40).optional().meta({ description: 'First local date. Default: 30 days before `to`' }),
  to: z
    .string()
    .max(40)
    .optional()
    .meta({ description: 'Last local date. Default: the last date that is settled in the time zone of every page' }),
});

const count = z.int().min(0);

export const agencyPageSchema = z.object({
  path: z.string(),
  title: z.string(),
  agency: z.string().nullable(),
  timeZone: z.string(),
  views: count,
  clicks: count,
  ctr: z.number().nullable(),
  change: z.object({ views: z.number().nullable(), clicks: z.number().nullable() }).meta({
    description:
      'Change from the preceding period of equal length, which ends as far into its last day as today has come: 0.1 is +10%. Null if that had none',
  }),
  sparkline: z
    .array(z.object({ views: count, clicks: count }))
    .meta({ description: 'Per day, in the order of `days`' }),
  recent: count.meta({ description: 'Views and clicks of the last five minutes' }),
  alerts: z.array(z.object({ kind: z.string(), at: z.string(), summary: z.string() })).meta({
    description: 'Open alerts',
  }),
});
export type AgencyPage = z.infer<typeof agencyPageSchema>;

export const agencyDashboardSchema = z
  .object({
    agency: z.string(),
    days: z.array(z.string()),
    totals: z.object({ views: count, clicks: count, ctr: z.number().nullable() }),
    previous: z.object({ views: count, clicks: count, ctr: z.number().nullable() }),
    pages: z.array(agencyPageSchema),
    sources: z.record(z.string(), partSourceSchema),
    freshness: freshnessSchema,
    errors: z.array(z.object({ part: z.string(), message: z.string() })),
  })
  .meta({ id: 'AgencyDashboard' });
export type AgencyDashboard = z.infer<typeof agencyDashboardSchema>;

export const homeQuerySchema = agencyQuerySchema.extend(listQuery);

export const homeSchema = agencyDashboardSchema
  .omit({ agency: true })
  .extend({ next: listingOf(agencyPageSchema).shape.next })
  .meta({ id: 'Home' });
export type Home = z.infer<typeof homeSchema>;

export const brandSchema = agencyBrandSchema.meta({
  id: 'Brand',
  example: { name: 'North Agency', accent: '#1f6a70', poweredBy: false },
});

export const agenciesSchema = z.object({
  rows: z.array(z.object({ id: z.string(), pages: count.meta({ description: 'Number of pages' }) })),
});
