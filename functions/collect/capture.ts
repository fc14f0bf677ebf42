import type { Adapter, CapturedEvent, SdkCall, UnreadableEvent } from '#core/capture/adapter.ts';
import { readRequest } from '#core/capture/adapters.ts';
import { captureLimits, decodeBody, type DecodedBody } from '#core/capture/decode-body.ts';
import { hideIngestKeys, isKeyOf, parseIngestKey } from '#core/capture/ingest-key.ts';
import { asksPrivacy, type EdgeRequest } from '#core/edge/edge-request.ts';
import { cameThroughCloudFront } from '#core/edge/origin-secret.ts';
import { parseViewerAddress } from '#core/edge/viewer-address.ts';
import { hideIds, redactEmails } from '#core/edge/visitor-text.ts';
import { keptIds } from '#core/visitors/person-id.ts';
import type { Page } from '#schemas/catalog.ts';
import { collectLimits } from '#schemas/collect-event.ts';
import { edgeHeaders } from '#schemas/edge-headers.ts';
import { callsMessage, droppedMessage } from '#schemas/log-lines.ts';
import type { QueuedEvent } from '#stores/aws/sqs-click-queue.ts';
import { rateBucket } from '#stores/cache/rate-limit.ts';
import { capturedMessage } from './captured-message.ts';
import type { CollectDeps, Dropped } from './collect.ts';
import { ownEventId } from './event-id.ts';
import { refusedEventMessage, unreadableMessage } from './event-message.ts';
import { eventTime } from './event-time.ts';
import { describeUnregistered, isRegistered, originOf, requestOrigin } from './origins.ts';
import { type NotKept, refusedLines, requestLineOf } from './request-lines.ts';
import { type CollectResponse, sdkPreflight, sdkRefusal, sdkResponse } from './responses.ts';
import { parseMount, requestedHeaders, toSdkRequest } from './sdk-request.ts';

export interface CaptureDeps extends Omit<CollectDeps, 'send'> {
  /** Sends events in as few messages as possible. Never rejects. */
  sendAll: (events: readonly QueuedEvent[]) => Promise<unknown>;
}

export interface CaptureRequest {
  request: EdgeRequest;
  raw: Buffer;
}

/** Why a whole request was refused, with what its SDK is told. */
interface Refusal {
  status: number;
  rule: string;
  message: string;
}

/** An event's message, and the rule if it is refused or cannot be read. */
interface Checked {
  message: QueuedEvent;
  rule?: string;
}

/**
 * Returns a function that receives what SDKs send below `/e/<page>/`. Each event gets one request line and ends as one
 * outcome, as in `createCollect`; calls that make no event are counted by name in a line `sdk.calls`.
 *
 * Browsers are recognized by a registered origin, servers by an ingest key of the page. A refusal of a single event is
 * answered as success, because most SDKs drop a whole batch after an error, or send it again for hours. No answer is 429.
 * @throws {StoreUnavailable} if the catalog or the secret is unavailable and not in memory; no event was accepted then
 */
