import { backtestSteadyHours, type SteadyBacktest } from '#core/detect/steady-hours/backtest.ts';
import { profileDays } from '#core/detect/steady-hours/profile.ts';
import { hourlySeries } from '#core/detect/hourly-series.ts';
import type { DetectionSetting } from '#core/detect/sensitivity.ts';
import { addDays } from '#core/ledger/time-range.ts';
import type { TrafficUnit } from './page-history.ts';

/** Most days whose hours a backtest evaluates. A day takes about 10 ms, and hours are kept for 90 days by default. */
const mostDays = 90;

interface HourTotals extends Record<TrafficUnit, number> {
  /** `2026-11-22T07+01:00` */
  hour: string;
}

export interface HoursToTest {
  /** Settled hours from `firstHourDate` on, in any order; a missing hour is not evaluated. */
  hours: readonly HourTotals[];
  unit: TrafficUnit;
  badDays: readonly string[];
}

/** Returns the local date from which a backtest of the days up to `through` needs hours. */
export function firstHourDate(through: string, days: number): string {
  return addDays(through, 1 - Math.min(days, mostDays) - profileDays.most);
}

/** Lists the alerts about three hours that each setting would have sent; null for a page whose hours are not steady. */
export function backtestHours(
  { hours, unit, badDays }: HoursToTest,
  settings: readonly DetectionSetting[],
  days: number,
): (SteadyBacktest | null)[] {
  const excluded = new Set(badDays);
  const series = hourlySeries(
    hours.map((totals) => ({ hour: totals.hour, views: totals[unit], bad: excluded.has(totals.hour.slice(0, 10)) })),
  );
  return backtestSteadyHours(series, settings, Math.min(days, mostDays)).map((tested) =>
    tested.days === 0 ? null : tested,
  );
}
