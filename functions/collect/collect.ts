import { createHash, timingSafeEqual } from 'node:crypto';
import { metricLine } from '#core/edge/metric-line.ts';
import type { EdgeRequest } from '#core/edge/edge-request.ts';
import { parseViewerAddress } from '#core/edge/viewer-address.ts';
import type { Page } from '#schemas/catalog.ts';
import { pagePathPattern } from '#schemas/catalog-rules.ts';
import { type CollectEvent, collectLimits } from '#schemas/collect-event.ts';
import { edgeHeaders, originSecretHeader } from '#schemas/edge-headers.ts';
import { type RequestLine, requestMessage } from '#schemas/log-lines.ts';
import type { QueuedEvent } from '#stores/aws/sqs-click-queue.ts';
import { rateBucket } from '#stores/cache/rate-limit.ts';
import { type CollectResponse, corsHeaders, gif, noContent, refusal } from './responses.ts';
import { eventMessage, refusedMessage, unreadableMessage } from './event-message.ts';
import { pageOfBody, readBody, readEvent, type SentBody } from './read-body.ts';

export interface CollectDeps {
  findPage: (path: string) => Promise<Page | undefined>;
  originSecret: () => Promise<string>;
  /** Counts one event for the key; false if that exceeds the limit. */
  withinRate: (key: string) => Promise<boolean>;
  nextId: () => string;
  /** Never rejects. */
  send: (event: QueuedEvent) => Promise<unknown>;
  writeLine: (line: string) => void;
}

/** A request for `/e` or `/e.gif` with its body as text. `bytes` is the body's size as it was sent. */
export interface CollectRequest {
  request: EdgeRequest;
  body: string;
  bytes: number;
}

/** Why a request became no event. Without a registered page, it is only counted in a metric. */
type Dropped = 'secret' | 'path' | 'method' | 'page';

/**
 * Returns a function that receives the trackers' events. One request for a registered page is one event with one outcome:
 * it is accepted and sent to enrich; `refused` by origin, size or rate; or `failed` if its body is invalid, with a 400 that
 * names the field. Other requests are only counted in the metric `CollectRefused`, by reason.
 * @throws {StoreUnavailable} if the catalog or the secret is unavailable and not in memory
 */
