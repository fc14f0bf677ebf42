import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recentLimits, type StoredEvent } from '#schemas/api/recent-events.ts';
import { startDynamoDb, type TestDynamoDb } from '#test/dynamodb.ts';
import { toItem } from '../dynamodb/items.ts';
import { cacheKeys } from './cache-keys.ts';
import { createRecentEvents } from './recent-events.ts';

const start = Date.parse('2026-11-22T07:30:20Z');

let dynamodb: TestDynamoDb;
beforeAll(async () => {
  dynamodb = await startDynamoDb();
});
afterAll(() => dynamodb.stop());

function storeAt(now: number, process = 'one') {
  return createRecentEvents({ client: dynamodb.client, table: dynamodb.tables.cache, now: () => now, process });
}

function event(id: number, receivedAt: number): StoredEvent {
  return {
    id: String(id),
    occurredAt: receivedAt,
    receivedAt,
    type: 'page_view',
    name: null,
    link: null,
    sdk: 'posthog',
    outcome: 'counted',
    rule: 'counted',
    country: 'AT',
    device: 'mobile',
    source: null,
  };
}

describe('recent events', () => {
  it('are asked for until the end of the next minute', async () => {
    await storeAt(start).watch('/ada');
    await storeAt(start + 1_000).watch('/b#c');
    expect(await storeAt(start + 39_000).watched()).toEqual(new Set(['/ada', '/b#c']));
    expect(await storeAt(start + 99_000).watched()).toEqual(new Set(['/ada', '/b#c']));
    expect(await storeAt(start + 100_000).watched()).toEqual(new Set());
  });

  it('are those of all processes, newest first and each once', async () => {
    await storeAt(start, 'one').put('/ada', [event(2, start - 20), event(1, start - 30)]);
    await storeAt(start, 'two').put('/ada', [event(3, start - 10), event(1, start - 30)]);
    // Its client sent it again.
    await storeAt(start, 'three').put('/ada', [event(1, start - 5)]);
    expect((await storeAt(start).read('/ada')).map(({ id }) => id)).toEqual(['1', '3', '2', '1']);
    expect(await storeAt(start).read('/other')).toEqual([]);
  });

  it('are replaced by the process, shown for ten minutes, and at most as many as the limit', async () => {
    const store = storeAt(start);
    await store.put('/ben', [event(1, start - recentLimits.age), event(2, start - recentLimits.age + 1)]);
    expect((await store.read('/ben')).map(({ id }) => id)).toEqual(['2']);
    const many = Array.from({ length: recentLimits.events }, (_, id) => event(id, start + id));
    await store.put('/ben', many);
    await storeAt(start, 'two').put('/ben', [event(99, start + 99)]);
    const read = await store.read('/ben');
    expect(read).toHaveLength(recentLimits.events);
    expect(read[0]?.id).toBe('99');
    expect(await storeAt(start + recentLimits.age + 1_000).read('/ben')).toEqual([]);
  });

  it('of another version are left out', async () => {
    const item = {
      ...cacheKeys.recent('/old', 'one'),
      events: JSON.stringify([{ ...event(1, start), sdk: undefined }]),
    };
    await dynamodb.client.send(new PutItemCommand({ TableName: dynamodb.tables.cache, Item: toItem(item) }));
    expect(await storeAt(start).read('/old')).toEqual([]);
  });
});
