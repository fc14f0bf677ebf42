import {
  pickNumbers,
  type Numbers,
  type OutcomeCounts,
  addOutcomes,
  emptyOutcomes,
  readOutcomes,
} from '#core/ledger/outcomes.ts';
import { leadingUnit } from '#core/alerts/page-history.ts';
import type { HourCounters } from '#core/ledger/report.ts';
import { toBucket, listBuckets, type TimeRange } from '#core/ledger/time-range.ts';
import { type CountedDimension, countedDimensions, dimensions, recordOf } from '#schemas/dimensions.ts';

/** Counters of a settled local date by attribute name, visitors and sessions included. */
export interface DayCounters {
  /** `2026-11-22` */
  date: string;
  numbers: Numbers;
}

/** Counters of a range: whole settled dates, and the hours of the other dates. */
export interface Counters {
  hours: readonly HourCounters[];
  days: readonly DayCounters[];
}

export interface SeriesPoint {
  start: string;
  views: number;
  clicks: number;
  customEvents: number;
}

/** Views and clicks of one value; null for the events without a value. */
export interface BreakdownRow {
  value: string | null;
  views: number;
  clicks: number;
  /** Only with a filter. */
  customEvents?: number;
}

export type Breakdowns = Record<CountedDimension, BreakdownRow[]>;

export function countOutcomes(counters: Counters): OutcomeCounts {
  return allNumbers(counters).reduce<OutcomeCounts>(
    (sum, numbers) => addOutcomes(sum, readOutcomes(numbers)),
    emptyOutcomes(),
  );
}

function allNumbers({ hours, days }: Counters): Numbers[] {
  return [...days.map(({ numbers }) => numbers), ...hours.map(pickNumbers)];
}

/** @param settled settled dates of the range: `uniques` and `sessions` are their sums, null if there are none */
export function computeTotals(counters: Counters, settled: readonly DayCounters[]) {
  const views = sumCounter(counters, 'views');
  const clicks = sumCounter(counters, 'clicks');
  function sumSettled(name: 'visitors' | 'sessions'): number | null {
    return settled.length === 0 ? null : settled.reduce((sum, { numbers }) => sum + (numbers[name] ?? 0), 0);
  }
  return {
    views,
    clicks,
    customEvents: sumCounter(counters, 'customs'),
    uniques: sumSettled('visitors'),
    sessions: sumSettled('sessions'),
    ctr: shownRate({ views, clicks }),
  };
}

export function sumCounter(counters: Counters, name: string): number {
  return allNumbers(counters).reduce((sum, numbers) => sum + (numbers[name] ?? 0), 0);
}

/** Returns the sums of the counters whose names have a prefix, by what follows it. */
export function sumCounters(counters: Counters, prefix: string): Map<string, number> {
  const sums = new Map<string, number>();
  for (const numbers of allNumbers(counters))
    for (const [name, value] of Object.entries(numbers)) {
      const rest = name.startsWith(prefix) ? name.slice(prefix.length) : '';
      if (rest !== '') sums.set(rest, (sums.get(rest) ?? 0) + value);
    }
  return sums;
}

/**
 * Returns clicks / views, at most 1; null without views. Links are also clicked where no view is counted, so a page can have
 * more clicks than views. A rate above 100% would look precise and mean nothing.
 */
export function clickThroughRate(views: number, clicks: number): number | null {
  return views === 0 ? null : Math.min(1, clicks / views);
}

/**
 * Returns the click-through rate of a period as it is shown: null if clicks lead, because links that are followed elsewhere
 * have no views to divide by.
 */
export function shownRate(totals: { views: number; clicks: number }): number | null {
  return leadingUnit([totals]) === 'clicks' ? null : clickThroughRate(totals.views, totals.clicks);
}

