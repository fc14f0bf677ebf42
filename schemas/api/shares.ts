import { z } from 'zod';
import { listingOf, listQuery, pageQuery } from './listing.ts';

/** What a share shows only if its owner says so. */
export const shareExtras = ['annotations', 'segments'] as const;
export type ShareExtra = (typeof shareExtras)[number];

const extras = z.array(z.enum(shareExtras)).meta({ description: 'What it shows besides the statistics' });

export const newShareSchema = z
  .strictObject({
    page: pageQuery,
    expiresAt: z.iso
      .datetime()
      .meta({ description: 'When the share expires: within a year', example: '2026-12-01T00:00:00Z' }),
    label: z.string().max(100).default('').meta({ description: 'Who has the link' }),
    extras: extras.max(shareExtras.length).default([]),
  })
  .meta({ id: 'NewShare' });
export type NewShare = z.input<typeof newShareSchema>;

export const shareSchema = z
  .object({
    id: z.string(),
    page: z.string(),
    label: z.string(),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    revokedAt: z.iso.datetime().nullable(),
    extras,
  })
  .meta({ id: 'Share' });
export type Share = z.infer<typeof shareSchema>;
export const sharesSchema = listingOf(shareSchema).meta({ id: 'Shares' });
export const sharesQuerySchema = z.strictObject({ ...listQuery, page: pageQuery });

export const createdShareSchema = shareSchema
  .extend({
    token: z.string().meta({
      description:
        'Shown once. Part of the link `/app/share#<token>`, and of the header `authorization: Share <token>` for the statistics of the page',
    }),
  })
  .meta({ id: 'CreatedShare' });

/** The page of the share that the request is authorized with. */
export const sharedPageSchema = z
  .object({ page: z.string(), title: z.string(), timeZone: z.string(), expiresAt: z.iso.datetime(), extras })
  .meta({ id: 'SharedPage' });
export type SharedPage = z.infer<typeof sharedPageSchema>;
