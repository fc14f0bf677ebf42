import { addDays } from '#core/ledger/time-range.ts';
import { dayLength, hourLength } from '#core/time.ts';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { importedHour } from '#schemas/lake-keys.ts';

/** An hour of the lake: UTC date, and hour with two digits. Hour 24 is that of the imported events of the whole date. */
export interface UtcHour {
  dt: string;
  hr: string;
}

export function before(hour: UtcHour): UtcHour {
  return hourAt(startOf(hour) - 1);
}

export function hourAt(epochMs: number): UtcHour {
  const iso = new Date(epochMs).toISOString();
  return { dt: iso.slice(0, 10), hr: iso.slice(11, 13) };
}

/** Whether it holds the imported events of a date: it settles alone, and no hour before or after it depends on it. */
export function isImported({ hr }: UtcHour): boolean {
  return hr === importedHour;
}

/** Returns the start of the hour in milliseconds since the epoch. */
export function startOf(hour: UtcHour): number {
  return Date.parse(isImported(hour) ? hour.dt : `${hour.dt}T${hour.hr}:00:00Z`);
}

export function after(hour: UtcHour): UtcHour {
  return hourAt(endOf(hour));
}

export function endOf(hour: UtcHour): number {
  return startOf(hour) + (isImported(hour) ? dayLength : hourLength);
}

/** Returns `2026-11-22T07`: sorts by time. */
export function hourName({ dt, hr }: UtcHour): string {
  return `${dt}T${hr}`;
}

export function parseHourName(name: string): UtcHour {
  return { dt: name.slice(0, 10), hr: name.slice(11, 13) };
}

/** Returns the UTC dates that hold every event of a local date in any zone. */
export function utcDatesAround(date: string): { first_dt: string; last_dt: string } {
  return {
    first_dt: addDays(date, -1),
    last_dt: addDays(date, 1),
  };
}

/** Time zones range from UTC+14 to UTC−12. */
const furthestAhead = 14 * hourLength;

const furthestBehind = 12 * hourLength;

/** Returns the UTC hours that can hold events of a local date in any zone. */
export function hoursTouching(date: string): UtcHour[] {
  const first = Date.parse(date) - furthestAhead;
  const last = Date.parse(date) + dayLength + furthestBehind;
  return Array.from({ length: (last - first) / hourLength }, (_, at) => hourAt(first + at * hourLength));
}

const quarter = 900_000;

/** Returns when a local date ends in a zone, in milliseconds since the epoch. Offsets are multiples of 15 minutes. */
export function endOfLocalDate(zone: string, date: string): number {
  const latest = Date.parse(date) + dayLength + furthestBehind;
  for (let at = Date.parse(date) + dayLength - furthestAhead; at < latest; at += quarter)
    if (localTimeOf(zone, at).date > date) return at;
  return latest;
}

const localHourPattern = /^(\d{4}-\d{2}-\d{2}T\d{2})([+-])(\d{2}):(\d{2})$/;

/** Returns start and end of a local hour such as `2026-11-22T07+05:30`, in milliseconds since the epoch. */
export function localHourBounds(localHour: string): { start: number; end: number } | undefined {
  const [, wall, sign, hours, minutes] = localHourPattern.exec(localHour) ?? [];
  if (!wall) return undefined;
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1);
  const start = Date.parse(`${wall}:00:00Z`) - offset;
  return { start, end: start + hourLength };
}

/** Returns true for a local hour that lies in two UTC hours, because its offset is not a whole hour. */
export function straddles(localHour: string): boolean {
  return !localHour.endsWith(':00');
}
