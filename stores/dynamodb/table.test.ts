import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startDynamoDb, type TestDynamoDb } from '#test/dynamodb.ts';
import { DamagedItem, StoreUnavailable } from '../errors.ts';
import { parseItem, toItem } from './items.ts';
import { queryBetween } from './raw-items.ts';
import { createTable, exists, isNew, type ItemKey, type Table } from './table.ts';

let db: TestDynamoDb;
let table: Table;
beforeAll(async () => {
  db = await startDynamoDb();
  table = createTable({ client: db.client, table: db.tables.catalog });
});
afterAll(() => db.stop());

/** About 350 KB: three of them fill a page of 1 MB. */
const large = 'x'.repeat(350_000);

function keyAt(pk: string, at: number): ItemKey {
  return { pk, sk: `item#${String(at).padStart(3, '0')}` };
}

async function putLarge(pk: string, count: number): Promise<string[]> {
  const keys = Array.from({ length: count }, (_, at) => keyAt(pk, at));
  for (const key of keys) await table.put(toItem({ ...key, gpk: `all#${pk}`, gsk: key.sk, large }));
  return keys.map(({ sk }) => sk);
}

function namesOf(items: readonly Record<string, { S?: string | undefined }>[]): (string | undefined)[] {
  return items.map((item) => item['sk']?.S);
}

describe('queries over several pages of 1 MB', () => {
  const pk = 'large';
  let all: string[];
  beforeAll(async () => {
    all = await putLarge(pk, 10);
  });

  it('return a whole partition, and a whole listing', async () => {
    expect(namesOf(await table.query({ pk }))).toEqual(all);
    expect(namesOf(await table.query({ pk, prefix: 'item#00' }))).toEqual(all);
    expect(namesOf(await table.query({ pk }, { keysOnly: true }))).toEqual(all);
    expect(namesOf(await table.listAll({ gpk: 'all#large', gsk: '' }))).toEqual(all);
  });

  it('return a whole range as raw items', async () => {
    const options = { client: db.client, table: db.tables.catalog };
    const items = await queryBetween(options, pk, 'item#001', 'item#008');
    expect(items.map((item) => z.object({ S: z.string() }).parse(item['sk']).S)).toEqual(all.slice(1, 9));
  });

  it.each([1, 4, 9])('list %i at a time, each page as long as asked for, to the end', async (limit) => {
    const found: (string | undefined)[] = [];
    let after: string | undefined;
    do {
      const { items, next } = await table.list({ gpk: 'all#large', gsk: '' }, { limit, after });
      if (next !== undefined) expect(items).toHaveLength(limit);
      found.push(...namesOf(items));
      after = next;
    } while (after !== undefined);
    expect(found).toEqual(all);
  });

  it('read more keys than one batch and one page hold', async () => {
    const keys = Array.from({ length: 130 }, (_, at) => keyAt(pk, at));
    expect(new Set(namesOf(await table.batchGet(keys)))).toEqual(new Set(all));
  });
});

describe('a listing', () => {
  beforeAll(async () => {
    for (let at = 0; at < 5; at++) {
      const key = keyAt('small', at);
      await table.put(toItem({ ...key, gpk: 'small', gsk: key.sk }));
    }
  });

  it('continues after an item, whether it exists or not', async () => {
    const after = { pk: 'small', sk: 'item#002', gpk: 'small', gsk: 'item#002' };
    const { items } = await table.list({ gpk: 'small', gsk: 'item#' }, { after });
    expect(namesOf(items)).toEqual(['item#003', 'item#004']);
    const gone = { pk: 'small', sk: 'item#0015', gpk: 'small', gsk: 'item#0015' };
    expect(namesOf((await table.list({ gpk: 'small', gsk: '' }, { after: gone, limit: 1 })).items)).toEqual([
      'item#002',
    ]);
  });

  it('starts from the beginning after a cursor that is damaged or of another listing', async () => {
    const { next } = await table.list({ gpk: 'all#large', gsk: '' }, { limit: 2 });
    for (const after of [
      next,
      '',
      'x',
      Buffer.from('{}').toString('base64url'),
      Buffer.from('null').toString('base64url'),
    ])
      expect((await table.list({ gpk: 'small', gsk: '' }, { after })).items).toHaveLength(5);
  });
});

