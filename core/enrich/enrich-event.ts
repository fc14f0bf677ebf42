import { codeOfLinkId, normalizeLabel } from '#schemas/catalog-rules.ts';
import type { Page } from '#schemas/catalog.ts';
import type { ClickMessage } from '#schemas/click-message.ts';
import { classifierVersion, type EventRow, eventFields, eventSchemaVersion } from '#schemas/event.ts';
import { conversionOf, signedAmount } from '#core/conversions.ts';
import { cut } from '#core/cut.ts';
import { type Failure, failureOf } from './failure.ts';
import { countryOf, type Geography, type Place } from './geography.ts';
import {
  canonicalAddress,
  type Requester,
  repeatKeyOf,
  type Salt,
  sessionIdOf,
  visitorIdOf,
} from '#core/visitors/identity.ts';
import { readOwnCode } from '#core/links/destination.ts';
import { languageOf } from './language.ts';
import { type LocalTime, localTimeOf } from './local-time.ts';
import { personHashPattern } from '#core/visitors/person-id.ts';
import { type Verdict, verdictOf } from './outcome.ts';
import { matchScannerNetwork } from '#core/mail-scanners/match-scanner.ts';
import { propertiesText } from './properties.ts';
import { campaignOf } from '#core/referrer/campaign.ts';
import { failedLater, type ReadMessage } from './read-message.ts';
import { type OwnSites, referralOf } from '#core/referrer/referrer.ts';
import { agentOf, userAgentLimit } from '#core/user-agent/user-agent.ts';

/** The page settings that enrich uses. */
export interface PageSettings extends OwnSites {
  /** IANA name */
  timeZone: string;
  identities: Page['identities'];
}

/** Settings of an unknown page: it is counted in UTC. */
export const unknownPage: PageSettings = { timeZone: 'UTC', identities: 'none', ownHosts: new Set() };

/** @param stackHosts hosts of the stack: `go.example`, with the port if any */
export function toSettings(
  { timeZone, identities, origins }: Pick<Page, 'timeZone' | 'identities' | 'origins'>,
  stackHosts: readonly string[],
): PageSettings {
  return {
    timeZone,
    identities,
    ownHosts: new Set(origins.flatMap((origin) => URL.parse(origin)?.hostname.replace(/^www\./, '') ?? [])),
    stackHosts,
  };
}

export interface EnrichContext {
  geography: Geography;
  settingsOf: (page: string | null) => PageSettings;
  /** NULL if the date has no salt yet or no longer: its events count without a visitor. */
  saltOf: (localDate: string) => Salt | null;
}

export interface Enriched {
  row: EventRow;
  /** Set when the row's outcome is `failed`. */
  failure: Failure | null;
  /** What sent the event, as in the message. */
  sdk: string | null;
}

interface Identity {
  visitorId: bigint | null;
  repeatKey: bigint | null;
}

/**
 * Turns one message into one row. The result depends only on the message and its page's settings, never on other
 * messages of the batch. Never throws: a message that cannot be enriched becomes a failed row.
 */
export function enrichEvent(read: ReadMessage, context: EnrichContext): Enriched {
  if (read.kind === 'failed') return failedWith(read, context);
  try {
    return { row: rowOf(read.message, read.eventId, context), failure: null, sdk: read.message.sdk ?? null };
  } catch (cause) {
    // A message that triggers a bug of ours must not block its batch.
    const failure = failureOf('unexpected', 'body', String(cause));
    return failedWith(failedLater(read.record, read.message, failure), context);
  }
}

function failedWith(read: Extract<ReadMessage, { kind: 'failed' }>, context: EnrichContext): Enriched {
  return {
    row: failedRow(read, context),
    failure: read.failure,
    sdk: read.salvage.sdk,
  };
}

const noFields = Object.fromEntries(Object.keys(eventFields).map((name) => [name, null])) as Record<
  keyof typeof eventFields,
  null
>;

