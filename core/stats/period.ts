import { dayLength } from '#core/time.ts';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { addDays, earlierDate, isDate, lastEndedDate, startOfDate, type TimeRange } from '#core/ledger/time-range.ts';

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
  return { first: whole.first, last: earlierDate(lastEndedDate(range.pageZone, settledThrough), whole.last) };
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

/** What a range is compared with: the period before it, the same dates a year before, or the period that begins on a date. */
export type Comparison = 'previous' | 'year' | (string & {});

/** Returns the period that a range is compared with. If the range is not over yet, it ends as far into its day as today has come. */
export function comparedPeriod(range: TimeRange, comparison: Comparison, now: number): TimeRange {
  if (comparison === 'previous') return previousPeriod(range, now);
  if (comparison === 'year') return movedPeriod(range, yearBefore, now);
  const first = localTimeOf(range.shownZone, range.start).date;
  const days = (Date.parse(comparison) - Date.parse(first)) / dayLength;
  return movedPeriod(range, (date) => addDays(date, days), now);
}

/**
 * Returns the settled dates of a compared period that correspond to settled dates of the range: as many of them.
 * @param settledThrough milliseconds since the epoch, undefined before the first settle
 */
export function comparedDates(range: TimeRange, compared: TimeRange, settledThrough: number | undefined): DateSpan {
  const { first, last } = settledDates(compared, settledThrough);
  const end = addDays(first, countDates(settledDates(range, settledThrough)) - 1);
  return { first, last: earlierDate(end, last) };
}

/** Returns the same date a year before; 28 February for 29 February. */
function yearBefore(date: string): string {
  const year = String(Math.max(0, Number(date.slice(0, 4)) - 1)).padStart(4, '0');
  const moved = year + date.slice(4);
  return isDate(moved) ? moved : `${year}-02-28`;
}

/** Moves a range's dates in the shown time zone, and keeps its times of day. */
function movedPeriod(range: TimeRange, move: (date: string) => string, now: number): TimeRange {
  const zone = range.shownZone;
  const passed = Math.min(Math.max(now + 1, range.start + 1), range.end);
  const start = atSameTime(range.start, move, zone);
  const last = localTimeOf(zone, passed - 1).date;
  const isWholeDay = startOfDate(addDays(last, 1), zone) === passed;
  const end = isWholeDay ? startOfDate(addDays(move(last), 1), zone) : atSameTime(passed - 1, move, zone) + 1;
  return { ...range, start, end: Math.max(end, start + 1) };
}

/** Returns an instant with the same time since midnight, on a day that may be shorter. */
function atSameTime(at: number, move: (date: string) => string, zone: string): number {
  const { date } = localTimeOf(zone, at);
  const moved = move(date);
  const elapsed = at - startOfDate(date, zone);
  return Math.min(startOfDate(moved, zone) + elapsed, startOfDate(addDays(moved, 1), zone) - 1);
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
