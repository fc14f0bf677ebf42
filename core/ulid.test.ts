import { fc } from '#test/property.ts';
import { expect, test } from 'vitest';
import { ulidOf } from './ulid.ts';

test('decodes the time of the specification’s example', () => {
  expect(ulidOf(1469918176385, new Uint8Array(16)).slice(0, 10)).toBe('01ARYZ6S41');
});

test('creates 26 characters that sort by time', () => {
  const moment = fc.nat(2 ** 47);
  const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(moment, moment, bytes, bytes, (a, b, left, right) => {
      fc.pre(a < b);
      expect(ulidOf(a, left)).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
      expect(ulidOf(a, left) < ulidOf(b, right)).toBe(true);
    }),
  );
});
