import { afterAll, beforeAll, expect, it } from 'vitest';
import { hashSubject } from '#core/settle/tombstone.ts';
import { createTable as createStored, type Item } from '#stores/dynamodb/table.ts';
import { createTable, startDynamoDb, type TestDynamoDb } from '#test/dynamodb.ts';
import { type RestoreOptions, restoreItems, rollupsPasses } from './restore-items.ts';

let db: TestDynamoDb;
beforeAll(async () => {
  db = await startDynamoDb();
});
afterAll(() => db.stop());

const now = Date.parse('2026-11-29T12:00:00Z');

function item(pk: string, attributes: Item = {}): Item {
  return { pk: { S: pk }, sk: { S: 'x' }, ...attributes };
}

let copies = 0;

/** Writes both tables anew, restores, and returns the counts and the partition keys of the stack's table with their titles. */
async function restore(copy: readonly Item[], stored: readonly Item[], options: Partial<RestoreOptions> = {}) {
  const [from, into] = [`copy-${++copies}`, `stored-${copies}`];
  await createTable(db.client, from);
  await createTable(db.client, into);
  await createStored({ client: db.client, table: from }).batchPut(copy);
  const table = createStored({ client: db.client, table: into });
  await table.batchPut(stored);
  const common = {
    client: db.client,
    from,
    into,
    catalog: into,
    only: [],
    replace: false,
    dryRun: false,
    now: () => now,
  };
  const kinds = Object.fromEntries(await restoreItems({ ...common, ...options }));
  const keys = [...copy, ...stored].map(({ pk }) => ({ pk: pk?.S ?? '', sk: 'x' }));
  const found = await table.batchGet([...new Map(keys.map((key) => [key.pk, key])).values()]);
  return { kinds, found: Object.fromEntries(found.map(({ pk, title }) => [pk?.S, title?.S])) };
}

const old: Item = { title: { S: 'old' } };
const newer: Item = { title: { S: 'newer' } };

it('writes what is missing, leaves what has changed, and deletes nothing', async () => {
  const copy = [item('link#a', old), item('link#b', old), item('link#c', old), item('page#/ada', old)];
  const { kinds, found } = await restore(copy, [item('link#b', newer), item('link#c', old), item('link#d', newer)]);
  expect(kinds).toEqual({
    'link#': { missing: 1, changed: 1, same: 1, erased: 0 },
    'page#': { missing: 1, changed: 0, same: 0, erased: 0 },
  });
  expect(found).toEqual({ 'link#a': 'old', 'link#b': 'newer', 'link#c': 'old', 'link#d': 'newer', 'page#/ada': 'old' });
});

it('replaces what has changed, among the keys that are named', async () => {
  const copy = [item('link#a', old), item('link#b', old), item('page#/ada', old)];
  const stored = [item('link#a', newer), item('page#/ada', newer)];
  const { found } = await restore(copy, stored, { only: ['link#a'], replace: true });
  expect(found).toEqual({ 'link#a': 'old', 'page#/ada': 'newer' });
});

it('changes nothing in a dry run', async () => {
  const { kinds, found } = await restore([item('link#a', old)], [], { dryRun: true });
  expect(kinds).toMatchObject({ 'link#': { missing: 1 } });
  expect(found).toEqual({});
});

it('brings back nothing that expired, or that belongs to a page erased since', async () => {
  const tombstone = { pk: { S: 'tombstone' }, sk: { S: hashSubject({ kind: 'page', value: '/bob' }) } };
  const copy = [
    item('page#/bob', old),
    item('alerts#/bob', old),
    item('link#b', { page: { S: '/bob' } }),
    item('share#s', { expires: { N: String(now / 1000) } }),
    item('share#t', { ...old, expires: { N: String(now / 1000 + 1) } }),
  ];
  const { kinds, found } = await restore(copy, [tombstone]);
  expect(found).toEqual({ 'share#t': 'old' });
  expect(kinds).toMatchObject({ 'link#': { erased: 1 }, 'alerts#': { erased: 1 }, 'share#': { missing: 1 } });
});

it('brings back no counters of a page erased since, which the catalog knows', async () => {
  const catalog = 'catalog-with-erasure';
  await createTable(db.client, catalog);
  const tombstone = { pk: { S: 'tombstone' }, sk: { S: hashSubject({ kind: 'page', value: '/bob' }) } };
  await createStored({ client: db.client, table: catalog }).put(tombstone);
  const { kinds, found } = await restore([item('page#/bob', old), item('page#/ada', old)], [], { catalog });
  expect(found).toEqual({ 'page#/ada': 'old' });
  expect(kinds).toEqual({ 'page#': { missing: 1, changed: 0, same: 0, erased: 1 } });
});

it('writes what makes counting exact before counters, so that an interrupted restore counts nothing twice', async () => {
  const written: string[] = [];
  db.client.middlewareStack.add(
    (next, context) => (args) => {
      if (context['commandName'] === 'PutItemCommand') {
        const { Item } = args.input as { Item: Item };
        written.push(`${Item['pk']?.S} ${Item['sk']?.S}`);
      }
      return next(args);
    },
    { step: 'initialize', name: 'order' },
  );
  const files = ['file#raw/a', 'file#raw/b'];
  const copy = ['u#00000', 'c#00000', 'a#00000'].flatMap((sk) => files.map((pk) => ({ ...item(pk), sk: { S: sk } })));
  const counters = [item('link#a'), item('page#/ada')];
  await restore([...counters, ...copy], [], { passes: rollupsPasses });
  db.client.middlewareStack.remove('order');
  expect(written).toHaveLength(8);
  const order = written.map((each) => (each.startsWith('file#') ? (each.includes(' a#') ? 0 : 1) : 2));
  expect(order).toEqual(order.toSorted((a, b) => a - b));
});

it('reads more items than one answer of DynamoDB holds', async () => {
  const many = Array.from({ length: 1_500 }, (_, n) => item(`link#${n}`, { title: { S: 'x'.repeat(1_000) } }));
  const { kinds } = await restore(many, []);
  expect(kinds).toEqual({ 'link#': { missing: 1_500, changed: 0, same: 0, erased: 0 } });
});
