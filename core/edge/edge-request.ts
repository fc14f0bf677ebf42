import type { ClickMessage } from '#schemas/click-message.ts';
import { edgeHeaders, replayHeaders, sdkHeader } from '#schemas/edge-headers.ts';
import { parseViewerAddress } from './viewer-address.ts';
import { keepCampaign, keepReferrer } from './visitor-text.ts';

/** One request as the edge forwarded it. Header names are in lower case; only those of `edgeHeaders` are trusted. */
export interface EdgeRequest {
  method: string;
  path: string;
  /** Without the question mark. */
  query: string;
  /** Milliseconds since the epoch. */
  at: number;
  headers: Readonly<Record<string, string | undefined>>;
  /** Replayed from a log through a local edge that allows it. */
  replayed: boolean;
}

/** Longest header value kept, in UTF-16 code units: keeps a message far below SQS's 256 KB. */
export const headerLimit = 4096;

/** The fields we read from a Lambda Function URL or HTTP API event (payload 2.0). */
export interface GatewayEvent {
  rawPath: string;
  rawQueryString?: string;
  headers?: Record<string, string | undefined>;
  requestContext: { timeEpoch: number; http: { method: string } };
}

export function isPrefetch(facts: EdgeRequest): boolean {
  const purpose = facts.headers[edgeHeaders.purpose];
  return purpose !== undefined && purposes.test(purpose);
}

const purposes = /prefetch|prerender|preview/i;

/** Builds the part of a message that the request determines; the caller adds the page, link and destination. */
export function messageOf(facts: EdgeRequest, id: string): ClickMessage {
  const { address, port } = parseViewerAddress(facts.headers[edgeHeaders.viewerAddress], facts.replayed);
  return {
    version: 1,
    id,
    type: 'link_click',
    occurredAt: facts.at,
    receivedAt: facts.at,
    page: null,
    link: null,
    destination: null,
    title: null,
    campaign: null,
    method: facts.method,
    outcome: null,
    rule: null,
    query: keepCampaign(facts.query),
    address,
    port,
    country: countryOf(facts),
    asn: asnOf(facts.headers[edgeHeaders.viewerAsn]),
    privacy: asksPrivacy(facts),
    headers: headersOf(facts),
    session: null,
    consentedId: null,
    properties: null,
    replayed: facts.replayed,
  };
}

/** Returns CloudFront's country, such as `DE`, or null if it sent none. */
export function countryOf(facts: EdgeRequest): string | null {
  return facts.headers[edgeHeaders.viewerCountry] || null;
}

function asnOf(value: string | undefined): number | null {
  const asn = Number(value);
  return value !== undefined && Number.isInteger(asn) && asn > 0 && asn < 2 ** 31 ? asn : null;
}

/** Returns whether the viewer sent Global Privacy Control. The viewer function folds Do Not Track into it. */
export function asksPrivacy(facts: EdgeRequest): boolean {
  return facts.headers[edgeHeaders.privacy] === '1';
}

function headersOf(facts: EdgeRequest): ClickMessage['headers'] {
  // Redacted before it is cut, or half an address could stay at the end.
  const hints = packedHints.exec(facts.headers[edgeHeaders.hints] ?? facts.headers[sdkHeader] ?? '')?.[0];
  const referrer = facts.headers[edgeHeaders.referrer] ?? (facts.replayed ? undefined : null);
  return {
    userAgent: headerOf(facts, edgeHeaders.userAgent),
    referrer: referrer && keepReferrer(referrer).slice(0, headerLimit),
    accept: headerOf(facts, edgeHeaders.accept),
    acceptLanguage: headerOf(facts, edgeHeaders.acceptLanguage),
    ...(hints !== undefined && { hints: hints.slice(0, headerLimit) }),
  };
}

/** Client hints come last: after the host, or after headers of an SDK's request, which may be secret. */
const packedHints = /(?<![^&])sec-ch-.*/;

/** Returns null for an absent header, but undefined in a replay, because a log does not know it. */
function headerOf(facts: EdgeRequest, name: string): string | null | undefined {
  return facts.headers[name]?.slice(0, headerLimit) ?? (facts.replayed ? undefined : null);
}

/**
 * Parses the event of an edge function.
 * @param allowReplay true on a local stack started with replay; elsewhere the replay header is ignored
 */
export function parseEdgeRequest(event: GatewayEvent, allowReplay: boolean): EdgeRequest {
  const headers = event.headers ?? {};
  return {
    method: event.requestContext.http.method,
    path: event.rawPath,
    query: event.rawQueryString ?? '',
    at: event.requestContext.timeEpoch,
    headers,
    replayed: allowReplay && headers[replayHeaders.time] !== undefined,
  };
}