/** Returns the rate of several pages. Pages where clicks lead, such as a page of links only, are left out. */
export function sharedClickThroughRate(pages: readonly { views: number; clicks: number }[]): number | null {
  const viewed = pages.filter((page) => leadingUnit([page]) === 'views');
  return clickThroughRate(
    viewed.reduce((sum, { views }) => sum + views, 0),
    viewed.reduce((sum, { clicks }) => sum + clicks, 0),
  );
}

/** Returns a point per hour or day of the range until now, including zeros. */
export function buildSeries({ hours, days }: Counters, range: TimeRange, now: number): SeriesPoint[] {
  const points = new Map(listBuckets(range, now).map((start) => [start, emptyPoint(start)]));
  function add(start: string, numbers: Numbers): void {
    const point = points.get(start) ?? emptyPoint(start);
    point.views += numbers['views'] ?? 0;
    point.clicks += numbers['clicks'] ?? 0;
    point.customEvents += numbers['customs'] ?? 0;
    points.set(start, point);
  }
  for (const item of hours) add(toBucket(item.hour, range), pickNumbers(item));
  if (range.interval === 'day') for (const { date, numbers } of days) add(date, numbers);
  return [...points.values()].sort(byStart);
}

export function emptyPoint(start: string): SeriesPoint {
  return { start, views: 0, clicks: 0, customEvents: 0 };
}

function byStart(a: { start: string }, b: { start: string }): number {
  return instantOf(a) - instantOf(b);
}

function instantOf({ start }: { start: string }): number {
  return Date.parse(start);
}

/** Returns views and clicks by value of each dimension. The rows of a dimension add up to the totals. */
export function buildBreakdowns(counters: Counters): Breakdowns {
  const rows = groupByValue(counters);
  const totals = { views: sumCounter(counters, 'views'), clicks: sumCounter(counters, 'clicks') };
  return recordOf(countedDimensions, (name) => withRemainder(rows[name].values(), totals));
}

const nameByCounter = new Map<string, CountedDimension>(
  countedDimensions.map((name) => [dimensions[name].counter, name]),
);

/** `vc.US`: views, the counter's prefix, the value. */
const attribute = /^(v?)([a-z])\.(.*)$/s;

type Rows = Record<CountedDimension, Map<string, BreakdownRow>>;

function groupByValue(counters: Counters): Rows {
  const rows: Rows = recordOf(countedDimensions, () => new Map<string, BreakdownRow>());
  for (const numbers of allNumbers(counters))
    for (const [name, count] of Object.entries(numbers)) {
      const [, views, counter = '', value = ''] = attribute.exec(name) ?? [];
      const dimension = nameByCounter.get(counter);
      if (dimension === undefined) continue;
      const values = rows[dimension];
      const row = values.get(value) ?? { value, views: 0, clicks: 0 };
      row[views === 'v' ? 'views' : 'clicks'] += count;
      values.set(value, row);
    }
  return rows;
}

/** Sorts rows by count, and adds the rest of the totals as a row without a value, so that the rows add up to them. */
export function withRemainder(rows: Iterable<BreakdownRow>, totals: Omit<BreakdownRow, 'value'>): BreakdownRow[] {
  const known = [...rows].filter((row) => countAll(row) > 0).sort(compareCounts);
  function rest(kind: keyof typeof totals): number {
    return Math.max(0, (totals[kind] ?? 0) - known.reduce((sum, row) => sum + (row[kind] ?? 0), 0));
  }
  const without = {
    value: null,
    views: rest('views'),
    clicks: rest('clicks'),
    ...(totals.customEvents !== undefined && { customEvents: rest('customEvents') }),
  };
  return countAll(without) > 0 ? [...known, without] : known;
}

export function compareCounts(a: BreakdownRow, b: BreakdownRow): number {
  return countAll(b) - countAll(a) || (String(a.value) < String(b.value) ? -1 : 1);
}

function countAll({ views, clicks, customEvents = 0 }: BreakdownRow): number {
  return views + clicks + customEvents;
}
