import type { CapturedEvent, UnreadableEvent } from './adapter.ts';

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

/** Reads each item of a batch; one that is no object is an event that cannot be read. */
export function readEach(
  items: readonly unknown[],
  read: (item: Fields) => CapturedEvent | { dropped: string },
): { events: (CapturedEvent | UnreadableEvent)[]; dropped: string[] } {
  const events: (CapturedEvent | UnreadableEvent)[] = [];
  const dropped: string[] = [];
  for (const item of items) {
    if (!isObject(item)) {
      events.push(unreadable('body', item, 'an event as a JSON object'));
      continue;
    }
    const result = read(item);
    if ('dropped' in result) dropped.push(result.dropped);
    else events.push(result);
  }
  return { events, dropped };
}

export function unreadable(field: string, value: unknown, allowed: string): UnreadableEvent {
  return { kind: 'unreadable', problem: { field, value, allowed } };
}

/** Returns the object without the names for which `drops` holds. */
export function without(fields: Fields, drops: (name: string) => boolean): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !drops(name)));
}
