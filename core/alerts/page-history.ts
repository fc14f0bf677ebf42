import type { ViewsAndClicks } from '#core/detect/classic-rules.ts';
import type { DailyCount } from '#core/detect/daily-series.ts';
import type { LocalDay } from './local-days.ts';

/** A day in the lake; days without events are absent. */
export interface CountedDay extends ViewsAndClicks {
  date: string;
}

export interface PageDay extends CountedDay {
  hours: number;
  bad: boolean;
}

/** Views, or clicks for a page that has hardly any views because its links are followed directly. */
export type TrafficUnit = 'views' | 'clicks';

export interface PageHistory {
  /** Days since the page's first; days on which the whole stack was down are left out. */
  days: PageDay[];
  unit: TrafficUnit;
}

export interface HistoryFacts {
  counted: readonly CountedDay[];
  /** Requested days in the page's time zone. */
  days: readonly LocalDay[];
  /** Local date on which the page was created; that day is not complete. */
  createdOn: string;
  /** Local dates on which the whole stack received nothing. */
  silent: ReadonlySet<string>;
  badDays: readonly string[];
}

/**
 * Builds the history of a page: a day without events is 0 if the stack was running, and missing if it was not. It starts
 * with the page's first event or first complete day.
 */
export function pageHistory(facts: HistoryFacts): PageHistory {
  const byDate = new Map(facts.counted.map((day) => [day.date, day] as const));
  const bad = new Set(facts.badDays);
  const first = facts.counted.reduce((least, { date }) => (date < least ? date : least), '9999');
  const days = facts.days.flatMap(({ date, hours }): PageDay[] => {
    const counted = byDate.get(date);
    const known = counted !== undefined || date > first || date > facts.createdOn;
    if (!known || facts.silent.has(date)) return [];
    return [{ date, views: counted?.views ?? 0, clicks: counted?.clicks ?? 0, hours, bad: bad.has(date) }];
  });
  return { days, unit: leadingUnit(days) };
}

/** Returns the unit that describes a page's traffic. */
export function leadingUnit(days: readonly ViewsAndClicks[]): TrafficUnit {
  const [views, clicks] = days.reduce(([v, c], day) => [v + day.views, c + day.clicks], [0, 0]);
  return clicks > 4 * views ? 'clicks' : 'views';
}

/** Returns the traffic series for the detectors. */
export function trafficCounts({ days, unit }: PageHistory): DailyCount[] {
  return days.map((day) => ({ date: day.date, views: day[unit], hours: day.hours, bad: day.bad }));
}
