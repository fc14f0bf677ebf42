import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { renewSalts } from '#functions/salts/salts.ts';
import { startDynamoDb, type TestDynamoDb } from '#test/dynamodb.ts';
import { createSalts } from './salts.ts';

const hour = 3_600_000;
const start = Date.parse('2026-11-22T00:00:00Z');

let dynamodb: TestDynamoDb;
beforeAll(async () => {
  dynamodb = await startDynamoDb();
});
afterAll(() => dynamodb.stop());

function saltsAt(now: number) {
  return createSalts({
    client: dynamodb.client,
    table: dynamodb.tables.cache,
    now: () => now,
    randomSalt: () => new Uint8Array(randomBytes(32)),
  });
}

test('ten parallel writers get the same salt', async () => {
  const made = await Promise.all(Array.from({ length: 10 }, () => saltsAt(start).findOrCreate('2026-11-23')));
  expect(new Set(made.map(({ secret }) => Buffer.from(secret).toString('hex'))).size).toBe(1);
  expect(await saltsAt(start).find('2026-11-23')).toEqual(made[0]);
});

test('a salt cannot be read after 72 hours, even if the table has not deleted it yet', async () => {
  const first = await saltsAt(start).findOrCreate('2015-05-17');
  expect(await saltsAt(start + 72 * hour - 1).find('2015-05-17')).toEqual(first);
  expect(await saltsAt(start + 72 * hour).find('2015-05-17')).toBeUndefined();
  const second = await saltsAt(start + 72 * hour).findOrCreate('2015-05-17');
  expect(second.secret).not.toEqual(first.secret);
});

test('the job creates the salts of the next dates, deletes expired ones, and can be repeated', async () => {
  const now = start + 200 * hour;
  const report = await renewSalts(saltsAt(now), now);
  expect(report.ready).toEqual(['2026-11-29', '2026-11-30', '2026-12-01']);
  expect(report.deleted).toEqual(['2015-05-17', '2026-11-23']);
  const before = await saltsAt(now).find('2026-12-01');
  expect(await renewSalts(saltsAt(now), now)).toEqual({ ready: report.ready, deleted: [] });
  expect(await saltsAt(now).find('2026-12-01')).toEqual(before);
});
