import { memoize } from '#core/memoize.ts';

/** An event's hour and date in its page's time zone. */
export interface LocalTime {
  /** `2026-11-22T07+01:00` */
  hour: string;
  /** `2026-11-22` */
  date: string;
}

/**
 * Returns the local hour and date of an instant.
 * @param zone IANA name; an unknown one is treated as UTC
 * @param at milliseconds since the epoch
 */
export function localTimeOf(zone: string, at: number): LocalTime {
  return clocks(zone)(Math.floor(at / quarter));
}

const minute = 60_000;

/** Since 1972, every zone's offset and every change of it have been multiples of 15 minutes. */
const quarter = 15 * minute;

const offsetPattern = /([+-])(\d{2}):(\d{2})/;

const clocks = memoize(1024, clockOf);

function clockOf(zone: string): (quarters: number) => LocalTime {
  const format = formatOf(zone);
  return memoize(4096, (quarters: number) => {
    const at = quarters * quarter;
    const offset = offsetOf(format, at);
    const wall = new Date(at + offset.minutes * minute).toISOString();
    return { hour: `${wall.slice(0, 13)}${offset.text}`, date: wall.slice(0, 10) };
  });
}

function formatOf(zone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  } catch {
    // A page with a zone unknown to this runtime is counted in UTC, like an unknown page.
    return new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', timeZoneName: 'longOffset' });
  }
}

function offsetOf(format: Intl.DateTimeFormat, at: number): { text: string; minutes: number } {
  const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign, hours, minutes] = offsetPattern.exec(name) ?? [];
  if (!sign || !hours || !minutes) return { text: '+00:00', minutes: 0 };
  const magnitude = Number(hours) * 60 + Number(minutes);
  return { text: `${sign}${hours}:${minutes}`, minutes: sign === '-' ? -magnitude : magnitude };
}