export function createCapture(deps: CaptureDeps) {
  const { findPage, originSecret, withinRate, keepsRefused, nextId, sendAll, writeLine } = deps;
  return async ({ request, raw }: CaptureRequest): Promise<CollectResponse> => {
    const secret = await originSecret();
    const origin = request.headers[edgeHeaders.origin];
    function refuse(refusal: Refusal): CollectResponse {
      return sdkRefusal(refusal, origin);
    }
    if (!cameThroughCloudFront(request.headers, secret)) {
      countDropped('secret', request.at);
      return refuse({ status: 403, rule: 'refused.secret', message: 'The request did not come through CloudFront.' });
    }
    if (request.method === 'OPTIONS') return sdkPreflight(origin, requestedHeaders(request));
    const mount = parseMount(request.path);
    const found = findCall(request, mount?.path ?? request.path, raw);
    const path = mount?.page ?? pageOfKey(found);
    if (path === undefined || found === undefined) {
      countDropped('path', request.at);
      return refuse({
        status: 404,
        rule: 'refused.path',
        message: 'No SDK that is supported sends to this path: docs/capture.md.',
      });
    }
    const { adapter } = found;
    const page = await findPage(path);
    const call = takeIdentifies(found.call, page, request);
    if (page === undefined) {
      if (call.events.length > 0) countDropped('page', request.at);
      const refusal = { status: 404, rule: 'refused.page', message: `Page ${path} does not exist.` };
      return adapter.neverFails ? sdkResponse(call.response, origin) : refuse(refusal);
    }
    if (call.dropped.length > 0) writeLine(callsLine(call, adapter, page, request.at));
    if (call.events.length === 0) return sdkResponse(call.response, origin);
    const sender = findSender(page, call, request);
    const server = sender === 'server';
    // The key of a server is in the body, which was not read.
    const large = request.headers[edgeHeaders.origin] === undefined && found.refusal?.status === 413;
    const refusal = large || typeof sender === 'string' ? found.refusal : sender;
    if (adapter.splits === true && (large || (server && call.events.length > captureLimits.events)))
      return refuse(found.refusal ?? { status: 413, rule: 'refused.size', message: tooLong });
    await account(page, { request, call, adapter, secret, refusal, server });
    return refusal === undefined || adapter.neverFails ? sdkResponse(call.response, origin) : refuse(refusal);
  };

  function countDropped(reason: Dropped, at: number): void {
    writeLine(JSON.stringify({ message: droppedMessage, at, reason, count: 1 }));
  }

  interface Arrival {
    request: EdgeRequest;
    call: SdkCall;
    adapter: Adapter;
    secret: string;
    refusal: Refusal | undefined;
    server: boolean;
  }

  /** Checks the events in order, writes a line for each and sends what is kept. */
  async function account(page: Page, arrival: Arrival): Promise<void> {
    const { request, call } = arrival;
    const { address } = parseViewerAddress(request.headers[edgeHeaders.viewerAddress], request.replayed);
    const bucket = rateBucket(arrival.secret, address ?? '', page.path);
    const sent: QueuedEvent[] = [];
    const notKept: NotKept[] = [];
    for (const [index, event] of call.events.slice(0, mostChecked).entries()) {
      const rule = index < captureLimits.events ? await requestRule(arrival, bucket) : 'refused.size';
      const checked = rule === undefined ? checkEvent(page, event, arrival) : refused(page, rule, request);
      if (checked.rule !== undefined && !keepsRefused({ address, page: page.path, at: request.at })) {
        notKept.push({ page: page.path, rule: checked.rule });
        continue;
      }
      const at = Number(checked.message['occurredAt']);
      writeLine(JSON.stringify(requestLineOf(checked.message.id, page.path, { at, received: request.at })));
      sent.push({ ...checked.message, sdk: arrival.adapter.name });
    }
    const past = call.events.length - mostChecked;
    if (past > 0) notKept.push({ page: page.path, rule: 'refused.size', count: past });
    for (const line of refusedLines(notKept, request.at)) writeLine(JSON.stringify(line));
    await sendAll(sent);
  }

  async function requestRule({ refusal, server }: Arrival, bucket: string): Promise<string | undefined> {
    // A body that cannot be read is one event, which fails by its field.
    if (refusal !== undefined && refusal.rule !== unreadableRule) return refusal.rule;
    // All events of a server come from one address.
    return server || (await withinRate(bucket)) ? undefined : 'refused.rate';
  }

  function refused(page: Page, rule: string, request: EdgeRequest): Checked {
    return { message: refusedEventMessage(page.path, rule, request, nextId()), rule };
  }

  function checkEvent(
    page: Page,
    event: CapturedEvent | UnreadableEvent,
    { request, adapter, server }: Arrival,
  ): Checked {
    if (event.kind === 'unreadable') return unreadable(page, event, request);
    if (event.type === 'custom' && !event.name)
      return unreadable(
        page,
        { kind: 'unreadable', problem: { field: 'name', value: event.name, allowed: 'a name' } },
        request,
      );
    // A server's clock is right, and posthog-node's `sent_at` is that of its first try.
    const occurredAt = server
      ? eventTime({ occurredAt: event.occurredAt }, request.at, collectLimits.serverAge)
      : eventTime(event, request.at);
    if (occurredAt === undefined) return refused(page, 'time.too-old', request);
    const id = event.id === undefined ? nextId() : ownEventId(page.path, event.id, adapter.name);
    const message = capturedMessage(event, { page, request, id, occurredAt, server });
    if (event.type === 'link_click' && isRegistered(page, originOf(event.destination)))
      return { message: { ...message, outcome: 'refused', rule: 'link.own-site' }, rule: 'link.own-site' };
    return { message };
  }

  function unreadable(page: Page, { problem }: UnreadableEvent, request: EdgeRequest): Checked {
    const shown = { ...problem, value: withoutPeople(problem.value) };
    return { message: unreadableMessage(page.path, shown, request, nextId()), rule: `invalid.${problem.field}` };
  }
}

