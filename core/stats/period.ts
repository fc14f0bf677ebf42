import { localTimeOf } from '#core/enrich/local-time.ts';
import { addDays, startOfDate, type TimeRange } from '#core/ledger/time-range.ts';

/** Local dates, both included; `first` is after `last` where there are none. */
export interface DateSpan {
  first: string;
  last: string;
}

export function listDates(dates: DateSpan): string[] {
  return Array.from({ length: countDates(dates) }, (_, at) => addDays(dates.first, at));
}

const dayLength = 86_400_000;

export function countDates({ first, last }: DateSpan): number {
  return Math.max(0, (Date.parse(last) - Date.parse(first)) / dayLength + 1);
}

/**
 * The dates that a range holds whole and that are settled: they ended at or before `settledThrough` in the page's zone.
 * @param settledThrough milliseconds since the epoch, undefined before the first settle
 */
export function settledDates(range: TimeRange, settledThrough: number | undefined): DateSpan {
  const whole = wholeDates(range);
  if (settledThrough === undefined) return { first: whole.first, last: addDays(whole.first, -1) };
  const settled = addDays(localTimeOf(range.pageZone, settledThrough).date, -1);
  return { first: whole.first, last: settled < whole.last ? settled : whole.last };
}

/** The dates that a range holds whole. */
export function wholeDates({ start, end, pageZone }: TimeRange): DateSpan {
  const begun = localTimeOf(pageZone, start).date;
  const ended = localTimeOf(pageZone, end).date;
  return {
    first: startOfDate(begun, pageZone) === start ? begun : addDays(begun, 1),
    last: addDays(ended, -1),
  };
}

/** Runs of dates without a gap. */
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
 * The period of equal length before. Whole local dates stay whole, over a change of the clock too; a range that reaches
 * beyond `now` is compared with as much of the period before as has passed of it.
 */
export function previousPeriod(range: TimeRange, now: number): TimeRange {
  const whole = wholeDates(range);
  const zone = range.pageZone;
  const holdsOnlyWhole =
    countDates(whole) > 0 &&
    startOfDate(whole.first, zone) === range.start &&
    startOfDate(addDays(whole.last, 1), zone) === range.end;
  const length = range.end - range.start;
  const start = holdsOnlyWhole ? startOfDate(addDays(whole.first, -countDates(whole)), zone) : range.start - length;
  const passed = Math.max(0, range.end - Math.max(now, range.start));
  const end = now < range.end ? range.start - passed : range.start;
  return { ...range, start, end: Math.max(end, start + 1) };
}

/** The local dates that a range touches. */
export function touchedDates({ start, end, pageZone }: TimeRange): DateSpan {
  return {
    first: localTimeOf(pageZone, start).date,
    last: localTimeOf(pageZone, end - 1).date,
  };
}
