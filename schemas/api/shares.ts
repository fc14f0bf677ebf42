import { z } from 'zod';
import { agencyBrandSchema } from '../catalog.ts';
import { passwordLength, shareLimits } from '../catalog-rules.ts';
import { metricLimits } from '../insights/metrics.ts';
import { listingOf, listQuery, pageQuery } from './listing.ts';

/** What a share shows only if its owner says so. */
export const shareExtras = ['annotations', 'segments', 'conversions', 'retention', 'funnels'] as const;
export type ShareExtra = (typeof shareExtras)[number];

const extras = z.array(z.enum(shareExtras)).meta({ description: 'What it shows besides the statistics' });

const metrics = z
  .array(z.string().max(64))
  .meta({ description: 'Ids of the custom metrics that it shows. None by default' });

const fields = {
  expiresAt: z.iso
    .datetime()
    .meta({ description: 'When the share expires: within a year', example: '2026-12-01T00:00:00Z' }),
  label: z.string().max(100).meta({ description: 'Who has the link' }),
  extras: extras.max(shareExtras.length),
  metrics: metrics.max(metricLimits.ofPage),
  password: z
    .string()
    .min(passwordLength.min)
    .max(passwordLength.max)
    .nullable()
    .meta({ description: 'Visitors are asked for it. Stored as a hash and in no response; null for none' }),
  embedOrigins: z
    .array(z.string().max(300))
    .max(shareLimits.embedOrigins)
    .meta({ description: 'Origins of the sites that may show it in a frame: `https://ada.example`. None by default' }),
};

export const newShareSchema = z
  .strictObject({
    ...fields,
    page: pageQuery,
    label: fields.label.default(''),
    extras: fields.extras.default([]),
    metrics: fields.metrics.default([]),
    password: fields.password.default(null),
    embedOrigins: fields.embedOrigins.default([]),
  })
  .meta({ id: 'NewShare' });
export type NewShare = z.input<typeof newShareSchema>;

export const shareChangeSchema = z.strictObject(fields).partial().meta({ id: 'ShareChange' });
export type ShareChange = z.infer<typeof shareChangeSchema>;

export const shareSchema = z
  .object({
    id: z.string(),
    page: z.string(),
    label: z.string(),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    revokedAt: z.iso.datetime().nullable(),
    extras,
    metrics,
    protected: z.boolean().meta({ description: 'Visitors are asked for a password' }),
    embedOrigins: z.array(z.string()),
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
  .object({
    page: z.string(),
    title: z.string(),
    timeZone: z.string(),
    expiresAt: z.iso.datetime(),
    extras,
    metrics,
    brand: agencyBrandSchema
      .nullable()
      .meta({ description: 'White label of the agency of the page; null without one' }),
  })
  .meta({ id: 'SharedPage' });
export type SharedPage = z.infer<typeof sharedPageSchema>;

export const shareUnlockSchema = z
  .strictObject({
    token: z.string().max(128).meta({ example: 'SHARE_TOKEN' }),
    password: z.string().min(1).max(passwordLength.max).meta({ example: 'open-sesame' }),
  })
  .meta({ id: 'ShareUnlock' });

export const unlockedShareSchema = z
  .object({
    token: z.string().meta({ description: 'To be sent in place of the first token, until `expiresAt`' }),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'UnlockedShare' });
