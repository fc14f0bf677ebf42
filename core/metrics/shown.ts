import { decimalsOf } from '#core/money.ts';
import type { MetricView } from '#schemas/insights/metrics.ts';

/** Returns a value as it is shown: a percentage times 100, money in whole units of its currency. */
export function toShown(value: number, { unit, currency }: Pick<MetricView, 'unit' | 'currency'>): number {
  if (unit === 'percent') return value * 100;
  return unit === 'money' && currency !== null ? value / 10 ** decimalsOf(currency) : value;
}

/** Returns the value that is shown as this number. */
export function fromShown(shown: number, { unit, currency }: Pick<MetricView, 'unit' | 'currency'>): number {
  if (unit === 'percent') return shown / 100;
  return unit === 'money' && currency !== null ? Math.round(shown * 10 ** decimalsOf(currency)) : shown;
}

/** Returns the decimals with which a value is shown: those of the currency for money. */
export function shownDecimals({
  unit,
  currency,
  decimals,
}: Pick<MetricView, 'unit' | 'currency' | 'decimals'>): number {
  return unit === 'money' && currency !== null ? decimalsOf(currency) : decimals;
}