/** Hides addresses, ids, traits and keys in what could not be read, which is kept for its owner. */
function withoutPeople(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null || value === undefined) return value;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  // Hidden before it is cut, or half an address could stay at the end.
  return hideIngestKeys(hideIds(redactEmails(text))).slice(0, longestShown);
}

/** Characters of a value that cannot be read. */
const longestShown = 1000;

/** Events of a request that are looked at one by one. One body may hold hundreds of thousands: the others are one line. */
const mostChecked = 2 * captureLimits.events;

const unreadableRule = 'invalid.body';

interface Found {
  adapter: Adapter;
  call: SdkCall;
  /** Why no event of the body was read. */
  refusal?: Refusal;
}

/** Finds the SDK by path and body. A body that cannot be decoded is one event of the SDK to which the path belongs. */
function findCall(request: EdgeRequest, path: string, raw: Buffer): Found | undefined {
  const body: { decoded?: DecodedBody } = {};
  function decode(): unknown {
    body.decoded = decodeBody(raw);
    return body.decoded.kind === 'json' ? body.decoded.json : undefined;
  }
  const found = readRequest(toSdkRequest(request, path, decode));
  const { decoded } = body;
  if (found === undefined || found.call.events.length === 0 || decoded === undefined) return found;
  switch (decoded.kind) {
    case 'json':
      return found;
    case 'large':
      return { ...found, refusal: { status: 413, rule: 'refused.size', message: decoded.problem } };
    case 'unreadable': {
      const problem = { field: 'body', value: decoded.value, allowed: decoded.allowed };
      const message = `The body must be ${decoded.allowed}.`;
      const call = { ...found.call, events: [{ kind: 'unreadable' as const, problem }] };
      return { ...found, call, refusal: { status: 400, rule: unreadableRule, message } };
    }
    default:
      return decoded satisfies never;
  }
}

/** Makes identify calls events, or drops them: only a page that keeps all ids has a use for them. */
function takeIdentifies(call: SdkCall, page: Page | undefined, request: EdgeRequest): SdkCall {
  if (call.identifies.length === 0) return call;
  const events: CapturedEvent[] = [];
  const dropped: string[] = [];
  for (const { name, ids = {}, ...facts } of call.identifies) {
    const { user, anonymous } = page === undefined || asksPrivacy(request) ? {} : keptIds(page, ids);
    if (user !== undefined && anonymous !== undefined && user !== anonymous)
      events.push({ ...facts, kind: 'event', type: 'custom', name, ids, identifies: true });
    else dropped.push(name);
  }
  return { ...call, events: [...call.events, ...events], identifies: [], dropped: [...call.dropped, ...dropped] };
}

/** Returns who sends: a browser by its origin, a server by its key. A browser with a key is one that gave it away. */
function findSender(page: Page, { keys }: SdkCall, request: EdgeRequest): 'browser' | 'server' | Refusal {
  const origin = requestOrigin(request);
  if (isRegistered(page, origin)) return 'browser';
  const given = keys.flatMap((key) => parseIngestKey(key) ?? []);
  const key = given.find((each) => isKeyOf(page, each));
  if (request.headers[edgeHeaders.origin] === undefined && key !== undefined) return 'server';
  if (request.headers[edgeHeaders.origin] === undefined && given.length > 0) {
    const message = `The ingest key is not one of page ${page.path}, or it was revoked.`;
    return { status: 403, rule: 'refused.key', message };
  }
  return { status: 403, rule: 'refused.origin', message: describeUnregistered(page, origin) };
}

const tooLong = `A request may have ${captureLimits.events} events. Send them in parts.`;

/** Some SDKs keep no path of their host: the key then names the page. */
function pageOfKey(found: Found | undefined): string | undefined {
  const [key] = found?.call.keys.flatMap((text) => parseIngestKey(text) ?? []) ?? [];
  return key?.page;
}

/** Longest name of a call in a log line, and the number of names. */
const callLimits = { name: 64, names: 20 };

function callsLine({ dropped }: SdkCall, { name }: Adapter, { path }: Page, at: number): string {
  const counts = new Map<string, number>();
  for (const call of dropped) {
    const key = redactEmails(call).slice(0, callLimits.name);
    const known = counts.has(key) || counts.size < callLimits.names ? key : 'others';
    counts.set(known, (counts.get(known) ?? 0) + 1);
  }
  return JSON.stringify({ message: callsMessage, at, page: path, sdk: name, dropped: Object.fromEntries(counts) });
}
