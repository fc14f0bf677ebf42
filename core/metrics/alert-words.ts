import type { MetricAlert } from '#schemas/insights/metric-alert.ts';
import { formatMetric, type MetricFormat } from './format-metric.ts';

/** `below 5.0% for 2 weeks`, `above 100 for a day`, `unusual` */
export function describeMetricAlert(rule: MetricAlert, format: MetricFormat): string {
  if (rule.when === 'unusual') return 'unusual';
  const { when, value, period, periods } = rule;
  return `${when} ${formatMetric(value, format)} for ${periods === 1 ? `a ${period}` : `${periods} ${period}s`}`;
}

/** `62% below what is usual`, `2.4 times what is usual` */
export function describeUnusual(value: number, expected: number): string {
  if (value < expected) return `${Math.round((1 - value / expected) * 100)}% below what is usual`;
  const times = value / expected;
  return `${times < 10 ? times.toFixed(1) : Math.round(times)} times what is usual`;
}
