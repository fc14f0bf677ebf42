import { createHash } from 'node:crypto';
import type { Link } from '#schemas/catalog.ts';
import { type DeviceTarget, locationLimit } from '#schemas/catalog-rules.ts';
import { toPlainQuery } from './destination.ts';

/** The properties of a visitor that choose the destination. */
export interface Visitor {
  userAgent: string;
  /** ISO 3166-1 alpha-2, or null if CloudFront does not know it. */
  country: string | null;
  /** Query string of the request, without the question mark. */
  query: string;
  /** IP address without the port, or null if it is unknown. */
  address: string | null;
}

export interface Target {
  url: string;
  /** Letter of the destination if a split test chose it: `A` is the link's own. */
  variant?: string;
}

const webUrl = /^https?:/i;

/**
 * Returns the destination of a link for a visitor, not yet checked by `toSafeLocation`. Parameters of the destination
 * take precedence over those of the request (with `passQuery`), and those over the UTM defaults, so that a visitor cannot
 * overwrite what the owner has set. Parameters of the request that would make it longer than a `Location` may be are left
 * out, each as a whole.
 */
export function chooseDestination(link: Link, visitor: Visitor): Target {
  const { url, ...variant } = destinationFor(link, visitor);
  return { url: addParameters(link, visitor, url), ...variant };
}

function addParameters(link: Link, visitor: Visitor, url: string): string {
  if (!webUrl.test(url)) return url;
  const utm = isEmpty(link.utm) ? [] : utmPairs(link.utm);
  if (!link.passQuery || visitor.query === '') return withPairs(url, utm, locationLimit);
  const reserved = utm.reduce((length, pair) => length + 1 + pair.length, 0);
  const passed = withPairs(url, toPlainQuery(visitor.query).split('&'), locationLimit - reserved);
  return withPairs(passed, utm, locationLimit);
}

/** A destination for the device (mostly an app store) takes precedence over one for the country, and that over a split test. */
function destinationFor(link: Link, visitor: Visitor): Target {
  if (!isEmpty(link.deviceUrls)) {
    for (const target of matchDevices(visitor.userAgent)) {
      const url = link.deviceUrls[target];
      if (url !== undefined) return { url };
    }
  }
  const url = visitor.country === null ? undefined : link.countryUrls[visitor.country];
  return url === undefined ? chooseVariant(link, visitor) : { url };
}

/**
 * Returns `url` or the destination of a variant. The same address and user agent, of which visitor ids are made too, always
 * get the same one, so that a split test needs no cookie. The hash is not stored.
 */
function chooseVariant({ id, url, variants }: Link, { address, userAgent }: Visitor): Target {
  if (variants.length === 0) return { url };
  const hash = createHash('sha256').update(`split\n${id}\n${address}\n${userAgent}`).digest().readUInt32BE(0);
  let percent = (hash / 2 ** 32) * 100;
  for (const [index, variant] of variants.entries()) {
    percent -= variant.weight;
    if (percent < 0) return { url: variant.url, variant: letters.charAt(index + 1) };
  }
  return { url, variant: letters.charAt(0) };
}

const letters = 'ABCDE';

function isEmpty(record: object): boolean {
  for (const _ in record) return false;
  return true;
}

const appleMobile = /iPhone|iPad|iPod/;

const android = /Android/;

const mobile = /Mobi|iPhone|iPad|iPod|Android/;

/** Returns the device targets of a user agent, most specific first. An iPad that requests desktop sites is a desktop. */
function matchDevices(userAgent: string): readonly DeviceTarget[] {
  if (appleMobile.test(userAgent)) return ['ios', 'mobile'];
  if (android.test(userAgent)) return ['android', 'mobile'];
  return mobile.test(userAgent) ? ['mobile'] : ['desktop'];
}

/**
 * Adds the pairs whose names the URL does not have, and that fit within the limit in characters. Does not change its text,
 * escapes or fragment.
 */
function withPairs(url: string, pairs: readonly string[], limit: number): string {
  if (pairs.length === 0) return url;
  const hash = url.indexOf('#');
  const bare = hash === -1 ? url : url.slice(0, hash);
  const mark = bare.indexOf('?');
  const taken = new Set(new URLSearchParams(mark === -1 ? '' : bare.slice(mark)).keys());
  let room = limit - url.length;
  const added = pairs.filter((pair) => {
    if (pair === '' || pair.length >= room || taken.has(decodeName(pair))) return false;
    room -= pair.length + 1;
    return true;
  });
  if (added.length === 0) return url;
  const joint = mark === -1 ? '?' : mark === bare.length - 1 || bare.endsWith('&') ? '' : '&';
  return bare + joint + added.join('&') + (hash === -1 ? '' : url.slice(hash));
}

function decodeName(pair: string): string {
  const name = pair.split('=', 1)[0] ?? '';
  // Malformed escapes stay as they are: URLSearchParams reads those of the URL the same way.
  return new URLSearchParams(`?${name}=`).keys().next().value ?? '';
}

function utmPairs(utm: Readonly<Record<string, string>>): string[] {
  return Object.entries(utm).map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
}
