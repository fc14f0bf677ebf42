import { quantile } from '#core/statistics/robust.ts';

/** Error of an earlier forecast, on the log scale. */
export interface PastError {
  /** Days ahead: 1 is the day after the forecast was made. */
  ahead: number;
  /** log(views + 1) − forecast. */
  error: number;
}

/** Share of the days that the interval should hold. */
export const coverage = 0.8;
/** Errors that a week ahead needs to be evaluated by its own. */
const fewest = 14;
/** The days of one forecast err together: about one error in three counts as independent. */
const dependence = 3;
/** Without past errors: about a factor of 1.6 either way, twice the error of a calm page. */
const unknownError = 0.5;

export interface ErrorRange {
  low: number;
  high: number;
}

/**
 * Range of the error this many days ahead: quantiles of the page's own earlier errors in the same week ahead (split
 * conformal prediction, with its correction for few errors). A week without enough errors takes the nearest earlier
 * one's, widened by the square root of the distance.
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

function weekOf(ahead: number): number {
  return Math.ceil(ahead / 7);
}
