import type { EdgeRequest } from '#core/edge/edge-request.ts';
import { cameThroughCloudFront } from '#core/edge/origin-secret.ts';
import type { RefusedRequest } from '#core/edge/refused-limit.ts';
import { parseViewerAddress } from '#core/edge/viewer-address.ts';
import type { Page } from '#schemas/catalog.ts';
import { pagePathPattern } from '#schemas/catalog-rules.ts';
import type { CollectEvent } from '#schemas/collect-event.ts';
import { edgeHeaders } from '#schemas/edge-headers.ts';
import { clientDroppedMessage, droppedMessage } from '#schemas/log-lines.ts';
import type { QueuedEvent } from '#stores/aws/sqs-click-queue.ts';
import { rateBucket } from '#stores/cache/rate-limit.ts';
import {
  type BatchError,
  batchErrors,
  type CollectResponse,
  type EventError,
  gif,
  noContent,
  preflight,
  refusal,
} from './responses.ts';
import { ownEventId } from './event-id.ts';
import { eventMessage, refusedEventMessage, unreadableMessage } from './event-message.ts';
import { eventTime } from './event-time.ts';
import { describeUnregistered, isRegistered, originOf, requestOrigin } from './origins.ts';
import {
  describeProblem,
  type EventProblem,
  pageOfEvent,
  readBody,
  readEvent,
  type SentEvent,
  shownValue,
} from './read-body.ts';
import { type NotKept, refusedLines, requestLineOf } from './request-lines.ts';

