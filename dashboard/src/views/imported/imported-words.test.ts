import { expect, it } from 'vitest';
import { datesBefore, joinNames, toImportedPoints } from './imported-words.ts';

it('joins names', () => {
  expect([[], ['A'], ['A', 'B'], ['A', 'B', 'C']].map(joinNames)).toEqual(['', 'A', 'A and B', 'A, B and C']);
});

it('shows at most a year, and nothing before the first day', () => {
  expect(datesBefore('2025-10-14', '2021-03-03')).toEqual({ from: '2024-10-15', to: '2025-10-14' });
  expect(datesBefore('2025-10-14', '2025-10-01')).toEqual({ from: '2025-10-01', to: '2025-10-14' });
});

it('takes a missing day between the first and the last as 0, of each number for itself, and no hour', () => {
  const series = [
    { start: '2025-10-02', views: 4, clicks: null },
    { start: '2025-10-04', views: 6, clicks: 1 },
  ];
  const starts = ['2025-10-01', '2025-10-02', '2025-10-03', '2025-10-04', '2025-10-05'];
  expect([...toImportedPoints({ series }, starts)]).toEqual([
    ['2025-10-02', { views: 4, clicks: null }],
    ['2025-10-03', { views: 0, clicks: null }],
    ['2025-10-04', { views: 6, clicks: 1 }],
  ]);
  const hours = ['2025-10-02T07:00:00+02:00', '2025-10-02T08:00:00+02:00', '2025-10-02T09:00:00+02:00'];
  const known = [hours[0], hours[2]].map((start = '') => ({ start, views: 1, clicks: null }));
  expect([...toImportedPoints({ series: known }, hours).keys()]).toEqual([hours[0], hours[2]]);
});
