import { dateOfDay, dayNumber, type DailyCount, dailySeries, findExclusion } from '#core/detect/daily-series.ts';
import { errorRange } from './interval.ts';
import type { SeasonalTrend } from './models.ts';
import { errorsOf, type PastForecast, pastForecasts, viewsOf } from './past-forecasts.ts';
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
  | { kind: 'forecast'; through: string; days: ForecastDay[]; past: PastForecast[] }
  /** There is no data, or fewer than 14 known days. */
  | { kind: 'skipped'; reason: 'no-data' | 'short-history' };

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
  const past = pastForecasts(logs, horizon, trend);
  const errors = past.flatMap(errorsOf);
  const days = forecast.map((log, step) => {
    const { low, high } = errorRange(errors, step + 1);
    return {
      date: dateOfDay(last + step + 1),
      views: viewsOf(log),
      low: viewsOf(log + low),
      high: viewsOf(log + high),
    };
  });
  return { kind: 'forecast', through, days, past };
}
