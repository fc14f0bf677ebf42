const dayLength = 86_400_000;

/** The local date of an instant: `2026-11-22`. */
export const dateIn = (zone: string, at: number): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(at);

export const addDays = (date: string, days: number): string =>
  new Date(Date.parse(date) + days * dayLength).toISOString().slice(0, 10);

export const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(to) - Date.parse(from)) / dayLength);

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
const longDay = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});

/** `22 Nov` of a local date. */
export const formatDate = (date: string): string => day.format(Date.parse(date));
/** `Sun, 22 Nov 2026` of a local date. */
export const formatLongDate = (date: string): string => longDay.format(Date.parse(date));

/** An hour such as `2026-11-22T07:00:00+01:00`, by its own clock. */
export const formatHour = (hour: string): string => `${formatDate(hour.slice(0, 10))}, ${hour.slice(11, 16)}`;

/** A point of a series, whichever interval it has. */
export const formatPoint = (start: string): string => (start.length > 10 ? formatHour(start) : formatLongDate(start));
export const formatTick = (start: string): string => (start.length > 10 ? start.slice(11, 16) : formatDate(start));

/** `14:05` today, `22 Nov, 14:05` else. */
export const formatInstant = (iso: string, zone: string, now: number): string => {
  const time = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(
    Date.parse(iso),
  );
  const date = dateIn(zone, Date.parse(iso));
  return date === dateIn(zone, now) ? time : `${formatDate(date)}, ${time}`;
};

/** `22 Nov 2026, 14:05` */
export const formatFullInstant = (iso: string, zone: string): string =>
  new Intl.DateTimeFormat('en-GB', { timeZone: zone, dateStyle: 'medium', timeStyle: 'short' }).format(Date.parse(iso));

/** Zones of this browser, with UTC. */
export const timeZones = (): string[] => [
  'UTC',
  ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC'),
];