function failedRow(read: Extract<ReadMessage, { kind: 'failed' }>, context: EnrichContext): EventRow {
  const { salvage, failure } = read;
  const local: LocalTime = localTimeOf(context.settingsOf(salvage.page).timeZone, salvage.occurredAt);
  return {
    ...noFields,
    event_id: salvage.eventId,
    event_type: salvage.type,
    schema_version: eventSchemaVersion,
    occurred_at: salvage.occurredAt,
    received_at: salvage.receivedAt,
    local_hour: local.hour,
    local_date: local.date,
    page_path: salvage.page,
    link_id: salvage.link,
    campaign_id: salvage.campaign,
    outcome: 'failed',
    outcome_rule: failure.reason,
    method: salvage.method,
    classifier_version: classifierVersion,
  };
}

const int32Max = 2_147_483_647;

/** Builds the row as one literal with every field in contract order: reading rows of one shape by column is fast. */
function rowOf(message: ClickMessage, eventId: bigint, context: EnrichContext): EventRow {
  const settings = context.settingsOf(message.page);
  const occurredAt = Math.trunc(message.occurredAt);
  const local = localTimeOf(settings.timeZone, occurredAt);
  const address = message.address === null ? null : canonicalAddress(message.address);
  const userAgent = cut(message.headers.userAgent, userAgentLimit);
  const agent = userAgent === null ? null : agentOf(userAgent, message.headers.hints);
  const campaign = campaignOf(message.query);
  const browser = agent?.browser ?? null;
  const referral = referralOf(message.headers.referrer, campaign, message.page, settings, browser);
  const place = placeOf(message, address, context.geography);
  const properties = propertiesText(message.properties);
  const salt = context.saltOf(local.date);
  const identity = identityOf(message, address, userAgent, targetOf(message, properties), salt);
  const person = personOf(message, settings);
  const robot = (message.type === 'link_click' ? agent?.clickRobot : agent?.robot) ?? null;
  const scanner = matchScannerNetwork({ asn: message.asn, address, os: agent?.os ?? null });
  const verdict = ownLinkVerdict(message, settings) ?? verdictOf(message, { robot, scanner, spam: referral.spam });
  return {
    event_id: eventId,
    event_type: message.type,
    schema_version: eventSchemaVersion,
    occurred_at: occurredAt,
    received_at: Math.trunc(message.receivedAt),
    local_hour: local.hour,
    local_date: local.date,
    page_path: cut(message.page, eventFields.page_path.limit),
    link_id: cut(message.link, eventFields.link_id.limit),
    destination_url: cut(message.destination, eventFields.destination_url.limit),
    link_title: cut(message.title, eventFields.link_title.limit),
    campaign_id: cut(message.campaign && normalizeLabel(message.campaign), eventFields.campaign_id.limit),
    outcome: verdict.outcome,
    outcome_rule: cut(verdict.rule, eventFields.outcome_rule.limit) ?? verdict.outcome,
    visitor_id: identity.visitorId,
    session_id: sessionOf(message),
    repeat_key: identity.repeatKey,
    consented_id: person.id,
    country: place.country,
    region: cut(place.region, eventFields.region.limit),
    city: cut(place.city, eventFields.city.limit),
    asn: message.asn !== null && message.asn >= 0 && message.asn <= int32Max ? message.asn : null,
    device_type: agent?.deviceType ?? null,
    os: agent?.os ?? null,
    browser,
    browser_version: agent?.browserVersion ?? null,
    bot_name: cut(robot ? robot.name : scanner, eventFields.bot_name.limit),
    referrer_host: referral.host,
    referrer_class: referral.class,
    referrer_name: referral.name,
    ...campaign.utm,
    language: languageOf(message.headers.acceptLanguage),
    properties,
    method: cut(message.method, eventFields.method.limit),
    click_network: campaign.click?.network ?? null,
    classifier_version: classifierVersion,
    variant: cut(message.variant ?? null, eventFields.variant.limit),
    anonymous_id: person.before,
    ...businessOf(message),
    import_id: null,
  };
}

/** Returns what a custom event is called, and what it says about business. */
function businessOf({ type, properties, money }: ClickMessage) {
  const name = type === 'custom' && typeof properties?.['name'] === 'string' ? properties['name'] : null;
  const conversion = name === null ? null : conversionOf(name, money?.minor);
  const amount = name === null || money === undefined ? null : signedAmount(conversion, money.minor);
  return {
    event_name: cut(name, eventFields.event_name.limit),
    conversion,
    value_minor: amount === null ? null : BigInt(amount),
    currency: amount === null ? null : (money?.currency ?? null),
  };
}

