import type { ForecastDay } from './daily-forecast.ts';

export interface GoalPace {
  /** Counted so far, and expected by the end with its range. */
  soFar: number;
  expected: number;
  low: number;
  high: number;
  /** `on-course`: the goal lies within the range. */
  verdict: 'reached' | 'ahead' | 'on-course' | 'behind';
}

/**
 * Compares the expected total with the goal: "On course for 12,400 this month." The range adds up the days' intervals. Days
 * err together, so it is too wide rather than too narrow.
 * @param counted views of the period's days so far
 * @param remaining forecast of the period's remaining days; may be empty
 */
export function goalPace(counted: readonly number[], remaining: readonly ForecastDay[], goal: number): GoalPace {
  const soFar = counted.reduce((sum, views) => sum + (Number.isFinite(views) ? views : 0), 0);
  function total(key: 'views' | 'low' | 'high'): number {
    return remaining.reduce((sum, day) => sum + day[key], soFar);
  }
  const [expected, low, high] = [total('views'), total('low'), total('high')];
  const verdict = soFar >= goal ? 'reached' : low > goal ? 'ahead' : high < goal ? 'behind' : 'on-course';
  return { soFar, expected, low, high, verdict };
}
