import { clamp, mean, median, spreadAroundZero } from '#core/statistics/robust.ts';
import type { SeasonalTrend } from './models.ts';

/** Days used: half a year. */
const window = 182;
/** Two of each weekday. */
export const shortestHistory = 14;

/**
 * Forecasts the logs of the next `horizon` days: the mean of three models on log(views + 1), which is a median on the scale
 * of views and so minimizes the absolute error. The models are MSTL with an ETS trend on cleaned days, the median of the
 * last week with weekday effects, and a level that returns to its long-term mean.
 * @param logs log(views + 1) by day, oldest first; NaN for an unknown day
 * @returns undefined with fewer than 14 known days
 */
export function forecastLogs(logs: readonly number[], horizon: number, trend: SeasonalTrend): number[] | undefined {
  const recent = logs.slice(-window);
  if (recent.filter((log) => !Number.isNaN(log)).length < shortestHistory) return undefined;
  const known = filled(recent);
  const effects = weekdayEffects(known);
  function effectAt(index: number): number {
    return effects[index % 7] ?? 0;
  }
  const levels = known.map((log, index) => log - effectAt(index));
  const clean = cleaned(levels).map((level, index) => level + effectAt(index));
  const lastWeek = median(levels.slice(-7));
  const back = returning(levels, horizon);
  const decomposed = trend.predict(clean, horizon);
  return back.map((level, step) => {
    const effect = effectAt(known.length + step);
    const members = [lastWeek + effect, level + effect];
    const third = decomposed?.[step];
    return mean(third === undefined ? members : [...members, third]);
  });
}

/** Fills gaps with the value a week before, or else the median. */
function filled(logs: readonly number[]): number[] {
  const usual = median(logs);
  const result: number[] = [];
  for (const [index, log] of logs.entries()) result.push(Number.isNaN(log) ? (result[index - 7] ?? usual) : log);
  return result;
}

/** Returns the effect of each weekday, by index modulo 7: median deviation from the mean of the surrounding week. */
function weekdayEffects(logs: readonly number[]): number[] {
  const deviations = Array.from({ length: 7 }, (): number[] => []);
  for (let index = 3; index + 3 < logs.length; index += 1)
    deviations[index % 7]?.push((logs[index] ?? 0) - mean(logs.slice(index - 3, index + 4)));
  const effects = deviations.map((values) => (values.length === 0 ? 0 : median(values)));
  const centre = mean(effects);
  return effects.map((effect) => effect - centre);
}

/** Days further than this many spreads away are clipped before modelling. */
const clip = 2;

/** Hampel filter: clips days far from the surrounding fortnight to within two spreads. */
function cleaned(levels: readonly number[]): number[] {
  const around = levels.map((_, index) => median(levels.slice(Math.max(0, index - 7), index + 8)));
  const residuals = levels.map((level, index) => level - (around[index] ?? level));
  const reach = clip * spreadAroundZero(residuals);
  return residuals.map((residual, index) => (around[index] ?? 0) + clamp(residual, -reach, reach));
}

/** Days in the long-term level. */
const longLevel = 56;

/** Forecasts a level that returns to the long-term level as fast as this page has in the past. */
function returning(levels: readonly number[], horizon: number): number[] {
  const centre = median(levels.slice(-longLevel));
  const level = smoothed(levels);
  const persistence = weeklyPersistence(levels, centre) ** (1 / 7);
  return Array.from({ length: horizon }, (_, step) => centre + persistence ** (step + 1) * (level - centre));
}

/** Simple exponential smoothing with the best-fitting weight. */
function smoothed(levels: readonly number[]): number {
  return Array.from({ length: 24 }, (_, step) => smooth(levels, 0.02 + 0.04 * step)).reduce((best, each) =>
    each.error < best.error ? each : best,
  ).level;
}

function smooth(levels: readonly number[], weight: number): { level: number; error: number } {
  let level = levels[0] ?? 0;
  let error = 0;
  for (const value of levels) {
    error += (value - level) ** 2;
    level += weight * (value - level);
  }
  return { level, error };
}

/** Returns the share of a deviation that remains after a week, 0 to 1: least squares on clipped deviations. */
function weeklyPersistence(levels: readonly number[], centre: number): number {
  let product = 0;
  let square = 1e-9;
  for (let index = 7; index < levels.length; index += 1) {
    const before = clamp((levels[index - 7] ?? centre) - centre, -0.5, 0.5);
    product += before * clamp((levels[index] ?? centre) - centre, -0.5, 0.5);
    square += before * before;
  }
  return clamp(product / square, 0, 1);
}
