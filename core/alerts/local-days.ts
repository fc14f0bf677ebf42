import { hourLength } from '#core/time.ts';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { addDays, startOfDate } from '#core/ledger/time-range.ts';

export interface LocalDay {
  date: string;
  /** Milliseconds since the epoch; `end` is exclusive. */
  start: number;
  end: number;
  /** 23 and 25 when the clock changes. */
  hours: number;
}

/** Lists the local dates `first` to `last`, inclusive. */
export function localDays(zone: string, first: string, last: string): LocalDay[] {
  const days: LocalDay[] = [];
  let start = startOfDate(first, zone);
  for (let date = first; date <= last; date = addDays(date, 1)) {
    const end = startOfDate(addDays(date, 1), zone);
    days.push({ date, start, end, hours: (end - start) / hourLength });
    start = end;
  }
  return days;
}

/** Describes a zone for SQL, one line per offset: `Europe/Vienna|2026-03-29 01:00:00|2026-10-25 01:00:00|120`. */
export function zoneLines(zone: string, from: number, to: number): string[] {
  const lines: string[] = [];
  let begin = from;
  let minutes = offsetMinutes(zone, from);
  for (let at = from + hourLength; at < to; at += hourLength) {
    const now = offsetMinutes(zone, at);
    if (now === minutes) continue;
    lines.push(`${zone}|${utcText(begin)}|${utcText(at)}|${minutes}`);
    begin = at;
    minutes = now;
  }
  return [...lines, `${zone}|${utcText(begin)}|${utcText(to)}|${minutes}`];
}

/** Returns a zone's offset from UTC in minutes. */
function offsetMinutes(zone: string, at: number): number {
  const [, sign, hours, minutes] = /([+-])(\d{2}):(\d{2})$/.exec(localTimeOf(zone, at).hour) ?? [];
  return (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * (sign === '-' ? -1 : 1);
}

function utcText(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}
