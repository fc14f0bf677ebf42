import {
  pickNumbers,
  type Numbers,
  type OutcomeCounts,
  addOutcomes,
  emptyOutcomes,
  readOutcomes,
} from '#core/ledger/outcomes.ts';
import type { HourCounters } from '#core/ledger/report.ts';
import { toBucket, listBuckets, type TimeRange } from '#core/ledger/time-range.ts';
import { type CountedDimension, countedDimensions, dimensions, recordOf } from '#schemas/dimensions.ts';

/** A settled local date of an entity: counts by attribute name, and those of its people. */
export interface DayCounters {
  /** `2026-11-22` */
  date: string;
  numbers: Numbers;
}

/** What a range is counted from: settled dates as a whole, and hours of the other dates. */
export interface Counters {
  hours: readonly HourCounters[];
  days: readonly DayCounters[];
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

export type Breakdowns = Record<CountedDimension, BreakdownRow[]>;

export function countOutcomes(counted: Counters): OutcomeCounts {
  return allNumbers(counted).reduce<OutcomeCounts>(
    (sum, numbers) => addOutcomes(sum, readOutcomes(numbers)),
    emptyOutcomes(),
  );
}

function allNumbers({ hours, days }: Counters): Numbers[] {
  return [...days.map(({ numbers }) => numbers), ...hours.map(pickNumbers)];
}

/**
 * @param settled dates of the range that are settled: `uniques` and `sessions` are sums over them, null while there are
 * none
 */
export function computeTotals(counted: Counters, settled: readonly DayCounters[]) {
  const views = sumCounter(counted, 'views');
  const clicks = sumCounter(counted, 'clicks');
  function people(name: 'visitors' | 'sessions'): number | null {
    return settled.length === 0 ? null : settled.reduce((sum, { numbers }) => sum + (numbers[name] ?? 0), 0);
  }
  return {
    views,
    clicks,
    uniques: people('visitors'),
    sessions: people('sessions'),
    ctr: clickThroughRate(views, clicks),
  };
}

export function sumCounter(counted: Counters, name: string): number {
  return allNumbers(counted).reduce((sum, numbers) => sum + (numbers[name] ?? 0), 0);
}

/** Clicks by views, null without views. */
export function clickThroughRate(views: number, clicks: number): number | null {
  return views === 0 ? null : clicks / views;
}

/** One point per hour or day of the range until now, zeros included. */
export function buildSeries({ hours, days }: Counters, range: TimeRange, now: number): SeriesPoint[] {
  const points = new Map(listBuckets(range, now).map((start) => [start, { start, views: 0, clicks: 0 }]));
  function add(start: string, numbers: Numbers): void {
    const point = points.get(start) ?? { start, views: 0, clicks: 0 };
    point.views += numbers['views'] ?? 0;
    point.clicks += numbers['clicks'] ?? 0;
    points.set(start, point);
  }
  for (const item of hours) add(toBucket(item.hour, range), pickNumbers(item));
  if (range.interval === 'day') for (const { date, numbers } of days) add(date, numbers);
  return [...points.values()].sort(byStart);
}

function byStart(a: { start: string }, b: { start: string }): number {
  return instantOf(a) - instantOf(b);
}

function instantOf({ start }: { start: string }): number {
  return Date.parse(start);
}

/** Counted views and clicks by value of each dimension; together the totals. */
export function buildBreakdowns(counted: Counters): Breakdowns {
  const rows = gather(counted);
  const totals = { views: sumCounter(counted, 'views'), clicks: sumCounter(counted, 'clicks') };
  return recordOf(countedDimensions, (name) => withRemainder(rows[name].values(), totals));
}

const nameByCounter = new Map<string, CountedDimension>(
  countedDimensions.map((name) => [dimensions[name].counter, name]),
);

/** `vc.US`: views, the counter's prefix, the value. */
const attribute = /^(v?)([a-z])\.(.*)$/s;

type Rows = Record<CountedDimension, Map<string, BreakdownRow>>;

function gather(counted: Counters): Rows {
  const rows: Rows = recordOf(countedDimensions, () => new Map<string, BreakdownRow>());
  for (const numbers of allNumbers(counted))
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

/** Rows most first, and what is left of the totals as the row without a value, so that the rows add up to them. */
export function withRemainder(rows: Iterable<BreakdownRow>, totals: { views: number; clicks: number }): BreakdownRow[] {
  const known = [...rows].filter(({ views, clicks }) => views > 0 || clicks > 0).sort(compareCounts);
  function rest(kind: 'views' | 'clicks'): number {
    return Math.max(0, totals[kind] - known.reduce((sum, row) => sum + row[kind], 0));
  }
  const without = { value: null, views: rest('views'), clicks: rest('clicks') };
  return without.views > 0 || without.clicks > 0 ? [...known, without] : known;
}

export function compareCounts(a: BreakdownRow, b: BreakdownRow): number {
  return b.clicks + b.views - a.clicks - a.views || (String(a.value) < String(b.value) ? -1 : 1);
}
