import type { ViewsAndClicks } from '#core/detect/classic-rules.ts';
import type { DailyCount } from '#core/detect/daily-series.ts';
import type { LocalDay } from './local-days.ts';

/** A day as the lake has it; days without events have none. */
export interface CountedDay extends ViewsAndClicks {
  date: string;
}

export interface PageDay extends CountedDay {
  hours: number;
  bad: boolean;
}

/** Views, or clicks on a page whose links are followed directly and which is hardly ever seen itself. */
export type TrafficUnit = 'views' | 'clicks';

export interface PageHistory {
  /** Days from the page's first on; one on which the whole stack stood still is left out. */
  days: PageDay[];
  unit: TrafficUnit;
}

export interface HistoryFacts {
  counted: readonly CountedDay[];
  /** The days asked for, by the page's clock. */
  days: readonly LocalDay[];
  /** Local date on which the page was created: it has no whole day yet. */
  createdOn: string;
  /** Local dates on which the stack received nothing at all, from nobody. */
  silent: ReadonlySet<string>;
  badDays: readonly string[];
}

/**
 * The history of a page without gaps that are none: a day without events is a zero when the stack was alive, and is
 * missing when it was not. Nothing is known from before the page's first event or first whole day.
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
  return { days, unit: unitOf(days) };
}

function unitOf(days: readonly ViewsAndClicks[]): TrafficUnit {
  const [views, clicks] = days.reduce(([v, c], day) => [v + day.views, c + day.clicks], [0, 0]);
  return clicks > 4 * views ? 'clicks' : 'views';
}

/** The traffic series that the detectors read. */
export function trafficCounts({ days, unit }: PageHistory): DailyCount[] {
  return days.map((day) => ({ date: day.date, views: day[unit], hours: day.hours, bad: day.bad }));
}
