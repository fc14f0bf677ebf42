import type { ForecastDay } from './daily-forecast.ts';

export interface HorizonTotal {
  /** Days that it adds up, from the first one forecast. */
  days: number;
  expected: number;
  low: number;
  high: number;
}

const horizons = [7, 28];

/**
 * What the next 7 and 28 days bring together. The range adds up the ends of the days' intervals: days err together, so
 * it is rather too wide than too narrow.
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