export function createCollect({ findPage, originSecret, withinRate, nextId, send, writeLine }: CollectDeps) {
  function dropped(reason: Dropped, at: number, response: CollectResponse): CollectResponse {
    writeLine(metricLine(at, [{ name: 'CollectRefused', value: 1, unit: 'Count' }], { Reason: reason }));
    return response;
  }

  async function emit(page: string, request: EdgeRequest, make: (id: string) => QueuedEvent): Promise<void> {
    const id = nextId();
    writeLine(JSON.stringify(requestLineOf(id, request.at, page)));
    await send(make(id));
  }

  async function refused(page: Page, reason: string, request: EdgeRequest, response: CollectResponse) {
    await emit(page.path, request, (id) => refusedMessage(page.path, `refused.${reason}`, request, id));
    return response;
  }

  async function accept(
    page: Page,
    body: Exclude<SentBody, { kind: 'large' }>,
    request: EdgeRequest,
    cors: Record<string, string>,
  ) {
    const read = readEvent(body, page.path);
    switch (read.kind) {
      case 'event':
        await emit(page.path, request, (id) => eventMessage(read.event, page, request, id));
        return isPixel(request) ? gif() : noContent(cors);
      case 'unreadable': {
        const { field, value, message } = read.problem;
        await emit(page.path, request, (id) => unreadableMessage(page.path, read.problem, request, id));
        const shown = (JSON.stringify(value) ?? 'nothing').slice(0, 120);
        return refusal(400, { rule: `invalid.${field}`, field, value: shown, message: `${field} ${message}` }, cors);
      }
      default:
        return read satisfies never;
    }
  }

  async function checkEvent(page: Page, sent: SentBody, { request, bytes }: CollectRequest, secret: string) {
    const origin = requestOrigin(request);
    if (!isRegistered(page, origin)) {
      const message = `origin ${origin ?? 'unknown'} is not registered for page ${page.path}`;
      return refused(page, 'origin', request, refusal(403, { rule: 'refused.origin', message }));
    }
    const cors = corsHeaders(origin);
    if (sent.kind === 'large') {
      const message = `the body has ${bytes} bytes; the limit is ${collectLimits.body}`;
      return refused(page, 'size', request, refusal(413, { rule: 'refused.size', message }, cors));
    }
    const { address } = parseViewerAddress(request.headers[edgeHeaders.viewerAddress], request.replayed);
    if (!(await withinRate(rateBucket(secret, address ?? '', page.path)))) {
      const message = 'too many events from this address within a minute';
      return refused(
        page,
        'rate',
        request,
        refusal(429, { rule: 'refused.rate', message }, { ...cors, 'retry-after': '60' }),
      );
    }
    return accept(page, sent, request, cors);
  }

  /** Responds to a preflight, which creates no event. Allowed if `?p=` names a page that has registered the origin. */
  async function preflight(request: EdgeRequest): Promise<CollectResponse> {
    const path = pageOfQuery(request.query);
    const page = path === undefined ? undefined : await findPage(path);
    const origin = requestOrigin(request);
    if (page === undefined || !isRegistered(page, origin)) return noContent();
    return noContent({
      ...corsHeaders(origin),
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type',
      'access-control-max-age': '86400',
    });
  }

  return async (received: CollectRequest): Promise<CollectResponse> => {
    const { request, body, bytes } = received;
    const secret = await originSecret();
    if (!isSame(request.headers[originSecretHeader] ?? '', secret))
      return dropped(
        'secret',
        request.at,
        refusal(403, { rule: 'refused.secret', message: 'the request did not come through CloudFront' }),
      );
    const methods = allowedMethods(request);
    if (methods.length === 0)
      return dropped(
        'path',
        request.at,
        refusal(404, { rule: 'refused.path', message: 'events are sent to /e or /e.gif' }),
      );
    if (!methods.includes(request.method)) {
      const message = `method ${request.method} is not allowed`;
      const allow = { allow: methods.join(', ') };
      return dropped('method', request.at, refusal(405, { rule: 'refused.method', message }, allow));
    }
    if (request.method === 'OPTIONS') return preflight(request);
    const sent = isPixel(request) ? pixelBody(request) : readBody(body, bytes);
    const path = pageOfBody(sent, body) ?? pageOfQuery(request.query);
    const page = path === undefined ? undefined : await findPage(path);
    if (page === undefined) {
      const message = `page ${path ?? 'unknown'} is not registered`;
      return dropped('page', request.at, refusal(404, { rule: 'refused.page', message }));
    }
    return checkEvent(page, sent, received, secret);
  };
}

function requestLineOf(id: string, at: number, page: string): RequestLine {
  return {
    message: requestMessage,
    id,
    at,
    page,
    link: null,
    campaign: null,
  };
}

function isPixel(request: EdgeRequest): boolean {
  return request.path === '/e.gif';
}

/** Returns the origin of the request: scripts send `Origin`; for the pixel it is that of the embedding page. */
function requestOrigin({ headers }: EdgeRequest): string | undefined {
  return originOf(headers[edgeHeaders.origin] ?? headers[edgeHeaders.referrer]);
}

function originOf(url: string | undefined): string | undefined {
  return URL.parse(url ?? '')?.origin;
}

function isRegistered(page: Page, origin: string | undefined): origin is string {
  return origin !== undefined && page.origins.some((registered) => originOf(registered) === origin);
}

function pageOfQuery(query: string): string | undefined {
  const page = new URLSearchParams(query).get('p') ?? '';
  return pagePathPattern.test(page) ? page : undefined;
}

/** Compares in constant time, whatever the lengths. */
function isSame(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function allowedMethods(request: EdgeRequest): readonly string[] {
  if (isPixel(request)) return ['GET'];
  return request.path === '/e' ? ['POST', 'OPTIONS'] : [];
}

/** Reads the pixel's query as a body: `p` page, `u` URL, `r` referrer, `t` title. */
function pixelBody({ query, headers }: EdgeRequest): SentBody {
  const parameters = new URLSearchParams(query);
  const fields: Partial<CollectEvent> = {
    type: 'page_view',
    url: parameters.get('u') ?? headers[edgeHeaders.referrer],
    referrer: parameters.get('r'),
    title: parameters.get('t'),
  };
  return { kind: 'object', fields };
}
