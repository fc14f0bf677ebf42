import { dayLength, hourLength } from '#core/time.ts';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { allowedDates, isWithinDates } from '#schemas/time/local-date.ts';

export type Interval = 'hour' | 'day';
/** Longest range by interval, in days. */
export const longestRange: Readonly<Record<Interval, number>> = { hour: 31, day: 400 };
/** Default range by interval, in days. */
const defaultRange: Readonly<Record<Interval, number>> = { hour: 7, day: 30 };

/** A requested range: local dates (`2026-11-22`) or instants (`2026-11-22T07:00:00+01:00`). */
export interface RangeRequest {
  from?: string | undefined;
  to?: string | undefined;
  interval: Interval;
  tz?: string | undefined;
}

/** Milliseconds since the epoch, `end` exclusive. An hour belongs to the range if it begins within it. */
export interface TimeRange {
  start: number;
  end: number;
  interval: Interval;
  /** Time zone of the page, and of its counters. */
  pageZone: string;
  /** Time zone in which hours are shown. */
  shownZone: string;
}

/** An invalid parameter. */
export interface RangeProblem {
  field: 'from' | 'to' | 'tz';
  value: string;
  allowed: string;
}

export type RangeResult = { ok: true; range: TimeRange } | { ok: false; problems: RangeProblem[] };

const allowedMoments = 'a date such as 2026-11-22 or an instant such as 2026-11-22T07:00:00Z';

/**
 * Resolves a requested range. Dates are local dates of the page (of `tz` if given), both included. By default, the range
 * ends with today and has 30 days (7 with `interval=hour`).
 * @param now milliseconds since the epoch
 */
export function resolveRange(request: RangeRequest, pageZone: string, now: number): RangeResult {
  const zone = checkZone(request, pageZone);
  if (zone) return { ok: false, problems: [zone] };
  const shownZone = request.tz ?? pageZone;
  const end = parseMoment(request.to ?? localTimeOf(shownZone, now).date, shownZone, 'to');
  if (end === undefined)
    return { ok: false, problems: [{ field: 'to', value: request.to ?? '', allowed: allowedMoments }] };
  const defaultStart = addDays(localTimeOf(shownZone, end - 1).date, 1 - defaultRange[request.interval]);
  const start = parseMoment(request.from ?? defaultStart, shownZone, 'from');
  if (start === undefined)
    return { ok: false, problems: [{ field: 'from', value: request.from ?? '', allowed: allowedMoments }] };
  for (const [field, at] of [
    ['from', start],
    ['to', end - 1],
  ] as const)
    if (!isWithinDates(localTimeOf(shownZone, at).date))
      return { ok: false, problems: [{ field, value: request[field] ?? '', allowed: allowedDates }] };
  const length = checkLength(request, start, end);
  if (length) return { ok: false, problems: [length] };
  return { ok: true, range: { start, end, interval: request.interval, pageZone, shownZone } };
}

function checkZone(request: RangeRequest, pageZone: string): RangeProblem | undefined {
  if (request.tz === undefined) return undefined;
  if (!isZone(request.tz))
    return { field: 'tz', value: request.tz, allowed: 'an IANA time zone such as Europe/Vienna' };
  if (request.interval === 'day' && request.tz !== pageZone)
    return {
      field: 'tz',
      value: request.tz,
      allowed: `${pageZone}, the page's time zone, unless \`interval\` is \`hour\``,
    };
  return undefined;
}

/** Returns true for an IANA time zone that this runtime knows, and false for offsets. */
export function isZone(name: string): boolean {
  try {
    return /^[A-Za-z]/.test(name) && new Intl.DateTimeFormat('en-US', { timeZone: name }).format(0) !== '';
  } catch {
    return false;
  }
}

const instantPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

/** Returns undefined for anything but a date or an instant. */
function parseMoment(text: string, zone: string, edge: 'from' | 'to'): number | undefined {
  if (isDate(text)) return startOfDate(edge === 'from' ? text : addDays(text, 1), zone);
  const at = instantPattern.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

const datePattern = /^\d{4}-\d{2}-\d{2}$/;

/** Returns true for `2026-11-22`, and false for `2026-02-30`. */
export function isDate(text: string): boolean {
  return datePattern.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text);
}

const quarterHour = 15 * 60_000;

/** Returns the start of a local date: midnight, or later if the clock skips midnight. */
export function startOfDate(date: string, zone: string): number {
  // No zone is more than 14 hours ahead of UTC.
  let at = Date.parse(date) - 14 * hourLength;
  while (localTimeOf(zone, at).date < date) at += quarterHour;
  return at;
}

/** Returns the date this many days later. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * dayLength).toISOString().slice(0, 10);
}

export function earlierDate(a: string, b: string): string {
  return a < b ? a : b;
}

export function laterDate(a: string, b: string): string {
  return a > b ? a : b;
}

/** Returns the last local date that has ended at this time. */
export function lastEndedDate(zone: string, at: number): string {
  return addDays(localTimeOf(zone, at).date, -1);
}

/** Returns the local date of a date or an instant. @param at `2026-11-22` or `2026-11-22T08:00:00Z` */
export function localDateOf(at: string, zone: string): string {
  return isDate(at) ? at : localTimeOf(zone, Date.parse(at)).date;
}

function checkLength(request: RangeRequest, start: number, end: number): RangeProblem | undefined {
  if (end <= start) return { field: 'to', value: request.to ?? '', allowed: 'after `from`' };
  const days = longestRange[request.interval];
  // When the clock goes back, a range has one hour more than 24 per day.
  if (end - start <= days * dayLength + hourLength) return undefined;
  const allowed = `at most ${days} days before \`to\` with \`interval=${request.interval}\``;
  return { field: 'from', value: request.from ?? '', allowed };
}

/**
 * Returns the local dates whose items may contain hours of the range. It includes a date more on either side, for pages
 * whose time zone has changed.
 */
export function datesToRead(range: TimeRange): { first: string; last: string } {
  return {
    first: addDays(localTimeOf(range.pageZone, range.start).date, -1),
    last: addDays(localTimeOf(range.pageZone, range.end - 1).date, 1),
  };
}

/** Returns the hours or dates of the range until now, in order. Handles days of 23 and 25 hours. */
export function listBuckets(range: TimeRange, now: number): string[] {
  const buckets = new Set<string>();
  const end = Math.min(range.end, now + 1);
  for (let at = startOfHour(localTimeOf(range.pageZone, range.start).hour); at < end; at += hourLength)
    if (at >= range.start) buckets.add(toBucket(localTimeOf(range.pageZone, at).hour, range));
  return [...buckets];
}

/** Returns the start of an item's hour (`2026-11-22T07+01:00`) in milliseconds since the epoch. */
export function startOfHour(hour: string): number {
  return Date.parse(`${hour.slice(0, 13)}:00:00${hour.slice(13)}`);
}

/** Returns the bucket of an item's hour: an instant with the offset of the shown time zone, or the local date. */
export function toBucket(hour: string, range: TimeRange): string {
  if (range.interval === 'day') return hour.slice(0, 10);
  if (range.shownZone === range.pageZone) return `${hour.slice(0, 13)}:00:00${hour.slice(13)}`;
  const start = startOfHour(hour);
  const offset = localTimeOf(range.shownZone, start).hour.slice(13);
  return `${new Date(start - Date.parse(`1970-01-01T00:00:00${offset}`)).toISOString().slice(0, 19)}${offset}`;
}
