import { PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { fc } from '#test/property.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HourDelta } from '#core/aggregate/count-events.ts';
import { startDynamoDb, type TestDynamoDb } from '#test/dynamodb.ts';
import { Died, type Fault, faultyClient, isDeath } from '#test/dynamodb-faults.ts';
import { StoreUnavailable } from '../errors.ts';
import { ChunkRefused, createRollupWriter, type RollupWriterOptions } from './rollup-writer.ts';
import type { Backoff } from '../dynamodb/retry.ts';

let db: TestDynamoDb;
beforeAll(async () => {
  db = await startDynamoDb();
});
afterAll(() => db.stop());

const backoff: Backoff = {
  now: () => Date.parse('2026-11-22T07:00:00Z'),
  sleep: async () => undefined,
  random: () => 0.5,
};
const never = Number.POSITIVE_INFINITY;
function createOptions(changes: Partial<RollupWriterOptions> = {}): RollupWriterOptions {
  return {
    client: db.client,
    table: db.tables.rollups,
    backoff,
    hotDays: 90,
    markerDays: 40,
    ...changes,
  };
}

/** Reads the counters of every item whose key starts with the prefix. */
async function readCounters(prefix: string): Promise<Record<string, Record<string, number>>> {
  const { Items } = await db.client.send(
    new ScanCommand({
      TableName: db.tables.rollups,
      FilterExpression: 'begins_with(pk, :p)',
      ExpressionAttributeValues: { ':p': { S: prefix } },
    }),
  );
  return Object.fromEntries(
    (Items ?? []).map((item) => [
      `${item['pk']?.S} ${item['sk']?.S}`,
      Object.fromEntries(
        Object.entries(item).flatMap(([name, value]) =>
          value.N && name !== 'expires' ? [[name, Number(value.N)]] : [],
        ),
      ),
    ]),
  );
}

function expectedCounters(deltas: readonly HourDelta[], times = 1): Record<string, Record<string, number>> {
  return Object.fromEntries(
    deltas.map(({ entity, hour, add }) => [
      `${entity} h#${hour}`,
      Object.fromEntries(Object.entries(add).map(([name, count]) => [name, count * times])),
    ]),
  );
}

function createDeltas(prefix: string, sizes: readonly number[]): HourDelta[] {
  return sizes.map((numbers, at) => ({
    entity: `${prefix}${String(at).padStart(3, '0')}`,
    hour: '2026-11-22T07+01:00',
    add: Object.fromEntries(Array.from({ length: numbers }, (_, i) => [`c.${i}`, i + 1])),
  }));
}

describe('applyFile', () => {
  it('adds a file only once', async () => {
    const deltas = createDeltas(
      'once#',
      Array.from({ length: 250 }, () => 3),
    );
    expect(await createRollupWriter(createOptions()).applyFile('raw/once', deltas, never)).toEqual({
      chunks: 3,
      updates: 250,
      chunksBefore: 0,
    });
    expect(await createRollupWriter(createOptions()).applyFile('raw/once', deltas, never)).toEqual({
      chunks: 0,
      updates: 0,
      chunksBefore: 3,
    });
    expect(await readCounters('once#')).toEqual(expectedCounters(deltas));
  });

  it('adds two files to the same items', async () => {
    const deltas = createDeltas('two#', [1, 2, 3]);
    await createRollupWriter(createOptions()).applyFile('raw/two-a', deltas, never);
    await createRollupWriter(createOptions()).applyFile('raw/two-b', deltas, never);
    expect(await readCounters('two#')).toEqual(expectedCounters(deltas, 2));
  });

  it('splits an item of more than 300 numbers', async () => {
    const deltas = createDeltas('wide#', [2, 700, 1]);
    expect(await createRollupWriter(createOptions()).applyFile('raw/wide', deltas, never)).toMatchObject({
      chunks: 3,
      updates: 5,
    });
    expect(await readCounters('wide#')).toEqual(expectedCounters(deltas));
  });

  it('continues after a crash, even with another chunk size', async () => {
    const deltas = createDeltas('crash#', [1, 2, 700, 3, 4]);
    const client = faultyClient(db, 'TransactWriteItemsCommand', ['pass', 'die-after']);
    await expect(
      createRollupWriter(createOptions({ client, chunkSize: 2 })).applyFile('raw/crash', deltas, never),
    ).rejects.toMatchObject({ cause: expect.any(Died) });
    await createRollupWriter(createOptions({ chunkSize: 5 })).applyFile('raw/crash', deltas, never);
    expect(await readCounters('crash#')).toEqual(expectedCounters(deltas));
  });

  it('throws if the table rejects requests until the deadline, so that the file stays on the queue', async () => {
    let now = backoff.now();
    const throttled: Backoff = { ...backoff, now: () => now, sleep: async (wait) => void (now += wait) };
    const client = faultyClient(db, 'none', []);
    client.middlewareStack.add(
      (next, context) => (args) => {
        if (context['commandName'] === 'QueryCommand') return next(args);
        return Promise.reject(Object.assign(new Error('too fast'), { name: 'TimeoutError' }));
      },
      { step: 'initialize' },
    );
    const attempt = createRollupWriter(createOptions({ client, backoff: throttled })).applyFile(
      'raw/slow',
      createDeltas('slow#', [1]),
      now + 5_000,
    );
    await expect(attempt).rejects.toThrow(StoreUnavailable);
    expect(await readCounters('slow#')).toEqual({});
  });

  it('throws ChunkRefused for a rejection that no retry fixes', async () => {
    const Item = { pk: { S: 'bad#' }, sk: { S: 'h#2026-11-22T07+01:00' }, clicks: { S: 'many' } };
    await db.client.send(new PutItemCommand({ TableName: db.tables.rollups, Item }));
    const deltas = [{ entity: 'bad#', hour: '2026-11-22T07+01:00', add: { clicks: 1 } }];
    await expect(createRollupWriter(createOptions()).applyFile('raw/bad', deltas, never)).rejects.toThrow(ChunkRefused);
  });

  it('counts exactly over crashes, redeliveries, concurrent writers and changes of the chunk size', async () => {
    let example = 0;
    const delivery = fc.record({
      chunkSize: fc.integer({ min: 1, max: 9 }),
      faults: fc.array(fc.constantFrom<Fault>('pass', 'pass', 'die-before', 'die-after'), { maxLength: 12 }),
      withConcurrent: fc.boolean(),
    });
    const property = fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 20 }),
      fc.boolean(),
      fc.array(delivery, { maxLength: 5 }),
      async (sizes, wide, deliveries) => {
        const prefix = `property${example++}#`;
        const deltas = createDeltas(prefix, wide ? [...sizes, 650] : sizes);
        function deliver({ chunkSize, faults }: { chunkSize: number; faults: Fault[] }) {
          return createRollupWriter(
            createOptions({ client: faultyClient(db, 'TransactWriteItemsCommand', faults), chunkSize }),
          )
            .applyFile(`raw/${prefix}`, deltas, never)
            .catch((error: unknown) => {
              if (!isDeath(error)) throw error;
            });
        }
        for (const attempt of deliveries)
          await Promise.all([
            deliver(attempt),
            attempt.withConcurrent &&
              deliver({ chunkSize: 10 - attempt.chunkSize, faults: attempt.faults.toReversed() }),
          ]);
        await createRollupWriter(createOptions()).applyFile(`raw/${prefix}`, deltas, never);
        expect(await readCounters(prefix)).toEqual(expectedCounters(deltas));
      },
    );
    await fc.assert(property, { numRuns: 40 });
  });
});
