import type { ChartBand, ChartLine } from '../../chart/time-chart.tsx';
import type { Data } from '../../expand/data-table.ts';
import { type Band, bandsAt } from '../alerts/incident-bands.ts';
import { annotationsAt, type PlacedAnnotation } from './annotations/place.ts';
import type { SeriesPoint } from './series-points.ts';

/** Traffic over time, and what happened meanwhile. */
export interface Series {
  points: readonly SeriesPoint[];
  /** Links have clicks only. */
  views: boolean;
  compared: boolean;
  bands: readonly Band[];
  annotations: readonly PlacedAnnotation[];
}

export function toLines({ points, views, compared }: Series): ChartLine[] {
  function values(of: (point: SeriesPoint) => number | null) {
    return points.map(of);
  }
  return [
    ...(compared && views
      ? [{ className: 'views before', values: values(({ before }) => before?.views ?? null) }]
      : []),
    ...(compared ? [{ className: 'clicks before', values: values(({ before }) => before?.clicks ?? null) }] : []),
    ...(views ? [{ className: 'views', area: true, values: values((point) => point.views) }] : []),
    { className: 'clicks', area: true, values: values((point) => point.clicks) },
  ];
}

export function toChartBands({ points, bands }: Series): ChartBand[] {
  function indexOf(start: string): number {
    return points.findIndex((point) => point.start === start);
  }
  return bands.map(({ id, from, to }) => ({ key: id, from: indexOf(from), to: indexOf(to) }));
}

/** Returns the points as rows, the last one first. */
export function toData({ points, views, compared, bands, annotations }: Series): Data {
  return {
    columns: [
      { name: 'Start', kind: 'point' },
      ...(views ? [count('Views')] : []),
      count('Clicks'),
      ...(compared && views ? [count('Compared views')] : []),
      ...(compared ? [count('Compared clicks')] : []),
      ...(bands.length > 0 ? [{ name: 'Alert', kind: 'text' } as const] : []),
      ...(annotations.length > 0 ? [{ name: 'Annotation', kind: 'text' } as const] : []),
    ],
    rows: points
      .map((point, index) => ({
        key: point.start,
        values: [
          point.start,
          ...(views ? [point.views] : []),
          point.clicks,
          ...(compared && views ? [point.before?.views ?? null] : []),
          ...(compared ? [point.before?.clicks ?? null] : []),
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
