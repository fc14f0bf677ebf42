import { localTimeOf } from '#core/enrich/local-time.ts';
import { addDays, startOfDate } from '#core/ledger/time-range.ts';
import { addPeriods, endOfPeriod, startOfPeriod } from '#core/periods.ts';
import { type DateSpan, previousPeriod, wholeDates } from '#core/stats/period.ts';

/** Local dates that a summary is about, all of them over. */
export interface SummaryPeriod extends DateSpan {
  kind: 'digest' | 'monthly';
  /** The dates that every change compares with. */
  before: DateSpan;
}

/** Returns the periods whose summaries are due: last week on a Monday, last month on the first three days of a month. */
export function periodsToReport(zone: string, time: number): SummaryPeriod[] {
  return [weekToReport(zone, time), monthToReport(zone, time)].flatMap((period) => period ?? []);
}

/** Returns last Monday to Sunday during a Monday's digest hours, otherwise undefined. */
export function weekToReport(zone: string, time: number): SummaryPeriod | undefined {
  const { date } = localTimeOf(zone, time);
  if (startOfPeriod(date, 'week') !== date || !isDigestHour(zone, time)) return undefined;
  const dates = { first: addDays(date, -7), last: addDays(date, -1) };
  return { kind: 'digest', ...dates, before: datesBefore(dates, zone) };
}

/** The days after the first make up for a month that settles late, or whose pages are in zones far apart. */
const lastDayOfMonth = 3;

/** Returns last month during the digest hours of the first days of a month, otherwise undefined. */
export function monthToReport(zone: string, time: number): SummaryPeriod | undefined {
  const { date } = localTimeOf(zone, time);
  if (Number(date.slice(8)) > lastDayOfMonth || !isDigestHour(zone, time)) return undefined;
  const first = addPeriods(startOfPeriod(date, 'month'), -1, 'month');
  const dates = { first, last: endOfPeriod(first, 'month') };
  return { kind: 'monthly', ...dates, before: datesBefore(dates, zone) };
}

/** Returns the dates that the dashboard compares these dates with. */
function datesBefore({ first, last }: DateSpan, zone: string): DateSpan {
  const [start, end] = [startOfDate(first, zone), startOfDate(addDays(last, 1), zone)];
  return wholeDates(previousPeriod({ start, end, interval: 'day', pageZone: zone, shownZone: zone }, end));
}

/** Local hours for sending summaries: the first, and the following in case a day settles late. */
const firstHour = 8;

const lastHour = 11;

export function isDigestHour(zone: string, time: number): boolean {
  const hour = Number(localTimeOf(zone, time).hour.slice(11, 13));
  return hour >= firstHour && hour <= lastHour;
}
