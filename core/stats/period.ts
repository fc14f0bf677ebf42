import { dayLength } from '#core/time.ts';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { addDays, startOfDate, type TimeRange } from '#core/ledger/time-range.ts';

/** Local dates, both included. Empty if `first` is after `last`. */
export interface DateSpan {
  first: string;
  last: string;
}

export function listDates(dates: DateSpan): string[] {
  return Array.from({ length: countDates(dates) }, (_, at) => addDays(dates.first, at));
}

export function countDates({ first, last }: DateSpan): number {
  return Math.max(0, (Date.parse(last) - Date.parse(first)) / dayLength + 1);
}

/**
 * Returns the settled dates that are entirely within a range: in the page's time zone, they ended by `settledThrough`.
 * @param settledThrough milliseconds since the epoch, undefined before the first settle
 */
export function settledDates(range: TimeRange, settledThrough: number | undefined): DateSpan {
  const whole = wholeDates(range);
  if (settledThrough === undefined) return { first: whole.first, last: addDays(whole.first, -1) };
  const settled = addDays(localTimeOf(range.pageZone, settledThrough).date, -1);
  return { first: whole.first, last: settled < whole.last ? settled : whole.last };
}

/** Returns the dates that are entirely within a range. */
export function wholeDates({ start, end, pageZone }: TimeRange): DateSpan {
  const begun = localTimeOf(pageZone, start).date;
  const ended = localTimeOf(pageZone, end).date;
  return {
    first: startOfDate(begun, pageZone) === start ? begun : addDays(begun, 1),
    last: addDays(ended, -1),
  };
}

/** Groups sorted dates into spans without gaps. */
export function groupConsecutive(dates: readonly string[]): DateSpan[] {
  const runs: DateSpan[] = [];
  for (const date of dates) {
    const run = runs.at(-1);
    if (run && addDays(run.last, 1) === date) run.last = date;
    else runs.push({ first: date, last: date });
  }
  return runs;
}

/**
 * Returns the preceding period of equal length: whole local dates for whole local dates, even if the clock changes. If the
 * range is not over yet, only as much of the preceding period is included as has passed of the range.
 */
export function previousPeriod(range: TimeRange, now: number): TimeRange {
  const whole = wholeDates(range);
  const zone = range.pageZone;
  const hasWholeDatesOnly =
    countDates(whole) > 0 &&
    startOfDate(whole.first, zone) === range.start &&
    startOfDate(addDays(whole.last, 1), zone) === range.end;
  const length = range.end - range.start;
  const start = hasWholeDatesOnly ? startOfDate(addDays(whole.first, -countDates(whole)), zone) : range.start - length;
  const passed = Math.max(0, range.end - Math.max(now, range.start));
  const end = now < range.end ? range.start - passed : range.start;
  return { ...range, start, end: Math.max(end, start + 1) };
}

/** Returns the local dates of which at least a part is within a range. */
export function touchedDates({ start, end, pageZone }: TimeRange): DateSpan {
  return {
    first: localTimeOf(pageZone, start).date,
    last: localTimeOf(pageZone, end - 1).date,
  };
}
