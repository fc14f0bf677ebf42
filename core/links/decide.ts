import { isbot } from 'isbot';
import { countryOf, type EdgeRequest, isPrefetch } from '#core/edge/edge-request.ts';
import type { Link } from '#schemas/catalog.ts';
import type { RedirectStatus } from '#schemas/catalog-rules.ts';
import type { EdgeOutcome } from '#schemas/click-message.ts';
import { edgeHeaders } from '#schemas/edge-headers.ts';
import { memoize } from '#core/memoize.ts';
import { office } from '#core/mail-scanners/scanner-list.ts';
import { findNamedRobot } from '#core/user-agent/named-robots.ts';
import { parseViewerAddress } from '#core/edge/viewer-address.ts';
import { toSafeLocation } from './destination.ts';
import { chooseDestination } from './target.ts';
import { hasUnlock, withoutUnlock } from './unlock.ts';

/** Why a link does not redirect. */
export type ClosedReason = 'disabled' | 'not-started' | 'expired' | 'broken';

export type LinkCard = NonNullable<Link['card']>;

export type LinkResponse =
  | { kind: 'redirect'; status: RedirectStatus; location: string; variant?: string }
  | { kind: 'closed'; why: ClosedReason }
  /** Asks for the password. */
  | { kind: 'locked'; code: string; query: string }
  /** For a program that shows a preview of the link. */
  | { kind: 'card'; card: LinkCard }
  | { kind: 'prefetch' }
  | { kind: 'method' };

export interface Decision {
  response: LinkResponse;
  /** The outcome of the event, if the edge can decide it; null leaves it to enrich. */
  outcome: EdgeOutcome | null;
  rule: string | null;
}

/** Decides the response to a request for a link, and the outcome of its event. HEAD gets the same headers as GET. */
export function decideLink(link: Link, request: EdgeRequest): Decision {
  const early = decideRequest(request);
  if (early !== undefined) return early;
  const decision = decideVisit(link, request);
  return request.method === 'HEAD' ? { ...decision, outcome: 'head', rule: 'method.HEAD' } : decision;
}

/** Why a request finds no link: the code does not exist but is close to that of a link, or the link has another domain. */
export type MissRule = 'link.unknown' | 'link.domain';

/** Decides the outcome of a request that finds no link. */
export function decideMiss(request: EdgeRequest, rule: MissRule): Pick<Decision, 'outcome' | 'rule'> {
  if (request.method === 'HEAD') return { outcome: 'head', rule: 'method.HEAD' };
  return decideRequest(request) ?? { outcome: 'refused', rule };
}

/**
 * Decides requests to links and link pages alike, before either is looked at. A request has one outcome: the method
 * decides first, then the purpose, then the link.
 * @returns undefined for a GET or HEAD that is not a prefetch
 */
export function decideRequest(request: EdgeRequest): Decision | undefined {
  const { method } = request;
  if (method !== 'GET' && method !== 'HEAD')
    return { response: { kind: 'method' }, outcome: 'refused', rule: `method.${method.slice(0, 16)}` };
  if (!isPrefetch(request)) return undefined;
  return method === 'HEAD'
    ? { response: { kind: 'prefetch' }, outcome: 'head', rule: 'method.HEAD' }
    : { response: { kind: 'prefetch' }, outcome: 'prefetch', rule: 'header.sec-purpose' };
}

/** An expired link redirects to its `expiredUrl` with a 302, whatever its status. */
function decideVisit(link: Link, request: EdgeRequest): Decision {
  if (!link.enabled)
    return { response: { kind: 'closed', why: 'disabled' }, outcome: 'disabled', rule: 'link.disabled' };
  if (link.startsAt !== null && request.at < Date.parse(link.startsAt))
    return { response: { kind: 'closed', why: 'not-started' }, outcome: 'disabled', rule: 'link.not-started' };
  if (link.expiresAt !== null && request.at >= Date.parse(link.expiresAt)) return decideExpired(link);
  const userAgent = request.headers[edgeHeaders.userAgent] ?? '';
  if (link.card !== null && isPreview(userAgent))
    return { response: { kind: 'card', card: link.card }, outcome: null, rule: null };
  const { id, passwordHash } = link;
  if (passwordHash !== null && !hasUnlock({ id, passwordHash }, request.query, request.at))
    return {
      response: { kind: 'locked', code: link.code, query: withoutUnlock(request.query) },
      outcome: 'refused',
      rule: 'link.password',
    };
  const query = passwordHash === null ? request.query : withoutUnlock(request.query);
  const visitor = { userAgent, country: countryOf(request), query, address: addressOf(link, request) };
  const { url, ...variant } = chooseDestination(link, visitor);
  return decideOpen(toSafeLocation(url), link.status, variant);
}

/** Only a split test needs the address. */
function addressOf({ variants }: Link, { headers, replayed }: EdgeRequest): string | null {
  return variants.length === 0 ? null : parseViewerAddress(headers[edgeHeaders.viewerAddress], replayed).address;
}

/**
 * Returns whether the request uses up a click of the link's limit: a GET that would redirect, unless its user agent names a
 * program. What enrich and settle exclude for other reasons, such as double taps, uses clicks up.
 */
export function usesClick(link: Link, { response, outcome }: Decision, { headers }: EdgeRequest): boolean {
  if (link.clickLimit === null || response.kind !== 'redirect' || outcome !== null) return false;
  const userAgent = headers[edgeHeaders.userAgent] ?? '';
  return userAgent !== '' && !isProgram(userAgent);
}

/** User agents that an environment remembers: few send most requests, and the patterns cost more than the redirect. */
const agentsKept = 1_000;

const isProgram = memoize(
  agentsKept,
  (userAgent: string) => office.test(userAgent) || isbot(userAgent) || findNamedRobot(userAgent) !== undefined,
);
const isPreview = memoize(agentsKept, (userAgent: string) => findNamedRobot(userAgent)?.kind === 'preview');

/** @param rule the reason: its time is over, or its clicks are used up */
export function decideExpired(link: Link, rule = 'link.expired'): Decision {
  const location = link.expiredUrl === null ? undefined : toSafeLocation(link.expiredUrl);
  return location === undefined
    ? { response: { kind: 'closed', why: 'expired' }, outcome: 'expired', rule }
    : { response: { kind: 'redirect', status: 302, location }, outcome: 'expired', rule: `${rule}-destination` };
}

function decideOpen(location: string | undefined, status: RedirectStatus, variant: { variant?: string }): Decision {
  return location === undefined
    ? { response: { kind: 'closed', why: 'broken' }, outcome: 'refused', rule: 'destination.scheme' }
    : { response: { kind: 'redirect', status, location, ...variant }, outcome: null, rule: null };
}
