import type { PastError } from './interval.ts';
import type { SeasonalTrend } from './models.ts';
import { forecastLogs } from './point-forecast.ts';

/** A forecast made again from the days before its first day, and what came; log(views + 1) by day. */
export interface PastForecast {
  forecast: readonly number[];
  /** NaN for an unknown day; shorter than the forecast if it reaches beyond the last day. */
  actual: readonly number[];
}

/** Earlier weeks that are forecast again to measure the errors: half a year. */
export const pastWeeks = 26;

/** Repeats the forecasts of the last weeks, each using only the days before it. */
export function pastForecasts(logs: readonly number[], horizon: number, trend: SeasonalTrend): PastForecast[] {
  return Array.from({ length: pastWeeks }, (_, week) => logs.length - 7 * (week + 1)).flatMap((origin) => {
    const forecast = origin > 0 ? forecastLogs(logs.slice(0, origin), horizon, trend) : undefined;
    return forecast === undefined ? [] : [{ forecast, actual: logs.slice(origin, origin + horizon) }];
  });
}

/** Returns the errors for the days that are known. */
export function errorsOf({ forecast, actual }: PastForecast): PastError[] {
  return actual.flatMap((log, step) => {
    const error = log - (forecast[step] ?? Number.NaN);
    return Number.isNaN(error) ? [] : [{ ahead: step + 1, error }];
  });
}

export function viewsOf(log: number): number {
  return Math.max(0, Math.exp(log) - 1);
}
