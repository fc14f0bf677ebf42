import { expect, it } from 'vitest';
import type { Annotation } from '#schemas/api/saved.ts';
import { placeAnnotations } from './place.ts';

function annotation(at: string): Annotation {
  return { id: at, at, text: at, url: null, source: 'user' };
}
const days = ['2026-11-21', '2026-11-22'].map((start) => ({ start }));
const hours = ['2026-11-21T23:00:00+01:00', '2026-11-22T00:00:00+01:00', '2026-11-22T01:00:00+01:00'].map((start) => ({
  start,
}));

function places(moments: readonly string[], points: readonly { start: string }[]) {
  return placeAnnotations(moments.map(annotation), points, 'Europe/Vienna').map(({ at, index }) => [at, index]);
}

it('are placed at the date of the page, or at the hour', () => {
  const moments = ['2026-11-21', '2026-11-21T23:30:00.000Z', '2026-11-22T00:59:59.999Z', '2026-11-23'];
  expect(places(moments, days)).toEqual([
    ['2026-11-21', 0],
    ['2026-11-21T23:30:00.000Z', 1],
    ['2026-11-22T00:59:59.999Z', 1],
  ]);
  expect(places([...moments, '2026-11-22'], hours)).toEqual([
    ['2026-11-21', 0],
    ['2026-11-21T23:30:00.000Z', 1],
    ['2026-11-22T00:59:59.999Z', 2],
    ['2026-11-22', 1],
  ]);
  expect(places(moments, [])).toEqual([]);
});

it('of a whole date stand at its first hour in the zone of the page, whatever zone is shown', () => {
  const inTokyo = ['2026-11-22T07:00:00+09:00', '2026-11-22T08:00:00+09:00'].map((start) => ({ start }));
  expect(places(['2026-11-22'], inTokyo)).toEqual([['2026-11-22', 1]]);
});
