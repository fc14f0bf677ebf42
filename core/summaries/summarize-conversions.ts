import { buildConversions, type Conversions } from '#core/stats/conversions.ts';
import type { DayCounters } from '#core/stats/counters.ts';
import { conversionKinds } from '#schemas/event.ts';
import { type SummaryConversions, summaryLimits } from '#schemas/mails/summary-parts.ts';

/** Returns the conversions and the revenue of a period beside those before; null if both have none. */
export function summarizeConversions(
  now: readonly DayCounters[],
  earlier: readonly DayCounters[],
): SummaryConversions | null {
  const found = buildConversions({ hours: [], days: now }, 0);
  const before = buildConversions({ hours: [], days: earlier }, 0);
  const counts = { now: countKinds(found), before: countKinds(before) };
  const kinds = conversionKinds.flatMap((kind) => {
    const [count, previous] = [counts.now.get(kind) ?? 0, counts.before.get(kind) ?? 0];
    return count + previous === 0 ? [] : [{ kind, count, previous }];
  });
  if (kinds.length === 0) return null;
  const amounts = new Map(before.revenue.map(({ currency, amount }) => [currency, amount] as const));
  const revenue = found.revenue.map(({ currency, amount }) => ({
    currency,
    amount,
    previous: amounts.has(currency) ? (amounts.get(currency) ?? null) : '0',
  }));
  return {
    kinds,
    revenue: revenue.slice(0, summaryLimits.currencies),
    moreCurrencies: Math.max(0, revenue.length - summaryLimits.currencies),
  };
}

function countKinds({ kinds }: Conversions): Map<string, number> {
  return new Map(kinds.map(({ kind, count }) => [kind, count] as const));
}
