import type { Forecast } from '#schemas/api/detection.ts';

export interface ForecastPoint {
  date: string;
  /** Counted; null on a day of which nothing is known, and after the last one that is. */
  actual: number | null;
  expected: number | null;
  /** Ends of the 80 % interval. */
  range: [low: number, high: number] | null;
}

/** Days that were counted, and those that are forecast, in order. */
export function toForecastPoints({ forecast, recent }: Forecast): ForecastPoint[] {
  return [
    ...(recent ?? []).map(({ date, value }) => ({ date, actual: value, expected: null, range: null })),
    ...(forecast?.days ?? []).map(
      ({ date, views, low, high }): ForecastPoint => ({
        date,
        actual: null,
        expected: views,
        range: [low, high],
      }),
    ),
  ];
}

/** The same with the line of the forecast beginning where the counted one ends. */
export function joinLines(points: readonly ForecastPoint[]): ForecastPoint[] {
  const last = points.findLastIndex(({ actual }) => actual !== null);
  const known = points[last]?.actual ?? null;
  const follows = (points[last + 1]?.expected ?? null) !== null;
  if (known === null || !follows) return [...points];
  return points.map((point, at) => (at === last ? { ...point, expected: known, range: [known, known] } : point));
}
