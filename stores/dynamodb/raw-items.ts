import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { StoreUnavailable } from '../errors.ts';
import { answerOf } from './answer.ts';
import { batchGetRaw, queryRaw, type RawItem } from './raw-response.ts';

export type { RawItem } from './raw-response.ts';

export interface Table {
  client: DynamoDBClient;
  table: string;
}

export interface Key {
  pk: string;
  sk: string;
}

/** Attributes to read, by name or by path into a map (`final/views`); every one where it is undefined. */
type Names = readonly string[] | undefined;

type StartKey = Record<string, { S: string }>;

/** Items of a partition whose sort keys lie between two, both included. @throws {StoreUnavailable} */
export async function queryBetween(
  { client, table }: Table,
  pk: string,
  from: string,
  to: string,
  names?: Names,
): Promise<RawItem[]> {
  const found: RawItem[] = [];
  let start: StartKey | undefined;
  do {
    const page: { Items: RawItem[]; LastEvaluatedKey?: StartKey | undefined } = await answerOf(
      `${from} of ${pk}`,
      queryRaw(client, {
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        ...projection(names),
        ExpressionAttributeValues: { ':pk': { S: pk }, ':from': { S: from }, ':to': { S: to } },
        ...(start && { ExclusiveStartKey: start }),
      }),
    );
    found.push(...page.Items);
    start = page.LastEvaluatedKey;
  } while (start);
  return found;
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
const keysAtOnce = 100;

/** Requests under way at once: the SDK keeps 50 connections. */
const lanes = 16;

/** Items of any keys, in no order; those that do not exist are missing. @throws {StoreUnavailable} */
export async function readKeys(table: Table, keys: readonly Key[], names?: Names): Promise<RawItem[]> {
  const batches: Key[][] = [];
  for (let at = 0; at < keys.length; at += keysAtOnce) batches.push(keys.slice(at, at + keysAtOnce));
  const queue = batches.values();
  const found: RawItem[] = [];
  async function lane(): Promise<void> {
    for (const batch of queue) found.push(...(await readBatch(table, batch, names)));
  }
  await Promise.all(Array.from({ length: Math.min(lanes, batches.length) }, lane));
  return found;
}

/** Rounds of keys that a throttled table left over, before it counts as not answering. */
const longestRounds = 8;

async function readBatch({ client, table }: Table, keys: readonly Key[], names: Names): Promise<RawItem[]> {
  const found: RawItem[] = [];
  let rest: StartKey[] = keys.map(({ pk, sk }) => ({ pk: { S: pk }, sk: { S: sk } }));
  for (let round = 0; rest.length > 0 && round < longestRounds; round++) {
    const answer = await answerOf(
      `${keys.length} items`,
      batchGetRaw(client, { RequestItems: { [table]: { Keys: rest, ...projection(names) } } }),
    );
    found.push(...(answer.Responses[table] ?? []));
    rest = answer.UnprocessedKeys[table]?.Keys ?? [];
  }
  if (rest.length > 0) throw new StoreUnavailable(`${table} left ${rest.length} keys over`);
  return found;
}

export function numberOf(value: unknown): number {
  return maybeNumberOf(value) ?? 0;
}

/** Undefined for what is no number. */
export function maybeNumberOf(value: unknown): number | undefined {
  const digits = typed(value, 'N');
  return typeof digits === 'string' ? Number(digits) : undefined;
}

function typed(value: unknown, type: 'N' | 'S' | 'M' | 'B'): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, type) : undefined;
}

/** Empty for what is no text. */
export function textOf(value: unknown): string {
  const found = typed(value, 'S');
  return typeof found === 'string' ? found : '';
}

/** Undefined for what is not binary. */
export function bytesOf(value: unknown): Buffer | undefined {
  const found = typed(value, 'B');
  return typeof found === 'string' ? Buffer.from(found, 'base64') : undefined;
}

/** Undefined for what is no map. */
export function mapOf(value: unknown): RawItem | undefined {
  const found = typed(value, 'M');
  return isObject(found) ? found : undefined;
}

export function isObject(value: unknown): value is RawItem {
  return typeof value === 'object' && value !== null;
}

/** Every number of an item by its name, but those that are named. */
export function numbersOf(item: RawItem, without: ReadonlySet<string> = new Set()): Record<string, number> {
  const numbers: Record<string, number> = {};
  for (const [name, value] of Object.entries(item)) {
    const number = maybeNumberOf(value);
    if (number !== undefined && !without.has(name)) numbers[name] = number;
  }
  return numbers;
}
