import { expect, test } from 'vitest';
import { memoize } from './memoize.ts';

test('computes a key once, caches NULL, and drops keys that were not used for two generations', () => {
  const asked: string[] = [];
  const memo = memoize(2, (key: string) => {
    asked.push(key);
    return key === 'nothing' ? null : key.length;
  });
  expect([memo('a'), memo('nothing'), memo('a'), memo('nothing')]).toEqual([1, null, 1, null]);
  memo('b');
  memo('a');
  memo('c');
  memo('a');
  expect(asked).toEqual(['a', 'nothing', 'b', 'c']);
  memo('d');
  memo('nothing');
  expect(asked).toEqual(['a', 'nothing', 'b', 'c', 'd', 'nothing']);
});
