import type { HotDimension } from '#schemas/rollup-item.ts';
import {
  addOutcomes,
  bestNumbers,
  noOutcomes,
  type Numbers,
  type OutcomeCounts,
  outcomesOf,
  receivedOf,
  sumOfOutcomes,
} from './outcomes.ts';
import { bucketOf, bucketsOf, holdsDate, startOfHour, type TimeRange } from './time-range.ts';

const hourLength = 3_600_000;

/** An hourly item of one entity. */
export interface HourNumbers {
  /** `2026-11-22T07+01:00` */
  hour: string;
  hot: Numbers;
  final: Numbers | undefined;
}

/** Received, what became of it, and the difference. */
export interface Balance {
  received: number;
  outcomes: OutcomeCounts;
  /**
   * Received − Σ outcomes over the hours whose request lines are all counted; null while there are none. Below zero
   * where an event was delivered twice and its hour is not settled yet.
   */
  lost: number | null;
}

export interface SeriesPoint {
  start: string;
  views: number;
  clicks: number;
}

/** Counted views and clicks of one value; null gathers those without one. */
export interface BreakdownRow {
  value: string | null;
  views: number;
  clicks: number;
}

export type Breakdowns = Record<'country' | 'device' | 'browser' | 'os' | 'referrer', BreakdownRow[]>;

/** Hours of the range out of those read; items of neighbouring days fall away. */
export const hoursWithin = (items: readonly HourNumbers[], range: TimeRange): HourNumbers[] =>
  items.filter(({ hour }) => {
    const start = startOfHour(hour);
    return start >= range.start && start < range.end;
  });

/** @param receivedThrough milliseconds since the epoch, undefined before the first count */
export const balanceOf = (items: readonly HourNumbers[], receivedThrough: number | undefined): Balance => {
  const balance: Balance = { received: 0, outcomes: noOutcomes(), lost: null };
  for (const item of items) {
    const outcomes = outcomesOf(bestNumbers(item));
    const received = receivedOf(item.hot);
    balance.received += received;
    balance.outcomes = addOutcomes(balance.outcomes, outcomes);
    const complete = receivedThrough !== undefined && startOfHour(item.hour) + hourLength <= receivedThrough;
    if (complete) balance.lost = (balance.lost ?? 0) + received - sumOfOutcomes(outcomes);
  }
  return balance;
};

const sumOf = (items: readonly HourNumbers[], name: string): number =>
  items.reduce((sum, item) => sum + (bestNumbers(item)[name] ?? 0), 0);

/** People of one settled local date. */
export interface DayNumbers {
  date: string;
  visitors: number;
  sessions: number;
}

/**
 * `ctr` is clicks by views, null without views. `uniques` and `sessions` are sums over the settled dates that the range
 * holds whole, null while there are none.
 */
export const totalsOf = (items: readonly HourNumbers[], days: readonly DayNumbers[], range: TimeRange) => {
  const views = sumOf(items, 'views');
  const clicks = sumOf(items, 'clicks');
  const settled = days.filter(({ date }) => holdsDate(range, date));
  const people = (of: (day: DayNumbers) => number): number | null =>
    settled.length === 0 ? null : settled.reduce((sum, day) => sum + of(day), 0);
  return {
    views,
    clicks,
    uniques: people(({ visitors }) => visitors),
    sessions: people(({ sessions }) => sessions),
    ctr: views === 0 ? null : clicks / views,
  };
};

/** One point per hour or day of the range until now, zeros included. */
export const seriesOf = (items: readonly HourNumbers[], range: TimeRange, now: number): SeriesPoint[] => {
  const points = new Map(bucketsOf(range, now).map((start) => [start, { start, views: 0, clicks: 0 }]));
  for (const item of items) {
    const start = bucketOf(item.hour, range);
    const point = points.get(start) ?? { start, views: 0, clicks: 0 };
    const numbers = bestNumbers(item);
    point.views += numbers['views'] ?? 0;
    point.clicks += numbers['clicks'] ?? 0;
    points.set(start, point);
  }
  return [...points.values()].sort(byStart);
};

const instantOf = ({ start }: { start: string }): number => Date.parse(start);
const byStart = (a: { start: string }, b: { start: string }): number => instantOf(a) - instantOf(b);

/** A balance per hour or day in which anything happened. */
export const balancesOf = (
  items: readonly HourNumbers[],
  range: TimeRange,
  receivedThrough: number | undefined,
): (Balance & { start: string })[] => {
  const buckets = Map.groupBy(items, ({ hour }) => bucketOf(hour, range));
  return [...buckets].map(([start, hours]) => ({ start, ...balanceOf(hours, receivedThrough) })).sort(byStart);
};

const breakdownOf = (items: readonly HourNumbers[], letter: HotDimension): BreakdownRow[] => {
  const rows = new Map<string, BreakdownRow>();
  const add = (value: string, kind: 'views' | 'clicks', count: number): void => {
    const row = rows.get(value) ?? { value, views: 0, clicks: 0 };
    row[kind] += count;
    rows.set(value, row);
  };
  for (const item of items) {
    for (const [name, count] of Object.entries(bestNumbers(item))) {
      if (name.startsWith(`${letter}.`)) add(name.slice(2), 'clicks', count);
      else if (name.startsWith(`v${letter}.`)) add(name.slice(3), 'views', count);
    }
  }
  const known = [...rows.values()].sort(byCount);
  const rest = (kind: 'views' | 'clicks'): number =>
    sumOf(items, kind) - known.reduce((sum, row) => sum + row[kind], 0);
  const without = { value: null, views: rest('views'), clicks: rest('clicks') };
  return without.views > 0 || without.clicks > 0 ? [...known, without] : known;
};

const byCount = (a: BreakdownRow, b: BreakdownRow): number =>
  b.clicks + b.views - a.clicks - a.views || (String(a.value) < String(b.value) ? -1 : 1);

/** Counted views and clicks by value of each dimension, most first, without a value last; together the totals. */
export const breakdownsOf = (items: readonly HourNumbers[]): Breakdowns => ({
  country: breakdownOf(items, 'c'),
  device: breakdownOf(items, 'd'),
  browser: breakdownOf(items, 'b'),
  os: breakdownOf(items, 'o'),
  referrer: breakdownOf(items, 'r'),
});
