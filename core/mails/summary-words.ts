import type { TrafficUnit } from '#core/alerts/page-history.ts';
import { conversionNames, formatMoney } from '#core/stats/conversion-words.ts';
import { addDays } from '#core/ledger/time-range.ts';
import { shownRate } from '#core/stats/counters.ts';
import { countDates } from '#core/stats/period.ts';
import type { GoalResult, SummaryConversions } from '#schemas/mails/summary-parts.ts';
import { amount, change, count, dateWords, percent } from './words.ts';

/** One number of a period, and its change. */
export interface SummaryTotal {
  name: string;
  value: string;
  change: string | null;
}

/** Rows of a summary under a heading. */
export interface SummaryList {
  title: string;
  rows: { name: string; note: string; value: string; change: string | null }[];
  /** "and 2 more currencies in the dashboard" */
  more: string | null;
}

interface Traffic {
  views: number;
  clicks: number;
}

/** Lists the totals, the page's unit first. A page whose links are followed directly has no meaningful click rate. */
export function totalsOf(totals: Traffic, previous: Traffic | null, unit: TrafficUnit): SummaryTotal[] {
  function against(name: TrafficUnit) {
    return previous ? change(totals[name], previous[name]) : null;
  }
  const views = { name: 'Views', value: count(totals.views), change: against('views') };
  const clicks = { name: 'Clicks', value: count(totals.clicks), change: against('clicks') };
  if (unit === 'clicks') return totals.views === 0 ? [clicks] : [clicks, views];
  const rate = shownRate(totals);
  const before = previous && shownRate(previous);
  return [
    views,
    clicks,
    {
      name: 'Click rate',
      value: rate === null ? '–' : percent(rate),
      change: rate === null || before === null ? null : change(rate, before),
    },
  ];
}

interface Period {
  from: string;
  to: string;
}

/** "Changes compare with the 31 days before, 31 Aug to 30 Sept." @param before "the 31 days before" */
export function describeCompared(period: Period, before: string): string {
  const first = addDays(period.from, -countDays(period));
  const dates = `${dateWords.dayMonth(first)} to ${dateWords.dayMonth(addDays(period.from, -1))}`;
  return `Changes compare with ${before}, ${dates}.`;
}

export function countDays({ from, to }: Period): number {
  return countDates({ first: from, last: to });
}

/** "Goal of 10,000 views reached: 12,400 (124%)." */
export function describeGoal({ goal, actual, unit }: GoalResult): { text: string; reached: boolean } {
  const reached = actual >= goal;
  // Rounded down, so that 99.6% of a goal is not 100% of it.
  const share = `${count(Math.floor((100 * actual) / goal))}%`;
  return {
    reached,
    text: `Goal of ${amount(goal, unit)} ${reached ? 'reached' : 'missed'}: ${count(actual)} (${share}).`,
  };
}

/** Rows of the kinds, then the revenue by currency. @param isComparable false if the period before has no numbers */
export function conversionRows({ kinds, revenue }: SummaryConversions, isComparable: boolean): SummaryList['rows'] {
  const counts = kinds.map(({ kind, count: now, previous }) => ({
    name: conversionNames[kind],
    note: '',
    value: count(now),
    change: isComparable ? change(now, previous) : null,
  }));
  const amounts = revenue.map(({ currency, amount: now, previous }) => ({
    name: revenue.length > 1 ? `Revenue in ${currency}` : 'Revenue',
    note: '',
    value: now === null ? '–' : formatMoney(now, currency),
    change: isComparable ? changeOfAmount(now, previous) : null,
  }));
  return [...counts, ...amounts];
}

export function moreCurrencies({ moreCurrencies: more }: SummaryConversions): string | null {
  return more === 0 ? null : `and ${more === 1 ? 'one more currency' : `${more} more currencies`} in the dashboard`;
}

/** A share of a negative amount, of refunds only, would mean nothing. */
function changeOfAmount(now: string | null, previous: string | null): string | null {
  if (now === null || previous === null || Number(now) < 0 || Number(previous) < 0) return null;
  return change(Number(now), Number(previous));
}
