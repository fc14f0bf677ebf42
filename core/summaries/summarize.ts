import type { DayNumbers } from '#core/alerts/compare-days.ts';
import { leadingUnit, type TrafficUnit } from '#core/alerts/page-history.ts';
import { type DayCounters, sumCounter } from '#core/stats/counters.ts';
import { listDates } from '#core/stats/period.ts';
import type { MailContent } from '#schemas/alerts.ts';
import { summaryLimits } from '#schemas/mails/summary-parts.ts';
import type { SummaryPeriod } from './periods.ts';
import { summarizeConversions } from './summarize-conversions.ts';

export interface SummaryFacts {
  period: SummaryPeriod;
  /** Settled days of the period and of the one before; days without events may be missing. */
  days: readonly DayNumbers[];
  /** Local date on which the page was created; earlier periods are not compared with. */
  createdOn: string;
}

type Digest = Extract<MailContent, { kind: 'digest' }>;

/** Numbers of a page's week or month. */
export type Summary = Pick<Digest, 'from' | 'to' | 'totals' | 'previous' | 'campaigns' | 'conversions'> & {
  unit: TrafficUnit;
  /** One for each date, 0 without events. */
  days: Digest['week'];
  /** Without titles. */
  links: Omit<Digest['links'][number], 'title'>[];
};

/** Summarizes a page's week or month; undefined if there is nothing to report. */
export function summarizePage({ period, days, createdOn }: SummaryFacts): Summary | undefined {
  const { first, last, before } = period;
  const now = days.filter(({ date }) => date >= first && date <= last);
  const earlier = days.filter(({ date }) => date >= before.first && date <= before.last);
  const [totals, totalsBefore] = [sumTraffic(now), sumTraffic(earlier)];
  const conversions = summarizeConversions(now, earlier);
  if (conversions === null && !hasTraffic(totals) && !hasTraffic(totalsBefore)) return undefined;
  const previous = isComparable(period, earlier, createdOn) ? totalsBefore : null;
  const unit = leadingUnit([totals, totalsBefore]);
  const byDate = new Map(now.map((day) => [day.date, day.numbers] as const));
  const clicks = topOf(now, earlier, 'link', 'clicks').slice(0, summaryLimits.links);
  return {
    from: first,
    to: last,
    unit,
    totals,
    previous,
    days: listDates(period).map((date) => ({
      date,
      views: byDate.get(date)?.['views'] ?? 0,
      clicks: byDate.get(date)?.['clicks'] ?? 0,
    })),
    links: clicks.map(({ name, count, previous: clicksBefore }) => ({
      code: name,
      clicks: count,
      previous: clicksBefore,
    })),
    campaigns: topOf(now, earlier, 'utm_campaign', unit).slice(0, summaryLimits.campaigns),
    conversions,
  };
}

/** Adds up views and clicks. */
export function sumTraffic(days: readonly DayCounters[]): { views: number; clicks: number } {
  const counters = { hours: [], days };
  return { views: sumCounter(counters, 'views'), clicks: sumCounter(counters, 'clicks') };
}

export function hasTraffic({ views, clicks }: { views: number; clicks: number }): boolean {
  return views + clicks > 0;
}

/** Returns whether a young page has something to compare with: counts, or a whole period without. */
export function isComparable({ before }: SummaryPeriod, earlier: readonly DayCounters[], createdOn: string): boolean {
  return earlier.length > 0 || createdOn <= before.first;
}

/** Lists the values of a top list that the period has, most first. A day has only its 25 most frequent ones. */
function topOf(now: readonly DayNumbers[], earlier: readonly DayNumbers[], list: string, unit: TrafficUnit) {
  const before = countValues(earlier, list, unit);
  return [...countValues(now, list, unit)]
    .filter(([, count]) => count > 0)
    .toSorted(([a, left], [b, right]) => right - left || (a < b ? -1 : 1))
    .map(([name, count]) => ({ name, count, previous: before.get(name) ?? 0 }));
}

function countValues(days: readonly DayNumbers[], list: string, unit: TrafficUnit): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { tops } of days)
    for (const [value, clicks, views] of tops[list] ?? [])
      counts.set(value, (counts.get(value) ?? 0) + (unit === 'clicks' ? clicks : views));
  return counts;
}