const loop: Verdict = { outcome: 'bot', rule: 'link.loop' };
const shortLink: Verdict = { outcome: 'refused', rule: 'link.short-link' };

/**
 * Returns the verdict on a click whose destination is a short link of this stack. A link that leads to itself is followed by
 * programs only: links are checked when they are stored, but may be stored otherwise. A click that a script reports is
 * counted by redirect, to which the visitor came next.
 */
function ownLinkVerdict(message: ClickMessage, { stackHosts = [] }: OwnSites): Verdict | undefined {
  const { type, outcome, link, destination } = message;
  if (type !== 'link_click' || outcome !== null || destination === null) return undefined;
  if (!stackHosts.some((host) => destination.includes(host))) return undefined;
  const code = readOwnCode(destination, { ownHosts: stackHosts, ignoreCase: false });
  if (code === undefined) return undefined;
  if (link === null) return shortLink;
  return code === codeOfLinkId(link) ? loop : undefined;
}

const nowhere: Place = { country: null, region: null, city: null };

/** CloudFront's country wins: a region or city of another country is dropped. A privacy signal drops the city too. */
function placeOf(message: ClickMessage, address: string | null, geography: Geography): Place {
  const found = (address === null ? null : geography(address)) ?? nowhere;
  const country = countryOf(message.country) ?? found.country;
  if (country !== found.country) return { country, region: null, city: null };
  return message.privacy ? { country, region: found.region, city: null } : found;
}

const anonymous: Identity = { visitorId: null, repeatKey: null };

function identityOf(
  { privacy, port, ownId }: ClickMessage,
  address: string | null,
  userAgent: string | null,
  target: string,
  salt: Salt | null,
): Identity {
  if (address === null || salt === null) return anonymous;
  const requester: Requester = { address, port, userAgent: userAgent ?? '' };
  return {
    visitorId: privacy ? null : visitorIdOf(salt, requester),
    repeatKey: ownId === true ? null : repeatKeyOf(salt, requester, target),
  };
}

/**
 * Returns what repeated events share: link, else destination, else page, the amount, and the properties, which hold the
 * address without its query. Views also share the query, or its hash: `/?p=1` and `/?p=2` are two pages.
 */
function targetOf(
  { type, page, link, destination, query, queryHash, money }: ClickMessage,
  properties: string | null,
): string {
  const what = money === undefined ? properties : `${properties}\n${money.minor} ${money.currency}`;
  const target = `${type}\n${page}\n${cut(link ?? destination, eventFields.destination_url.limit)}\n${what}`;
  return type === 'page_view' ? `${target}\n${queryHash ?? query}` : target;
}

function sessionOf({ privacy, page, session }: ClickMessage): bigint | null {
  return privacy || !session ? null : sessionIdOf(page, session);
}

/** Returns the id of the person that the page keeps, and the one that the person had before. */
function personOf(
  { privacy, consentedId, anonymousId }: ClickMessage,
  { identities }: PageSettings,
): { id: string | null; before: string | null } {
  if (privacy || identities === 'none') return { id: null, before: null };
  const user = hashOf(consentedId);
  const anonymous = identities === 'all' ? hashOf(anonymousId) : null;
  return { id: user ?? anonymous, before: user === null || anonymous === user ? null : anonymous };
}

/** Older versions of the edge sent the id itself, which is not kept. */
function hashOf(id: string | null | undefined): string | null {
  return id !== null && id !== undefined && personHashPattern.test(id) ? id : null;
}

/** Returns the page whose settings a message needs. */
export function pageOf(read: ReadMessage): string | null {
  return read.kind === 'message' ? read.message.page : read.salvage.page;
}

/** Returns the local date whose salt a message needs. */
export function localDateOf(
  { page, occurredAt }: Pick<ClickMessage, 'page' | 'occurredAt'>,
  settingsOf: EnrichContext['settingsOf'],
): string {
  return localTimeOf(settingsOf(page).timeZone, Math.trunc(occurredAt)).date;
}
