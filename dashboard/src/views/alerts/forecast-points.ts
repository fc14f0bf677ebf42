import type { Forecast } from '#schemas/api/detection.ts';

export interface ForecastPoint {
  date: string;
  /** Null on a day without data and on future days. */
  actual: number | null;
  expected: number | null;
  /** The 80% prediction interval. */
  range: [low: number, high: number] | null;
}

/** Returns the counted days followed by the forecast days. */
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

/** Makes the forecast's line begin where the counted one ends. */
export function joinLines(points: readonly ForecastPoint[]): ForecastPoint[] {
  const last = points.findLastIndex(({ actual }) => actual !== null);
  const known = points[last]?.actual ?? null;
  const follows = (points[last + 1]?.expected ?? null) !== null;
  if (known === null || !follows) return [...points];
  return points.map((point, at) => (at === last ? { ...point, expected: known, range: [known, known] } : point));
}
