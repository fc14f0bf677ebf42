import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import {
  type BatchGetItemCommandInput,
  DeleteItemCommand,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { fc } from '#test/property.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HourDelta } from '#core/aggregate/count-events.ts';
import { startDynamoDb, type TestDynamoDb } from '#test/dynamodb.ts';
import { type Fault, faultyClient, isDeath } from '#test/dynamodb-faults.ts';
import { DamagedItem, StoreUnavailable } from '../errors.ts';
import { rawKey } from '#schemas/lake-keys.ts';
import { fileKeys, progressKeys } from './counter-items.ts';
import { createDirtyHours } from './dirty-hours.ts';
import { createSettledRollups } from './settled-counters.ts';
import { toItem } from '../dynamodb/items.ts';
import { type Applied, createRollupWriter, type RollupWriterOptions, UpdatesRefused } from './rollup-writer.ts';
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

const hour = '2026-11-22T07+01:00';

/** Deltas of raw files, by key. */
type Files = Record<string, readonly HourDelta[]>;

function expectedCounters(files: Files): Record<string, Record<string, number>> {
  const expected: Record<string, Record<string, number>> = {};
  for (const { entity, add } of Object.values(files).flat()) {
    const item = (expected[`${entity} h#${hour}`] ??= {});
    for (const [name, count] of Object.entries(add)) item[name] = (item[name] ?? 0) + count;
  }
  return expected;
}

/** Deltas of one item each, with this many numbers. */
function createDeltas(prefix: string, sizes: readonly number[]): HourDelta[] {
  return sizes.map((numbers, at) => ({
    entity: `${prefix}${String(at).padStart(3, '0')}`,
    hour,
    add: Object.fromEntries(Array.from({ length: numbers }, (_, i) => [`c.${i}`, i + 1])),
  }));
}

function repeat(count: number, size = 1): number[] {
  return Array.from({ length: count }, () => size);
}

interface Delivery {
  files: Files;
  /** @default all */
  keys?: readonly string[];
  options?: Partial<RollupWriterOptions>;
  deadline?: number;
}

function apply({ files, keys = Object.keys(files), options, deadline = never }: Delivery): Promise<Applied> {
  return createRollupWriter(createOptions(options)).applyFiles(keys, {
    count: async (key) => {
      const deltas = files[key];
      if (!deltas) throw new Error(`${key} was read`);
      return deltas;
    },
    deadline,
  });
}

/** Applies, and rethrows what keeps files from being counted, except the death of the process. */
async function applyOrDie(delivery: Delivery): Promise<void> {
  const { failures } = await apply(delivery);
  for (const error of failures.values()) if (!isDeath(error)) throw error;
}

describe('applyFiles', () => {
  it('adds the sum of many files in one transaction, only once', async () => {
    const files = Object.fromEntries(
      repeat(30).map((_, at) => [`raw/once-${at}`, createDeltas('once#', repeat(60, 3))]),
    );
    expect(await apply({ files })).toMatchObject({ transactions: 1, updates: 60, claimedBefore: 0 });
    expect(await apply({ files })).toMatchObject({ transactions: 0, updates: 0, claimedBefore: 30 });
    expect(await readCounters('once#')).toEqual(expectedCounters(files));
  });

  it('adds more than fits into one transaction, only once, without reading claimed files again', async () => {
    const files = {
      'raw/many-a': createDeltas('many#', repeat(250)),
      'raw/many-b': createDeltas('many#', repeat(200, 2)),
    };
    expect(await apply({ files })).toMatchObject({ transactions: 3, updates: 250 });
    expect(await apply({ files: {}, keys: Object.keys(files) })).toMatchObject({
      transactions: 0,
      claimedBefore: 2,
      failures: new Map(),
    });
    expect(await readCounters('many#')).toEqual(expectedCounters(files));
  });

  it('adds the files that others have not, of any group', async () => {
    const files = Object.fromEntries(
      ['a', 'b', 'c', 'd'].map((name) => [`raw/regrouped-${name}`, createDeltas('regrouped#', [1, 2, 3])]),
    );
    await apply({ files, keys: ['raw/regrouped-a', 'raw/regrouped-c'] });
    expect(await apply({ files, keys: ['raw/regrouped-d', 'raw/regrouped-c', 'raw/regrouped-b'] })).toMatchObject({
      transactions: 1,
      claimedBefore: 1,
    });
    expect(await readCounters('regrouped#')).toEqual(expectedCounters(files));
  });

  it('splits an item of more than 300 numbers', async () => {
    const files = { 'raw/wide': createDeltas('wide#', [2, 700, 1]) };
    expect(await apply({ files })).toMatchObject({ transactions: 3, updates: 5 });
    expect(await readCounters('wide#')).toEqual(expectedCounters(files));
  });

  it('makes several groups of what does not fit into one', async () => {
    const files = Object.fromEntries(
      repeat(8).map((_, at) => [`raw/groups-${at}`, createDeltas(`groups#${at}-`, repeat(9))]),
    );
    expect((await apply({ files, options: { maxActions: 8 } })).failures).toEqual(new Map());
    expect(await readCounters('groups#')).toEqual(expectedCounters(files));
  });

  it('a file that cannot be counted does not keep the others from being counted', async () => {
    const files = { 'raw/good': createDeltas('poison#', [1, 2]) };
    const { failures } = await apply({ files, keys: ['raw/broken', 'raw/good'] });
    expect([...failures.keys()]).toEqual(['raw/broken']);
    expect(await readCounters('poison#')).toEqual(expectedCounters(files));
  });

  it('an item that cannot be added to fails the files that have it, and no others', async () => {
    const Item = { pk: { S: 'bad#000' }, sk: { S: `h#${hour}` }, 'c.0': { S: 'many' } };
    await db.client.send(new PutItemCommand({ TableName: db.tables.rollups, Item }));
    const good = {
      'raw/item-a': createDeltas('well#', [1]),
      'raw/item-c': createDeltas('well#', [2]),
      'raw/item-d': createDeltas('well#', [3]),
    };
    const { failures } = await apply({ files: { ...good, 'raw/item-b': createDeltas('bad#', [1]) } });
    expect([...failures]).toEqual([['raw/item-b', expect.any(UpdatesRefused)]]);
    expect(await readCounters('well#')).toEqual(expectedCounters(good));
  });

  it('an item that a later transaction cannot add to keeps back that transaction alone', async () => {
    const files = { 'raw/later': createDeltas('later#', repeat(30)) };
    const Item = { pk: { S: 'later#010' }, sk: { S: `h#${hour}` }, 'c.0': { S: 'many' } };
    await db.client.send(new PutItemCommand({ TableName: db.tables.rollups, Item }));
    const { failures } = await apply({ files, options: { maxActions: 10 } });
    expect([...failures]).toEqual([['raw/later', expect.any(UpdatesRefused)]]);
    const { 'later#010 h#2026-11-22T07+01:00': bad, ...counted } = await readCounters('later#');
    expect(bad).toEqual({});
    expect(Object.keys(counted).length).toBeGreaterThanOrEqual(30 - 9);
  });

  it('a group is finished though its other files are gone', async () => {
    const files = { 'raw/gone-a': createDeltas('gone#', repeat(20)), 'raw/gone-b': createDeltas('gone#', repeat(25)) };
    const client = faultyClient(db, 'TransactWriteItemsCommand', ['die-after']);
    await applyOrDie({ files, options: { client, maxActions: 8 } });
    expect(await readCounters('gone#')).not.toEqual(expectedCounters(files));
    expect((await apply({ files: {}, keys: ['raw/gone-b'] })).failures).toEqual(new Map());
    expect(await readCounters('gone#')).toEqual(expectedCounters(files));
  });

  it('a group is finished without its settled hours, from which an erasure may have removed a page', async () => {
    const files = { 'raw/erased': createDeltas('page#/erased', repeat(20)) };
    const open = createDeltas('open#', repeat(5)).map((delta) => ({ ...delta, hour: '2026-11-22T12+01:00' }));
    const all = { ...files, 'raw/open': open };
    const client = faultyClient(db, 'TransactWriteItemsCommand', ['die-after']);
    await applyOrDie({ files: all, options: { client, maxActions: 8 } });
    const settled = createSettledRollups({ ...createOptions(), now: backoff.now });
    // The hour ends at 07:00 UTC.
    await settled.advance(Date.parse('2026-11-22T07:00:00Z'));
    for (const { entity } of files['raw/erased']) await settled.deleteEntity(entity);
    expect((await apply({ files: {}, keys: ['raw/erased'] })).failures).toEqual(new Map());
    expect(await readCounters('page#/erased')).toEqual({});
    expect(Object.keys(await readCounters('open#'))).toHaveLength(5);
    await db.client.send(new DeleteItemCommand({ TableName: db.tables.rollups, Key: toItem(progressKeys.settled) }));
  });

  it('stored updates that cannot be read keep back themselves alone', async () => {
    const files = { 'raw/damaged': createDeltas('damaged#', repeat(30)) };
    const client = faultyClient(db, 'TransactWriteItemsCommand', ['die-after']);
    await applyOrDie({ files, options: { client, maxActions: 10 } });
    const Item = toItem({ ...fileKeys.updates('raw/damaged', 0), updates: new Uint8Array([1, 2]) });
    await db.client.send(new PutItemCommand({ TableName: db.tables.rollups, Item }));
    const { failures } = await apply({ files });
    expect([...failures.values()]).toEqual([expect.any(DamagedItem)]);
    expect(Object.keys(await readCounters('damaged#'))).toHaveLength(30 - 9);
  });

  it('a file whose updates are too large to be stored does not keep the others from being counted', async () => {
    // Hashes do not compress: the items would exceed 400 KB.
    const large = createDeltas('large#', repeat(200)).map((delta, item) => ({
      ...delta,
      add: Object.fromEntries(repeat(290).map((_, at) => [createHash('md5').update(`${item} ${at}`).digest('hex'), 1])),
    }));
    const files = { 'raw/large': large, 'raw/small': createDeltas('small#', repeat(3)) };
    const { failures } = await apply({ files });
    expect([...failures]).toEqual([['raw/large', expect.any(UpdatesRefused)]]);
    expect(await readCounters('small#')).toEqual(expectedCounters({ 'raw/small': files['raw/small'] }));
  });

  it('what expired is not applied again, although DynamoDB deletes it in any order', async () => {
    const files = { 'raw/old': createDeltas('old#', repeat(30)) };
    await apply({ files, options: { maxActions: 10 } });
    // Without their markers, live updates would be applied.
    await db.client.send(new DeleteItemCommand({ TableName: db.tables.rollups, Key: keyOfAdded('raw/old', 1) }));
    const later: Backoff = { ...backoff, now: () => backoff.now() + 41 * 86_400_000 };
    expect(await apply({ files, options: { backoff: later } })).toMatchObject({ transactions: 0, claimedBefore: 1 });
    expect(await readCounters('old#')).toEqual(expectedCounters(files));
  });

  it('fails at the deadline if the table rejects requests, so that the files stay on the queue', async () => {
    let now = backoff.now();
    const throttled: Backoff = { ...backoff, now: () => now, sleep: async (wait) => void (now += wait) };
    const client = faultyClient(db, 'none', []);
    client.middlewareStack.add(
      (next, context) => (args) => {
        if (context['commandName'] === 'BatchGetItemCommand') return next(args);
        return Promise.reject(Object.assign(new Error('too fast'), { name: 'TimeoutError' }));
      },
      { step: 'initialize' },
    );
    const files = { 'raw/slow': createDeltas('slow#', [1]) };
    const { failures } = await apply({ files, options: { client, backoff: throttled }, deadline: now + 5_000 });
    expect(failures.get('raw/slow')).toBeInstanceOf(StoreUnavailable);
    expect(await readCounters('slow#')).toEqual({});
  });

  it('waits for a table that leaves keys unread', async () => {
    let unread = 12;
    const client = faultyClient(db, 'none', []);
    client.middlewareStack.add(
      (next, context) => async (args) => {
        if (context['commandName'] !== 'BatchGetItemCommand' || unread-- <= 0) return next(args);
        const { RequestItems } = args.input as BatchGetItemCommandInput;
        return { output: { $metadata: {}, Responses: {}, UnprocessedKeys: RequestItems }, response: undefined };
      },
      { step: 'initialize' },
    );
    const files = { 'raw/unread': createDeltas('unread#', [1]) };
    const { failures } = await apply({ files, options: { client, sleep: async () => undefined } });
    expect(failures).toEqual(new Map());
    expect(await readCounters('unread#')).toEqual(expectedCounters(files));
  });

  it('waits ever longer while a claim is refused that no call has, and fails at the deadline', async () => {
    let now = backoff.now();
    const slept: number[] = [];
    function sleep(wait: number): Promise<void> {
      slept.push(wait);
      now += wait;
      return Promise.resolve();
    }
    const files = { 'raw/refused': createDeltas('refused#', repeat(30)) };
    // A restore from a copy that stopped in the middle: there are updates, but no claim.
    const Item = toItem({ ...fileKeys.updates('raw/refused', 0), updates: new Uint8Array([1, 2]) });
    await db.client.send(new PutItemCommand({ TableName: db.tables.rollups, Item }));
    const options = { backoff: { now: () => now, sleep, random: () => 0.5 }, maxActions: 10 };
    const { failures } = await apply({ files, options, deadline: now + 10_000 });
    expect(failures.get('raw/refused')).toBeInstanceOf(StoreUnavailable);
    expect(slept.length).toBeLessThan(40);
    expect(await readCounters('refused#')).toEqual({});
  });

  it('claims a file of a version before merged groups, some of whose markers are gone', async () => {
    const prefix = 'gap#';
    const markers = [0, 1, 2].map((at) => ({ [`${prefix}00${at}`]: true as const }));
    await putFormerMarkers('raw/gap', markers);
    const Key = { pk: { S: 'file#raw/gap' }, sk: { S: 'c#00001' } };
    await db.client.send(new DeleteItemCommand({ TableName: db.tables.rollups, Key }));
    const files = { 'raw/gap': createDeltas(prefix, repeat(3)) };
    expect((await apply({ files, deadline: backoff.now() + 1 })).failures).toEqual(new Map());
    expect(Object.keys(await readCounters(prefix))).toEqual([`${prefix}001 h#${hour}`]);
  });

  it('finishes open groups before it claims other files', async () => {
    const files = { 'raw/open-z': createDeltas('order-z#', repeat(30)), 'raw/open-a': createDeltas('order-a#', [1]) };
    const dying = faultyClient(db, 'TransactWriteItemsCommand', ['die-after']);
    await applyOrDie({ files, keys: ['raw/open-z'], options: { client: dying, maxActions: 10 } });
    const client = faultyClient(db, 'TransactWriteItemsCommand', ['pass', 'pass', 'pass', 'die-before']);
    await applyOrDie({ files, options: { client, maxActions: 10 } });
    expect(await readCounters('order-')).toEqual(expectedCounters({ 'raw/open-z': files['raw/open-z'] }));
  });

  it.each([
    ['nothing', [], 4],
    ['a part', [{ 'before#000': true as const, 'before#001': ['c.0', 'c.2'] }], 3],
    ['two parts', [{ 'before#000': true as const }, { 'before#003': true as const, 'before#002': true as const }], 1],
    [
      'all',
      [{ 'before#000': true as const }, Object.fromEntries([1, 2, 3].map((at) => [`before#00${at}`, true as const]))],
      0,
    ],
  ])('adds what versions before merged groups left of a file that have added %s', async (name, markers, updates) => {
    const prefix = `before-${name.replace(' ', '-')}#`;
    const key = `raw/${prefix}`;
    await putFormerMarkers(
      key,
      markers.map((marker) => mapKeys(marker, (entity) => entity.replace('before#', prefix))),
    );
    const files = { [key]: createDeltas(prefix, [3, 3, 3, 3]), [`${key}-new`]: createDeltas(prefix, [1]) };
    expect((await apply({ files, keys: [key] })).updates).toBe(updates);
    expect((await apply({ files })).updates).toBe(1);
    const missing = markers.flatMap((marker) =>
      Object.entries(marker).map(([entity, covered]) => ({
        entity: entity.replace('before#', prefix),
        hour,
        add: Object.fromEntries(
          (covered === true ? ['c.0', 'c.1', 'c.2'] : covered).map((one) => [one, -Number(one.slice(2)) - 1]),
        ),
      })),
    );
    expect(withoutZeros(await readCounters(prefix))).toEqual(withoutZeros(expectedCounters({ ...files, missing })));
  });

  it('fails a file whose marker cannot be read, and no other', async () => {
    const Item = { pk: { S: 'file#raw/damaged' }, sk: { S: 'c#00000' }, covers: { B: new Uint8Array([1, 2]) } };
    await db.client.send(new PutItemCommand({ TableName: db.tables.rollups, Item }));
    const files = { 'raw/damaged': createDeltas('damaged#', [1]), 'raw/whole': createDeltas('whole#', [1]) };
    expect([...(await apply({ files })).failures]).toEqual([['raw/damaged', expect.any(DamagedItem)]]);
    expect(await readCounters('whole#')).toEqual(expectedCounters({ 'raw/whole': files['raw/whole'] }));
  });
});

describe('a file that settle may have missed', () => {
  function dirty(): Promise<Map<string, string>> {
    return createDirtyHours({ client: db.client, table: db.tables.rollups }).marks();
  }
  function keyIn(hr: string, number: number): string {
    return rawKey({ dt: '2026-11-22', hr }, String(number).padStart(26, '0'), 1);
  }

  it('marks its hour before it is claimed, once for all files of the hour', async () => {
    const puts: string[] = [];
    const client = faultyClient(db, 'none', []);
    client.middlewareStack.add(
      (next, context) => (args) => {
        if (context['commandName'] !== 'QueryCommand') puts.push(String(context['commandName']));
        return next(args);
      },
      { step: 'initialize' },
    );
    const keys = [keyIn('05', 1), keyIn('06', 2), keyIn('04', 3), keyIn('05', 4)];
    const files = Object.fromEntries(keys.map((key, at) => [key, createDeltas(`late${at}#`, [1])]));
    expect((await apply({ files, options: { client } })).failures.size).toBe(0);
    // Seven o'clock is 55 minutes after the end of five, and no file of six can have been missed.
    expect([...(await dirty()).keys()]).toEqual(['2026-11-22T04', '2026-11-22T05']);
    expect(puts).toEqual(['BatchGetItemCommand', 'PutItemCommand', 'PutItemCommand', 'TransactWriteItemsCommand']);
    const marks = await dirty();
    await apply({ files });
    expect(await dirty()).toEqual(marks);
  });

  it('stays on the queue if the mark cannot be written, and keeps no other file from being counted', async () => {
    const files = {
      [keyIn('03', 5)]: createDeltas('unmarked#', [1]),
      [keyIn('07', 6)]: createDeltas('punctual#', [1]),
    };
    const { failures } = await apply({
      files,
      options: { client: faultyClient(db, 'PutItemCommand', ['die-before']) },
    });
    expect([...failures.keys()]).toEqual([keyIn('03', 5)]);
    expect(await readCounters('unmarked#')).toEqual({});
    expect(Object.keys(await readCounters('punctual#'))).toHaveLength(1);
  });
});

describe('counting is exact', () => {
  it('whichever write the process dies at, and however files are grouped afterwards', async () => {
    const sizes = { a: repeat(7), b: repeat(12), c: repeat(3) };
    for (let write = 0; write < 5; write++)
      for (const fault of ['die-before', 'die-after'] as const) {
        const prefix = `${fault}${write}#`;
        const files = Object.fromEntries(
          Object.entries(sizes).map(([name, each]) => [`raw/${prefix}${name}`, createDeltas(prefix, each)]),
        );
        const [a = '', b = '', c = ''] = Object.keys(files);
        const faults: Fault[] = [...Array.from({ length: write }, (): Fault => 'pass'), fault];
        const client = faultyClient(db, 'TransactWriteItemsCommand', faults);
        await applyOrDie({ files, options: { client, maxActions: 6 } });
        await applyOrDie({ files, keys: [c, b], options: { maxActions: 7 } });
        await applyOrDie({ files, keys: [a], options: { maxActions: 5 } });
        expect(await readCounters(prefix)).toEqual(expectedCounters(files));
      }
  });

  it('over crashes, redeliveries, regrouped files, concurrent workers and other sizes of transactions', async () => {
    let example = 0;
    const indices = fc.uniqueArray(fc.integer({ min: 0, max: 5 }), { minLength: 1 });
    const delivery = fc.record({
      indices,
      maxActions: fc.integer({ min: 6, max: 12 }),
      faults: fc.array(fc.constantFrom<Fault>('pass', 'pass', 'die-before', 'die-after'), { maxLength: 12 }),
    });
    const rounds = fc.array(fc.array(delivery, { minLength: 1, maxLength: 3 }), { maxLength: 5 });
    const sizes = fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 12 });
    const property = fc.asyncProperty(
      fc.array(sizes, { minLength: 6, maxLength: 6 }),
      fc.boolean(),
      rounds,
      async (sizesOfFiles, wide, deliveries) => {
        const prefix = `property${example++}#`;
        const files = Object.fromEntries(
          sizesOfFiles.map((each, at) => [
            `raw/${prefix}${at}`,
            createDeltas(prefix, wide && at === 0 ? [650, ...each] : each),
          ]),
        );
        const keys = Object.keys(files);
        for (const concurrent of deliveries)
          await Promise.all(
            concurrent.map(({ indices: some, maxActions, faults }) => {
              const client = faultyClient(db, 'TransactWriteItemsCommand', faults);
              return applyOrDie({ files, keys: some.flatMap((at) => keys[at] ?? []), options: { client, maxActions } });
            }),
          );
        // SQS delivers what failed again, in groups of its own.
        await applyOrDie({ files, keys: keys.slice(3) });
        await applyOrDie({ files, keys: keys.slice(0, 3) });
        expect(await readCounters(prefix)).toEqual(expectedCounters(files));
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });
});

function keyOfAdded(leader: string, number: number) {
  return { pk: { S: `file#${leader}` }, sk: { S: `a#${String(number).padStart(5, '0')}` } };
}

/** Writes the items by which versions before merged groups remembered what they had added. */
async function putFormerMarkers(key: string, markers: readonly Record<string, true | string[]>[]): Promise<void> {
  for (const [at, entities] of markers.entries()) {
    const covers = deflateRawSync(JSON.stringify({ [`h#${hour}`]: entities }));
    const Item = { pk: { S: `file#${key}` }, sk: { S: `c#0000${at}` }, covers: { B: covers } };
    await db.client.send(new PutItemCommand({ TableName: db.tables.rollups, Item }));
  }
}

function mapKeys<Value>(record: Readonly<Record<string, Value>>, map: (key: string) => string): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [map(key), value]));
}

/** Counters above zero, of items that have some. */
function withoutZeros(items: Record<string, Record<string, number>>) {
  return Object.fromEntries(
    Object.entries(items).flatMap(([key, numbers]) => {
      const left = Object.entries(numbers).filter(([, value]) => value !== 0);
      return left.length === 0 ? [] : [[key, Object.fromEntries(left)]];
    }),
  );
}