describe('conditions', () => {
  const key = { pk: 'condition', sk: 'a' };

  it('hold or do not, and nothing is written', async () => {
    expect(await table.putIf(toItem({ ...key, n: 1 }), exists)).toBe(false);
    expect(await table.putIf(toItem({ ...key, n: 1 }), isNew)).toBe(true);
    expect(await table.putIf(toItem({ ...key, n: 2 }), isNew)).toBe(false);
    const below = {
      expression: '#n < :n AND attribute_not_exists(#hour)',
      values: { n: 2 },
      names: { hour: '07+01:00' },
    };
    expect(await table.updateIf(key, { set: { n: 2, '07+01:00': 'x' } }, below)).toBe(true);
    expect(await table.updateIf(key, { set: { n: 3 } }, below)).toBe(false);
    expect((await table.get(key))?.['n']?.N).toBe('2');
  });

  it('of a transaction decide over all of it', async () => {
    const other = { pk: 'condition', sk: 'b' };
    const writes = [
      { kind: 'put', item: toItem({ ...other, n: 1 }) },
      { kind: 'delete', key, condition: exists },
    ] as const;
    expect(await table.transact(writes)).toBe(true);
    await table.delete(other);
    expect(await table.transact(writes)).toBe(false);
    expect(await table.get(other)).toBeUndefined();
  });
});

it('sets, adds, subtracts and removes attributes in one update', async () => {
  const key = { pk: 'update', sk: 'a' };
  await table.update(key, { set: { text: 'x', gone: 1 }, add: { n: 2, names: new Set(['a', 'b']) } });
  await table.update(key, { add: { n: 3 }, subtract: { names: new Set(['a']) }, remove: ['gone'] });
  expect(await table.get(key)).toEqual({
    pk: { S: 'update' },
    sk: { S: 'a' },
    text: { S: 'x' },
    n: { N: '5' },
    names: { SS: ['b'] },
  });
  expect(await table.increment(key, 'n', 4, { text: 'y' })).toBe(9);
});

it('writes more items than one batch holds', async () => {
  const items = Array.from({ length: 60 }, (_, at) => toItem({ ...keyAt('batch', at), at }));
  expect(await table.batchPut(items)).toEqual([]);
  expect(await table.query({ pk: 'batch' })).toHaveLength(60);
});

it('names the damaged item and its attribute, but no address', () => {
  const schema = z.object({ n: z.number() });
  expect(() => parseItem(schema, toItem({ pk: 'link#x', sk: 'link', n: 'one' }))).toThrow(
    /item link#x link is damaged: .*n/s,
  );
  expect(() => parseItem(schema, toItem({ pk: 'invitation', sk: 'ada@example.com' }))).toThrow(DamagedItem);
  expect(() => parseItem(schema, toItem({ pk: 'invitation', sk: 'ada@example.com' }))).not.toThrow(/ada@/);
});

it('names the table that is unavailable, with the cause', async () => {
  const missing = createTable({ client: db.client, table: 'missing' });
  const failure = missing.get({ pk: 'a', sk: 'b' });
  await expect(failure).rejects.toThrow(StoreUnavailable);
  await expect(failure).rejects.toMatchObject({ message: 'get a b from missing failed', cause: expect.any(Error) });
});

it('writes an idempotent transaction once if the SDK repeats it, and again if it is sent again', async () => {
  const client = new DynamoDBClient({
    endpoint: db.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  let attempts = 0;
  client.middlewareStack.add(
    (next) => async (args) => {
      const response = await next(args);
      attempts += 1;
      if (attempts === 1) throw Object.assign(new Error('the response is lost'), { name: 'TimeoutError' });
      return response;
    },
    { step: 'deserialize' },
  );
  const table = createTable({ client, table: db.tables.rollups });
  const writes = [{ kind: 'update', key: { pk: 'twice', sk: 'a' }, change: { add: { n: 1 } } }] as const;
  expect(await table.transact(writes, { idempotent: true })).toBe(true);
  expect(attempts).toBe(2);
  expect((await table.get({ pk: 'twice', sk: 'a' }))?.['n']?.N).toBe('1');
  // As after a restore: within ten minutes, DynamoDB would ignore a transaction with the token of the first.
  expect(await table.transact(writes, { idempotent: true })).toBe(true);
  expect((await table.get({ pk: 'twice', sk: 'a' }))?.['n']?.N).toBe('2');
  client.destroy();
});
