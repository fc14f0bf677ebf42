import { eventFields, type ReferrerClass } from '#schemas/event.ts';
import { cut } from '#core/cut.ts';
import { memoize } from '#core/memoize.ts';
import type { Campaign } from './campaign.ts';
import { classifyTags } from './campaign-class.ts';
import { type Source, sourceOfApp, sourceOfHost } from './referrer-hosts.ts';

/** Which hosts are a page's own. */
export interface OwnSites {
  /** Hosts of the page's own sites, in lower case, without `www.`. */
  ownHosts: ReadonlySet<string>;
  /** Hosts of the stack: `go.example`, with the port if any. @default - unknown */
  stackHosts?: readonly string[];
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
 * Classifies where a visit came from by the first matching rule: an ad's click id, UTM parameters that say paid or
 * e-mail, the page's own site, other UTM parameters, a well-known site, a network's click id, another site, a network's
 * in-app browser; else direct.
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
  const referrer = header && !header.startsWith('about:') ? referrers(header.slice(0, referrerLimit)) : null;
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
  const { click } = campaign;
  const tags = classifyTags(campaign);
  const site = referrer?.source;
  if (click?.class === 'paid') return { class: 'paid', name: click.network };
  if (tags?.class === 'paid') return { class: 'paid', name: click?.network ?? tags.name ?? site?.name ?? null };
  if (tags?.class === 'email')
    return { class: 'email', name: tags.name ?? (site?.class === 'email' ? site.name : null) };
  if (referrer && isInternal(referrer, page, own)) return { class: 'internal', name: null };
  if (tags && tags.class !== 'other') return tags;
  if (site) return evaluationOf(site);
  if (click) return { class: click.class, name: click.network };
  if (referrer) return { class: 'other', name: null };
  if (tags) return tags;
  if (browser && networkBrowsers.has(browser)) return { class: 'social', name: browser === 'Twitter' ? 'X' : browser };
  return { class: 'direct', name: null };
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
function isInternal({ host, path }: Referrer, page: string | null, { ownHosts, stackHosts = [] }: OwnSites): boolean {
  if (host === null) return false;
  if (ownHosts.has(host)) return true;
  return (
    stackHosts.some((own) => host === siteOf(own)) &&
    (!path.startsWith('/@') || (page !== null && path === `/@${page.slice(1)}`))
  );
}

/** `www.go.example:8787` → `go.example`, as referrers are compared. */
function siteOf(host: string): string {
  return host.replace(/:\d+$/, '').replace(/^www\./, '');
}

/** Parses a referrer. It has no host if it is not a URL or its scheme names no site: class `other`. */
function parse(text: string): Referrer {
  const url = URL.parse(text);
  const host = url && schemes.has(url.protocol) ? hostOf(url) : '';
  if (!url || host === '') return { host: null, path: '', source: undefined };
  return {
    host: cut(host, eventFields.referrer_host.limit),
    path: url.pathname,
    source: url.protocol === 'android-app:' ? sourceOfApp(host) : sourceOfHost(host, url.pathname),
  };
}

function hostOf(url: URL): string {
  return url.hostname
    .toLowerCase()
    .replace(/^www\./, '')
    .replace(/\.+$/, '');
}
