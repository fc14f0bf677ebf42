import { dayLength } from '#core/time.ts';
import type { SkipReason } from './evaluation.ts';
import { median } from '#core/statistics/robust.ts';

export interface DailyCount {
  /** Local date of the page: `2026-11-22`. */
  date: string;
  views: number;
  /** Hours of the local day: 23 and 25 when the clock changes. @default 24 */
  hours?: number;
  /** All hours of the day are settled. @default true */
  settled?: boolean;
  /** Excluded by the owner: ignored for baselines and never alerted on. @default false */
  bad?: boolean;
}

/** Consecutive days: `counts[i]` is the day `firstDay + i`, undefined if unknown. */
export interface DailySeries {
  /** Days since 1970-01-01. */
  firstDay: number;
  counts: readonly (DailyCount | undefined)[];
  /** log(views per 24 hours + ½), NaN for a day that baselines ignore. */
  logs: readonly number[];
  /** Median of the seven logs around each day. Use only values whose seven days all lie before the evaluated day. */
  around: readonly number[];
}

/** Sorts the days, keeps the last of two counts for one day, and keeps gaps. Drops rows without a valid date. */
export function dailySeries(counts: readonly DailyCount[]): DailySeries {
  const byDay = new Map(counts.map((count) => [dayNumber(count.date), count] as const));
  byDay.delete(Number.NaN);
  const days = [...byDay.keys()].toSorted((a, b) => a - b);
  const last = days.at(-1) ?? 0;
  const firstDay = days.find((day) => last - day <= longestSpan) ?? 0;
  const length = days.length === 0 ? 0 : last - firstDay + 1;
  const dense = Array.from({ length }, (_, index) => byDay.get(firstDay + index));
  const logs = dense.map(logOf);
  const around = logs.map((_, index) => median(logs.slice(Math.max(0, index - 3), index + 4)));
  return { firstDay, counts: dense, logs, around };
}

/** A longer span (about 40 years) means a wrong date. */
const longestSpan = 15_000;

const datePattern = /^\d{4}-\d{2}-\d{2}$/;

/** Returns the days since 1970-01-01, NaN for an invalid date. */
export function dayNumber(date: string): number {
  return datePattern.test(date) ? Date.parse(`${date}T00:00:00Z`) / dayLength : Number.NaN;
}

function logOf(count: DailyCount | undefined): number {
  return count === undefined || findExclusion(count) !== undefined
    ? Number.NaN
    : Math.log((count.views * 24) / (count.hours ?? 24) + 0.5);
}

/** Returns why this day is neither evaluated nor part of a baseline, or undefined. */
export function findExclusion(count: DailyCount | undefined): SkipReason | undefined {
  if (count === undefined) return 'missing';
  if (!Number.isFinite(count.views) || count.views < 0) return 'not-a-count';
  if (count.settled === false) return 'unsettled';
  if (count.bad === true) return 'bad-day';
  const hours = count.hours ?? 24;
  // A clock change adds or removes an hour (half an hour on Lord Howe); more means that the page changed its zone.
  return hours >= 22.5 && hours <= 25.5 ? undefined : 'zone-change';
}

export function dateOfDay(day: number): string {
  return new Date(day * dayLength).toISOString().slice(0, 10);
}
