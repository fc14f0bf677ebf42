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
  /** Counts one event of the key; false where it is beyond the limit. */
  withinRate: (key: string) => Promise<boolean>;
  nextId: () => string;
  /** Never rejects. */
  send: (event: QueuedEvent) => Promise<unknown>;
  writeLine: (line: string) => void;
}

/** A request for `/e` or `/e.gif` with its body as text; `bytes` is the body's size as it was sent. */
export interface CollectRequest {
  facts: EdgeRequest;
  body: string;
  bytes: number;
}

/** Why nobody's event was made of a request: no page can be told, so strangers create nothing but a count. */
type Dropped = 'secret' | 'path' | 'method' | 'page';

/**
 * Takes events of trackers. One request for a registered page is one event with one outcome: accepted ones go to
 * enrich; a wrong origin, size or rate is `refused` with its rule; a body or field that is wrong becomes a `failed`
 * event, and its sender reads a 400 that names the field. Requests for no registered page are counted in the metric
 * `CollectRefused` by reason and leave nothing else.
 *
 * @throws {StoreUnavailable} where the catalog or the secret was never read and does not answer
 */
export function createCollect({ findPage, originSecret, withinRate, nextId, send, writeLine }: CollectDeps) {
  function dropped(reason: Dropped, at: number, answer: CollectResponse): CollectResponse {
    writeLine(metricLine(at, [{ name: 'CollectRefused', value: 1, unit: 'Count' }], { Reason: reason }));
    return answer;
  }

  async function emit(page: string, facts: EdgeRequest, make: (id: string) => QueuedEvent): Promise<void> {
    const id = nextId();
    writeLine(JSON.stringify(requestLineOf(id, facts.at, page)));
    await send(make(id));
  }

  async function refused(page: Page, reason: string, facts: EdgeRequest, answer: CollectResponse) {
    await emit(page.path, facts, (id) => refusedMessage(page.path, `refused.${reason}`, facts, id));
    return answer;
  }

  async function accept(
    page: Page,
    body: Exclude<SentBody, { kind: 'large' }>,
    facts: EdgeRequest,
    cors: Record<string, string>,
  ) {
    const read = readEvent(body, page.path);
    switch (read.kind) {
      case 'event':
        await emit(page.path, facts, (id) => eventMessage(read.event, page, facts, id));
        return isPixel(facts) ? gif() : noContent(cors);
      case 'unreadable': {
        const { field, value, message } = read.problem;
        await emit(page.path, facts, (id) => unreadableMessage(page.path, read.problem, facts, id));
        const shown = (JSON.stringify(value) ?? 'nothing').slice(0, 120);
        return refusal(400, { rule: `invalid.${field}`, field, value: shown, message: `${field} ${message}` }, cors);
      }
      default:
        return read satisfies never;
    }
  }

  async function evaluate(page: Page, sent: SentBody, { facts, bytes }: CollectRequest, secret: string) {
    const origin = askingOrigin(facts);
    if (!isRegistered(page, origin)) {
      const message = `origin ${origin ?? 'unknown'} is not registered for page ${page.path}`;
      return refused(page, 'origin', facts, refusal(403, { rule: 'refused.origin', message }));
    }
    const cors = corsHeaders(origin);
    if (sent.kind === 'large') {
      const message = `the body has ${bytes} bytes; at most ${collectLimits.body} are taken`;
      return refused(page, 'size', facts, refusal(413, { rule: 'refused.size', message }, cors));
    }
    const { address } = parseViewerAddress(facts.headers[edgeHeaders.viewerAddress], facts.replayed);
    if (!(await withinRate(rateBucket(secret, address ?? '', page.path)))) {
      const message = 'too many events in a minute from this address';
      return refused(
        page,
        'rate',
        facts,
        refusal(429, { rule: 'refused.rate', message }, { ...cors, 'retry-after': '60' }),
      );
    }
    return accept(page, sent, facts, cors);
  }

  /** A preflight creates nothing. It is granted where `?p=` names a page and the origin is registered for it. */
  async function preflight(facts: EdgeRequest): Promise<CollectResponse> {
    const path = pageOfQuery(facts.query);
    const page = path === undefined ? undefined : await findPage(path);
    const origin = askingOrigin(facts);
    if (page === undefined || !isRegistered(page, origin)) return noContent();
    return noContent({
      ...corsHeaders(origin),
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type',
      'access-control-max-age': '86400',
    });
  }

  return async (request: CollectRequest): Promise<CollectResponse> => {
    const { facts, body, bytes } = request;
    const secret = await originSecret();
    if (!isSame(facts.headers[originSecretHeader] ?? '', secret))
      return dropped('secret', facts.at, refusal(403, { rule: 'refused.secret', message: 'not through the edge' }));
    const methods = allowedMethods(facts);
    if (methods.length === 0)
      return dropped('path', facts.at, refusal(404, { rule: 'refused.path', message: 'nothing is collected here' }));
    if (!methods.includes(facts.method)) {
      const message = `method ${facts.method} is not allowed`;
      const allow = { allow: methods.join(', ') };
      return dropped('method', facts.at, refusal(405, { rule: 'refused.method', message }, allow));
    }
    if (facts.method === 'OPTIONS') return preflight(facts);
    const sent = isPixel(facts) ? pixelBody(facts) : readBody(body, bytes);
    const path = pageOfBody(sent, body) ?? pageOfQuery(facts.query);
    const page = path === undefined ? undefined : await findPage(path);
    if (page === undefined) {
      const message = `page ${path ?? 'unknown'} is not registered`;
      return dropped('page', facts.at, refusal(404, { rule: 'refused.page', message }));
    }
    return evaluate(page, sent, request, secret);
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

function isPixel(facts: EdgeRequest): boolean {
  return facts.path === '/e.gif';
}

/** The origin that asks: scripts send `Origin`; for the pixel it is that of the page it stands on. */
function askingOrigin({ headers }: EdgeRequest): string | undefined {
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

/** Takes the same time whatever is wrong, and with whatever length. */
function isSame(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function allowedMethods(facts: EdgeRequest): readonly string[] {
  if (isPixel(facts)) return ['GET'];
  return facts.path === '/e' ? ['POST', 'OPTIONS'] : [];
}

/** The pixel's query as a body: `p` page, `u` url, `r` referrer, `t` title. */
function pixelBody({ query, headers }: EdgeRequest): SentBody {
  const asked = new URLSearchParams(query);
  const fields: Partial<CollectEvent> = {
    type: 'page_view',
    url: asked.get('u') ?? headers[edgeHeaders.referrer],
    referrer: asked.get('r'),
    title: asked.get('t'),
  };
  return { kind: 'object', fields };
}
