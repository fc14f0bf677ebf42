import { z } from 'zod';
import { deviceTargets, linkCodePattern, linkSchema } from '../catalog.ts';
import { listingOf, listQuery, pageQuery } from './listing.ts';

/** What the API shows of a link. */
export const linkViewSchema = linkSchema
  .pick({
    code: true,
    page: true,
    url: true,
    title: true,
    campaign: true,
    status: true,
    enabled: true,
    startsAt: true,
    expiresAt: true,
    expiredUrl: true,
    deviceUrls: true,
    countryUrls: true,
    passQuery: true,
    utm: true,
    position: true,
    listed: true,
    createdAt: true,
    updatedAt: true,
  })
  .meta({ id: 'Link' });
export type LinkView = z.infer<typeof linkViewSchema>;
export const linksSchema = listingOf(linkViewSchema).meta({ id: 'Links' });

export const linksQuerySchema = z.strictObject({
  ...listQuery,
  page: pageQuery.optional(),
  search: z.string().max(200).optional().meta({ description: 'Text in the code, the title or the destination' }),
});

/** Fields that a caller may set when creating a link. `checkLink` validates codes and destinations. */
export const newLinkSchema = linkSchema
  .pick({
    page: true,
    url: true,
    title: true,
    campaign: true,
    status: true,
    enabled: true,
    startsAt: true,
    expiresAt: true,
    expiredUrl: true,
    deviceUrls: true,
    countryUrls: true,
    passQuery: true,
    utm: true,
    position: true,
    listed: true,
  })
  .extend({
    code: z.string().regex(linkCodePattern).optional().meta({ description: 'Default: a random code of 7 characters' }),
  })
  .strict()
  .meta({ id: 'NewLink' });
/** The body of `POST /links`: fields with a default are optional. */
export type NewLink = z.input<typeof newLinkSchema>;

/** Fields that a caller may change. Omitted fields keep their value, so none has a default. */
export const linkChangeSchema = z
  .strictObject({
    url: z.string(),
    title: z.string().max(300).nullable(),
    campaign: z.string().max(128).nullable(),
    status: z.union([z.literal(301), z.literal(302), z.literal(307), z.literal(308)]),
    enabled: z.boolean(),
    startsAt: z.iso.datetime({ offset: true }).nullable(),
    expiresAt: z.iso.datetime({ offset: true }).nullable(),
    expiredUrl: z.string().nullable(),
    deviceUrls: z.partialRecord(z.enum(deviceTargets), z.string()),
    countryUrls: z.record(z.string(), z.string()),
    passQuery: z.boolean(),
    utm: z.record(z.string(), z.string()),
    position: z.int().nullable(),
    listed: z.boolean(),
  })
  .partial()
  .meta({ id: 'LinkChange' });
export type LinkChange = z.infer<typeof linkChangeSchema>;
