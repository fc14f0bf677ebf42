import { mean } from '#core/statistics/robust.ts';

/**
 * The rules that everyone knows, as the setting `classic` and as the benches' opponent. The jobs evaluate them in SQL;
 * these are the same rules over numbers. Both sides of a comparison are complete local days, or the same part of a day.
 */

/** Days whose average the day is compared with; with fewer the rule says nothing. */
export const classicDays = 14;
const smallestAverage = 100;

export interface ViewsAndClicks {
  views: number;
  clicks: number;
}

/** @param previous views of the 14 days before, in any order; NaN for a missing day */
export function classicTraffic(previous: readonly number[], views: number): 'drop' | 'surge' | null {
  const days = previous.filter((value) => !Number.isNaN(value));
  const average = mean(days);
  if (days.length < classicDays || average <= smallestAverage) return null;
  if (views < average / 2) return 'drop';
  return views > average * 2 ? 'surge' : null;
}

const smallestViews = 50;

const largestClickThroughChange = 0.5;

/** Change of the click-through rate against its average, above 50 %, on more than 50 views. */
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
