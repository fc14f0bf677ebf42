import { expect, it } from 'vitest';
import { measure } from './metrics.fixture.ts';
import { hasTagFilter, mostTaggedLinks, resolveTags } from './tags.ts';

function resolve(operator: 'is' | 'is-not' | 'starts-with', values: string[], count = 3) {
  const links = Array.from({ length: count }, (_, at) => ({
    id: `l${String(at).padStart(5, '0')}`,
    tags: at === 0 ? [] : ['bio', `t${at}`],
  }));
  const metric = { measures: { a: measure('clicks', [['tag', operator, values]]), b: measure('views') } };
  return resolveTags(metric, links).measures.a.filters;
}

it('of links that have it is a filter by them', () => {
  expect(resolve('is', ['BIO '])).toEqual([{ field: 'link', operator: 'is', values: ['l00001', 'l00002'] }]);
  expect(resolve('is-not', ['t1'])).toEqual([{ field: 'link', operator: 'is-not', values: ['l00001'] }]);
  expect(resolve('starts-with', ['t'])).toEqual([{ field: 'link', operator: 'is', values: ['l00001', 'l00002'] }]);
  expect(resolve('is', ['none'])).toEqual([{ field: 'link', operator: 'is', values: [] }]);
  expect(resolve('is', ['', 't2'])).toEqual([{ field: 'link', operator: 'is', values: ['', 'l00000', 'l00002'] }]);
});

it('takes a number of links', () => {
  expect(resolve('is', ['bio'], mostTaggedLinks + 1)[0]?.values).toHaveLength(mostTaggedLinks);
  const more = resolve('is', ['bio'], mostTaggedLinks + 2)[0]?.values;
  expect([more?.length, more?.at(-1)]).toEqual([mostTaggedLinks, 'l02000']);
});

it('is found in any measure', () => {
  const tagged = measure('clicks', [['tag', 'is', ['bio']]]);
  expect(hasTagFilter({ measures: { a: measure('views'), b: tagged } })).toBe(true);
  expect(hasTagFilter({ measures: { a: measure('views', [['country', 'is', ['AT']]]) } })).toBe(false);
});
