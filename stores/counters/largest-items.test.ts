import { GetItemCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { maxActions } from '#core/aggregate/steps.ts';
import { withoutMinutes } from '#core/settle/hourly-counters.ts';
import { conversionAttribute, topListLength } from '#schemas/counters.ts';
import { dimensions, topListDimensions } from '#schemas/dimensions.ts';
import { conversionKinds, eventFields, outcomes } from '#schemas/event.ts';
import { startDynamoDb, type TestDynamoDb } from '#test/dynamodb.ts';
import { dayKey, hourKey, topListsKey } from './counter-items.ts';
import { createRollupWriter } from './rollup-writer.ts';
import { createSettledRollups } from './settled-counters.ts';
import { readTopLists } from './settled-days.ts';

/** DynamoDB's limits in bytes, of an item and of all items of a transaction. */
const itemLimit = 400 * 1024;
const transactionLimit = 4 * 1024 * 1024;

let db: TestDynamoDb;
beforeAll(async () => {
  db = await startDynamoDb();
});
afterAll(() => db.stop());

const entity = `page#/${'p'.repeat(64)}`;
const hour = '2026-11-22T07+01:00';
const date = '2026-11-22';
const run = '0'.repeat(26);

/** More counters than an hour can have: 249 countries, and the families of `core/user-agent/families.ts`. */
function everyCounter(): Record<string, number> {
  const letters = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
  const values: Record<string, string[]> = {
    c: letters.flatMap((one) => letters.slice(0, 10).map((other) => one + other)),
    b: Array.from({ length: 130 }, (_, at) => `Browser name ${at}`),
    o: Array.from({ length: 90 }, (_, at) => `System name ${at}`),
    d: Array.from({ length: 10 }, (_, at) => `device ${at}`),
    r: Array.from({ length: 10 }, (_, at) => `referrer ${at}`),
    m: Array.from({ length: 60 }, (_, at) => String(at).padStart(2, '0')),
  };
  const counted = Object.entries(values).flatMap(([counter, of]) =>
    of.flatMap((value) => [`${counter}.${value}`, `v${counter}.${value}`]),
  );
  const currencies = letters.slice(0, 18).flatMap((one) => letters.slice(0, 10).map((other) => `${one}${other}R`));
  const conversions = [...conversionKinds, ...currencies].map(conversionAttribute);
  const names = [
    'views',
    'clicks',
    'customs',
    ...outcomes.map((outcome) => `x.${outcome}`),
    ...counted,
    ...conversions,
  ];
  return Object.fromEntries(names.map((name) => [name, 999_999_999]));
}

it('the largest hour of a page, hot and final, fits into a transaction 100 times', async () => {
  const add = everyCounter();
  const backoff = { now: () => 0, sleep: async () => undefined, random: () => 0.5 };
  const options = { client: db.client, table: db.tables.rollups };
  await createRollupWriter({ ...options, backoff, hotDays: 90, markerDays: 40 }).applyFiles(['raw/largest'], {
    count: async () => [{ entity, hour, add }],
    deadline: Number.POSITIVE_INFINITY,
  });
  const settled = createSettledRollups({ ...options, now: () => 0, hotDays: 90 });
  await settled.writeFinals([{ entity, hour, final: withoutMinutes(add) }], run);
  const size = await sizeOf(hourKey(hour));
  expect(size).toBeGreaterThan(20_000);
  expect(size * maxActions).toBeLessThan(transactionLimit);
});

it('the largest day and its top lists are a fraction of what an item can hold', async () => {
  const settled = createSettledRollups({ client: db.client, table: db.tables.rollups, now: () => 0, hotDays: 90 });
  const limits = topListDimensions.map((name) => [name, eventFields[dimensions[name].column]] as const);
  const longest = new Map(limits.map(([name, field]) => [name as string, 'limit' in field ? field.limit : 300]));
  // A name, a kind and a currency.
  longest.set('event', eventFields.event_name.limit + 7).set('revenue', eventFields.event_name.limit + 11);
  const lists = [...topListDimensions, 'entry_referrer', 'entry_page', 'event', 'revenue'];
  const tops = Object.fromEntries(
    lists.map((list) => [
      list,
      Array.from({ length: topListLength }, (): [string, number, number] => [
        randomText(longest.get(list) ?? 256),
        123_456_789_012,
        123_456_789_012,
      ]),
    ]),
  );
  const numbers = withoutMinutes(everyCounter());
  await settled.writeDays([{ entity, date, numbers, tops }], run);
  expect(await sizeOf(dayKey(date))).toBeLessThan(itemLimit / 10);
  expect(await sizeOf(topListsKey(date))).toBeLessThan(itemLimit / 2);
  const [stored] = await readTopLists({ client: db.client, table: db.tables.rollups }, entity, date, date);
  expect(stored?.lists).toEqual(tops);
});

/** Returns text that does not compress, of three bytes a character. */
function randomText(length: number): string {
  return Array.from({ length }, () => String.fromCharCode(0x4e00 + Math.floor(Math.random() * 0x5000))).join('');
}

function getItem(sk: string) {
  return new GetItemCommand({ TableName: db.tables.rollups, Key: { pk: { S: entity }, sk: { S: sk } } });
}

async function sizeOf(sk: string): Promise<number> {
  return bytesIn((await db.client.send(getItem(sk))).Item ?? {});
}

/** Counts bytes as DynamoDB does: names, texts and bytes as they are, a number by its digits, and 1 for each member of a map. */
function bytesIn(item: Record<string, AttributeValue>): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + bytesOf(value), 0);
}

function bytesOf({ S, N, B, M }: AttributeValue): number {
  if (S !== undefined) return Buffer.byteLength(S);
  if (N !== undefined) return Math.ceil(N.length / 2) + 1;
  if (B !== undefined) return B.byteLength;
  return M === undefined ? 0 : 3 + Object.keys(M).length + bytesIn(M);
}
