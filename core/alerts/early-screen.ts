import { median } from '#core/statistics/robust.ts';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { startOfHour } from '#core/ledger/time-range.ts';
import type { EarlySignal } from '#schemas/alerts.ts';

/** What a first, cheap look at a page needs: its last two hours, and the same two on the seven days before `from`. */
export interface LookedAt {
  /** Newest first. */
  now: readonly [string, string];
  before: readonly (readonly [string, string])[];
}

export interface Comparison {
  now: number;
  /** Median of the same hours on the days before. */
  usual: number;
  /** The newest hour alone. */
  last: number;
  usualLast: number;
}

/** Milliseconds since the epoch at which the last complete local hour ended; half-hour zones have their own. */
export function lastHourEnd(zone: string, at: number): number {
  return startOfHour(localTimeOf(zone, at).hour);
}

const hourLength = 3_600_000;

const dayLength = 24 * hourLength;

/** Days whose same hours are compared with. */
const comparedDays = [1, 2, 3, 4, 5, 6, 7] as const;

/**
 * @param end of the newest hour
 * @param from start of a story that is open: the days before it are compared with, not those within
 */
export function hoursToLookAt(zone: string, end: number, from = end): LookedAt {
  const passed = Math.floor((end - 1 - from) / dayLength) + 1;
  const shift = from < end ? passed * dayLength : 0;
  return { now: pair(zone, end), before: comparedDays.map((days) => pair(zone, end - shift - days * dayLength)) };
}

function pair(zone: string, end: number): [string, string] {
  return [hourBefore(zone, end), hourBefore(zone, end - hourLength)];
}

/** A local hour by its item: `2026-11-22T07+01:00`. */
export function hourBefore(zone: string, end: number): string {
  return localTimeOf(zone, end - 1).hour;
}

export function compareHours({ now, before }: LookedAt, count: (hour: string) => number): Comparison {
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

/** Fewer views in two hours than this never make a silence that is no chance. */
const smallestUsual = 8;

/** Both wider than what the detector asks for: the look is there to save reading four weeks of every page every hour. */
const quietShare = 0.3;

const loudTimes = 2.5;

const smallestSurge = 50;

/** Whether the detector of hours should look at four weeks of this page. */
export function isWorthALook({ now, usual, last, usualLast }: Comparison): boolean {
  return (
    (usual >= smallestUsual && now <= usual * quietShare) ||
    (last >= smallestSurge && last >= loudTimes * Math.max(1, usualLast))
  );
}

/** Whether the newest hour is usual again for a page whose story is open. */
export function isUsualAgain(direction: EarlySignal['direction'], { last, usualLast }: Comparison): boolean {
  return direction === 'surge' ? last <= 2 * Math.max(1, usualLast) : usualLast >= 2 && last >= usualLast / 2;
}
