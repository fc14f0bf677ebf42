/**
 * Forecasts seven days ahead from a rolling origin, and prints one line per series.
 *
 *   npm run bench -- forecast <csv…>           date,views
 *   npm run bench -- forecast --goals <csv…>   how many goals called so likely are reached
 *
 * One origin a week, starting on day 91; each forecast uses earlier days only. MASE divides by the mean absolute
 * difference between equal weekdays (m = 7) before the origin.
 */
import { readFileSync } from 'node:fs';
import { dailySeries } from '../core/detect/daily-series.ts';
import { mean } from '../core/statistics/robust.ts';
import { errorsOf as pastErrorsOf, type PastForecast, pastWeeks } from '../core/forecast/past-forecasts.ts';
import { errorRange } from '../core/forecast/interval.ts';
import { loadSeasonalTrend } from '../core/forecast/models.ts';
import { forecastLogs } from '../core/forecast/point-forecast.ts';
import { judgeGoals } from './forecast/goals.ts';
import { printLine, readSeries, rounded, type Series } from './detect/series.ts';

const horizon = 7;
const firstOrigin = 91;

const trend = loadSeasonalTrend(readFileSync(new URL('mstl_bg.wasm', import.meta.resolve('@bsull/augurs/mstl'))));

const files = process.argv.slice(2).filter((file) => file !== '--goals');
const series = files.map((file) => readSeries(file, 'date'));
if (files.length < process.argv.length - 2) console.table(judgeGoals(series, trend));
else for (const each of series) printLine(evaluate(each));

function evaluate({ file, rows }: Series) {
  const series = dailySeries(rows.map(({ at, views }) => ({ date: at.slice(0, 10), views })));
  const views = series.counts.map((count) => count?.views ?? Number.NaN);
  const logs = views.map((value) => Math.log(value + 1));
  const made: ({ origin: number } & PastForecast)[] = [];
  for (let origin = firstOrigin - 7 * pastWeeks; origin + horizon <= views.length; origin += horizon) {
    const forecast = forecastLogs(logs.slice(0, origin), horizon, trend);
    if (forecast !== undefined) made.push({ origin, forecast, actual: logs.slice(origin, origin + horizon) });
  }
  const evaluated = made.filter(({ origin }) => origin >= firstOrigin);
  const results = evaluated.map((present) => {
    const { origin, forecast } = present;
    const known = made.filter((past) => past.origin < origin).slice(-pastWeeks);
    const errors = known.flatMap(pastErrorsOf);
    const actual = views.slice(origin, origin + horizon);
    const scale = scaleBefore(views, origin);
    const held = pastErrorsOf(present).map(({ ahead, error }) => {
      const { low, high } = errorRange(errors, ahead);
      return error >= low && error <= high ? 1 : 0;
    });
    return {
      ours: errorsOf(
        forecast.map((log) => Math.exp(log) - 1),
        actual,
        scale,
      ),
      naive: errorsOf(carried(views.slice(0, origin)).slice(-horizon), actual, scale),
      held: mean(held),
    };
  });
  function over(of: 'ours' | 'naive', key: 'mase' | 'smape'): number {
    return rounded(mean(results.map((each) => each[of][key])), 4);
  }
  return {
    file,
    mase: over('ours', 'mase'),
    smape: over('ours', 'smape'),
    coverage80: rounded(mean(results.map(({ held }) => held)), 4),
    seasonalNaive: { mase: over('naive', 'mase'), smape: over('naive', 'smape') },
  };
}

function scaleBefore(views: readonly number[], origin: number): number {
  return mean(
    Array.from({ length: origin - 7 }, (_, index) =>
      Math.abs((views[index + 7] ?? Number.NaN) - (views[index] ?? Number.NaN)),
    ),
  );
}

/** Mean errors of one forecast over the days with a count. */
function errorsOf(forecast: readonly number[], actual: readonly number[], scale: number) {
  return {
    mase: mean(forecast.map((value, step) => Math.abs(value - (actual[step] ?? Number.NaN)))) / scale,
    smape: mean(forecast.map((value, step) => symmetric(value, actual[step] ?? Number.NaN))),
  };
}

function symmetric(forecast: number, actual: number): number {
  return forecast + actual === 0 ? 0 : (200 * Math.abs(forecast - actual)) / (forecast + actual);
}

/** Fills a day without a count for the naive opponent, with the same weekday before. */
function carried(views: readonly number[]): number[] {
  const known: number[] = [];
  for (const [index, value] of views.entries()) known.push(Number.isNaN(value) ? (known[index - 7] ?? 0) : value);
  return known;
}
