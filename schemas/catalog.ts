import { z } from 'zod';
import { pageAlertsSchema } from './alerts.ts';
import {
  destinationLimit,
  deviceTargets,
  linkCodePattern,
  linkIdPattern,
  linkLimits,
  pagePathPattern,
} from './catalog-rules.ts';

export * from './catalog-rules.ts';

const instant = z.iso.datetime({ offset: true });

export const linkSchema = z.object({
  id: z.string().regex(linkIdPattern).meta({
    description: 'Names the link in events and counters. No other link has it, even if it had the code before',
  }),
  code: z.string().regex(linkCodePattern),
  page: z.string().regex(pagePathPattern),
  url: z.string(),
  title: z.string().max(300).nullable().default(null),
  campaign: z.string().max(128).nullable().default(null),
  status: z.union([z.literal(301), z.literal(302), z.literal(307), z.literal(308)]).default(302),
  enabled: z.boolean().default(true),
  /** ISO 8601 instants. Before `startsAt` and from `expiresAt` on the link does not redirect to `url`. */
  startsAt: instant.nullable().default(null),
  expiresAt: instant.nullable().default(null),
  expiredUrl: z.string().nullable().default(null),
  /** Destination by device: `{ ios: 'https://…', android: '…' }`. */
  deviceUrls: z.partialRecord(z.enum(deviceTargets), z.string()).default({}),
  /** Destination by ISO 3166-1 alpha-2 country. */
  countryUrls: z.record(z.string(), z.string()).default({}),
  /** Query parameters of the request are added to the destination. */
  passQuery: z.boolean().default(false),
  /** Added to the destination where it has none of its own: `{ utm_source: 'bio' }`. */
  utm: z.record(z.string(), z.string()).default({}),
  /** Order on the link page; links without one follow in order of creation. */
  position: z.number().int().nullable().default(null),
  /** Shown on the link page. */
  listed: z.boolean().default(true),
  createdAt: instant,
  updatedAt: instant,
});
export type Link = z.infer<typeof linkSchema>;

const countryPattern = /^[A-Z]{2}$/;
const parameterPattern = /^[a-z][a-z0-9_]{0,39}$/;
const destination = z.string().max(destinationLimit);

/** Fields of a link that a caller sets, with their limits. A stored link may exceed them: it was checked by earlier ones. */
export const linkFields = {
  url: destination,
  title: z.string().max(300).nullable(),
  campaign: z.string().max(128).nullable(),
  status: linkSchema.shape.status.unwrap(),
  enabled: z.boolean(),
  startsAt: instant.nullable(),
  expiresAt: instant.nullable(),
  expiredUrl: destination.nullable(),
  deviceUrls: z.partialRecord(z.enum(deviceTargets), destination),
  countryUrls: z
    .record(z.string().regex(countryPattern, 'two capital letters (ISO 3166-1)'), destination)
    .refine((urls) => JSON.stringify(urls).length <= linkLimits.countryUrls, {
      error: `at most ${linkLimits.countryUrls} characters long as JSON`,
    })
    .meta({
      description: 'Destination by country',
      example: { AT: 'https://shop.example/at' },
      maxProperties: 676,
      propertyNames: { pattern: countryPattern.source },
    }),
  passQuery: z.boolean(),
  utm: z
    .record(
      z.string().regex(parameterPattern, 'a parameter name such as utm_source'),
      z.string().max(linkLimits.utmValue),
    )
    .refine((utm) => new URLSearchParams(utm).toString().length <= linkLimits.utm, {
      error: `at most ${linkLimits.utm} characters long as query parameters`,
    })
    .meta({
      description: 'Added to the destination',
      example: { utm_source: 'bio' },
      maxProperties: linkLimits.utm / 2,
      propertyNames: { pattern: parameterPattern.source },
    }),
  position: z.int().nullable(),
  listed: z.boolean(),
};

/** A link with the limits of what a caller may set. The store gives it an id. */
export const linkInputSchema = linkSchema.omit({ id: true }).extend({
  ...linkFields,
  title: linkFields.title.default(null),
  campaign: linkFields.campaign.default(null),
  status: linkFields.status.default(302),
  enabled: linkFields.enabled.default(true),
  startsAt: linkFields.startsAt.default(null),
  expiresAt: linkFields.expiresAt.default(null),
  expiredUrl: linkFields.expiredUrl.default(null),
  deviceUrls: linkFields.deviceUrls.default({}),
  countryUrls: linkFields.countryUrls.default({}),
  passQuery: linkFields.passQuery.default(false),
  utm: linkFields.utm.default({}),
  position: linkFields.position.default(null),
  listed: linkFields.listed.default(true),
});

export type LinkInput = Omit<Link, 'id'>;

export const pageSchema = z.object({
  path: z.string().regex(pagePathPattern),
  title: z.string().max(300),
  description: z.string().max(1000).nullable().default(null),
  /** IANA zone; a change applies forward. */
  timeZone: z.string().default('UTC'),
  agency: z.string().nullable().default(null),
  /** Origins whose tracker may send events for this page: `https://ada.example`. */
  origins: z.array(z.string()).default([]),
  /** Accept a consented first-party id from the tracker. */
  consentedIds: z.boolean().default(false),
  /** Absent: the defaults of schemas/alerts.ts. */
  alerts: pageAlertsSchema.exactOptional(),
  createdAt: instant,
  updatedAt: instant,
});
export type Page = z.infer<typeof pageSchema>;

export const roles = ['admin', 'agency', 'creator'] as const;
export type Role = (typeof roles)[number];

export const userSchema = z.object({
  /** `sub` of the token. */
  subject: z.string(),
  email: z.string().nullable().default(null),
  role: z.enum(roles),
  /** For role `agency`. */
  agency: z.string().nullable().default(null),
  /** For role `creator`. */
  pages: z.array(z.string()).default([]),
});
export type User = z.infer<typeof userSchema>;
