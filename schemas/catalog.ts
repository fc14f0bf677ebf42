import { z } from 'zod';
import { pageAlertsSchema } from './alerts.ts';
import {
  accentPattern,
  brandLimits,
  designLimits,
  destinationLimit,
  deviceTargets,
  identityModes,
  linkCodePattern,
  linkIdPattern,
  linkLimits,
  normalizeTag,
  pagePathPattern,
  pageThemes,
  picturePattern,
  visitorTextLimit,
  normalizeLabel,
} from './catalog-rules.ts';

export * from './catalog-rules.ts';

const instant = z.iso.datetime({ offset: true });

/** What messengers and social networks show of a link, in place of the card of its destination. */
const cardSchema = z.object({
  title: z.string(),
  description: z.string().nullable().default(null),
  image: z.string().nullable().default(null),
});

/** A destination of a split test, besides the link's own. */
const variantSchema = z.object({
  url: z.string(),
  /** Percent of the visitors. The link's own destination gets the rest. */
  weight: z.number(),
});

export const linkSchema = z.object({
  id: z.string().regex(linkIdPattern).meta({
    description: 'Names the link in events and counters. No other link has it, even if it had the code before',
  }),
  code: z.string().regex(linkCodePattern),
  /** More codes that lead to this link and count for it. */
  aliases: z.array(z.string().regex(linkCodePattern)).default([]),
  page: z.string().regex(pagePathPattern).meta({ description: 'Path of the page with its slash', example: '/ada' }),
  /** One of the stack's other domains, at which alone the link answers; null: its own. */
  domain: z.string().nullable().default(null),
  url: z.string(),
  title: z.string().max(300).nullable().default(null),
  campaign: z.string().overwrite(normalizeLabel).max(128).nullable().default(null),
  status: z.union([z.literal(301), z.literal(302), z.literal(307), z.literal(308)]).default(302),
  enabled: z.boolean().default(true),
  /** ISO 8601 instants. Before `startsAt` and from `expiresAt` on the link does not redirect to `url`. */
  startsAt: instant.nullable().default(null),
  expiresAt: instant.nullable().default(null),
  expiredUrl: z.string().nullable().default(null),
  /** Clicks after which the link is expired. */
  clickLimit: z.number().int().nullable().default(null),
  /** Of `core/links/link-password.ts`. Only redirect and the API read it; no response contains it. */
  passwordHash: z.string().nullable().default(null),
  /** Destination by device: `{ ios: 'https://…', android: '…' }`. */
  deviceUrls: z.partialRecord(z.enum(deviceTargets), z.string()).default({}),
  /** Destination by ISO 3166-1 alpha-2 country. */
  countryUrls: z.record(z.string(), z.string()).default({}),
  /** Query parameters of the request are added to the destination. */
  passQuery: z.boolean().default(false),
  /** Added to the destination where it has none of its own: `{ utm_source: 'bio' }`. */
  utm: z.record(z.string(), z.string()).default({}),
  /** Destinations that share the visitors with `url`. */
  variants: z.array(variantSchema).default([]),
  card: cardSchema.nullable().default(null),
  tags: z.array(z.string()).default([]),
  /** Put away: in no list unless asked for. It still redirects. */
  archived: z.boolean().default(false),
  /** Order on the link page; links without one follow in order of creation. */
  position: z.number().int().nullable().default(null),
  /** Shown on the link page. */
  listed: z.boolean().default(true),
  /** Section of the link page; none: above the sections. */
  section: z.string().nullable().default(null),
  /** Shown on the link page as an icon at the top. */
  icon: z.boolean().default(false),
  createdAt: instant,
  updatedAt: instant,
});
export type Link = z.infer<typeof linkSchema>;

const countryPattern = /^[A-Z]{2}$/;
const parameterPattern = /^[a-z][a-z0-9_]{0,39}$/;
const destination = z.string().max(destinationLimit);

const tag = z
  .string()
  .overwrite(normalizeTag)
  .min(1)
  .max(linkLimits.tag)
  .refine((text) => !/[,\p{Cc}]/u.test(text), { error: 'text without commas and control characters' });

const domainField = z.string().max(253).nullable();

const section = z.string().trim().min(1).max(designLimits.section);

