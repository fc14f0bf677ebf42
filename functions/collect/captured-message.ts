import { isIP } from 'node:net';
import type { CapturedEvent } from '#core/capture/adapter.ts';
import { keepProperties } from '#core/capture/properties.ts';
import { headerLimit } from '#core/edge/edge-request.ts';
import { redactEmails } from '#core/edge/visitor-text.ts';
import type { Page } from '#schemas/catalog.ts';
import type { ClickMessage } from '#schemas/click-message.ts';
import { type CollectEvent, collectLimits } from '#schemas/collect-event.ts';
import { requestOrigin } from './origins.ts';
import { type AcceptedEvent, eventMessage, moneyOf } from './event-message.ts';

export interface CapturedMessageOptions extends AcceptedEvent {
  page: Page;
  /** A server sent the event: its address and headers say nothing about the person. */
  server: boolean;
}

/** Builds the message of an event that an SDK sent. */
export function capturedMessage(event: CapturedEvent, options: CapturedMessageOptions): ClickMessage {
  const { page, server } = options;
  const { properties, cut } = keepProperties(event.properties ?? {});
  const message = eventMessage(collectEventOf(event, options, properties), page, { ...options, ids: event.ids ?? {} });
  // Of all properties: the amount may be one that was cut.
  const money = event.type === 'custom' ? moneyOf(event) : undefined;
  return {
    ...message,
    ...(money && { money }),
    ...(event.identifies && { outcome: 'identify', rule: 'identify' }),
    properties: cut > 0 ? { ...message.properties, propertiesCut: cut } : message.properties,
    ...(server && personOf(event, message)),
  };
}

function collectEventOf(
  { type, id, name, url, referrer, title, destination, session }: CapturedEvent,
  options: CapturedMessageOptions,
  properties: CollectEvent['properties'] & object,
): CollectEvent {
  return {
    page: options.page.path,
    type,
    id,
    // Redacted before it is cut, or half an address could stay at the end.
    name: name && redactEmails(name).slice(0, collectLimits.propertyName).toWellFormed(),
    url: url && completeAddress(url, options),
    referrer,
    title,
    destination,
    session,
    properties: type === 'custom' || Object.keys(properties).length > 0 ? properties : undefined,
  };
}

/** Completes a path with the site that sent it; a server has none, but the page does. */
function completeAddress(url: string, { page, request, server }: CapturedMessageOptions): string {
  if (/^https?:\/\//i.test(url)) return url;
  return URL.parse(url, (server ? undefined : requestOrigin(request)) ?? page.origins[0])?.href ?? url;
}

/** What the event does not say of its person is unknown, so that no rule against robots applies to the server. */
function personOf(
  { person, referrer }: CapturedEvent,
  message: ClickMessage,
): Pick<ClickMessage, 'address' | 'port' | 'country' | 'asn' | 'headers'> {
  return {
    address: addressOf(person.address),
    port: null,
    country: null,
    asn: null,
    headers: {
      ...(person.userAgent !== undefined && { userAgent: person.userAgent.slice(0, headerLimit) }),
      ...(referrer !== undefined && { referrer: message.headers.referrer }),
      ...(person.language !== undefined && { acceptLanguage: person.language.slice(0, headerLimit) }),
    },
  };
}

function addressOf(address: string | undefined): string | null {
  return address !== undefined && address.length <= addressLimit && isIP(address) !== 0 && !placeholders.has(address)
    ? address
    : null;
}

/** Of IPv6 with IPv4 at its end. A zone, as in `fe80::1%eth0`, could have any length. */
const addressLimit = 45;

/** What SDKs send for an address that they do not know. */
const placeholders: ReadonlySet<string> = new Set(['0.0.0.0', '::']);
