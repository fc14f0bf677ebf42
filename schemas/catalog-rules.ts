/** Patterns, allowed values and limits of the catalog, without zod: redirect's bundle holds this file and not the schemas. */

export const linkCodePattern = /^[A-Za-z0-9_-]{1,64}$/;
/** Id of a link: its code, and what tells it from earlier links with the code. Links of older stacks have the code alone. */
export const linkIdPattern = /^[A-Za-z0-9_-]{1,64}(~[a-z0-9]{8})?$/;

/** Returns the code of the link with this id. */
export function codeOfLinkId(id: string): string {
  return id.split('~', 1)[0] ?? id;
}

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
/** Code of the link, and path of the page without its slash, that the canary clicks. */
export const canaryCode = '_canary';

/** Title of the pages that `hopcount verify` creates, so that no other page is ever erased as one. */
export const scratchPageTitle = 'Scratch page of hopcount verify';

/** Minutes between its clicks. Each costs what a visitor's does, all the way to the counters. */
export const canaryMinutes = 5;

export const redirectStatuses = [301, 302, 307, 308] as const;
export type RedirectStatus = (typeof redirectStatuses)[number];

/** Devices that a link may send elsewhere. */
export const deviceTargets = ['ios', 'android', 'mobile', 'desktop'] as const;
export type DeviceTarget = (typeof deviceTargets)[number];

/** Longest destination in characters, within the limits of browsers and of CloudFront's headers. */
export const destinationLimit = 2048;

/** Longest `Location` in bytes, with parameters of the request: some clients and proxies refuse longer headers. */
export const locationLimit = 4096;

/** Limits of the maps of a link. With them, a link takes less than 64 KB. */
export const linkLimits = {
  /** Codes of a link besides its own. Each is an item with a copy of the link. */
  aliases: 20,
  /** Characters of `countryUrls` as JSON. */
  countryUrls: 30_000,
  /** Characters of one UTM default. */
  utmValue: 200,
  /** Characters of all UTM defaults as they are added to a destination, with their escapes. */
  utm: 1_000,
  tags: 10,
  /** Characters of one tag. */
  tag: 40,
  /** Destinations of a split test besides the link's own. */
  variants: 4,
  /** Characters of a preview card. */
  cardTitle: 200,
  cardDescription: 500,
  clicks: 1_000_000,
} as const;

/** Which ids of people a page keeps: none, those of users, or those of visitors who are not known yet, too. */
export const identityModes = ['none', 'identified', 'all'] as const;

/** Longest id of a person in characters; a longer one is none, because two could begin alike. */
export const personIdLimit = 1024;

/** Schemes of colors of a link page. `system` follows the visitor's device. */
export const pageThemes = ['system', 'light', 'dark'] as const;

export const accentPattern = /^#[0-9a-f]{6}$/;

/** A picture within the page: one that is loaded would tell its host who visits. Without SVG, which can load more. */
export const picturePattern = /^data:image\/(png|jpeg|webp);base64,[A-Za-z0-9+/]+={0,2}$/;

/** Limits of a link page's design. With them, a page with 60 links of long titles takes less than 14 KB compressed. */
export const designLimits = {
  /** Characters of the picture, about 4.4 KB of it: enough for 160 × 160 pixels. */
  picture: 6_000,
  sections: 20,
  /** Characters of the name of one section. */
  section: 60,
} as const;

export const brandLimits = {
  name: 60,
  /** Characters of the logo as a data URL, about 47 KB of it. */
  logo: 64_000,
} as const;

/** Characters of a text of the owner for visitors of a link that does not redirect. */
export const visitorTextLimit = 500;

/** Characters of the password of a link or a share. */
export const passwordLength = { min: 6, max: 128 } as const;

export const shareLimits = {
  /** Sites that may embed a share. All of them are in a header of its page. */
  embedOrigins: 10,
} as const;

/**
 * Returns the label of a campaign as it is stored: in lower case, without spaces around it. `Spring ` and `spring` are one campaign,
 * as two people type it. `queries/fragments.ts` does the same with events of earlier versions.
 */
export function normalizeLabel(text: string): string {
  return text.normalize('NFC').trim().toLowerCase();
}

/** Returns a tag as it is stored: `  Spring   SALE ` is `spring sale`. */
export function normalizeTag(tag: string): string {
  return tag.normalize('NFC').trim().replace(/\s+/g, ' ').toLowerCase();
}

/** Links of a page and their aliases, including deleted ones whose codes are reserved for it. */
export const linksOfPageLimit = 10_000;

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

/** Days in which an invitation can be taken up, and a password that was mailed with it be used. */
export const invitationDays = 7;

/**
 * Days after which items of the catalog expire, by the TTL attribute of all tables. What has expired is not read any more;
 * DynamoDB deletes it within about two days.
 */
export const keptDays = {
  /** What a run of a job did, after the run. */
  runs: 90,
  /** That a mail was made, after it could have left first: by this the jobs know that they made it, and repeat within hours. */
  mails: 90,
  /** Invitations and shares, after their end. */
  ended: 30,
  /** Answers to mails, from which a page's threshold is learned. */
  answers: 400,
  /** How the alert of a custom metric stands, after its last evaluation. */
  metricAlerts: 400,
  /** Exports, from their request; their files are deleted at the same time. */
  exports: 7,
  /** Uploaded files of imports that were not finished. */
  uploads: 7,
  /** What the queries of a day cost. */
  costs: 400,
} as const;
