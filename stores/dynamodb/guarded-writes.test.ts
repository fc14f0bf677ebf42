import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startDynamoDb, type TestDynamoDb } from '#test/dynamodb.ts';
import { StoreUnavailable } from '../errors.ts';
import { createGuardedWrites } from './guarded-writes.ts';
import { createTable, isNew, type Table, type Write } from './table.ts';

let db: TestDynamoDb;
let table: Table;
/** Sizes of the transactions, with the check. */
let transactions: number[];
let mostAtOnce: number;
/** Fails the next ones. */
let failures: Error[];
let guards = 0;

beforeAll(async () => {
  db = await startDynamoDb();
});
afterAll(() => db.stop());
beforeEach(() => {
  const plain = createTable({ client: db.client, table: db.tables.rollups });
  let underWay = 0;
  [transactions, mostAtOnce, failures] = [[], 0, []];
  table = {
    ...plain,
    transact: async (...call) => {
      transactions.push(call[0].length);
      mostAtOnce = Math.max(mostAtOnce, (underWay += 1));
      try {
        const failure = failures.shift();
        if (failure) throw failure;
        return await plain.transact(...call);
      } finally {
        underWay -= 1;
      }
    },
  };
});

/** A guard that holds while its item in another table is open. */
async function guard() {
  const catalog = createTable({ client: db.client, table: db.tables.catalog });
  const key = { pk: `guard#${guards++}`, sk: 'guard' };
  async function set(state: string): Promise<void> {
    await catalog.put({ pk: { S: key.pk }, sk: { S: key.sk }, state: { S: state } });
  }
  await set('open');
  const condition = { expression: '#state = :state', values: { state: 'open' } };
  const write = createGuardedWrites(table, {
    check: { kind: 'check', table: db.tables.catalog, key, condition },
    assertHeld: async () => {
      if ((await catalog.get(key))?.['state']?.S !== 'open') throw new Error('closed');
    },
  });
  return { write, close: () => set('closed') };
}

let items = 0;
function put(bytes = 10, isFirst = false): Write & { kind: 'put' } {
  const item = { pk: { S: `item#${items++}` }, sk: { S: 'item' }, packed: { B: Buffer.alloc(bytes) } };
  return { kind: 'put', item, ...(isFirst && { condition: isNew }) };
}
async function isStored({ item: { pk, sk } }: Write & { kind: 'put' }): Promise<boolean> {
  return (await table.get({ pk: pk?.S ?? '', sk: sk?.S ?? '' })) !== undefined;
}

describe('guarded writes', () => {
  it.each([
    [1, 10, [2]],
    [100, 10, [2, 100]],
    [101, 10, [2, 100, 2]],
    [18, 390_000, [2, 8, 8, 4]],
  ])(
    'of %i items of %i bytes are as few transactions as they fit into, one after the other',
    async (count, size, expected) => {
      const { write } = await guard();
      const writes = Array.from({ length: count }, () => put(size));
      expect(await Promise.all(writes.map(write))).toEqual(writes.map(() => true));
      expect(await Promise.all(writes.map(isStored))).toEqual(writes.map(() => true));
      expect(transactions).toEqual(expected);
      expect(mostAtOnce).toBe(1);
    },
  );

  it('are made while the guard holds, and none after', async () => {
    const { write, close } = await guard();
    const [before, after, later] = [put(), put(), put()];
    expect(await write(before)).toBe(true);
    await close();
    await expect(Promise.all([write(after), write(later)])).rejects.toThrow('closed');
    await expect(write(later)).rejects.toThrow('closed');
    expect(await Promise.all([before, after, later].map(isStored))).toEqual([true, false, false]);
  });

  it('say if a condition of theirs does not hold, and are then not made', async () => {
    const { write } = await guard();
    const [first, other] = [put(10, true), put()];
    expect(await write(first)).toBe(true);
    expect(await Promise.all([write(put()), write(first), write(other)])).toEqual([true, false, false]);
    expect(await isStored(other)).toBe(false);
    expect(await write(other)).toBe(true);
  });

  it('are repeated after a conflict, and fail for any other reason', async () => {
    const { write } = await guard();
    const conflict = new TransactionCanceledException({
      $metadata: {},
      message: 'cancelled',
      CancellationReasons: [{ Code: 'TransactionConflict' }, { Code: 'None' }],
    });
    failures = [
      new StoreUnavailable('failed', { cause: conflict }),
      new StoreUnavailable('failed', { cause: conflict }),
    ];
    const again = put();
    expect(await write(again)).toBe(true);
    expect(await isStored(again)).toBe(true);
    failures = [new Error('refused')];
    await expect(write(put())).rejects.toThrow('refused');
    expect(await write(put())).toBe(true);
  });
});
