import { parseTime } from '#core/imports/parse-time.ts';

export type MomentRead = { at: number } | { reason: string };

/** Reads a time in milliseconds since the epoch. A time without a zone needs `zone`, which is never guessed. */
export function readMoment(text: string, zone: string | undefined): MomentRead {
  const time = parseTime(text, zone);
  switch (time.kind) {
    case 'time':
      return { at: Date.parse(time.text) };
    case 'no-zone':
      return { reason: 'names no time zone; say which one its times are in' };
    case 'invalid':
      return { reason: 'must be a date and time such as `2026-11-22T07:30:00+01:00`' };
    default:
      return time satisfies never;
  }
}
