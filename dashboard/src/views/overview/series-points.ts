import type { Stats } from '#schemas/api.ts';
import type { ImportedCounts } from '#schemas/history/imported-counts-api.ts';
import { type ImportedPoint, toImportedPoints } from '../imported/imported-words.ts';
import { addDays } from '../../format/times.ts';

export interface SeriesPoint {
  start: string;
  views: number;
  clicks: number;
  customEvents: number;
  /** The corresponding point of the compared period. */
  before: { views: number; clicks: number; customEvents: number } | null;
  /** Counted by another tool, and not part of the numbers above. */
  imported: ImportedPoint | null;
}

/** With a filter, hours that have not settled are left out: nothing is known of them. */
export function toSeriesPoints(stats: Stats, previous: Stats | undefined, imported?: ImportedCounts): SeriesPoint[] {
  const end = stats.source === 'lake' ? settledThrough(stats) : Number.POSITIVE_INFINITY;
  const counts =
    imported &&
    toImportedPoints(
      imported,
      stats.series.map(({ start }) => start),
    );
  return stats.series
    .filter(({ start }) => start.length <= 10 || Date.parse(start) < end)
    .map((point, index) => ({
      ...point,
      before: previous?.series[index] ?? null,
      imported: counts?.get(point.start) ?? null,
    }));
}

/** Returns the points from the last one before the first traffic. */
export function withoutEmptyStart(points: readonly SeriesPoint[]): readonly SeriesPoint[] {
  const first = points.findIndex(({ views, clicks, imported }) => views + clicks > 0 || imported !== null);
  return points.slice(Math.max(0, first - 1));
}

/** Returns the position of the last exact point, after which numbers have not settled; undefined if all have. */
export function lastExactPoint(series: readonly SeriesPoint[], stats: Stats): number | undefined {
  const settled = settledThrough(stats);
  const first = series.findIndex(({ start }) => endOf(start) > settled);
  return first < 0 ? undefined : Math.max(0, first - 1);
}

function settledThrough({ freshness }: Stats): number {
  return freshness.settledThrough === null ? 0 : Date.parse(freshness.settledThrough);
}

const dayLength = 86_400_000;

/** Returns the end of a point. A local date has ended everywhere 12 hours after it has ended in UTC. */
function endOf(start: string): number {
  return start.length > 10 ? Date.parse(start) + 3_600_000 : Date.parse(addDays(start, 1)) + dayLength / 2;
}
