import { expect, test } from 'vitest';
import { visitorIdOf } from '#core/visitors/identity.ts';
import type { SaltRecord } from '#core/visitors/salt-rules.ts';
import { createSaltRing } from './salt-ring.ts';

const hour = 3_600_000;
const noon = Date.parse('2026-11-22T12:00:00Z');
const person = { address: '203.0.113.7', port: null, userAgent: 'A' };

function start() {
  const stored = new Map<string, SaltRecord>();
  const asked: string[] = [];
  let now = noon;
  async function find(localDate: string) {
    asked.push(`find ${localDate}`);
    return stored.get(localDate);
  }
  async function findOrCreate(localDate: string) {
    asked.push(`create ${localDate}`);
    const record = stored.get(localDate) ?? { localDate, secret: new Uint8Array(32).fill(stored.size), createdAt: now };
    stored.set(localDate, record);
    return record;
  }
  const ring = createSaltRing({ salts: { find, findOrCreate }, now: () => now });
  function live(date: string) {
    return ring.saltsOf(new Map([[date, { replayed: false }]]));
  }
  return { ring, live, asked, stored, setNow: (at: number) => (now = at) };
}

test('a present date gets a salt once; the process then remembers it', async () => {
  const { live, asked } = start();
  const [first, second] = [await live('2026-11-22'), await live('2026-11-22')];
  expect(asked).toEqual(['create 2026-11-22']);
  const [a, b] = [first.get('2026-11-22'), second.get('2026-11-22')];
  expect(a && visitorIdOf(a, person)).toBe(b && visitorIdOf(b, person));
});

test('a late event of a date whose salt is gone has none, and makes none', async () => {
  const { live, asked } = start();
  expect((await live('2026-11-19')).size).toBe(0);
  expect(asked).toEqual(['find 2026-11-19']);
});

test('a replay makes the salts of the dates it replays', async () => {
  const { ring } = start();
  expect((await ring.saltsOf(new Map([['2015-05-17', { replayed: true }]]))).has('2015-05-17')).toBe(true);
});

test('a salt past its life is forgotten, though the process remembers it', async () => {
  const { live, stored, setNow } = start();
  expect((await live('2026-11-22')).size).toBe(1);
  stored.clear();
  setNow(noon + 72 * hour + 1);
  expect((await live('2026-11-22')).size).toBe(0);
});
