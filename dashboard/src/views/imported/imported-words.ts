import type { Stats } from '#schemas/api.ts';
import type { ImportedCounts } from '#schemas/history/imported-counts-api.ts';
import { addDays, laterDate } from '../../format/times.ts';
import { pluralOf } from '../../format/traffic.ts';
import type { Period } from '../../range/presets.ts';

/** `Bitly`, `Bitly and Plausible`, `Bitly, Dub and Plausible`. */
export function joinNames(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** Returns the imported counts of a period in which Hopcount has counted nothing itself. Filters leave imported counts out. */
export function importedAlone(
  { totals }: Pick<Stats, 'totals'>,
  counts: ImportedCounts | undefined,
): ImportedCounts | undefined {
  const isEmpty = totals.views === 0 && totals.clicks === 0 && totals.customEvents === 0;
  return isEmpty && counts !== undefined && importedNumbers(counts).some(({ count }) => count > 0) ? counts : undefined;
}

/** Returns the numbers of the period that an import has. */
export function importedNumbers({ totals }: Pick<ImportedCounts, 'totals'>) {
  return (['views', 'clicks'] as const).flatMap((measure) => {
    const count = totals[measure];
    return count === null ? [] : [{ measure, count }];
  });
}

/** `12,034 clicks imported from Bitly` */
export function describeImported(counts: Pick<ImportedCounts, 'totals' | 'tools'>): string {
  const numbers = importedNumbers(counts).map(({ measure, count }) => pluralOf(measure, count));
  return `${numbers.join(' and ')} imported from ${joinNames(counts.tools)}`;
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
