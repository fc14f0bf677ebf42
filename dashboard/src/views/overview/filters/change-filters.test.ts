import { expect, it } from 'vitest';
import type { Filter } from '#schemas/api/filters.ts';
import { isSame, replaceFilter, toggleValue } from './change-filters.ts';

const austria: Filter = { dimension: 'country', operator: 'is', values: ['AT'] };
const noNews: Filter = { dimension: 'host', operator: 'is-not', values: ['news.example'] };

it('adds values to the filter of their dimension, and takes them out', () => {
  const both = toggleValue([austria, noNews], 'country', 'DE');
  expect(both).toEqual([noNews, { ...austria, values: ['AT', 'DE'] }]);
  expect(toggleValue(both, 'country', 'AT')).toEqual([noNews, { ...austria, values: ['DE'] }]);
  expect(toggleValue([austria], 'country', 'AT')).toEqual([]);
  expect(toggleValue([noNews], 'host', 'news.example')).toEqual([
    noNews,
    { dimension: 'host', operator: 'is', values: ['news.example'] },
  ]);
});

it('replaces a filter, and merges it with one of the same kind', () => {
  const notAustria: Filter = { ...austria, operator: 'is-not' };
  expect(replaceFilter([austria, noNews], austria, notAustria)).toEqual([noNews, notAustria]);
  expect(replaceFilter([austria, noNews], noNews, { ...austria, values: ['DE', 'AT'] })).toEqual([
    { ...austria, values: ['AT', 'DE'] },
  ]);
  expect(replaceFilter([austria], austria, { ...austria, values: [] })).toEqual([]);
  expect(replaceFilter([], undefined, austria)).toEqual([austria]);
});

it('compares filters whatever their order', () => {
  const both = { ...austria, values: ['AT', 'DE'] };
  expect(isSame([both, noNews], [noNews, { ...austria, values: ['DE', 'AT'] }])).toBe(true);
  expect(isSame([both], [austria])).toBe(false);
  expect(isSame([austria], [{ ...austria, operator: 'is-not' }])).toBe(false);
});
