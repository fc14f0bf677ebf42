import { formatAmount, readCurrency } from '#core/money.ts';
import { type ConversionKind, conversionKinds } from '#schemas/event.ts';
import type { TopLists } from './top-lists.ts';

/** Custom events with one name, of one kind. */
export interface EventCount {
  event: string;
  /** Null for an event that is no conversion. */
  kind: ConversionKind | null;
  count: number;
  /** Sum of the visitors of each date. */
  visitors: number;
  /** Share of all visitors; null if none of these events has a visitor. */
  rate: number | null;
  /** Sales less refunds, by currency; null if the sum is too large to be exact. */
  revenue: { currency: string; amount: string | null }[];
}

/**
 * Merges the lists `event` and `revenue` of several dates, sorted by count. Each date has only its top values, so the counts of
 * a page with more are lower bounds.
 * @param visitors all visitors of the dates; null if they are not comparable
 */
export function buildEventCounts(
  days: readonly Pick<TopLists, 'lists'>[],
  visitors: number | null,
  longest = 100,
): EventCount[] {
  const revenue = sumAmounts(days);
  const sums = new Map<string, { count: number; visitors: number }>();
  for (const { lists } of days)
    for (const [key, count, seen] of lists['event'] ?? []) {
      const sum = sums.get(key) ?? { count: 0, visitors: 0 };
      sums.set(key, { count: sum.count + count, visitors: sum.visitors + seen });
    }
  return [...sums]
    .sort(([one, a], [other, b]) => b.count - a.count || (one < other ? -1 : 1))
    .slice(0, longest)
    .map(([key, sum]) => ({
      ...parseKey(key),
      ...sum,
      rate: visitors === null || visitors < sum.visitors || sum.visitors === 0 ? null : sum.visitors / visitors,
      revenue: [...(revenue.get(key) ?? [])].map(([currency, minor]) => ({
        currency,
        amount: Number.isSafeInteger(minor) ? formatAmount({ minor, currency }) : null,
      })),
    }));
}

/** Adds up the smallest units by event and kind, and by currency. */
function sumAmounts(days: readonly Pick<TopLists, 'lists'>[]): Map<string, Map<string, number>> {
  const amounts = new Map<string, Map<string, number>>();
  for (const { lists } of days)
    for (const [value, , minor] of lists['revenue'] ?? []) {
      const end = value.lastIndexOf('\t');
      const [key, currency] = [value.slice(0, end), value.slice(end + 1)];
      if (readCurrency(currency) !== currency) continue;
      const sums = amounts.get(key) ?? new Map<string, number>();
      amounts.set(key, sums.set(currency, (sums.get(currency) ?? 0) + minor));
    }
  return amounts;
}

/** Reads `event_and_kind` of `queries/fragments.ts`. A name may hold tabs, a kind does not. */
function parseKey(key: string): Pick<EventCount, 'event' | 'kind'> {
  const end = key.lastIndexOf('\t');
  return { event: key.slice(0, end), kind: conversionKinds.find((kind) => kind === key.slice(end + 1)) ?? null };
}
