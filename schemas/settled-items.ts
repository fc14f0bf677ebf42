/** Run that wrote the settled numbers of an item: a later one replaces them, an earlier one does not. */
export const finalRunAttribute = 'finalRun';

/** Entries of one top list. */
export const topListLength = 25;

export const dayVisitorAttributes = ['visitors', 'sessions', 'bounces', 'milliseconds'] as const;

/** Compressed content of a day or of its lists. */
export const packedAttribute = 'packed';

export interface MonthDay {
  views: number;
  clicks: number;
  visitors: number;
  sessions: number;
}

/**
 * Items of `rollups` that settle writes, beside `final` on hourly items. They stay for ever, but for `o#`.
 *
 * `d#2026-11-22` one local date of an entity: attributes of an hourly item without its minutes, and `visitors`,
 *   `sessions`, `bounces` (sessions of one event), `milliseconds` (sum of the sessions' durations).
 * `t#2026-11-22` its top lists, longest first: by list (city, host, link, utm_source, utm_medium, utm_campaign,
 *   language, entry_referrer, entry_page), each `[[value, clicks, views], …]`.
 * `m#2026-11` attribute `22` per date: `<time of the run> <views> <clicks> <visitors> <sessions>`, a text.
 *
 * `o#2026-11-22` of pages: what has settled of a local date, attribute `07+01:00` per hour:
 *   `<time of the run> <views> <clicks>`, a text. A hundred pages' day so far is a hundred small items to read, not 2,000
 *   hours; an hour that is missing is read by itself. They expire with the hours.
 *
 * Days and lists are written and read as a whole, so each is one attribute: `packed`, JSON under zstd. As attributes of
 * their own they took four to six times the room, in capacity units and on the wire.
 *
 * A date is settled in a zone when it ends there at or before the instant of `progressKeys.settled`.
 */
export function dayKey(localDate: string): string {
  return `d#${localDate}`;
}

export function topsKey(localDate: string): string {
  return `t#${localDate}`;
}

export function monthKey(localDate: string): string {
  return `m#${localDate.slice(0, 7)}`;
}

/** Attribute of a date in its month's item. */
export function monthAttribute(localDate: string): string {
  return localDate.slice(8, 10);
}

export function monthDayText(run: string, { views, clicks, visitors, sessions }: MonthDay): string {
  return countsText(run, [views, clicks, visitors, sessions]);
}

/** The time of a ULID. Runs have times of their own, so it tells which of two is later in a third of the room. */
const runTimeLength = 10;

/** Counts as a text; that of a later run sorts after that of an earlier one. @param run a ULID */
function countsText(run: string, counts: readonly number[]): string {
  return [run.slice(0, runTimeLength), ...counts].join(' ');
}

/** Undefined for what is no such text. */
export function parseMonthDay(text: string): MonthDay | undefined {
  const [views, clicks, visitors, sessions] = parseCounts(text, 4) ?? [];
  if (views === undefined || clicks === undefined || visitors === undefined || sessions === undefined) return undefined;
  return { views, clicks, visitors, sessions };
}

/** Undefined for what is no such text of so many counts. */
function parseCounts(text: string, length: number): number[] | undefined {
  const counts = text.split(' ').slice(1);
  return counts.length === length && counts.every((count) => /^\d+$/.test(count)) ? counts.map(Number) : undefined;
}

export function openDayKey(localDate: string): string {
  return `o#${localDate}`;
}

/** Attribute of an hour (`2026-11-22T07+01:00`) in the item of its date. */
export function openHourAttribute(hour: string): string {
  return hour.slice(11);
}

export function openHourText(run: string, { views = 0, clicks = 0 }: Readonly<Record<string, number>>): string {
  return countsText(run, [views, clicks]);
}

/** Undefined for what is no such text. */
export function parseOpenHour(text: string): { views: number; clicks: number } | undefined {
  const [views, clicks] = parseCounts(text, 2) ?? [];
  return views === undefined || clicks === undefined ? undefined : { views, clicks };
}