export interface CollectDeps {
  findPage: (path: string) => Promise<Page | undefined>;
  originSecret: () => Promise<string>;
  /** Counts one event for the key; false if that exceeds the limit of a minute. */
  withinRate: (key: string) => Promise<boolean>;
  /** Whether a refused event is kept as an event; if not, it is only counted. */
  keepsRefused: (request: RefusedRequest) => boolean;
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

/** Why a request, or an event of a batch, became no event. Without a registered page, it is only counted in a log line. */
export type Dropped = 'secret' | 'path' | 'method' | 'page';

/** Why an event was not accepted; undefined if it was. */
type Checked = EventError | undefined;

/**
 * Returns a function that receives the trackers' events, one per request or several in a batch. Each event for a
 * registered page gets one request line and ends as one outcome: it is accepted and sent to enrich; `refused` by origin,
 * size, rate, age or destination; or `failed` if it is invalid. Of events that are not accepted, `keepsRefused` decides
 * which are kept; the others get one line per page and rule of a request. Requests for no registered page are only counted
 * in a line `collect.dropped`, by reason. An event of a batch never affects the others.
 *
 * The checks are in order of their cost: secret, path, method, size, page (in memory, else one read for each distinct
 * page), origin, rate (one write for 20 events of an address), then the fields.
 * @throws {StoreUnavailable} if the catalog or the secret is unavailable and not in memory; no event was accepted then
 */
export function createCollect(deps: CollectDeps) {
  const { findPage, originSecret, withinRate, keepsRefused, nextId, send, writeLine } = deps;
  return async ({ request, body, bytes }: CollectRequest): Promise<CollectResponse> => {
    const secret = await originSecret();
    if (!cameThroughCloudFront(request.headers, secret)) {
      const message = 'The request did not come through CloudFront.';
      return drop('secret', request.at, { status: 403, rule: 'refused.secret', message });
    }
    const methods = allowedMethods(request);
    if (methods.length === 0)
      return drop('path', request.at, {
        status: 404,
        rule: 'refused.path',
        message: 'Events are sent to /e or /e.gif.',
      });
    if (!methods.includes(request.method)) {
      const allow = methods.join(', ');
      const message = `Method ${request.method} is not allowed. Use ${allow}.`;
      return drop('method', request.at, { status: 405, rule: 'refused.method', message }, { allow });
    }
    if (request.method === 'OPTIONS') return preflight();
    const { batch, events } = isPixel(request)
      ? { batch: false, events: [pixelEvent(request)] }
      : readBody(body, bytes);
    // Before any event is accepted, so that the client can send the whole batch again if the catalog is unavailable.
    const pages = await Promise.all(events.map(async (event) => pageFor(event, request.query)));
    const checked = await checkInOrder(events, pages, request, secret);
    return batch ? batchResponse(checked, request) : singleResponse(checked[0], request);
  };

  function drop(reason: Dropped, at: number, error: EventError, headers: Record<string, string> = {}) {
    countDropped(reason, at, 1);
    return refusal(error, headers);
  }

  function countDropped(reason: Dropped, at: number, count: number): void {
    writeLine(JSON.stringify({ message: droppedMessage, at, reason, count }));
  }

  /** Returns the page, or the path of a page that does not exist. */
  async function pageFor(event: SentEvent, query: string): Promise<Page | { unknown: string | undefined }> {
    const path = pageOfEvent(event) ?? pageOfQuery(query);
    const page = path === undefined ? undefined : await findPage(path);
    return page ?? { unknown: path };
  }

  /** Events are counted against the rate in their order; the queue receives them side by side. */
  async function checkInOrder(
    events: readonly SentEvent[],
    pages: readonly (Page | { unknown: string | undefined })[],
    request: EdgeRequest,
    secret: string,
  ): Promise<Checked[]> {
    const { address } = parseViewerAddress(request.headers[edgeHeaders.viewerAddress], request.replayed);
    const checked: Checked[] = [];
    const notKept: NotKept[] = [];
    const sending: Promise<unknown>[] = [];
    for (const [index, event] of events.entries()) {
      const page = pages[index];
      if (page === undefined || 'unknown' in page) {
        checked.push(pageError(page?.unknown));
        continue;
      }
      const { message, error } = await checkEvent(page, event, request, { secret, address });
      checked.push(error);
      const rule = refusalRule(message, error);
      if (rule !== undefined && !keepsRefused({ address, page: page.path, at: request.at })) {
        notKept.push({ page: page.path, rule });
        continue;
      }
      // Enrich files what is refused or unreadable under the time of receipt.
      const at = error === undefined ? Number(message['occurredAt']) : request.at;
      writeLine(JSON.stringify(requestLineOf(message.id, page.path, { at, received: request.at })));
      sending.push(send({ ...message, sdk: isPixel(request) ? 'pixel' : 'tracker' }));
    }
    for (const line of refusedLines(notKept, request.at)) writeLine(JSON.stringify(line));
    const unknown = checked.filter((error) => error?.rule === unknownPageRule).length;
    if (unknown > 0) countDropped('page', request.at, unknown);
    await Promise.all(sending);
    return checked;
  }

  async function checkEvent(
    page: Page,
    sent: SentEvent,
    request: EdgeRequest,
    { secret, address }: { secret: string; address: string | null },
  ): Promise<{ message: QueuedEvent; error?: EventError }> {
    function refused(reason: string, status: number, message: string) {
      const rule = `refused.${reason}`;
      return { message: refusedEventMessage(page.path, rule, request, nextId()), error: { status, rule, message } };
    }
    const origin = requestOrigin(request);
    if (!isRegistered(page, origin)) {
      return refused('origin', 403, describeUnregistered(page, origin));
    }
    if (sent.kind === 'large') return refused('size', 413, sent.problem);
    if (!(await withinRate(rateBucket(secret, address ?? '', page.path))))
      return refused('rate', 429, 'Too many events from this address within a minute.');
    const read = readEvent(sent, page.path);
    switch (read.kind) {
      case 'event':
        return accept(page, read.event, request);
      case 'unreadable':
        return {
          message: unreadableMessage(page.path, read.problem, request, nextId()),
          error: fieldError(`invalid.${read.problem.field}`, read.problem),
        };
      default:
        return read satisfies never;
    }
  }

  function accept(page: Page, event: CollectEvent, request: EdgeRequest): { message: QueuedEvent; error?: EventError } {
    const occurredAt = eventTime(event, request.at);
    if (occurredAt === undefined) return tooOld(page, event, request);
    // Only an event that is accepted takes its own id: the retry of a refused one must still be able to count.
    const id = event.id ? ownEventId(page.path, event.id) : nextId();
    const dropped = event.dropped ?? 0;
    if (dropped > 0) writeLine(JSON.stringify({ message: clientDroppedMessage, at: request.at, count: dropped }));
    const message = eventMessage(event, page, { request, id, occurredAt });
    if (event.type === 'link_click' && isRegistered(page, originOf(event.destination ?? undefined)))
      return { message: { ...message, outcome: 'refused', rule: 'link.own-site' } };
    return { message };
  }

  function tooOld(page: Page, event: CollectEvent, request: EdgeRequest) {
    const rule = 'time.too-old';
    const problem = { field: 'occurredAt', value: event.occurredAt, allowed: 'at most 24 hours before receipt' };
    return { message: refusedEventMessage(page.path, rule, request, nextId()), error: fieldError(rule, problem) };
  }
}

function fieldError(rule: string, problem: EventProblem): EventError {
  const { field, value, allowed } = problem;
  return { status: 400, rule, message: describeProblem(problem), field, value: shownValue(value), allowed };
}

function singleResponse(error: Checked, request: EdgeRequest): CollectResponse {
  if (error === undefined) return isPixel(request) ? gif() : noContent();
  return refusal(error, error.status === 429 ? { 'retry-after': String(secondsLeft(request.at)) } : {});
}

function batchResponse(checked: readonly Checked[], request: EdgeRequest): CollectResponse {
  const errors = checked.flatMap((error, index): BatchError[] => (error === undefined ? [] : [{ index, ...error }]));
  return errors.length === 0
    ? noContent()
    : batchErrors(checked.length - errors.length, errors, secondsLeft(request.at));
}

/** Returns the seconds until the next minute, when the rate is counted anew. */
function secondsLeft(at: number): number {
  return 60 - (Math.floor(at / 1000) % 60);
}

function pageError(path: string | undefined): EventError {
  const message = path === undefined ? 'The event names no page.' : `Page ${path} does not exist.`;
  return { status: 404, rule: unknownPageRule, message };
}

const unknownPageRule = 'refused.page';

/** Returns the rule by which an event was not accepted; undefined if it was. */
function refusalRule(message: QueuedEvent, error: Checked): string | undefined {
  return error?.rule ?? (message['outcome'] === 'refused' ? String(message['rule']) : undefined);
}

function isPixel(request: EdgeRequest): boolean {
  return request.path === '/e.gif';
}

function pageOfQuery(query: string): string | undefined {
  const page = new URLSearchParams(query).get('p') ?? '';
  return pagePathPattern.test(page) ? page : undefined;
}

function allowedMethods(request: EdgeRequest): readonly string[] {
  if (isPixel(request)) return ['GET'];
  return request.path === '/e' ? ['POST', 'OPTIONS'] : [];
}

/** Reads the pixel's query as an event: `p` page, `u` URL, `r` referrer, `t` title. */
function pixelEvent({ query, headers }: EdgeRequest): SentEvent {
  const parameters = new URLSearchParams(query);
  const fields: Partial<CollectEvent> = {
    type: 'page_view',
    url: parameters.get('u') ?? headers[edgeHeaders.referrer],
    referrer: parameters.get('r'),
    title: parameters.get('t'),
  };
  return { kind: 'object', fields };
}
