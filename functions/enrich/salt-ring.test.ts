import { expect, test } from 'vitest';
import { visitorIdOf } from '#core/visitors/identity.ts';
import type { SaltRecord } from '#core/visitors/salt-rules.ts';
import { createSaltRing } from './salt-ring.ts';

const hour = 3_600_000;
const noon = Date.parse('2026-11-22T12:00:00Z');
const person = { address: '203.0.113.7', port: null, userAgent: 'A' };

function start() {
  const stored = new Map<string, SaltRecord>();
  const calls: string[] = [];
  let now = noon;
  async function find(localDate: string) {
    calls.push(`find ${localDate}`);
    return stored.get(localDate);
  }
  async function findOrCreate(localDate: string) {
    calls.push(`create ${localDate}`);
    const record = stored.get(localDate) ?? { localDate, secret: new Uint8Array(32).fill(stored.size), createdAt: now };
    stored.set(localDate, record);
    return record;
  }
  const ring = createSaltRing({ salts: { find, findOrCreate }, now: () => now });
  function live(date: string) {
    return ring.saltsOf(new Map([[date, { replayed: false }]]));
  }
  return { ring, live, calls, stored, setNow: (at: number) => (now = at) };
}

test('a current date gets one salt, which is then cached', async () => {
  const { live, calls } = start();
  const [first, second] = [await live('2026-11-22'), await live('2026-11-22')];
  expect(calls).toEqual(['create 2026-11-22']);
  const [a, b] = [first.get('2026-11-22'), second.get('2026-11-22')];
  expect(a && visitorIdOf(a, person)).toBe(b && visitorIdOf(b, person));
});

test('a late event does not create a new salt for a date whose salt has expired', async () => {
  const { live, calls } = start();
  expect((await live('2026-11-19')).size).toBe(0);
  expect(calls).toEqual(['find 2026-11-19']);
});

test('a replay creates salts for past dates', async () => {
  const { ring } = start();
  expect((await ring.saltsOf(new Map([['2015-05-17', { replayed: true }]]))).has('2015-05-17')).toBe(true);
});

test('an expired salt is not used from the cache', async () => {
  const { live, stored, setNow } = start();
  expect((await live('2026-11-22')).size).toBe(1);
  stored.clear();
  setNow(noon + 72 * hour + 1);
  expect((await live('2026-11-22')).size).toBe(0);
});
