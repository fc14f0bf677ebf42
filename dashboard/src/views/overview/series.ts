import type { ChartBand, ChartLine } from '../../chart/time-chart.tsx';
import type { Data } from '../../expand/data-table.ts';
import { type Band, bandsAt } from '../alerts/incident-bands.ts';
import { annotationsAt, type PlacedAnnotation } from './annotations/place.ts';
import { type Measure, measureName, measureWords } from '../../format/traffic.ts';
import type { SeriesPoint } from './series-points.ts';

/** Traffic over time, and what happened meanwhile. */
export interface Series {
  points: readonly SeriesPoint[];
  /** In the order of their columns. Links have clicks only. */
  measures: readonly Measure[];
  compared: boolean;
  /** Tools whose counts are imported. */
  tools: readonly string[];
  bands: readonly Band[];
  annotations: readonly PlacedAnnotation[];
}

/** Returns false if every line would be on the ground, also that of a compared period. */
export function hasTraffic({ points, measures, compared }: Pick<Series, 'points' | 'measures' | 'compared'>): boolean {
  return points.some((point) =>
    measures.some(
      (measure) =>
        point[measure] > 0 || (compared && (point.before?.[measure] ?? 0) > 0) || (importedOf(point, measure) ?? 0) > 0,
    ),
  );
}

/** Returns what another tool has counted at a point; null if none has. */
export function importedOf({ imported }: SeriesPoint, measure: Measure): number | null {
  return measure === 'customEvents' ? null : (imported?.[measure] ?? null);
}

export function toLines({ points, measures, compared }: Series): ChartLine[] {
  const imported = importedMeasures({ points, measures });
  // Before its first event, there is no 0 of its own where another tool has counted.
  const begun = imported.length === 0 ? 0 : points.findIndex((point) => measures.some((measure) => point[measure] > 0));
  return [
    ...(compared ? measures : []).map((measure) => ({
      className: `${toneOf(measure)} before`,
      values: points.map(({ before }) => before?.[measure] ?? null),
    })),
    ...imported.map((measure) => ({
      className: `${toneOf(measure)} imported`,
      area: true,
      values: points.map((point) => importedOf(point, measure)),
    })),
    ...measures.map((measure) => ({
      className: toneOf(measure),
      area: true,
      values: points.map((point, index) => (begun < 0 || index < begun ? null : point[measure])),
    })),
  ];
}

function importedMeasures({ points, measures }: Pick<Series, 'points' | 'measures'>): Measure[] {
  return measures.filter((measure) => points.some((point) => importedOf(point, measure) !== null));
}

/** Custom events are shown alone. */
export function toneOf(measure: Measure): 'views' | 'clicks' {
  return measure === 'clicks' ? 'clicks' : 'views';
}

export function toChartBands({ points, bands }: Series): ChartBand[] {
  function indexOf(start: string): number {
    return points.findIndex((point) => point.start === start);
  }
  return bands.map(({ id, from, to }) => ({ key: id, from: indexOf(from), to: indexOf(to) }));
}

/** Returns the points as rows, the last one first. */
export function toData({ points, measures, compared, bands, annotations }: Series): Data {
  const imported = importedMeasures({ points, measures });
  return {
    columns: [
      { name: 'Start', kind: 'point' },
      ...measures.map((measure) => count(measureName(measure))),
      ...imported.map((measure) => count(`Imported ${measureWords[measure]}`)),
      ...(compared ? measures.map((measure) => count(`Compared ${measureWords[measure]}`)) : []),
      ...(bands.length > 0 ? [{ name: 'Alert', kind: 'text' } as const] : []),
      ...(annotations.length > 0 ? [{ name: 'Annotation', kind: 'text' } as const] : []),
    ],
    rows: points
      .map((point, index) => ({
        key: point.start,
        values: [
          point.start,
          ...measures.map((measure) => point[measure]),
          ...imported.map((measure) => importedOf(point, measure)),
          ...(compared ? measures.map((measure) => point.before?.[measure] ?? null) : []),
          ...(bands.length > 0 ? [join(bandsAt(bands, point.start).map(({ words }: Band) => words))] : []),
          ...(annotations.length > 0 ? [join(annotationsAt(annotations, index).map(({ text }) => text))] : []),
        ],
      }))
      .toReversed(),
  };
}

function count(name: string) {
  return { name, kind: 'count' } as const;
}

function join(texts: readonly string[]): string {
  return texts.join('; ');
}
