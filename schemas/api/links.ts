import { z } from 'zod';
import { linkCodePattern, linkSchema, pagePathPattern } from '../catalog.ts';
import { listingOf, listQuery } from './listing.ts';

/** `GET /links`: of one page, or of all that the caller may see. `search` looks at code, title and destination. */
export const linksQuerySchema = z.strictObject({
  ...listQuery,
  page: z.string().regex(pagePathPattern).optional().meta({ description: 'Path with its slash', example: '/ada' }),
  search: z.string().max(200).optional(),
});
export const linksSchema = listingOf(linkSchema).meta({ id: 'Links' });

const ofLink = linkSchema.omit({ createdAt: true, updatedAt: true });

/** `POST /links`. Without `code` one is made. Problems name the field, as `checkNewLink` does. */
export const newLinkSchema = ofLink
  .omit({ code: true })
  .extend({ code: z.string().regex(linkCodePattern).optional() })
  .strict()
  .meta({ id: 'NewLink' });
/** What a caller sends: everything with a default may be left out. */
export type NewLink = z.input<typeof newLinkSchema>;

/** `PATCH /links/{code}`: what is left out stays. Schema defaults do not apply. */
export const linkChangeSchema = z
  .strictObject({
    url: z.string(),
    title: z.string().max(300).nullable(),
    campaign: z.string().max(128).nullable(),
    status: z.union([z.literal(301), z.literal(302), z.literal(307), z.literal(308)]),
    enabled: z.boolean(),
    startsAt: z.string().nullable(),
    expiresAt: z.string().nullable(),
    expiredUrl: z.string().nullable(),
    deviceUrls: z.record(z.string(), z.string()),
    countryUrls: z.record(z.string(), z.string()),
    passQuery: z.boolean(),
    utm: z.record(z.string(), z.string()),
    position: z.int().nullable(),
    listed: z.boolean(),
  })
  .partial()
  .meta({ id: 'LinkChange' });
export type LinkChange = z.infer<typeof linkChangeSchema>;
