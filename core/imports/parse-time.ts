import { localTimeOf } from '#core/enrich/local-time.ts';
import { dayLength } from '#core/time.ts';

export type TimeRead =
  | { kind: 'time'; text: string }
  /** A time without a zone, and none was given. */
  | { kind: 'no-zone' }
  | { kind: 'invalid' };

const pattern =
  /^(\d{4})([-/])(\d{2})\2(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)? ?(?:(Z|UTC|GMT)|([+-]\d{2})(?::?(\d{2}))?)?$/i;

/** Seconds or milliseconds since 1970, of the years 2001 to 2286. */
const epochPattern = /^\d{10}(\d{3})?$/;

/**
 * Reads a time that a tool has written, and returns it in ISO 8601. A day alone is its first moment. A time that a clock change
 * skips is as long after it as it would have been; of one that occurs twice, the first counts.
 * @param zone IANA name, for times that name none
 */
export function parseTime(text: string, zone: string | undefined): TimeRead {
  if (epochPattern.test(text)) return { kind: 'time', text: toIso(Number(text) * (text.length === 10 ? 1000 : 1)) };
  const match = pattern.exec(text);
  if (!match) return { kind: 'invalid' };
  const [, year, , month, day, hour = '00', minute = '00', second = '00', fraction = '', utc, offset, minutes = '00'] =
    match;
  const date = `${year}-${month}-${day}`;
  const wall = `${date}T${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}`;
  const asUtc = Date.parse(`${wall}Z`);
  // 31 June would become 1 July.
  if (Number.isNaN(asUtc) || !toIso(asUtc).startsWith(date)) return { kind: 'invalid' };
  // As it is: a link that is exported and imported has the same text.
  if (isoPattern.test(text)) return Number.isNaN(Date.parse(text)) ? { kind: 'invalid' } : { kind: 'time', text };
  if (utc !== undefined) return { kind: 'time', text: toIso(asUtc) };
  if (offset !== undefined) {
    const at = Date.parse(`${wall}${offset}:${minutes}`);
    return Number.isNaN(at) ? { kind: 'invalid' } : { kind: 'time', text: toIso(at) };
  }
  return zone === undefined ? { kind: 'no-zone' } : { kind: 'time', text: toIso(toInstant(asUtc, zone)) };
}

const isoPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

function toIso(at: number): string {
  return new Date(at).toISOString();
}

/** @param wall the local time, as if it were UTC */
function toInstant(wall: number, zone: string): number {
  const offsets = [offsetAt(zone, wall - dayLength), offsetAt(zone, wall + dayLength)];
  const candidates = offsets.map((offset) => wall - offset);
  const found = candidates.filter((at) => at + offsetAt(zone, at) === wall);
  return Math.min(...(found.length > 0 ? found : candidates.slice(0, 1)));
}

/** Milliseconds by which the clocks of a zone are ahead of UTC. */
function offsetAt(zone: string, at: number): number {
  const { hour } = localTimeOf(zone, at);
  return Date.parse(`${hour.slice(0, 13)}:00:00Z`) - Date.parse(`${hour.slice(0, 13)}:00:00${hour.slice(13)}`);
}
