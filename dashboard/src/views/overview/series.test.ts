import { expect, it } from 'vitest';
import type { SeriesPoint } from './series-points.ts';
import { hasTraffic, toData, toLines } from './series.ts';

const none = { views: 0, clicks: 0, customEvents: 0 };

it('has traffic if a line of the period, or of the compared one, leaves the ground', () => {
  function has(now: object, before: object | null, compared: boolean, measures: ('views' | 'clicks')[] = ['clicks']) {
    const point = { start: '2026-11-22', ...none, ...now, before: before && { ...none, ...before }, imported: null };
    return hasTraffic({
      points: [{ start: '2026-11-21', ...none, before: null, imported: null }, point],
      measures,
      compared,
    });
  }
  expect(has({}, null, false)).toBe(false);
  expect(has({}, {}, true)).toBe(false);
  expect(has({}, { clicks: 1 }, true)).toBe(true);
  expect(has({}, { clicks: 1 }, false)).toBe(false);
  expect(has({ clicks: 1 }, null, false)).toBe(true);
  expect(has({ views: 1 }, null, false)).toBe(false);
  expect(has({ views: 1 }, null, false, ['views', 'clicks'])).toBe(true);
});

it('shows what another tool has counted apart, and no 0 of its own there', () => {
  const points: SeriesPoint[] = [
    { start: '2026-11-19', ...none, before: null, imported: { views: 30, clicks: null } },
    { start: '2026-11-20', ...none, before: null, imported: { views: 0, clicks: null } },
    { start: '2026-11-21', ...none, views: 2, before: null, imported: { views: 5, clicks: null } },
    { start: '2026-11-22', ...none, views: 7, before: null, imported: null },
  ];
  const series = {
    points,
    measures: ['views', 'clicks'],
    compared: false,
    tools: ['Plausible'],
    bands: [],
    annotations: [],
  } as const;
  expect(hasTraffic(series)).toBe(true);
  expect(toLines(series).map(({ className, values }) => [className, values])).toEqual([
    ['views imported', [30, 0, 5, null]],
    ['views', [null, null, 2, 7]],
    ['clicks', [null, null, 0, 0]],
  ]);
  const { columns, rows } = toData(series);
  expect(columns.map(({ name }) => name)).toEqual(['Start', 'Views', 'Clicks', 'Imported views']);
  expect(rows.map(({ values }) => values[3])).toEqual([null, 5, 0, 30]);
});
