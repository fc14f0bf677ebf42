import { expect, it } from 'vitest';
import { hashPassword, verifyPassword } from './link-password.ts';
import { createUnlock, hasUnlock, unlockParameter, withoutUnlock } from './unlock.ts';

const salt = new Uint8Array(16).fill(7);
const now = Date.parse('2026-11-22T07:00:00Z');

it('accepts the password that was hashed, in either Unicode form, and no other', async () => {
  const stored = await hashPassword('Café-crème', salt);
  expect(stored).toMatch(/^scrypt\$32768\$8\$3\$[\w-]{22}\$[\w-]{43}$/);
  expect(await verifyPassword('Cafe\u0301-cre\u0300me', stored)).toBe(true);
  for (const wrong of ['café-crème', 'Café-crème ', '']) expect(await verifyPassword(wrong, stored)).toBe(false);
  expect(await hashPassword('Café-crème', new Uint8Array(16))).not.toBe(stored);
});

it.each(['', 'Café', 'scrypt$1$1$1$$', 'bcrypt$32768$8$3$BwcHBw$BwcHBw'])('accepts nothing for %j', async (stored) => {
  expect(await verifyPassword('Café', stored)).toBe(false);
});

const link = { id: 'k3x9', passwordHash: 'scrypt$…' };

it('proves for a minute that a password was right, for one link and password', () => {
  const query = `utm_source=bio&${unlockParameter}=${createUnlock(link, now)}`;
  expect(hasUnlock(link, query, now)).toBe(true);
  expect(hasUnlock(link, query, now + 59_999)).toBe(true);
  expect(hasUnlock(link, query, now + 60_000)).toBe(false);
  // A clock that goes back, or a forged time.
  expect(hasUnlock(link, query, now - 1)).toBe(false);
  expect(hasUnlock({ ...link, id: 'other' }, query, now)).toBe(false);
  expect(hasUnlock({ ...link, passwordHash: 'scrypt$another' }, query, now)).toBe(false);
});

it.each(['', '_unlock', '_unlock=', '_unlock=.', '_unlock=1.x', `_unlock=${now + 1000}.AAAA`, '_unlock=Infinity.AAAA'])(
  'takes %j for no proof',
  (query) => {
    expect(hasUnlock(link, query, now)).toBe(false);
  },
);

it('takes proofs out of a query, and nothing else', () => {
  expect(withoutUnlock('a=1&_unlock=2.x&b=%20&_unlock=3')).toBe('a=1&b=%20');
  expect(withoutUnlock('a_unlock=1&_unlocked=2')).toBe('a_unlock=1&_unlocked=2');
  expect(withoutUnlock('_unlock=1')).toBe('');
});
