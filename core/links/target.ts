import type { Link } from '#schemas/catalog.ts';
import type { DeviceTarget } from '#schemas/catalog-rules.ts';

/** What of a visitor decides where a link leads. */
export interface Visitor {
  userAgent: string;
  /** ISO 3166-1 alpha-2, or null where CloudFront does not say. */
  country: string | null;
  /** Query string of the request, without the question mark. */
  query: string;
}

const webUrl = /^https?:/i;

/**
 * Where the link leads this visitor, not yet checked by `emittable`. The destination's own parameters precede the
 * request's (with `passQuery`), which precede the UTM defaults: a stranger cannot overwrite what the owner fixed.
 */
export function chooseDestination(link: Link, visitor: Visitor): string {
  const url = destinationFor(link, visitor);
  if (!webUrl.test(url)) return url;
  const passed = link.passQuery && visitor.query !== '' ? withPairs(url, visitor.query.split('&')) : url;
  return isEmpty(link.utm) ? passed : withPairs(passed, utmPairs(link.utm));
}

/** A device's destination (an app store, mostly) precedes a country's, which precedes `url`. */
function destinationFor(link: Link, visitor: Visitor): string {
  if (!isEmpty(link.deviceUrls)) {
    for (const target of deviceTargetsOf(visitor.userAgent)) {
      const url = link.deviceUrls[target];
      if (url !== undefined) return url;
    }
  }
  return (visitor.country === null ? undefined : link.countryUrls[visitor.country]) ?? link.url;
}

function isEmpty(record: object): boolean {
  for (const _ in record) return false;
  return true;
}

const appleMobile = /iPhone|iPad|iPod/;

const android = /Android/;

const mobile = /Mobi|iPhone|iPad|iPod|Android/;

/** The device targets that a user agent answers to, most specific first. An iPad that asks for desktop sites is one. */
function deviceTargetsOf(userAgent: string): readonly DeviceTarget[] {
  if (appleMobile.test(userAgent)) return ['ios', 'mobile'];
  if (android.test(userAgent)) return ['android', 'mobile'];
  return mobile.test(userAgent) ? ['mobile'] : ['desktop'];
}

/** Adds the pairs whose names the URL does not have; its own text, escapes and fragment stay as they are. */
function withPairs(url: string, pairs: readonly string[]): string {
  const hash = url.indexOf('#');
  const bare = hash === -1 ? url : url.slice(0, hash);
  const mark = bare.indexOf('?');
  const taken = new Set(new URLSearchParams(mark === -1 ? '' : bare.slice(mark)).keys());
  const added = pairs.filter((pair) => pair !== '' && !taken.has(nameOf(pair)));
  if (added.length === 0) return url;
  const joint = mark === -1 ? '?' : mark === bare.length - 1 || bare.endsWith('&') ? '' : '&';
  return bare + joint + added.join('&') + (hash === -1 ? '' : url.slice(hash));
}

function nameOf(pair: string): string {
  const name = pair.split('=', 1)[0] ?? '';
  // A malformed escape names itself: URLSearchParams would read it the same way.
  return new URLSearchParams(`?${name}=`).keys().next().value ?? '';
}

function utmPairs(utm: Readonly<Record<string, string>>): string[] {
  return Object.entries(utm).map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
}
