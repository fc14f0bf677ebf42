import { dayLength } from '#core/time.ts';
import type { SkipReason } from './evaluation.ts';

export interface HourlyCount {
  /** Local hour: `2026-11-22T07+01:00`; minutes and seconds may follow the hour, and without an offset it is taken as UTC. */
  hour: string;
  views: number;
  /** The hour has closed and is settled, or is hot and complete. @default true */
  settled?: boolean;
  /** Excluded by the owner: ignored for baselines and never alerted on. @default false */
  bad?: boolean;
}

export interface HourlySlot {
  /** Hours since 1970-01-01T00Z. */
  at: number;
  /** Weekday of the local date (0 is Thursday, as 1970-01-01 was) and local hour. */
  weekday: number;
  hour: number;
}

/**
 * Consecutive hours in real time, so a clock change does not shift the hours after it. `counts[i]` is the hour
 * `firstHour + i`.
 */
export interface HourlySeries {
  firstHour: number;
  counts: readonly (HourlyCount | undefined)[];
  slots: readonly (HourlySlot | undefined)[];
  /** log(views + ½), NaN for an hour that baselines ignore. */
  logs: readonly number[];
  /** Mean of the logs of the 24 hours around each hour. Use only values whose hours all lie before the evaluated hour. */
  around: readonly number[];
}

/** Sorts the hours, keeps the last of two counts for one hour, and keeps gaps. Drops rows without a valid hour. */
export function hourlySeries(counts: readonly HourlyCount[]): HourlySeries {
  const byHour = new Map<number, { count: HourlyCount; slot: HourlySlot }>();
  for (const count of counts) {
    const slot = hourSlot(count.hour);
    if (slot !== undefined) byHour.set(slot.at, { count, slot });
  }
  const hours = [...byHour.keys()].toSorted((a, b) => a - b);
  const last = hours.at(-1) ?? 0;
  const firstHour = hours.find((hour) => last - hour <= longestSpan) ?? 0;
  const length = hours.length === 0 ? 0 : last - firstHour + 1;
  const dense = Array.from({ length }, (_, index) => byHour.get(firstHour + index));
  const logs = dense.map((entry) => logOf(entry?.count));
  return {
    firstHour,
    counts: dense.map((entry) => entry?.count),
    slots: dense.map((entry) => entry?.slot),
    logs,
    around: runningMeans(logs),
  };
}

/** A longer span (ten years) means a wrong time. */
const longestSpan = 87_600;

const hourPattern = /^(\d{4}-\d{2}-\d{2})[T ](\d{2})(?::\d{2}){0,2}(?:Z|([+-])(\d{2}):(\d{2}))?$/;

/** Returns undefined for an invalid hour. Half-hour offsets share the hour in which they begin. */
export function hourSlot(text: string): HourlySlot | undefined {
  const [, date = '', hour = '', sign, offsetHours = '0', offsetMinutes = '0'] = hourPattern.exec(text) ?? [];
  const day = Date.parse(date) / dayLength;
  if (Number.isNaN(day) || Number(hour) > 23) return undefined;
  const offset = (Number(offsetHours) + Number(offsetMinutes) / 60) * (sign === '-' ? -1 : 1);
  return { at: Math.floor(day * 24 + Number(hour) - offset), weekday: ((day % 7) + 7) % 7, hour: Number(hour) };
}

function logOf(count: HourlyCount | undefined): number {
  return count === undefined || findHourExclusion(count) !== undefined ? Number.NaN : Math.log(count.views + 0.5);
}

/** Returns why this hour is neither evaluated nor part of a baseline, or undefined. */
export function findHourExclusion(count: HourlyCount | undefined): SkipReason | undefined {
  if (count === undefined) return 'missing';
  if (!Number.isFinite(count.views) || count.views < 0) return 'not-a-count';
  if (count.settled === false) return 'unsettled';
  return count.bad === true ? 'bad-day' : undefined;
}

/** Returns the mean from 12 hours before to 11 after, by prefix sums; NaN if no hour is known. */
function runningMeans(logs: readonly number[]): number[] {
  const sums = [0];
  const sizes = [0];
  for (const log of logs) {
    const known = !Number.isNaN(log);
    sums.push((sums.at(-1) ?? 0) + (known ? log : 0));
    sizes.push((sizes.at(-1) ?? 0) + (known ? 1 : 0));
  }
  return logs.map((_, index) => {
    const from = Math.max(0, index - 12);
    const to = Math.min(logs.length, index + 12);
    return ((sums[to] ?? 0) - (sums[from] ?? 0)) / ((sizes[to] ?? 0) - (sizes[from] ?? 0));
  });
}
