import { mean } from '#core/statistics/robust.ts';
import { studentTail } from '#core/statistics/distributions.ts';
import { type PastForecast, viewsOf } from './past-forecasts.ts';

/**
 * Returns the probability, 0 to 1, that the next `days` bring at least `needed`.
 *
 * The expected total is off by a factor that the page's earlier forecasts show: the logarithms of actual over expected totals
 * of as many days, smoothed by a normal kernel. Forecasts a week apart share most of a long span, so few of them are
 * independent. The fewer there are, the more Student's tail with their spread counts instead.
 * @param expected total of the days' forecasts
 */
export function reachProbability(
  needed: number,
  { expected, days, past }: { expected: number; days: number; past: readonly PastForecast[] },
): number {
  if (needed <= 0) return 1;
  if (days === 0) return 0;
  const errors = past.flatMap((each) => totalError(each, days) ?? []);
  const room = Math.log((expected + 1) / (needed + 1));
  const independent = errors.length / Math.max(1, days / 7);
  const squares = errors.reduce((sum, error) => sum + error ** 2, 0) / Math.max(1, errors.length);
  const spread = Math.sqrt((squares * independent + priorWeight * priorSpread ** 2) / (independent + priorWeight));
  const byStudent = below(room / spread, independent + priorWeight);
  if (errors.length === 0) return byStudent;
  const byErrors = mean(errors.map((error) => below((room + error) / (kernel * spread), Number.POSITIVE_INFINITY)));
  const trust = independent / (independent + halfTrust);
  return trust * byErrors + (1 - trust) * byStudent;
}

/** What a page without history is assumed to err by, as two independent forecasts. */
const priorSpread = 0.2;
const priorWeight = 2;
/** Standard deviation of the kernel, in spreads. */
const kernel = 0.3;
/** With so many independent errors, their distribution counts half. */
const halfTrust = 4;

/** Returns log(actual total / expected total) of the first days; undefined unless all of them are known. */
function totalError({ forecast, actual }: PastForecast, days: number): number | undefined {
  if (actual.length < days) return undefined;
  const total = sumOf(actual.slice(0, days));
  return Number.isNaN(total) ? undefined : Math.log((total + 1) / (sumOf(forecast.slice(0, days)) + 1));
}

function sumOf(logs: readonly number[]): number {
  return logs.reduce((sum, log) => sum + viewsOf(log), 0);
}

/** P(T ≤ t) */
function below(t: number, freedom: number): number {
  return t < 0 ? studentTail(t, freedom) : 1 - studentTail(t, freedom);
}
