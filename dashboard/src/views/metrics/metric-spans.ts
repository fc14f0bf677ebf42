import { addPeriods, startOfPeriod } from '#core/periods.ts';
import { addDays } from '../../format/times.ts';
import type { PeriodUnit } from '#schemas/time/periods.ts';

export type MetricSpan = 'days' | 'weeks' | 'months';

export const metricSpans: readonly { value: MetricSpan; label: string }[] = [
  { value: 'days', label: '28 days' },
  { value: 'weeks', label: '12 weeks' },
  { value: 'months', label: '12 months' },
];

/** Returns the range of a span that ends today, in whole weeks and months. @param today local date of the page */
export function rangeOfSpan(span: MetricSpan, today: string): { from: string; to: string; by: PeriodUnit } {
  switch (span) {
    case 'days':
      return { from: addDays(today, -27), to: today, by: 'day' };
    case 'weeks':
      return { from: addPeriods(startOfPeriod(today, 'week'), -11, 'week'), to: today, by: 'week' };
    case 'months':
      return { from: addPeriods(startOfPeriod(today, 'month'), -11, 'month'), to: today, by: 'month' };
    default:
      return span satisfies never;
  }
}
