import type { ViewsAndClicks } from './classic-rules.ts';
import { mean, median } from '#core/statistics/robust.ts';
import { varianceOfView } from '#core/statistics/two-rates.ts';

/** How much the rate differs from day to day, beyond counting noise. */
export interface ClickThroughSpread {
  /** Variance of a day's rate on the log scale; negative if the days are more alike than counting noise. */
  variance: number;
  /** Degrees of freedom of the estimate; infinite if it rests on the prior alone. */
  freedom: number;
}

/** Days that share one rate, so that a slow drift is not taken for daily differences. */
const blockDays = 28;

/** Prior standard deviation of the variance, around 0: rates that differ by a quarter from day to day are common. */
const priorDeviation = 0.06;

/** The prior is at most this many times as wide as the page's own excess: days that look alike are taken as alike. */
const widestPrior = Math.SQRT2;

/** A day counts for at most this many times the typical square, so that a past incident does not hide the next. */
const largestSquare = 16;

/**
 * Estimates the spread by moments (Pearson's χ² per degree of freedom; Williams 1982) and shrinks it towards none by how
 * little the counts say about it (a normal prior; Morris 1983), and further the less the page's own days differ, so that a
 * page whose days are alike loses nothing to the chance in the estimate. The estimate may be negative: cutting it off at 0
 * would make it too large on average (Nelder 1954).
 */
export function clickThroughSpread(days: readonly ViewsAndClicks[]): ClickThroughSpread {
  const { squares, freedom, weights } = residuals(days);
  if (freedom === 0) return { variance: 0, freedom: Number.POSITIVE_INFINITY };
  const limit = largestSquare * Math.max(1, median(squares) / medianSquare);
  const estimate = squares.reduce((sum, square) => sum + Math.min(limit, square), 0) / freedom;
  // Variance of a day's rate on the log scale if its clicks were counting noise alone.
  const noise = 1 / mean(weights);
  const own = estimate - 1;
  const prior = Math.min(priorDeviation / noise, widestPrior * Math.abs(own)) ** 2;
  const trust = Math.max(smallestTrust, prior / (prior + (2 + noise) / freedom));
  const excess = trust * own;
  const variance = excess * noise;
  const kurtosis = kurtosisPerVariance * Math.max(0, variance) * (excess / (1 + excess)) ** 2;
  return { variance, freedom: freedom / trust / (1 + kurtosis / 2) };
}

/** Keeps the degrees of freedom finite. */
const smallestTrust = 1e-3;

/** Excess kurtosis of a log-normal rate per variance, for small variances: single days weigh more than normal ones would. */
const kurtosisPerVariance = 20;

/** Median of χ² with one degree of freedom. */
const medianSquare = 0.4549;

/** Returns each day's squared Pearson residual within its block, and its expected clicks in units of counting variance. */
function residuals(days: readonly ViewsAndClicks[]) {
  const squares: number[] = [];
  const weights: number[] = [];
  let freedom = 0;
  for (let end = days.length; end > 1; end -= blockDays) {
    const block = days.slice(Math.max(0, end - blockDays), end);
    const total = totalOf(block);
    const rate = total.clicks / total.views;
    const variance = varianceOfView(total);
    if (!(variance > 0)) continue;
    freedom += block.length - 1;
    for (const { views, clicks } of block) {
      squares.push((clicks - views * rate) ** 2 / (views * variance));
      weights.push((views * rate ** 2) / variance);
    }
  }
  return { squares, weights, freedom };
}

export function totalOf(days: readonly ViewsAndClicks[]): ViewsAndClicks {
  return {
    views: days.reduce((sum, { views }) => sum + views, 0),
    clicks: days.reduce((sum, { clicks }) => sum + clicks, 0),
  };
}
