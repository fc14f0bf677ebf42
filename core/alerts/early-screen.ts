import { dayLength, hourLength } from '#core/time.ts';
import { median } from '#core/statistics/robust.ts';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { startOfHour } from '#core/ledger/time-range.ts';
import type { EarlySignal } from '#schemas/alerts.ts';

/** Hours for the first, cheap check of a page: its last two, and the same two on the seven days before `from`. */
export interface ComparedHours {
  /** Newest first. */
  now: readonly [string, string];
  before: readonly (readonly [string, string])[];
}

export interface Comparison {
  now: number;
  /** Median of the same hours on earlier days. */
  usual: number;
  /** The newest hour alone. */
  last: number;
  usualLast: number;
}

/** Returns when the last complete local hour ended, in milliseconds since the epoch. */
export function lastHourEnd(zone: string, at: number): number {
  return startOfHour(localTimeOf(zone, at).hour);
}

/** Days before, for comparison. */
export const comparedDays = [1, 2, 3, 4, 5, 6, 7] as const;

/**
 * @param end of the newest hour
 * @param from start of an open incident, to compare with the days before it
 */
export function hoursToLookAt(zone: string, end: number, from = end): ComparedHours {
  const passed = Math.floor((end - 1 - from) / dayLength) + 1;
  const shift = from < end ? passed * dayLength : 0;
  return { now: pair(zone, end), before: comparedDays.map((days) => pair(zone, end - shift - days * dayLength)) };
}

function pair(zone: string, end: number): [string, string] {
  return [hourBefore(zone, end), hourBefore(zone, end - hourLength)];
}

/** Returns so many local hours up to `end`, oldest first. */
export function hoursBefore(zone: string, end: number, hours: number): string[] {
  return Array.from({ length: hours }, (_, at) => hourBefore(zone, end - (hours - 1 - at) * hourLength));
}

/** Returns a local hour: `2026-11-22T07+01:00`. */
export function hourBefore(zone: string, end: number): string {
  return localTimeOf(zone, end - 1).hour;
}

export function compareHours({ now, before }: ComparedHours, count: (hour: string) => number): Comparison {
  function sum([newest, older]: readonly [string, string]): number {
    return count(newest) + count(older);
  }
  return {
    now: sum(now),
    usual: median(before.map(sum)),
    last: count(now[0]),
    usualLast: median(before.map(([newest]) => count(newest))),
  };
}

/** With fewer views in two hours, silence is never significant. */
const smallestUsual = 8;

/** Wider than the detector's limits: the check only saves reading four weeks of every page every hour. */
const quietShare = 0.3;

const loudTimes = 2.5;

const smallestSurge = 50;

/** Returns whether to run hourly detection on this page. */
export function isWorthALook({ now, usual, last, usualLast }: Comparison): boolean {
  return (
    (usual >= smallestUsual && now <= usual * quietShare) ||
    (last >= smallestSurge && last >= loudTimes * Math.max(1, usualLast))
  );
}

/** Returns whether the newest hour of a page with an open incident is usual again. */
export function isUsualAgain(direction: EarlySignal['direction'], { last, usualLast }: Comparison): boolean {
  return direction === 'surge' ? last <= 2 * Math.max(1, usualLast) : usualLast >= 2 && last >= usualLast / 2;
}
