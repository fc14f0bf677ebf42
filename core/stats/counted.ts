import {
  bestNumbers,
  type Numbers,
  type OutcomeCounts,
  addOutcomes,
  noOutcomes,
  outcomesOf,
} from '#core/ledger/outcomes.ts';
import type { CountedHour } from '#core/ledger/report.ts';
import { bucketOf, bucketsOf, type TimeRange } from '#core/ledger/time-range.ts';
import type { HotDimension } from '#schemas/rollup-item.ts';

/** A settled local date of an entity: counts by attribute name, and those of its people. */
export interface DayNumbers {
  /** `2026-11-22` */
  date: string;
  numbers: Numbers;
}

/** What a range is counted from: settled dates as a whole, and hours of the other dates. */
export interface Counted {
  hours: readonly CountedHour[];
  days: readonly DayNumbers[];
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

const allNumbers = ({ hours, days }: Counted): Numbers[] => [
  ...days.map(({ numbers }) => numbers),
  ...hours.map(bestNumbers),
];

export const sumOf = (counted: Counted, name: string): number =>
  allNumbers(counted).reduce((sum, numbers) => sum + (numbers[name] ?? 0), 0);

export const outcomesIn = (counted: Counted): OutcomeCounts =>
  allNumbers(counted).reduce<OutcomeCounts>((sum, numbers) => addOutcomes(sum, outcomesOf(numbers)), noOutcomes());

/** Clicks by views, null without views. */
export const clickThrough = (views: number, clicks: number): number | null => (views === 0 ? null : clicks / views);

/**
 * @param settled dates of the range that are settled: `uniques` and `sessions` are sums over them, null while there are
 * none
 */
export const totalsOf = (counted: Counted, settled: readonly DayNumbers[]) => {
  const views = sumOf(counted, 'views');
  const clicks = sumOf(counted, 'clicks');
  const people = (name: 'visitors' | 'sessions'): number | null =>
    settled.length === 0 ? null : settled.reduce((sum, { numbers }) => sum + (numbers[name] ?? 0), 0);
  return {
    views,
    clicks,
    uniques: people('visitors'),
    sessions: people('sessions'),
    ctr: clickThrough(views, clicks),
  };
};

const instantOf = ({ start }: { start: string }): number => Date.parse(start);
const byStart = (a: { start: string }, b: { start: string }): number => instantOf(a) - instantOf(b);

/** One point per hour or day of the range until now, zeros included. */
export const seriesOf = ({ hours, days }: Counted, range: TimeRange, now: number): SeriesPoint[] => {
  const points = new Map(bucketsOf(range, now).map((start) => [start, { start, views: 0, clicks: 0 }]));
  const add = (start: string, numbers: Numbers): void => {
    const point = points.get(start) ?? { start, views: 0, clicks: 0 };
    point.views += numbers['views'] ?? 0;
    point.clicks += numbers['clicks'] ?? 0;
    points.set(start, point);
  };
  for (const item of hours) add(bucketOf(item.hour, range), bestNumbers(item));
  if (range.interval === 'day') for (const { date, numbers } of days) add(date, numbers);
  return [...points.values()].sort(byStart);
};

const dimensions = { c: 'country', d: 'device', b: 'browser', o: 'os', r: 'referrer' } as const satisfies Record<
  HotDimension,
  keyof Breakdowns
>;
const attribute = /^(v?)([cdbor])\.(.*)$/s;

const isDimension = (letter: string | undefined): letter is HotDimension =>
  letter !== undefined && letter in dimensions;

type Rows = Record<keyof Breakdowns, Map<string, BreakdownRow>>;

const gather = (counted: Counted): Rows => {
  const rows: Rows = { country: new Map(), device: new Map(), browser: new Map(), os: new Map(), referrer: new Map() };
  for (const numbers of allNumbers(counted))
    for (const [name, count] of Object.entries(numbers)) {
      const [, views, letter, value = ''] = attribute.exec(name) ?? [];
      if (!isDimension(letter)) continue;
      const values = rows[dimensions[letter]];
      const row = values.get(value) ?? { value, views: 0, clicks: 0 };
      row[views === 'v' ? 'views' : 'clicks'] += count;
      values.set(value, row);
    }
  return rows;
};

export const byCount = (a: BreakdownRow, b: BreakdownRow): number =>
  b.clicks + b.views - a.clicks - a.views || (String(a.value) < String(b.value) ? -1 : 1);

/** Rows most first, and what is left of the totals as the row without a value, so that the rows add up to them. */
export const withRest = (rows: Iterable<BreakdownRow>, totals: { views: number; clicks: number }): BreakdownRow[] => {
  const known = [...rows].filter(({ views, clicks }) => views > 0 || clicks > 0).sort(byCount);
  const rest = (kind: 'views' | 'clicks'): number =>
    Math.max(0, totals[kind] - known.reduce((sum, row) => sum + row[kind], 0));
  const without = { value: null, views: rest('views'), clicks: rest('clicks') };
  return without.views > 0 || without.clicks > 0 ? [...known, without] : known;
};

/** Counted views and clicks by value of each dimension; together the totals. */
export const breakdownsOf = (counted: Counted): Breakdowns => {
  const rows = gather(counted);
  const totals = { views: sumOf(counted, 'views'), clicks: sumOf(counted, 'clicks') };
  const of = (dimension: keyof Breakdowns): BreakdownRow[] => withRest(rows[dimension].values(), totals);
  return {
    country: of('country'),
    device: of('device'),
    browser: of('browser'),
    os: of('os'),
    referrer: of('referrer'),
  };
};
