import { z } from 'zod';

/** Items of the `catalog` table. Keys: `pk`, `sk`; listing index: `gpk`, `gsk`. */

export const linkCodePattern = /^[A-Za-z0-9_-]{1,64}$/;
export const pagePathPattern = /^\/[A-Za-z0-9._-]{1,64}$/;
/** First path segments that the edge itself serves; no link may take them. `_canary` is the canary's own. */
export const reservedCodes: readonly string[] = [
  'api',
  'app',
  'e',
  'e-gif',
  't-js',
  'assets',
  'favicon-ico',
  'robots-txt',
  'oauth2',
  'login',
  'logout',
  '_local',
  '_canary',
  '.well-known',
];

export const redirectStatuses = [301, 302, 307, 308] as const;
export type RedirectStatus = (typeof redirectStatuses)[number];

/** App schemes a destination may use besides http and https. */
export const destinationSchemes: readonly string[] = [
  'http:',
  'https:',
  'mailto:',
  'tel:',
  'sms:',
  'whatsapp:',
  'tg:',
  'spotify:',
  'itms-apps:',
  'market:',
];

const instant = z.iso.datetime({ offset: true });

export const linkSchema = z.object({
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
  deviceUrls: z
    .record(z.enum(['ios', 'android', 'mobile', 'desktop']), z.string())
    .or(z.object({}))
    .default({}),
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

/** Keys of the catalog table. */
export const catalogKeys = {
  link: (code: string) => ({ pk: `link#${code}`, sk: 'link' }),
  page: (path: string) => ({ pk: `page#${path}`, sk: 'page' }),
  user: (subject: string) => ({ pk: `user#${subject}`, sk: 'user' }),
  agencyPage: (agency: string, path: string) => ({ pk: `agency#${agency}`, sk: `page#${path}` }),
} as const;

/** Keys of the listing index. */
export const listingKeys = {
  linksOfPage: (path: string, code?: string) => ({ gpk: `page#${path}`, gsk: `link#${code ?? ''}` }),
  pages: (path?: string) => ({ gpk: 'pages', gsk: path ?? '' }),
  users: (subject?: string) => ({ gpk: 'users', gsk: subject ?? '' }),
} as const;
export const listingIndex = 'listing';
