import { createHmac } from 'node:crypto';
import { fc } from '#test/property.ts';
import { expect, test } from 'vitest';
import { hmac64, hmacKey, hmacTextLimit } from './hmac.ts';

test('is the first 64 bits of HMAC-SHA-256', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.string({ unit: 'grapheme' }), (secret, text) => {
      const expected = createHmac('sha256', secret).update(text).digest().readBigInt64BE(0);
      expect(hmac64(hmacKey(secret), text)).toBe(expected);
    }),
  );
});

test('accepts the longest text, and rejects one character more', () => {
  const key = hmacKey(new Uint8Array(32));
  const longest = '€'.repeat(hmacTextLimit);
  expect(hmac64(key, longest)).toBe(
    createHmac('sha256', new Uint8Array(32)).update(longest).digest().readBigInt64BE(0),
  );
  expect(() => hmac64(key, `${longest}x`)).toThrow(RangeError);
  expect(() => hmacKey(new Uint8Array(65))).toThrow(RangeError);
});
