import { z } from 'zod';
import { pageAlertsSchema } from '../alerts.ts';
import { pagePathPattern, pageSchema } from '../catalog.ts';
import { listingOf, listQuery } from './listing.ts';

export const pagesQuerySchema = z.strictObject({ ...listQuery, search: z.string().max(200).optional() });
export const pagesSchema = listingOf(pageSchema).meta({ id: 'Pages' });

/** `POST /pages`. */
export const newPageSchema = z
  .strictObject({
    path: z.string().regex(pagePathPattern),
    title: z.string().max(300),
    description: z.string().max(1000).nullable().default(null),
    timeZone: z.string().max(64).default('UTC'),
    agency: z.string().max(128).nullable().default(null),
  })
  .meta({ id: 'NewPage' });
export type NewPage = z.input<typeof newPageSchema>;

/** `PATCH /pages/{page}`: `order` gives every listed link its place on the link page, by code. */
export const pageChangeSchema = z
  .strictObject({
    title: z.string().max(300),
    description: z.string().max(1000).nullable(),
    order: z.array(z.string()).max(1000),
  })
  .partial()
  .meta({ id: 'PageChange' });
export type PageChange = z.infer<typeof pageChangeSchema>;

/** `GET` and `PUT /pages/{page}/settings`. */
export const pageSettingsSchema = z
  .strictObject({
    /** IANA zone. A change applies from the next hour on; what was counted stays in its hour. */
    timeZone: z.string().max(64),
    origins: z.array(z.string().max(300)).max(50),
    consentedIds: z.boolean(),
    alerts: z.strictObject(pageAlertsSchema.shape),
  })
  .meta({ id: 'PageSettings' });
export type PageSettings = z.infer<typeof pageSettingsSchema>;
