import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDynamoDb, type TestDynamoDb } from '#test/dynamodb.ts';
import { createRateLimit, rateBucket } from './rate-limit.ts';

let dynamo: TestDynamoDb;
beforeAll(async () => {
  dynamo = await startDynamoDb();
});
afterAll(() => dynamo.stop());

function limiter(now: () => number, changes: { table?: string } = {}) {
  return createRateLimit({ client: dynamo.client, table: 'cache', now, limit: 50, step: 10, ...changes });
}

async function sendMany(within: (key: string) => Promise<boolean>, key: string, count: number) {
  let allowed = 0;
  for (let n = 0; n < count; n++) if (await within(key)) allowed += 1;
  return allowed;
}

describe('rate limit', () => {
  it('limits one process, and starts again with each window', async () => {
    let time = 0;
    const within = limiter(() => time);
    expect(await sendMany(within, 'one', 80)).toBe(50);
    expect(await sendMany(within, 'another', 1)).toBe(1);
    time = 60_000;
    expect(await sendMany(within, 'one', 80)).toBe(50);
  });

  it('limits several processes together, to within one step each', async () => {
    const processes = [limiter(() => 0), limiter(() => 0), limiter(() => 0)];
    let allowed = 0;
    for (let n = 0; n < 50; n++) for (const within of processes) if (await within('shared')) allowed += 1;
    expect(allowed).toBeGreaterThanOrEqual(50);
    expect(allowed).toBeLessThanOrEqual(50 + 3 * 10);
  });

  it('writes nothing for a usual visitor', async () => {
    await sendMany(
      limiter(() => 0),
      'visitor',
      9,
    );
    const { Items = [] } = await dynamo.client.send(new ScanCommand({ TableName: 'cache' }));
    expect(Items.filter(({ pk }) => pk?.S === 'rate#visitor')).toEqual([]);
  });

  it('limits each process alone while the table does not respond', async () => {
    expect(
      await sendMany(
        limiter(() => 0, { table: 'no-such-table' }),
        'alone',
        80,
      ),
    ).toBe(50);
  });
});

describe('rateBucket', () => {
  it('puts most addresses into different buckets, and all addresses of an IPv6 customer into one', () => {
    const addresses = Array.from({ length: 200 }, (_, n) => `203.0.113.${n}`);
    expect(new Set(addresses.map((address) => rateBucket('s', address, '/ada'))).size).toBeGreaterThan(190);
    expect(rateBucket('s', '2001:db8:1:2::1', '/ada')).toBe(rateBucket('s', '2001:db8:1:2:3:4:5:6', '/ada'));
    expect(rateBucket('s', '2001:db8::1', '/ada')).toBe(rateBucket('s', '2001:db8:0:0:1::', '/ada'));
    expect(rateBucket('s', '2001:db8:1:2::1', '/ada')).not.toBe(rateBucket('s', '2001:db8:1:3::1', '/ada'));
  });

  it('keeps 16 bits, so that 65,536 addresses share a value', () => {
    expect(rateBucket('s', '203.0.113.7', '/ada')).toMatch(/^\/ada#[0-9a-f]{4}$/);
  });
});
