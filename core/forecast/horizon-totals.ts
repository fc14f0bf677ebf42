import type { ForecastDay } from './daily-forecast.ts';

export interface HorizonTotal {
  /** Number of forecast days in the total. */
  days: number;
  expected: number;
  low: number;
  high: number;
}

/**
 * Adds up the next 7 and 28 days. The range adds up the days' intervals. Days err together, so it is too wide rather than
 * too narrow.
 */
export function horizonTotals(days: readonly ForecastDay[]): HorizonTotal[] {
  return horizons
    .filter((horizon) => days.length >= horizon)
    .map((horizon) => {
      function total(key: 'views' | 'low' | 'high'): number {
        return days.slice(0, horizon).reduce((sum, day) => sum + day[key], 0);
      }
      return { days: horizon, expected: total('views'), low: total('low'), high: total('high') };
    });
}

const horizons = [7, 28];
