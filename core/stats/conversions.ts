import { formatAmount, readCurrency } from '#core/money.ts';
import { conversionAttribute } from '#schemas/counters.ts';
import { type ConversionKind, conversionKinds } from '#schemas/event.ts';
import { type Counters, sumCounters } from './counters.ts';

export interface Conversions {
  kinds: {
    kind: ConversionKind;
    count: number;
    /** Conversions per visit; null above 1, which means nothing. */
    rate: number | null;
  }[];
  /** Sales less refunds, by currency; null if the sum is too large to be exact. */
  revenue: { currency: string; amount: string | null }[];
}

/**
 * Returns the conversions of a range by kind, without kinds that have none, and the revenue. Different currencies are never
 * added up.
 * @param visits views, or clicks if links are followed elsewhere
 */
export function buildConversions(counters: Counters, visits: number): Conversions {
  const sums = sumCounters(counters, conversionAttribute(''));
  const kinds = conversionKinds.flatMap((kind) => {
    const count = sums.get(kind) ?? 0;
    const rate = visits === 0 || count > visits ? null : count / visits;
    return count === 0 ? [] : [{ kind, count, rate }];
  });
  const revenue = [...sums]
    .filter(([currency]) => readCurrency(currency) === currency)
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .map(([currency, minor]) => ({
      currency,
      amount: Number.isSafeInteger(minor) ? formatAmount({ minor, currency }) : null,
    }));
  return { kinds, revenue };
}