/** Fields of a link that a caller sets, with their limits. A stored link may exceed them: it was checked by earlier ones. */
export const linkFields = {
  aliases: linkSchema.shape.aliases
    .unwrap()
    .max(linkLimits.aliases)
    .meta({ description: 'More codes that lead to this link. Their clicks count for it', example: ['sale'] }),
  domain: domainField.meta({
    description: 'Domain at which alone the link answers, one of `domains` of its page; null: the domain of the stack',
  }),
  url: destination.meta({ description: 'Destination', example: 'https://shop.example/spring' }),
  title: z.string().max(300).nullable().meta({ description: 'Shown on the link page and in lists' }),
  campaign: z.string().overwrite(normalizeLabel).max(128).nullable().meta({
    description: 'Label of links whose clicks are added up together. Stored in lower case, without spaces around it',
  }),
  status: linkSchema.shape.status
    .unwrap()
    .meta({ description: 'Status of the redirect. Browsers cache 301 and 308, and later clicks are not counted' }),
  enabled: z.boolean().meta({ description: 'False: visitors see that the link is switched off' }),
  startsAt: instant.nullable().meta({ description: 'Before this time, visitors see that the link is not open yet' }),
  expiresAt: instant.nullable().meta({ description: 'From this time on, the link is expired' }),
  expiredUrl: destination.nullable().meta({ description: 'Destination after the end or the click limit' }),
  clickLimit: z
    .int()
    .min(1)
    .max(linkLimits.clicks)
    .nullable()
    .meta({ description: 'Clicks after which the link is expired. Requests of known programs use none up' }),
  deviceUrls: z.partialRecord(z.enum(deviceTargets), destination).meta({ description: 'Destination by device' }),
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
  passQuery: z.boolean().meta({ description: 'Adds the query parameters of the request to the destination' }),
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
  variants: z
    .array(variantSchema.extend({ url: destination, weight: z.int().min(1).max(99) }).strict())
    .max(linkLimits.variants)
    .refine((variants) => sumWeights(variants) < 100, { error: 'a list whose weights add up to at most 99' })
    .meta({
      description: 'Split test: more destinations, each with its percentage of the visitors. `url` gets the rest',
      example: [{ url: 'https://shop.example/b', weight: 50 }],
    }),
  card: cardSchema
    .extend({
      title: z.string().trim().min(1).max(linkLimits.cardTitle),
      description: z.string().max(linkLimits.cardDescription).nullable().default(null),
      image: z
        .url({ protocol: /^https$/, error: 'an https URL' })
        .max(destinationLimit)
        .nullable()
        .default(null),
    })
    .strict()
    .nullable()
    .meta({ description: 'Preview card for messengers and social networks. People are redirected' }),
  tags: z
    .array(tag)
    .max(linkLimits.tags)
    .overwrite((tags) => [...new Set(tags)])
    .meta({ description: 'Stored in lower case, without extra spaces and repeats', example: ['spring sale'] }),
  archived: z.boolean().meta({ description: 'Put away: lists omit it, and it still redirects' }),
  position: z.int().nullable().meta({ description: 'Order on the link page; links without one come last' }),
  listed: z.boolean().meta({ description: 'Shown on the link page' }),
  section: section.nullable().meta({
    description: 'Section of the link page, one of `design.sections` of the page. Others are shown above the sections',
  }),
  icon: z.boolean().meta({
    description:
      'Shown on the link page as the icon of its network, which the host of `url` chooses, and not in a section',
  }),
};

function sumWeights(variants: readonly { weight: number }[]): number {
  return variants.reduce((sum, { weight }) => sum + weight, 0);
}

/** A link with the limits of what a caller may set. The store gives it an id. */
export const linkInputSchema = linkSchema.omit({ id: true }).extend({
  ...linkFields,
  aliases: linkFields.aliases.default([]),
  domain: linkFields.domain.default(null),
  title: linkFields.title.default(null),
  campaign: linkFields.campaign.default(null),
  status: linkFields.status.default(302),
  enabled: linkFields.enabled.default(true),
  startsAt: linkFields.startsAt.default(null),
  expiresAt: linkFields.expiresAt.default(null),
  expiredUrl: linkFields.expiredUrl.default(null),
  clickLimit: linkFields.clickLimit.default(null),
  deviceUrls: linkFields.deviceUrls.default({}),
  countryUrls: linkFields.countryUrls.default({}),
  passQuery: linkFields.passQuery.default(false),
  utm: linkFields.utm.default({}),
  variants: linkFields.variants.default([]),
  card: linkFields.card.default(null),
  tags: linkFields.tags.default([]),
  archived: linkFields.archived.default(false),
  position: linkFields.position.default(null),
  listed: linkFields.listed.default(true),
  section: linkFields.section.default(null),
  icon: linkFields.icon.default(false),
});

export type LinkInput = Omit<Link, 'id'>;

