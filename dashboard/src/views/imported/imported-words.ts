import type { ImportedCounts } from '#schemas/history/imported-counts-api.ts';
import { addDays, laterDate } from '../../format/times.ts';
import type { Period } from '../../range/presets.ts';

/** `Bitly`, `Bitly and Plausible`, `Bitly, Dub and Plausible`. */
export function joinNames(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** A year of days, which one chart shows. */
const daysShown = 365;

/** Returns the last year until a date, but not before the first. */
export function datesBefore(last: string, first: string): Period {
  return { from: laterDate(first, addDays(last, 1 - daysShown)), to: last };
}

/** Imported counts of a point; null where no import has the number. */
export interface ImportedPoint {
  views: number | null;
  clicks: number | null;
}

/**
 * Returns the imported counts of points by their start. Tools have no row for a day without visitors: between the first and the
 * last day with a number, a missing one is 0. Hours are known or not.
 */
export function toImportedPoints(
  { series }: Pick<ImportedCounts, 'series'>,
  starts: readonly string[],
): Map<string, ImportedPoint> {
  const known = new Map(series.map((point) => [point.start, point]));
  const [views, clicks] = [spanOf(series, 'views'), spanOf(series, 'clicks')];
  function valueOf(start: string, measure: 'views' | 'clicks', span: Span | undefined): number | null {
    const value = known.get(start)?.[measure] ?? null;
    return value === null && start.length <= 10 && span && start >= span.first && start <= span.last ? 0 : value;
  }
  return new Map(
    starts.flatMap((start): [string, ImportedPoint][] => {
      const point = { views: valueOf(start, 'views', views), clicks: valueOf(start, 'clicks', clicks) };
      return point.views === null && point.clicks === null ? [] : [[start, point]];
    }),
  );
}

interface Span {
  first: string;
  last: string;
}

function spanOf(series: ImportedCounts['series'], measure: 'views' | 'clicks'): Span | undefined {
  const starts = series.filter((point) => point[measure] !== null).map(({ start }) => start);
  const [first] = starts;
  return first === undefined ? undefined : { first, last: starts.at(-1) ?? first };
}
