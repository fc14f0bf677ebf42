import { localTimeOf } from '#core/enrich/local-time.ts';
import { addDays } from '#core/ledger/time-range.ts';
import type { MailContent } from '#schemas/alerts.ts';
import type { DayNumbers } from './compare-days.ts';

export interface WeekFacts {
  from: string;
  /** Settled days of the week and of the week before; days without events may be missing. */
  days: readonly DayNumbers[];
  titleOf: (code: string) => string;
  /** Local date on which the page was created; earlier weeks are not compared with. */
  createdOn: string;
}

/** Returns last Monday to Sunday during a Monday's digest hours, otherwise undefined. */
export function weekToReport(zone: string, time: number): { from: string; to: string } | undefined {
  const { date } = localTimeOf(zone, time);
  return isMonday(date) && isDigestHour(zone, time) ? { from: addDays(date, -7), to: addDays(date, -1) } : undefined;
}

function isMonday(date: string): boolean {
  return new Date(`${date}T00:00:00Z`).getUTCDay() === 1;
}

/** Local hours for sending digests: the first, and the following in case a day settles late. */
const firstHour = 8;

const lastHour = 11;

export function isDigestHour(zone: string, time: number): boolean {
  const hour = Number(localTimeOf(zone, time).hour.slice(11, 13));
  return hour >= firstHour && hour <= lastHour;
}

const shownLinks = 5;

type Digest = Extract<MailContent, { kind: 'digest' }>;

/** Summarizes a page's week; undefined if there is nothing to report. */
export function summarizeWeek({
  from,
  days,
  titleOf,
  createdOn,
}: WeekFacts): Pick<Digest, 'from' | 'to' | 'week' | 'totals' | 'previous' | 'links'> | undefined {
  const now = days.filter(({ date }) => date >= from);
  const earlier = days.filter(({ date }) => date < from);
  const [sums, before] = [totals(now), totals(earlier)];
  if (sums.views + sums.clicks + before.views + before.clicks === 0) return undefined;
  const byDate = new Map(now.map((day) => [day.date, day.numbers] as const));
  const known = earlier.length > 0 || createdOn <= addDays(from, -7);
  const clicksBefore = clicksByLink(earlier);
  return {
    from,
    to: addDays(from, 6),
    week: datesOfWeek(from).map((date) => ({
      date,
      views: byDate.get(date)?.['views'] ?? 0,
      clicks: byDate.get(date)?.['clicks'] ?? 0,
    })),
    totals: sums,
    previous: known ? before : null,
    links: [...clicksByLink(now)]
      .filter(([, clicks]) => clicks > 0)
      .toSorted(([a, left], [b, right]) => right - left || (a < b ? -1 : 1))
      .slice(0, shownLinks)
      .map(([code, clicks]) => ({ code, title: titleOf(code), clicks, previous: clicksBefore.get(code) ?? 0 })),
  };
}

function totals(days: readonly DayNumbers[]) {
  return {
    views: days.reduce((sum, { numbers }) => sum + (numbers['views'] ?? 0), 0),
    clicks: days.reduce((sum, { numbers }) => sum + (numbers['clicks'] ?? 0), 0),
  };
}

function clicksByLink(days: readonly DayNumbers[]): Map<string, number> {
  const clicks = new Map<string, number>();
  for (const { tops } of days)
    for (const [code, count] of tops['link'] ?? []) clicks.set(code, (clicks.get(code) ?? 0) + count);
  return clicks;
}

/** Lists seven dates from this one. */
export function datesOfWeek(from: string): string[] {
  return Array.from({ length: 7 }, (_, day) => addDays(from, day));
}
