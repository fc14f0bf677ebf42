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
 * range is not over yet, it ends as far into its last day as today has come: this is what every change compares with.
 */
export function previousPeriod(range: TimeRange, now: number): TimeRange {
  const whole = wholeDates(range);
  const zone = range.pageZone;
  const hasWholeDatesOnly =
    countDates(whole) > 0 &&
    startOfDate(whole.first, zone) === range.start &&
    startOfDate(addDays(whole.last, 1), zone) === range.end;
  const passed = Math.min(Math.max(now + 1, range.start + 1), range.end);
  if (!hasWholeDatesOnly) {
    const length = range.end - range.start;
    return { ...range, start: range.start - length, end: passed - length };
  }
  const days = countDates(whole);
  const start = startOfDate(addDays(whole.first, -days), zone);
  if (now >= range.end) return { ...range, start, end: range.start };
  const today = comparedDay(whole, zone, passed - 1);
  return { ...range, start, end: today?.end ?? start + 1 };
}

/** The day before a period that corresponds to today, as far as today has come. */
export interface ComparedDay {
  date: string;
  /** Milliseconds since the epoch. */
  start: number;
  end: number;
}

/** Returns the day that today is compared with; undefined if today is not one of the dates. */
export function comparedDay(dates: DateSpan, zone: string, now: number): ComparedDay | undefined {
  const today = localTimeOf(zone, now).date;
  if (today < dates.first || today > dates.last) return undefined;
  const date = addDays(today, -countDates(dates));
  const start = startOfDate(date, zone);
  const elapsed = now + 1 - startOfDate(today, zone);
  return { date, start, end: Math.min(start + elapsed, startOfDate(addDays(date, 1), zone)) };
}

/** Returns the local dates of which at least a part is within a range. */
export function touchedDates({ start, end, pageZone }: TimeRange): DateSpan {
  return {
    first: localTimeOf(pageZone, start).date,
    last: localTimeOf(pageZone, end - 1).date,
  };
}
