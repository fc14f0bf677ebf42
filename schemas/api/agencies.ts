import { z } from 'zod';
import { freshnessSchema } from '../api.ts';
import { partSourceSchema } from './listing.ts';

/**
 * `GET /agencies/{id}/dashboard`: whole local days. Without `to` through the last one that is settled everywhere, which
 * costs one small item per page and month; without `from` 30 of them.
 */
export const agencyQuerySchema = z.strictObject({
  from: z.string().max(40).optional(),
  to: z.string().max(40).optional(),
});

const count = z.int().min(0);

export const agencyPageSchema = z.object({
  path: z.string(),
  title: z.string(),
  timeZone: z.string(),
  views: count,
  clicks: count,
  ctr: z.number().nullable(),
  /** Change of views and of clicks against the period of equal length before, 0.1 = +10 %; null without a base. */
  change: z.object({ views: z.number().nullable(), clicks: z.number().nullable() }),
  /** Clicks and views per day, in the order of `days`. */
  sparkline: z.array(z.object({ views: count, clicks: count })),
  /** Alerts that are open now. */
  alerts: z.array(z.object({ kind: z.string(), at: z.string(), summary: z.string() })),
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

/** `GET /agencies`: ids that the caller may see. */
export const agenciesSchema = z.object({ rows: z.array(z.object({ id: z.string(), pages: count })) });
