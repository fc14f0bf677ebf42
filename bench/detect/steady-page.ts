import { normal, poisson, type Random } from './series-generator.ts';

export const steadyDays = 300;

/** Standard deviations of a page's days and hours on the log scale. */
export const steadySpreads = [0.02, 0.03, 0.04, 0.05];

/** Hourly views of a steady page, and what each hour expects. */
export interface SteadyPage {
  views: number[];
  usual: number[];
}

/** Hours of a page with weekdays and times of day of its own, without a change. Its days and its hours vary by `spread`. */
export function steadyPage(random: Random, level: number, spread: number): SteadyPage {
  const weekend = -0.7 * random();
  const weekday = [0.1, 0.05, 0, 0, -0.05, weekend, weekend + 0.1 * random()];
  const peak = 10 + 8 * random();
  const depth = 0.5 + 0.4 * random();
  const usual: number[] = [];
  const views = Array.from({ length: steadyDays }, (_, day) => {
    const effect = weekday[day % 7] ?? 0;
    const ofDay = spread * normal(random);
    return Array.from({ length: 24 }, (__, hour) => {
      // People get up later on weekends.
      const later = day % 7 > 4 ? 2 : 0;
      const share = 1 + depth * Math.cos((2 * Math.PI * (hour - peak - later)) / 24);
      const expected = (level / 24) * share * Math.exp(effect);
      usual.push(expected);
      return poisson(random, expected * Math.exp(ofDay + spread * normal(random)));
    });
  });
  return { views: views.flat(), usual };
}

export interface Change {
  /** Hours since the start of the series. */
  start: number;
  hours: number;
  factor: number;
}

const factors = [0.5, 0.6, 0.7, 0.8, 1.25, 1.5, 1.75, 2];

const durations = [3, 6, 12, 24, 48, 72, 120];

/** None in the first nine weeks; then one in three to five weeks. */
export function placeChanges(random: Random): Change[] {
  const changes: Change[] = [];
  for (let day = 63 + 14 * random(); day < steadyDays - 14; day += 21 + 14 * random()) {
    const hours = durations[Math.floor(random() * durations.length)] ?? 3;
    const factor = factors[Math.floor(random() * factors.length)] ?? 1;
    changes.push({ start: Math.floor(day * 24), hours, factor });
  }
  return changes;
}

/** Returns the views with the changes made. */
export function changeViews(views: readonly number[], changes: readonly Change[]): number[] {
  return views.map((value, hour) => {
    const change = changes.find(({ start, hours }) => hour >= start && hour < start + hours);
    return Math.round(value * (change?.factor ?? 1));
  });
}
