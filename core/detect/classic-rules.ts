import { mean } from '#core/statistics/robust.ts';

/**
 * The classic rules with fixed percentages: the setting `classic`, and the baseline of the benchmarks. They compare
 * complete local days.
 */

/** Days in the average that a day is compared with; with fewer, the rule does not apply. */
export const classicDays = 14;

export interface ViewsAndClicks {
  views: number;
  clicks: number;
}

/**
 * Compares a day's views with the average of the 14 days before: the setting `classic`, and the benches' opponent.
 * @param previous views of those days in any order; NaN for a missing day
 */
export function classicTraffic(previous: readonly number[], views: number): 'drop' | 'surge' | null {
  const days = previous.filter((value) => !Number.isNaN(value));
  const average = mean(days);
  if (days.length < classicDays || average <= smallestAverage) return null;
  if (views < average / 2) return 'drop';
  return views > average * 2 ? 'surge' : null;
}

const smallestAverage = 100;

const smallestViews = 50;

const largestClickThroughChange = 0.5;

/** Compares the click-through rate with its average: a change above 50 % on more than 50 views. */
export function classicClickThrough(
  history: ViewsAndClicks,
  recent: ViewsAndClicks,
  largestChange = largestClickThroughChange,
): 'drop' | 'surge' | null {
  if (recent.views <= smallestViews || history.views === 0 || history.clicks === 0) return null;
  const change = recent.clicks / recent.views / (history.clicks / history.views) - 1;
  if (Math.abs(change) <= largestChange) return null;
  return change < 0 ? 'drop' : 'surge';
}
