import { hash } from 'node:crypto';
import { asksPrivacy, headerLimit, messageOf, type EdgeRequest } from '#core/edge/edge-request.ts';
import { type Money, readMoney } from '#core/money.ts';
import { keepCampaign, keepReferrer, redactEmails } from '#core/edge/visitor-text.ts';
import { keptIds, type PersonIds } from '#core/visitors/person-id.ts';
import type { Page } from '#schemas/catalog.ts';
import { destinationLimit } from '#schemas/catalog-rules.ts';
import type { ClickMessage } from '#schemas/click-message.ts';
import type { CollectEvent } from '#schemas/collect-event.ts';
import type { QueuedEvent } from '#stores/aws/sqs-click-queue.ts';
import type { EventProblem } from './read-body.ts';

const titleLimit = 300;
const sessionLimit = 128;

export interface AcceptedEvent {
  request: EdgeRequest;
  id: string;
  /** Milliseconds since the epoch. */
  occurredAt: number;
  /** Of the person. @default `consentedId` of the event */
  ids?: PersonIds | undefined;
}

/** Builds the message of an accepted event. For a visitor who asks for privacy, session and ids are dropped. */
export function eventMessage(
  event: CollectEvent,
  page: Page,
  { request, id, occurredAt, ids = { user: event.consentedId ?? undefined } }: AcceptedEvent,
): ClickMessage {
  const base = messageOf(request, id);
  const url = URL.parse(event.url ?? '');
  const money = event.type === 'custom' ? moneyOf(event) : undefined;
  const privacy = asksPrivacy(request) || event.privacy === true;
  const { user = null, anonymous } = privacy ? {} : keptIds(page, ids);
  return {
    ...base,
    ...(event.id && { ownId: true }),
    type: event.type,
    occurredAt,
    page: page.path,
    destination: event.type === 'link_click' ? visitorText(event.destination, destinationLimit) : null,
    title: visitorText(event.title, titleLimit),
    ...queryOf(url),
    privacy,
    headers: { ...base.headers, referrer: cut(keepReferrer(event.referrer ?? ''), headerLimit) },
    session: privacy ? null : cut(event.session, sessionLimit),
    consentedId: user,
    ...(anonymous !== undefined && { anonymousId: anonymous }),
    properties: propertiesOf(event, url),
    ...(money && { money }),
  };
}

interface WithAmount extends Pick<CollectEvent, 'value' | 'currency'> {
  properties?: Readonly<Record<string, unknown>> | null | undefined;
}

/** Returns the amount that the event names, or that is in its properties as e-commerce events have it. */
export function moneyOf({ value, currency, properties }: WithAmount): Money | undefined {
  if (value !== null && value !== undefined) return readMoney(value, currency);
  const amount = properties?.['revenue'] ?? properties?.['value'] ?? properties?.['total'];
  return readMoney(amount, properties?.['currency']);
}

function cut(text: string | null | undefined, limit: number): string | null {
  return text?.slice(0, limit) || null;
}

/** The address of a page, its title and where its links lead may contain an e-mail address: of a profile, or an inbox. */
function visitorText(text: string | null | undefined, limit: number): string | null {
  return cut(redactEmails(text ?? ''), limit);
}

function queryOf(url: URL | null): Pick<ClickMessage, 'query' | 'queryHash'> {
  const query = url?.search.slice(1) ?? '';
  return query === '' ? { query } : { query: keepCampaign(query), queryHash: hash('sha256', query).slice(0, 4) };
}

/**
 * Custom events: `{ name, url, properties }`. Other events: the same without `name`, or null. `dropped` is added if the
 * client gave up events before this one.
 */
function propertiesOf(event: CollectEvent, document: URL | null): ClickMessage['properties'] {
  const url = addressOf(event, document);
  const facts = { ...(url !== null && { url }), ...(event.dropped && { dropped: event.dropped }) };
  const own = event.properties && redactFields(event.properties);
  if (event.type === 'custom') return { name: event.name && redactEmails(event.name), ...facts, properties: own ?? {} };
  const properties = { ...facts, ...(own && { properties: own }) };
  return Object.keys(properties).length === 0 ? null : properties;
}

/**
 * Returns the URL without its query and fragment, which may contain personal data. With hash routes, it keeps the
 * fragment's path: `https://ada.example/#/pricing` of `https://ada.example/#/pricing?coupon=1`. A fragment of parameters,
 * such as the `#access_token=…` of a sign-in, keeps only the first name.
 */
function addressOf(event: CollectEvent, url: URL | null): string | null {
  if (url === null) return null;
  const route = event.hash === true ? url.hash.replace(/[?&=].*$/s, '') : '';
  return visitorText(url.origin + url.pathname + route, destinationLimit);
}

/** Redacts every text of a JSON value, the names of properties too. */
function redactValue(value: unknown): unknown {
  if (typeof value === 'string') return redactEmails(value);
  if (Array.isArray(value)) return value.map(redactValue);
  return typeof value === 'object' && value !== null ? redactFields(value) : value;
}

function redactFields(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [redactEmails(name), redactValue(value)]));
}

/** Builds the message of a request that collect refuses by this rule: `refused.origin`. */
export function refusedEventMessage(page: string, rule: string, request: EdgeRequest, id: string): ClickMessage {
  return {
    ...messageOf(request, id),
    type: 'custom',
    page,
    outcome: 'refused',
    rule,
    query: '',
  };
}

/**
 * Builds the message of an event with an invalid field. The value stays in that field, so enrich fails the event by the
 * field's name and keeps the original: the page's owner sees bad events as well as good ones.
 */
export function unreadableMessage(page: string, problem: EventProblem, request: EdgeRequest, id: string): QueuedEvent {
  const base = { ...messageOf(request, id), type: 'custom', page, query: '' };
  const { field } = problem;
  const value = redactValue(problem.value);
  switch (field) {
    case 'type':
    case 'title':
    case 'destination':
    case 'session':
    case 'occurredAt':
    case 'privacy':
      return { ...base, [field]: value };
    case 'consentedId':
      // An id is not kept, even if it cannot be read.
      return { ...base, consentedId: { type: typeof value } };
    case 'url':
      return { ...base, query: value };
    case 'referrer':
      return { ...base, headers: { ...base.headers, referrer: value } };
    default:
      return { ...base, properties: outOfPlace(value) };
  }
}

/** Returns a value whose type `properties` does not accept, so that enrich fails the event and keeps the value. */
function outOfPlace(value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'boolean'
    ? value
    : (JSON.stringify(value) ?? 'undefined').slice(0, 2000);
}
