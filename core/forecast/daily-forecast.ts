import { dateOfDay, dayNumber, type DailyCount, dailySeries, findExclusion } from '#core/detect/daily-series.ts';
import { errorRange, type PastError } from './interval.ts';
import type { SeasonalTrend } from './models.ts';
import { forecastLogs } from './point-forecast.ts';

export interface ForecastDay {
  /** Local date of the page. */
  date: string;
  /** Median forecast of the views; `low` and `high` bound the 80% prediction interval. */
  views: number;
  low: number;
  high: number;
}

export type Forecast =
  | { kind: 'forecast'; through: string; days: ForecastDay[] }
  /** There is no data, or fewer than 14 known days. */
  | { kind: 'skipped'; reason: 'no-data' | 'short-history' };

/** Earlier weeks that are forecast again to measure the errors: half a year. */
export const pastWeeks = 26;

/**
 * Forecasts the days after `through`, usually 7 or 28.
 * @param counts days of the page in any order; later, unsettled and excluded days are ignored
 */
export function forecastDaily(
  counts: readonly DailyCount[],
  through: string,
  horizon: number,
  trend: SeasonalTrend,
): Forecast {
  const last = dayNumber(through);
  const series = dailySeries(counts.filter(({ date }) => dayNumber(date) <= last));
  if (series.counts.length === 0) return { kind: 'skipped', reason: 'no-data' };
  const logs = Array.from({ length: Math.max(0, last - series.firstDay + 1) }, (_, index) => {
    const count = series.counts[index];
    return count === undefined || findExclusion(count) !== undefined ? Number.NaN : Math.log(count.views + 1);
  });
  const forecast = forecastLogs(logs, horizon, trend);
  if (forecast === undefined) return { kind: 'skipped', reason: 'short-history' };
  const errors = pastErrors(logs, horizon, trend);
  const days = forecast.map((log, step) => {
    const { low, high } = errorRange(errors, step + 1);
    return {
      date: dateOfDay(last + step + 1),
      views: viewsOf(log),
      low: viewsOf(log + low),
      high: viewsOf(log + high),
    };
  });
  return { kind: 'forecast', through, days };
}

/** Repeats the forecasts of the last weeks, each using only the days before it, and returns their errors. */
function pastErrors(logs: readonly number[], horizon: number, trend: SeasonalTrend): PastError[] {
  return Array.from({ length: pastWeeks }, (_, week) => logs.length - 7 * (week + 1)).flatMap((origin) => {
    const forecast = origin > 0 ? forecastLogs(logs.slice(0, origin), horizon, trend) : undefined;
    return forecast === undefined ? [] : errorsAt(logs, origin, forecast);
  });
}

/** Returns the errors of the forecast made at `origin` for the days that are known. */
export function errorsAt(logs: readonly number[], origin: number, forecast: readonly number[]): PastError[] {
  return forecast.flatMap((log, step) => {
    const error = (logs[origin + step] ?? Number.NaN) - log;
    return Number.isNaN(error) ? [] : [{ ahead: step + 1, error }];
  });
}

function viewsOf(log: number): number {
  return Math.max(0, Math.exp(log) - 1);
}
