import { localTimeOf } from '#core/enrich/local-time.ts';

/** An hour of the lake: UTC date and hour, two digits. */
export interface UtcHour {
  dt: string;
  hr: string;
}

export const millisecondsOfHour = 3_600_000;

export function before(hour: UtcHour): UtcHour {
  return hourAt(startOf(hour) - 1);
}

export function hourAt(epochMs: number): UtcHour {
  const iso = new Date(epochMs).toISOString();
  return { dt: iso.slice(0, 10), hr: iso.slice(11, 13) };
}

/** Milliseconds since the epoch at which the hour begins. */
export function startOf({ dt, hr }: UtcHour): number {
  return Date.parse(`${dt}T${hr}:00:00Z`);
}

export function after(hour: UtcHour): UtcHour {
  return hourAt(endOf(hour));
}

export function endOf(hour: UtcHour): number {
  return startOf(hour) + millisecondsOfHour;
}

/** `2026-11-22T07`: sorts by time. */
export function hourName({ dt, hr }: UtcHour): string {
  return `${dt}T${hr}`;
}

export function parseHourName(name: string): UtcHour {
  return { dt: name.slice(0, 10), hr: name.slice(11, 13) };
}

/** UTC dates that hold every event of a local date, whatever its zone. */
export function utcDatesAround(date: string): { first_dt: string; last_dt: string } {
  return {
    first_dt: shiftDate(date, -1),
    last_dt: shiftDate(date, 1),
  };
}

const millisecondsOfDay = 86_400_000;

export function shiftDate(date: string, days: number): string {
  return new Date(Date.parse(date) + days * millisecondsOfDay).toISOString().slice(0, 10);
}

/** Zones reach from 14 hours ahead of UTC to 12 behind it. */
const furthestAhead = 14 * millisecondsOfHour;

const furthestBehind = 12 * millisecondsOfHour;

/** UTC hours that can hold events of a local date. */
export function hoursTouching(date: string): UtcHour[] {
  const first = Date.parse(date) - furthestAhead;
  const last = Date.parse(date) + millisecondsOfDay + furthestBehind;
  return Array.from({ length: (last - first) / millisecondsOfHour }, (_, at) =>
    hourAt(first + at * millisecondsOfHour),
  );
}

const quarter = 900_000;

/** Milliseconds since the epoch at which a local date ends in a zone: the first quarter of an hour of a later date. */
export function endOfLocalDate(zone: string, date: string): number {
  const latest = Date.parse(date) + millisecondsOfDay + furthestBehind;
  for (let at = Date.parse(date) + millisecondsOfDay - furthestAhead; at < latest; at += quarter)
    if (localTimeOf(zone, at).date > date) return at;
  return latest;
}

const localHourPattern = /^(\d{4}-\d{2}-\d{2}T\d{2})([+-])(\d{2}):(\d{2})$/;

/** Milliseconds since the epoch between which a local hour such as `2026-11-22T07+05:30` lies. */
export function localHourBounds(localHour: string): { start: number; end: number } | undefined {
  const [, wall, sign, hours, minutes] = localHourPattern.exec(localHour) ?? [];
  if (!wall) return undefined;
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1);
  const start = Date.parse(`${wall}:00:00Z`) - offset;
  return { start, end: start + millisecondsOfHour };
}

/** True for an hour of a zone whose offset is no whole hour: it lies in two UTC hours. */
export function straddles(localHour: string): boolean {
  return !localHour.endsWith(':00');
}
