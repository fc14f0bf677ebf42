import { expect, it } from 'vitest';
import { rewriteReduce } from '#local/athena/rewrite-reduce.ts';

it.each([
  [
    "SELECT reduce(f(a, ','), ARRAY[0], (s, x) -> CASE WHEN x[1] > s[1] THEN x || s ELSE s END, s -> s) AS kept FROM t",
    "SELECT list_reduce(f(a, ','), (s, x) -> CASE WHEN x[1] > s[1] THEN x || s ELSE s END, ARRAY[0]) AS kept FROM t",
  ],
  ['SELECT 1', 'SELECT 1'],
])('%s is %s in DuckDB', (trino, duckDb) => {
  expect(rewriteReduce(trino)).toBe(duckDb);
});

it('refuses a finish that DuckDB cannot express', () => {
  expect(() => rewriteReduce('reduce(a, 0, (s, x) -> s + x, s -> s * 2)')).toThrow('NOT_SUPPORTED');
  expect(() => rewriteReduce('reduce(a, 0')).toThrow('not closed');
});
