const dayLength = 86_400_000;

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * dayLength).toISOString().slice(0, 10);
}

/** Returns the same date a year before; 28 February for 29 February. */
export function yearBefore(date: string): string {
  const moved = `${Number(date.slice(0, 4)) - 1}${date.slice(4)}`;
  return moved.endsWith('02-29') ? moved.replace('29', '28') : moved;
}

export function earlierDate(a: string, b: string): string {
  return a < b ? a : b;
}

export function laterDate(a: string, b: string): string {
  return a > b ? a : b;
}

export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / dayLength);
}

/** The start of an hour or a day of a series. */
export function formatPoint(start: string): string {
  return start.length > 10 ? formatHour(start) : formatLongDate(start);
}

/** `22 Nov, 07:00` for `2026-11-22T07:00:00+01:00`. */
export function formatHour(hour: string): string {
  return `${formatDate(hour.slice(0, 10))}, ${hour.slice(11, 16)}`;
}

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** `22 Nov` */
export function formatDate(date: string): string {
  return day.format(Date.parse(date));
}

const period = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });

/** `24 Oct – 22 Nov 2026`, or one date. */
export function formatDates(from: string, to: string): string {
  return period.formatRange(Date.parse(from), Date.parse(to));
}

const longDay = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});

/** `Sun, 22 Nov 2026` */
export function formatLongDate(date: string): string {
  return longDay.format(Date.parse(date));
}

export function formatTick(start: string): string {
  return start.length > 10 ? start.slice(11, 16) : formatDate(start);
}

/** `14:05` today, else `22 Nov, 14:05`. */
export function formatInstant(iso: string, zone: string, now: number): string {
  const time = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(
    Date.parse(iso),
  );
  const date = dateIn(zone, Date.parse(iso));
  return date === dateIn(zone, now) ? time : `${formatDate(date)}, ${time}`;
}

/** `2026-11-22`, the local date of an instant. */
export function dateIn(zone: string, at: number): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
    at,
  );
}

/** Returns the start of the local hour of an instant, in milliseconds since the epoch. */
export function startOfHourIn(zone: string, at: number): number {
  const minutes = new Intl.DateTimeFormat('en-GB', { timeZone: zone, minute: 'numeric' }).format(at);
  return Math.floor(at / 60_000) * 60_000 - Number(minutes) * 60_000;
}

const parts = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const;

/** Returns the instant of a local date and time (`14:05`), in UTC. A time that the clock skips is the one after it. */
export function toInstant(date: string, time: string, zone: string): string {
  const local = Date.parse(`${date}T${time}Z`);
  // The first guess is right, unless the clock changes between it and the time.
  const guess = local - offsetAt(local, zone);
  return new Date(local - offsetAt(guess, zone)).toISOString();
}

/** Returns how far a zone is ahead of UTC, in milliseconds. */
function offsetAt(at: number, zone: string): number {
  const text = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, ...parts }).format(at);
  return Date.parse(`${text.replace(' ', 'T')}Z`) - Math.floor(at / 60_000) * 60_000;
}

/** `22 Nov 2026, 14:05` */
export function formatFullInstant(iso: string, zone: string): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone: zone, dateStyle: 'medium', timeStyle: 'short' }).format(
    Date.parse(iso),
  );
}

/** `14:05:07` */
export function formatSecond(iso: string, zone: string): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeStyle: 'medium' }).format(Date.parse(iso));
}

/** Returns UTC and the browser's time zones. */
export function timeZones(): string[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];
}
