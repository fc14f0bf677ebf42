import type { Link } from '#schemas/catalog.ts';
import type { RedirectStatus } from '#schemas/catalog-rules.ts';
import type { EdgeOutcome } from '#schemas/click-message.ts';
import { countryOf, isPrefetch, type EdgeRequest } from '#core/edge/edge-request.ts';
import { edgeHeaders } from '#schemas/edge-headers.ts';
import { toSafeLocation } from './destination.ts';
import { chooseDestination } from './target.ts';

/** Why a link does not lead to its destination now. */
export type ClosedReason = 'disabled' | 'not-started' | 'expired' | 'broken';

export type LinkResponse =
  | { kind: 'redirect'; status: RedirectStatus; location: string }
  | { kind: 'closed'; why: ClosedReason }
  | { kind: 'prefetch' }
  | { kind: 'method' };

export interface Decision {
  response: LinkResponse;
  /** Decided at the edge; null leaves it to enrich. */
  outcome: EdgeOutcome | null;
  rule: string | null;
}

/** Answers a request for a link, and says what the edge knows of its outcome. HEAD meets the same headers as GET. */
export function decideLink(link: Link, facts: EdgeRequest): Decision {
  const early = decideRequest(facts);
  if (early !== undefined) return early;
  const verdict = decideVisit(link, facts);
  return facts.method === 'HEAD' ? { ...verdict, outcome: 'head', rule: 'method.HEAD' } : verdict;
}

/**
 * What holds for links and link pages alike, before either is looked into. One request has one outcome: the method
 * decides first, then the purpose, then the link.
 * @returns undefined for a visit, by GET or HEAD, that is meant to be seen
 */
export function decideRequest(facts: EdgeRequest): Decision | undefined {
  const { method } = facts;
  if (method !== 'GET' && method !== 'HEAD')
    return { response: { kind: 'method' }, outcome: 'refused', rule: `method.${method.slice(0, 16)}` };
  if (!isPrefetch(facts)) return undefined;
  return method === 'HEAD'
    ? { response: { kind: 'prefetch' }, outcome: 'head', rule: 'method.HEAD' }
    : { response: { kind: 'prefetch' }, outcome: 'prefetch', rule: 'header.sec-purpose' };
}

/** What a GET of the link meets at that moment. Expired links lead to their expiry destination with a plain 302. */
function decideVisit(link: Link, facts: EdgeRequest): Decision {
  if (!link.enabled)
    return { response: { kind: 'closed', why: 'disabled' }, outcome: 'disabled', rule: 'link.disabled' };
  if (link.startsAt !== null && facts.at < Date.parse(link.startsAt))
    return { response: { kind: 'closed', why: 'not-started' }, outcome: 'disabled', rule: 'link.not-started' };
  if (link.expiresAt !== null && facts.at >= Date.parse(link.expiresAt)) return expiredVerdict(link);
  const visitor = {
    userAgent: facts.headers[edgeHeaders.userAgent] ?? '',
    country: countryOf(facts),
    query: facts.query,
  };
  return openVerdict(toSafeLocation(chooseDestination(link, visitor)), link.status);
}

function expiredVerdict(link: Link): Decision {
  const location = link.expiredUrl === null ? undefined : toSafeLocation(link.expiredUrl);
  return location === undefined
    ? { response: { kind: 'closed', why: 'expired' }, outcome: 'expired', rule: 'link.expired' }
    : { response: { kind: 'redirect', status: 302, location }, outcome: 'expired', rule: 'link.expired-destination' };
}

function openVerdict(location: string | undefined, status: RedirectStatus): Decision {
  return location === undefined
    ? { response: { kind: 'closed', why: 'broken' }, outcome: 'refused', rule: 'destination.scheme' }
    : { response: { kind: 'redirect', status, location }, outcome: null, rule: null };
}
