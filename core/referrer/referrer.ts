import { eventFields, type ReferrerClass } from '#schemas/event.ts';
import { cut } from '#core/cut.ts';
import { memoize } from '#core/memoize.ts';
import type { Campaign } from './campaign.ts';
import { type Source, sourceOfHost, sourceOfName } from './referrer-hosts.ts';

/** Which hosts are a page's own. */
export interface OwnSites {
  /** Hosts of the page's own sites, in lower case, without `www.`. */
  ownHosts: ReadonlySet<string>;
  /** Host of the stack: `go.example`, with its port if any. @default - unknown */
  stackHost?: string;
}

export interface Referral {
  host: string | null;
  /** NULL if the source cannot know the referrer and no other field reveals it. */
  class: ReferrerClass | null;
  name: string | null;
  /** Whether robots are known to forge this referrer. */
  spam: boolean;
}

/** Longest referrer parsed, in UTF-16 code units. */
const referrerLimit = 2048;

const schemes = new Set(['http:', 'https:', 'android-app:', 'ios-app:']);

const referrers = memoize(8192, parse);

/**
 * Classifies where a visit came from by the first matching rule: paid (click id or medium), e-mail medium, the page's
 * own site, well-known hosts, UTM parameters, another site, a network's in-app browser; else direct.
 *
 * @param header NULL if known to be absent, undefined if the source cannot know it
 */
export function referralOf(
  header: string | null | undefined,
  campaign: Campaign,
  page: string | null,
  own: OwnSites,
  browser: string | null,
): Referral {
  const referrer = header ? referrers(header.slice(0, referrerLimit)) : null;
  const { class: kind, name } = evaluate(referrer, campaign, page, own, browser);
  const unknown = header === undefined && kind === 'direct';
  return {
    host: referrer?.host ?? null,
    class: unknown ? null : kind,
    name: cut(name, eventFields.referrer_name.limit),
    spam: referrer?.source?.class === 'spam',
  };
}

interface Referrer {
  host: string | null;
  path: string;
  source: Source | undefined;
}

const emailMedium = /^(?:e-?mail|newsletter)$/i;

/** In-app browsers of networks: a visit from one without a referrer came from that network. */
const networkBrowsers: ReadonlySet<string> = new Set([
  'Facebook',
  'Messenger',
  'Instagram',
  'Threads',
  'TikTok',
  'Snapchat',
  'Twitter',
  'LinkedIn',
  'Pinterest',
  'Reddit',
  'Telegram',
  'WeChat',
  'Weibo',
  'Line',
  'KakaoTalk',
]);

type Evaluation = { class: ReferrerClass; name: string | null };

function evaluate(
  referrer: Referrer | null,
  campaign: Campaign,
  page: string | null,
  own: OwnSites,
  browser: string | null,
): Evaluation {
  const bought = paid(campaign, referrer?.source);
  if (bought) return bought;
  if (campaign.utm.utm_medium && emailMedium.test(campaign.utm.utm_medium))
    return { class: 'email', name: referrer?.source?.class === 'email' ? referrer.source.name : null };
  if (referrer && isInternal(referrer, page, own)) return { class: 'internal', name: null };
  if (referrer?.source) return evaluationOf(referrer.source);
  const byTags = tagged(campaign);
  if (byTags && byTags.class !== 'other') return byTags;
  if (referrer) return { class: 'other', name: null };
  if (byTags) return byTags;
  if (browser && networkBrowsers.has(browser)) return { class: 'social', name: browser === 'Twitter' ? 'X' : browser };
  return { class: 'direct', name: null };
}

const paidMedium =
  /^(?:cpc|ppc|cpm|cpv|cpa|cpp|paid|paid[ _-]?(?:social|search|media|ads?)|display|banner|retargeting|remarketing|ads?|sponsored)$/i;

/** Networks by the click id that they only add to ads. */
const paidClickIds: Readonly<Record<string, string>> = {
  gclid: 'Google',
  gbraid: 'Google',
  wbraid: 'Google',
  dclid: 'Google',
  msclkid: 'Bing',
  ttclid: 'TikTok',
  twclid: 'X',
  li_fat_id: 'LinkedIn',
  ScCid: 'Snapchat',
  rdt_cid: 'Reddit',
  epik: 'Pinterest',
  yclid: 'Yandex',
};

/** Networks that add a click id to every outgoing link. */
const freeClickIds: Readonly<Record<string, string>> = { fbclid: 'Facebook', igshid: 'Instagram', igsh: 'Instagram' };

function paid(
  { clickId, utm: { utm_medium: medium, utm_source: source } }: Campaign,
  referrer: Source | undefined,
): Evaluation | undefined {
  const network = clickId ? paidClickIds[clickId] : undefined;
  if (!network && !(medium && paidMedium.test(medium))) return undefined;
  const named = source ? sourceOfName(source) : undefined;
  const tagged = clickId ? (network ?? freeClickIds[clickId]) : undefined;
  return { class: 'paid', name: tagged ?? named?.name ?? referrer?.name ?? null };
}

function tagged({ clickId, utm: { utm_medium: medium, utm_source: source } }: Campaign): Evaluation | undefined {
  const named = source ? sourceOfName(source) : undefined;
  const byMedium = medium ? mediumClass(medium) : undefined;
  if (byMedium) return { class: byMedium, name: named?.name ?? null };
  if (named) return evaluationOf(named);
  const network = clickId ? freeClickIds[clickId] : undefined;
  if (network) return { class: 'social', name: network };
  return source ? { class: 'other', name: null } : undefined;
}

const socialMedium = /^(?:social|social[ _-]?(?:media|network)|sm)$/i;

const searchMedium = /^(?:organic|search)$/i;

const aiMedium = /^(?:ai|llm|chatbot)$/i;

function mediumClass(medium: string): ReferrerClass | undefined {
  if (emailMedium.test(medium)) return 'email';
  if (socialMedium.test(medium)) return 'social';
  if (searchMedium.test(medium)) return 'search';
  return aiMedium.test(medium) ? 'ai' : undefined;
}

function evaluationOf(source: Source): Evaluation {
  return {
    class: source.class === 'spam' ? 'other' : source.class,
    name: source.name,
  };
}

/**
 * Internal: the page's registered origins, and the stack's own links and link pages. Another page's link page is another
 * site; a browser tells its path only to the stack itself.
 */
function isInternal({ host, path }: Referrer, page: string | null, { ownHosts, stackHost }: OwnSites): boolean {
  if (host === null) return false;
  if (ownHosts.has(host)) return true;
  return host === siteOf(stackHost) && (!path.startsWith('/@') || (page !== null && path === `/@${page.slice(1)}`));
}

/** `www.go.example:8787` → `go.example`, as referrers are compared. */
function siteOf(host: string | undefined): string | undefined {
  return host?.replace(/:\d+$/, '').replace(/^www\./, '');
}

/** Parses a referrer. It has no host if it is not a URL or its scheme names no site: class `other`. */
function parse(text: string): Referrer {
  const url = URL.parse(text);
  const host = url && schemes.has(url.protocol) ? hostOf(url) : '';
  if (!url || host === '') return { host: null, path: '', source: undefined };
  return { host: cut(host, eventFields.referrer_host.limit), path: url.pathname, source: sourceOfHost(host) };
}

function hostOf(url: URL): string {
  return url.hostname
    .toLowerCase()
    .replace(/^www\./, '')
    .replace(/\.$/, '');
}
