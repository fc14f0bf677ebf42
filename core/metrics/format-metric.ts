import type { MetricView } from '#schemas/insights/metrics.ts';
import { roundTo } from './round.ts';
import { shownDecimals, toShown } from './shown.ts';

export type MetricFormat = Pick<MetricView, 'unit' | 'currency' | 'decimals'>;

/** `4.2%`, `€12.50`, `12 s`; a dash for an unknown value. */
export function formatMetric(value: number | null, format: MetricFormat): string {
  if (value === null) return '–';
  const decimals = shownDecimals(format);
  const number = roundTo(toShown(value, format), decimals);
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  if (format.unit === 'money' && format.currency !== null)
    return new Intl.NumberFormat('en', { style: 'currency', currency: format.currency, ...digits }).format(number);
  const text = new Intl.NumberFormat('en', digits).format(number);
  switch (format.unit) {
    case 'percent':
      return `${text}%`;
    case 'seconds':
      return `${text} s`;
    case 'count':
    case 'ratio':
    case 'money':
      return text;
    default:
      return format.unit satisfies never;
  }
}
