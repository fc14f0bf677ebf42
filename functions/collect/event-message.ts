import { asksPrivacy, headerLimit, messageOf, queryLimit, type EdgeRequest } from '#core/edge/edge-request.ts';
import type { Page } from '#schemas/catalog.ts';
import type { ClickMessage } from '#schemas/click-message.ts';
import type { CollectEvent } from '#schemas/collect-event.ts';
import type { QueuedEvent } from '#stores/aws/sqs-click-queue.ts';
import type { BodyProblem } from './read-body.ts';

const destinationLimit = 2048;
const titleLimit = 300;
const idLimit = 128;

/** The message of an accepted event. A visitor who asks for privacy has no session and no id, whatever was sent. */
export function eventMessage(event: CollectEvent, page: Page, facts: EdgeRequest, id: string): ClickMessage {
  const base = messageOf(facts, id);
  const privacy = asksPrivacy(facts) || event.privacy === true;
  return {
    ...base,
    type: event.type,
    occurredAt: event.occurredAt ?? facts.at,
    page: page.path,
    destination: event.type === 'link_click' ? cut(event.destination, destinationLimit) : null,
    title: cut(event.title, titleLimit),
    query: queryOf(event.url),
    privacy,
    headers: { ...base.headers, referrer: cut(event.referrer, headerLimit) },
    session: privacy ? null : cut(event.session, idLimit),
    consentedId: privacy || !page.consentedIds ? null : cut(event.consentedId, idLimit),
    properties: propertiesOf(event),
  };
}

function cut(text: string | null | undefined, limit: number): string | null {
  return text?.slice(0, limit) || null;
}

function queryOf(url: string | null | undefined): string {
  return URL.parse(url ?? '')?.search.slice(1, 1 + queryLimit) ?? '';
}

/** Custom events: `{ name, url, properties }`. Others say where they happened, which a page's own rows do not need. */
function propertiesOf(event: CollectEvent): ClickMessage['properties'] {
  const url = placeOf(event.url);
  const place = url === null ? {} : { url };
  if (event.type === 'custom') return { name: event.name, ...place, properties: event.properties ?? {} };
  const properties = { ...place, ...(event.properties && { properties: event.properties }) };
  return Object.keys(properties).length === 0 ? null : properties;
}

/** Where it happened, without query and fragment: those may hold what is nobody's business. */
function placeOf(url: string | null | undefined): string | null {
  const parsed = URL.parse(url ?? '');
  return parsed === null ? null : cut(parsed.origin + parsed.pathname, destinationLimit);
}

/** The message of a request that the edge refuses under that rule: `refused.origin`. */
export function refusedMessage(page: string, rule: string, facts: EdgeRequest, id: string): ClickMessage {
  return {
    ...messageOf(facts, id),
    type: 'custom',
    page,
    outcome: 'refused',
    rule,
    query: '',
  };
}

/**
 * The message of an event with a field that is wrong. The value travels in the field's place: enrich fails the event
 * by that field's name and keeps it for a replay, so a bad event is as visible to its owner as a good one.
 */
export function unreadableMessage(page: string, problem: BodyProblem, facts: EdgeRequest, id: string): QueuedEvent {
  const base = { ...messageOf(facts, id), type: 'custom', page, query: '' };
  const { field, value } = problem;
  switch (field) {
    case 'type':
    case 'title':
    case 'destination':
    case 'session':
    case 'consentedId':
    case 'occurredAt':
    case 'privacy':
      return { ...base, [field]: value };
    case 'url':
      return { ...base, query: value };
    case 'referrer':
      return { ...base, headers: { ...base.headers, referrer: value } };
    default:
      return { ...base, properties: outOfPlace(value) };
  }
}

/** A value of no kind that the message's field accepts, so that enrich fails the event and keeps the value. */
function outOfPlace(value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'boolean'
    ? value
    : (JSON.stringify(value) ?? 'undefined').slice(0, 2000);
}
