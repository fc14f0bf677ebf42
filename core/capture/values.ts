import { isDeeper } from '#core/json-depth.ts';
import { clickIdNames } from '#schemas/campaign-parameters.ts';
import type { PersonIds } from '#core/visitors/person-id.ts';
import type { CapturedEvent, IdentifyCall, SdkCall, UnreadableEvent } from './adapter.ts';

export type Fields = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns the object, or an empty one. */
export function objectOf(value: unknown): Fields {
  return isObject(value) ? value : {};
}

/** Returns the parameters of a query; of several with a name, the last one. */
export function queryFields(query: URLSearchParams): Fields {
  return Object.fromEntries(query);
}

/** Parses the JSON of an object. Undefined: it is something else, or nested too deep to be written again. */
export function fieldsOfText(text: unknown): Fields | undefined {
  try {
    const value: unknown = JSON.parse(String(text));
    return isObject(value) && !isDeeper(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Reads a number that was sent as a text; another text stays one. */
export function numberOf(value: unknown): number | string | undefined {
  const text = textOf(value);
  return text === undefined || !Number.isFinite(Number(text)) ? text : Number(text);
}

/** Returns a text that is not empty. Numbers, such as ids of sessions, become text. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Returns the first value that is a text and not empty. */
export function firstText(...values: unknown[]): string | undefined {
  for (const value of values) {
    const text = textOf(value);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** Returns the values that are texts: keys of a request. */
export function textsOf(...values: unknown[]): string[] {
  return values.flatMap((value) => textOf(value) ?? []);
}

/** Returns what a server says of the person. */
export function personOf(address: unknown, userAgent: unknown, language: unknown): CapturedEvent['person'] {
  return { address: textOf(address), userAgent: textOf(userAgent), language: textOf(language) };
}

/** Returns a referrer. SDKs send an empty text, null or `$direct` if there is none. */
export function referrerOf(value: unknown): string | null | undefined {
  if (value === undefined) return undefined;
  return value === '$direct' ? null : (textOf(value) ?? null);
}

/** Reads an ISO 8601 date-time, or milliseconds since the epoch. Anything else is no time. */
export function timeOf(value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : value;
  return typeof time === 'number' && Number.isFinite(time) && time >= 0 ? time : undefined;
}

/** What an item of a batch is. */
export type ReadItem = CapturedEvent | IdentifyCall | UnreadableEvent | { kind: 'dropped'; name: string };

/** Reads each item of a batch; one that is no object is an event that cannot be read. */
export function readEach(
  items: readonly unknown[],
  read: (item: Fields) => ReadItem,
): Pick<SdkCall, 'events' | 'identifies' | 'dropped'> {
  const call: Pick<SdkCall, 'events' | 'identifies' | 'dropped'> = { events: [], identifies: [], dropped: [] };
  for (const item of items) {
    const result = isObject(item) ? read(item) : unreadable('body', item, 'an event as a JSON object');
    switch (result.kind) {
      case 'identify':
        call.identifies.push(result);
        break;
      case 'dropped':
        call.dropped.push(result.name);
        break;
      case 'event':
      case 'unreadable':
        call.events.push(result);
        break;
      default:
        result satisfies never;
    }
  }
  return call;
}

export function dropped(name: string): ReadItem {
  return { kind: 'dropped', name };
}

/** Returns the call, with what events of the SDK have in common. */
export function identifies(
  name: string,
  { id, occurredAt, sentAt, person }: Omit<CapturedEvent, 'type'>,
  ids: PersonIds,
): IdentifyCall {
  return { kind: 'identify', name, id, occurredAt, sentAt, person, ids };
}

export function unreadable(field: string, value: unknown, allowed: string): UnreadableEvent {
  return { kind: 'unreadable', problem: { field, value, allowed } };
}

/** Returns whether a property is a copy of the visit's campaign, which SDKs add to each later event. */
export function isCampaignCopy(name: string): boolean {
  return name.startsWith('utm_') || clickIds.has(name);
}

const clickIds: ReadonlySet<string> = new Set<string>([
  ...clickIdNames,
  'gclsrc',
  'ko_click_id',
  'mc_cid',
  'sccid',
  'oppref',
  'bfcid',
  'irclid',
  '_kx',
]);

/** Returns whether a link leaves the site of the document. */
export function isOutbound(href: string | undefined, document: string | undefined): href is string {
  const target = URL.parse(href ?? '', document);
  return target !== null && /^https?:$/.test(target.protocol) && target.origin !== URL.parse(document ?? '')?.origin;
}

/** Returns the object without the names for which `drops` holds. */
export function without(fields: Fields, drops: (name: string) => boolean): Fields {
  const names = Object.keys(fields).filter((name) => !drops(name));
  return Object.fromEntries(names.map((name) => [name, fields[name]]));
}
