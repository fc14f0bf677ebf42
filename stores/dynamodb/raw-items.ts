import { StoreThrottled } from '../errors.ts';
import { readAllPages } from './pager.ts';
import { delay, forEachConcurrently, sendInRounds } from './rounds.ts';
import { callDynamoDb, type ItemKey, type TableOptions } from './table.ts';
import { batchGetRaw, queryRaw, type RawItem } from './raw-response.ts';

export type { RawItem } from './raw-response.ts';

export type RawTable = TableOptions;

/** Attributes to read, by name or by path into a map (`final/views`); every one where it is undefined. */
type Names = readonly string[] | undefined;

type StartKey = Record<string, { S: string }>;

/** Returns the items of a partition whose sort keys lie between two, both included. @throws {StoreUnavailable} */
export function queryBetween(
  { client, table }: RawTable,
  pk: string,
  from: string,
  to: string,
  names?: Names,
): Promise<RawItem[]> {
  return readAllPages((ExclusiveStartKey) =>
    callDynamoDb(`query ${from} of ${pk} in ${table}`, () =>
      queryRaw(client, {
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        ...projection(names),
        ExpressionAttributeValues: { ':pk': { S: pk }, ':from': { S: from }, ':to': { S: to } },
        ExclusiveStartKey,
      }),
    ),
  );
}

/** Returns the last items of a partition whose sort keys begin with a prefix, last first. @throws {StoreUnavailable} */
export async function queryLast(
  { client, table }: RawTable,
  pk: string,
  prefix: string,
  { limit, names }: { limit: number; names?: Names },
): Promise<RawItem[]> {
  const { Items } = await callDynamoDb(`query the last ${prefix} of ${pk} in ${table}`, () =>
    queryRaw(client, {
      TableName: table,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ...projection(names),
      ExpressionAttributeValues: { ':pk': { S: pk }, ':prefix': { S: prefix } },
      ScanIndexForward: false,
      Limit: limit,
    }),
  );
  return Items;
}

function projection(paths: Names) {
  if (paths === undefined) return undefined;
  const names = [...new Set(paths.flatMap((path) => path.split('/')))];
  function placeholder(name: string): string {
    return `#a${names.indexOf(name)}`;
  }
  return {
    ProjectionExpression: paths.map((path) => path.split('/').map(placeholder).join('.')).join(', '),
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [placeholder(name), name])),
  };
}

/** Keys in one BatchGetItem. */
const batchSize = 100;

/** The SDK keeps 50 connections. */
const concurrency = 16;

/** Returns the items that exist of any keys, in no order. @throws {StoreUnavailable} */
export async function readKeys(
  { client, table, sleep = delay }: RawTable,
  keys: readonly ItemKey[],
  names?: Names,
): Promise<RawItem[]> {
  const batches: ItemKey[][] = [];
  for (let at = 0; at < keys.length; at += batchSize) batches.push(keys.slice(at, at + batchSize));
  const found: RawItem[] = [];
  await forEachConcurrently(batches, concurrency, async (batch) => {
    const startKeys: StartKey[] = batch.map(({ pk, sk }) => ({ pk: { S: pk }, sk: { S: sk } }));
    const left = await sendInRounds(startKeys, sleep, async (rest) => {
      const RequestItems = { [table]: { Keys: rest, ...projection(names) } };
      const { Responses, UnprocessedKeys } = await callDynamoDb(`batch get from ${table}`, () =>
        batchGetRaw(client, { RequestItems }),
      );
      for (const item of Responses[table] ?? []) found.push(item);
      return UnprocessedKeys[table]?.Keys ?? [];
    });
    if (left.length > 0) throw new StoreThrottled(`batch get from ${table}: ${left.length} keys were not read`);
  });
  return found;
}

export function numberOf(value: unknown): number {
  return maybeNumberOf(value) ?? 0;
}

/** Returns undefined for any other type. */
export function maybeNumberOf(value: unknown): number | undefined {
  const digits = typed(value, 'N');
  return typeof digits === 'string' ? Number(digits) : undefined;
}

function typed(value: unknown, type: 'N' | 'S' | 'M' | 'B'): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, type) : undefined;
}

/** Returns the empty text for any other type. */
export function textOf(value: unknown): string {
  const found = typed(value, 'S');
  return typeof found === 'string' ? found : '';
}

/** Returns undefined for any other type. */
export function bytesOf(value: unknown): Buffer | undefined {
  const found = typed(value, 'B');
  return typeof found === 'string' ? Buffer.from(found, 'base64') : undefined;
}

/** Returns undefined for any other type. */
export function mapOf(value: unknown): RawItem | undefined {
  const found = typed(value, 'M');
  return isObject(found) ? found : undefined;
}

export function isObject(value: unknown): value is RawItem {
  return typeof value === 'object' && value !== null;
}

/** Returns the numbers of an item by name, except those of `without`. */
export function numbersOf(item: RawItem, without: ReadonlySet<string> = new Set()): Record<string, number> {
  const numbers: Record<string, number> = {};
  for (const [name, value] of Object.entries(item)) {
    const number = maybeNumberOf(value);
    if (number !== undefined && !without.has(name)) numbers[name] = number;
  }
  return numbers;
}
