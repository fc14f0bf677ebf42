import { fc } from '#test/property.ts';
import { expect, test } from 'vitest';
import { cut } from './cut.ts';

test('keeps a text that fits, and cuts a longer one without splitting a character', () => {
  expect(cut('abc', 3)).toBe('abc');
  expect(cut('abcd', 3)).toBe('abc');
  expect(cut('ab😀', 3)).toBe('ab');
  expect([cut('', 3), cut(null, 3), cut(undefined, 3)]).toEqual([null, null, null]);
});

test('returns a well-formed prefix', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.integer({ min: 2, max: 20 }), (text, limit) => {
      const kept = cut(text, limit);
      expect(kept).not.toBeNull();
      expect(text.startsWith(kept ?? '?')).toBe(true);
      expect(kept?.isWellFormed()).toBe(true);
      expect(kept?.length).toBeLessThanOrEqual(limit);
    }),
  );
});
