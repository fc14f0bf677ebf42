import { describe, expect, it } from 'vitest';
import { recordOf } from '#schemas/dimensions.ts';
import { importedCountsSchema } from '#schemas/history/imported-counts-api.ts';
import { importedLists } from '#schemas/history/imported-counts.ts';
import { datesBefore, describeImported, importedAlone, joinNames, toImportedPoints } from './imported-words.ts';

it('joins names', () => {
  expect([[], ['A'], ['A', 'B'], ['A', 'B', 'C']].map(joinNames)).toEqual(['', 'A', 'A and B', 'A, B and C']);
});

describe('imported counts of a period', () => {
  const counts = importedCountsSchema.parse({
    range: { from: '2025-10-01', to: '2025-10-31', zone: 'Europe/Vienna' },
    totals: { views: null, clicks: 12_034, visitors: null },
    series: [],
    daysWithoutHours: 0,
    tools: ['Bitly'],
    dates: { first: '2025-10-01', last: '2025-10-31' },
    lists: recordOf(importedLists, () => ({ measure: 'clicks' as const, rows: [] })),
    before: [],
    imports: [],
  });
  const nothing = { views: 0, clicks: 0, customEvents: 0, uniques: 0, sessions: 0, ctr: null };

  it('stand alone only if Hopcount has counted nothing', () => {
    expect(importedAlone({ totals: nothing }, counts)).toBe(counts);
    expect(importedAlone({ totals: nothing }, undefined)).toBeUndefined();
    for (const measure of ['views', 'clicks', 'customEvents'] as const)
      expect(importedAlone({ totals: { ...nothing, [measure]: 1 } }, counts)).toBeUndefined();
    for (const clicks of [0, null])
      expect(importedAlone({ totals: nothing }, { ...counts, totals: { ...counts.totals, clicks } })).toBeUndefined();
  });

  it('are described with their tools', () => {
    expect(describeImported(counts)).toBe('12,034 clicks imported from Bitly');
    const both = { totals: { ...counts.totals, views: 1 }, tools: ['Bitly', 'Plausible'] };
    expect(describeImported(both)).toBe('1 view and 12,034 clicks imported from Bitly and Plausible');
  });
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
