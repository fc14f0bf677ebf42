import type { Stats } from '#schemas/api.ts';
import { addDays } from '../../format/times.ts';

export interface SeriesPoint {
  start: string;
  views: number;
  clicks: number;
  /** The corresponding point of the compared period. */
  before: { views: number; clicks: number } | null;
}

export function toSeriesPoints(stats: Stats, previous: Stats | undefined): SeriesPoint[] {
  return stats.series.map((point, index) => ({ ...point, before: previous?.series[index] ?? null }));
}

/** Returns the points from the last one before the first traffic. */
export function withoutEmptyStart(points: readonly SeriesPoint[]): readonly SeriesPoint[] {
  const first = points.findIndex(({ views, clicks }) => views + clicks > 0);
  return points.slice(Math.max(0, first - 1));
}

/** Returns the last exact point; the numbers after it are live. */
export function firstLivePoint(series: readonly SeriesPoint[], { freshness }: Stats): string | undefined {
  const settled = freshness.settledThrough === null ? 0 : Date.parse(freshness.settledThrough);
  const first = series.findIndex(({ start }) => endOf(start) > settled);
  return first < 0 ? undefined : series[Math.max(0, first - 1)]?.start;
}

const dayLength = 86_400_000;

/** Returns the end of a point. A local date has ended everywhere 12 hours after it has ended in UTC. */
function endOf(start: string): number {
  return start.length > 10 ? Date.parse(start) + 3_600_000 : Date.parse(addDays(start, 1)) + dayLength / 2;
}
