import { quantile } from '#core/statistics/robust.ts';

/** Error of an earlier forecast, on the log scale. */
export interface PastError {
  /** Days ahead: 1 is the day after the forecast was made. */
  ahead: number;
  /** log(views + 1) − forecast. */
  error: number;
}

/** Nominal coverage of the interval. */
export const coverage = 0.8;

export interface ErrorRange {
  low: number;
  high: number;
}

/**
 * Returns the error range this many days ahead: quantiles of the page's own earlier errors in the same week ahead (split
 * conformal prediction with its small-sample correction). A week with too few errors uses the nearest earlier one, widened
 * by the square root of the distance.
 */
export function errorRange(errors: readonly PastError[], ahead: number): ErrorRange {
  for (let week = weekOf(ahead); week >= 1; week -= 1) {
    const same = errors.filter((each) => weekOf(each.ahead) === week).map(({ error }) => error);
    if (same.length < fewest) continue;
    const tail = Math.max(0, (1 - coverage) / 2 - 0.5 / (same.length / dependence));
    const widened = Math.sqrt(weekOf(ahead) / week);
    return { low: quantile(same, tail) * widened, high: quantile(same, 1 - tail) * widened };
  }
  const reach = unknownError * Math.sqrt(weekOf(ahead));
  return { low: -reach, high: reach };
}

/** Minimum errors to use a week's own quantiles. */
const fewest = 14;

/** The days of one forecast err together: about one in three errors is independent. */
const dependence = 3;

/** Without past errors: about a factor of 1.6 either way, twice the error of a calm page. */
const unknownError = 0.5;

function weekOf(ahead: number): number {
  return Math.ceil(ahead / 7);
}
