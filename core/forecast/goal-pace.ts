import type { ForecastDay } from './daily-forecast.ts';
import { reachProbability } from './goal-probability.ts';
import type { PastForecast } from './past-forecasts.ts';

export interface GoalPace {
  /** Counted so far, and expected by the end with its range. */
  soFar: number;
  expected: number;
  low: number;
  high: number;
  /** Probability that the goal is reached, 0 to 1; null without a goal. */
  probability: number | null;
  /** `ahead` from a probability of 90%, `behind` up to 10%. */
  verdict: 'reached' | 'ahead' | 'on-course' | 'behind' | null;
}

/**
 * Compares the expected total with the goal: "On course for 12,400 this month." The range adds up the days' intervals. Days
 * err together, so it is too wide rather than too narrow.
 * @param counted views of the period's days so far
 * @param remaining forecast of the period's remaining days; may be empty
 */
export function goalPace(
  goal: number | null,
  counted: readonly number[],
  remaining: readonly ForecastDay[],
  past: readonly PastForecast[],
): GoalPace {
  const soFar = counted.reduce((sum, views) => sum + (Number.isFinite(views) ? views : 0), 0);
  function total(key: 'views' | 'low' | 'high'): number {
    return remaining.reduce((sum, day) => sum + day[key], soFar);
  }
  const pace = { soFar, expected: total('views'), low: total('low'), high: total('high') };
  if (goal === null) return { ...pace, probability: null, verdict: null };
  const days = remaining.length;
  const probability = reachProbability(goal - soFar, { expected: pace.expected - soFar, days, past });
  const verdict =
    soFar >= goal ? 'reached' : probability >= 0.9 ? 'ahead' : probability <= 0.1 ? 'behind' : 'on-course';
  return { ...pace, probability, verdict };
}
