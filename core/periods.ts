import { addDays } from '#core/ledger/time-range.ts';
import type { PeriodUnit } from '#schemas/time/periods.ts';

/**
 * Returns the first local date of the day, ISO week or month that contains a local date. `queries/reports/retention.sql`
 * does the same.
 * @example startOfPeriod('2026-11-26', 'week') // '2026-11-23', a Monday
 */
export function startOfPeriod(date: string, by: PeriodUnit): string {
  switch (by) {
    case 'day':
      return date;
    case 'week':
      return addDays(date, -((new Date(date).getUTCDay() + 6) % 7));
    case 'month':
      return `${date.slice(0, 8)}01`;
    default:
      return by satisfies never;
  }
}

/** Returns the start of the period that is this many periods later. @param period a start, as of {@link startOfPeriod} */
export function addPeriods(period: string, count: number, by: PeriodUnit): string {
  if (by !== 'month') return addDays(period, by === 'day' ? count : count * 7);
  const [year = 0, month = 1] = period.split('-').map(Number);
  return new Date(Date.UTC(year, month - 1 + count, 1)).toISOString().slice(0, 10);
}

/** Returns the last local date of a period. @param period a start, as of {@link startOfPeriod} */
export function endOfPeriod(period: string, by: PeriodUnit): string {
  return addDays(addPeriods(period, 1, by), -1);
}

/** Returns the periods from one start to another, both included. */
export function listPeriods(first: string, last: string, by: PeriodUnit): string[] {
  const periods: string[] = [];
  for (let period = first; period <= last; period = addPeriods(period, 1, by)) periods.push(period);
  return periods;
}