export const ingestKeySchema = z.object({
  id: z.string().max(64),
  label: z.string().max(100),
  /** SHA-256 of the secret, hex. The secret has 256 random bits, so no slow hash is needed. */
  hash: z.string(),
  createdAt: z.iso.datetime(),
});
export type IngestKeyRecord = z.infer<typeof ingestKeySchema>;

const accent = z
  .string()
  .toLowerCase()
  .regex(accentPattern, 'a color such as #b3461f')
  .nullable()
  .default(null)
  .meta({ description: 'Made darker or lighter where it could not be read', example: '#b3461f' });

export const oneLine = { error: 'text without control characters' };

export function isOneLine(text: string): boolean {
  return !/\p{Cc}/u.test(text);
}

/** A text on one line, of at most so many characters. */
export function lineOfText(longest: number) {
  return z.string().trim().min(1).max(longest).refine(isOneLine, oneLine);
}

/** Under what name an agency shows the statistics of its pages to others: on shares and in mails. */
export const agencyBrandSchema = z.strictObject({
  name: lineOfText(brandLimits.name)
    .nullable()
    .default(null)
    .meta({ description: 'Shown in place of “Hopcount”', example: 'North Agency' }),
  logo: z
    .string()
    .max(brandLimits.logo)
    .regex(picturePattern, 'a PNG, JPEG or WebP picture as a data URL in base64')
    .nullable()
    .default(null)
    .meta({ description: 'Shown on shares, as a data URL, and in mails. Readers load nothing from other sites' }),
  accent,
  poweredBy: z.boolean().default(true).meta({ description: 'Whether shares and mails say “Powered by Hopcount”' }),
});
export type AgencyBrand = z.infer<typeof agencyBrandSchema>;

/** Looks of a link page. */
export const pageDesignSchema = z.strictObject({
  picture: z
    .string()
    .max(designLimits.picture)
    .regex(picturePattern, 'a PNG, JPEG or WebP picture as a data URL in base64')
    .nullable()
    .default(null)
    .meta({ description: 'Round picture at the top, as a data URL. Visitors load nothing from other sites' }),
  accent,
  theme: z.enum(pageThemes).default('system').meta({ description: "`system` follows the visitor's device" }),
  sections: z
    .array(section)
    .max(designLimits.sections)
    .refine((names) => new Set(names).size === names.length, { error: 'a list without repeats' })
    .default([])
    .meta({ description: 'Headings in order. A link names its section', example: ['Music', 'Shop'] }),
});
export type PageDesign = z.infer<typeof pageDesignSchema>;

const visitorText = z
  .string()
  .trim()
  .min(1)
  .max(visitorTextLimit)
  .refine((text) => !/[^\P{Cc}\n]/u.test(text), { error: 'text without control characters but line breaks' })
  .nullable()
  .default(null);

/** What the owner says to visitors of a link that does not redirect, in place of our text. */
export const visitorTextsSchema = z.strictObject({
  closed: visitorText.meta({
    description: 'For a link that is switched off, not open yet or expired',
    example: 'The sale is over. The next one begins in May.',
  }),
  unknown: visitorText.meta({
    description: 'For a code that does not exist, at a domain whose bare address shows the link page',
  }),
});
export type VisitorTexts = z.infer<typeof visitorTextsSchema>;

export const pageSchema = z.object({
  path: z.string().regex(pagePathPattern),
  title: z.string().max(300),
  description: z.string().max(1000).nullable().default(null),
  /** IANA zone; a change applies forward. */
  timeZone: z.string().default('UTC'),
  agency: z.string().nullable().default(null),
  /** Domain of its link page, and of its new links; null: the stack's own. */
  domain: z.string().nullable().default(null),
  /** Origins whose tracker may send events for this page: `https://ada.example`. */
  origins: z.array(z.string()).default([]),
  /** Ids of people that are kept, as keyed hashes, of those who consented. */
  identities: z.enum(identityModes).default('none'),
  /** When ids were last turned on: earlier events have none, or others. */
  identitiesSince: instant.exactOptional(),
  /** Key of the hashes, in base64url. No other page has it, and no response contains it. */
  identitySecret: z.string().exactOptional(),
  /** Keys with which servers send events of this page. */
  ingestKeys: z.array(ingestKeySchema).exactOptional(),
  /** Absent: the defaults of schemas/alerts.ts. */
  alerts: pageAlertsSchema.exactOptional(),
  /** Absent: ours. */
  texts: visitorTextsSchema.exactOptional(),
  /** Absent: the defaults of the schema. */
  design: pageDesignSchema.exactOptional(),
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
