import { type AttributeValue, BatchGetItemCommand, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { answerOf } from '../rollups/answer.ts';

export type Item = Record<string, AttributeValue>;

export interface Table {
  client: DynamoDBClient;
  table: string;
}

export interface Key {
  pk: string;
  sk: string;
}

/** Attributes to read, by name; every one where it is undefined. */
type Names = readonly string[] | undefined;

const projection = (names: Names) =>
  names && {
    ProjectionExpression: names.map((_, at) => `#a${at}`).join(', '),
    ExpressionAttributeNames: Object.fromEntries(names.map((name, at) => [`#a${at}`, name])),
  };

/** Items of a partition whose sort keys lie between two, both included. @throws {StoreUnavailable} */
export const queryBetween = async (
  { client, table }: Table,
  pk: string,
  from: string,
  to: string,
  names?: Names,
): Promise<Item[]> => {
  const found: Item[] = [];
  let start: Item | undefined;
  do {
    const command: QueryCommand = new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
      ...projection(names),
      ExpressionAttributeValues: { ':pk': { S: pk }, ':from': { S: from }, ':to': { S: to } },
      ...(start && { ExclusiveStartKey: start }),
    });
    const page = await answerOf(`${from} of ${pk}`, client.send(command));
    found.push(...(page.Items ?? []));
    start = page.LastEvaluatedKey;
  } while (start);
  return found;
};

/** Keys in one BatchGetItem. */
const keysAtOnce = 100;
/** Requests under way at once: the SDK keeps 50 connections. */
const lanes = 16;
/** Rounds of keys that a throttled table left over, before it counts as not answering. */
const longestRounds = 8;

const readBatch = async ({ client, table }: Table, keys: readonly Key[], names: Names): Promise<Item[]> => {
  const found: Item[] = [];
  let rest: Item[] = keys.map(({ pk, sk }) => ({ pk: { S: pk }, sk: { S: sk } }));
  for (let round = 0; rest.length > 0 && round < longestRounds; round++) {
    const command = new BatchGetItemCommand({ RequestItems: { [table]: { Keys: rest, ...projection(names) } } });
    const answer = await answerOf(`${keys.length} items`, client.send(command));
    found.push(...(answer.Responses?.[table] ?? []));
    rest = answer.UnprocessedKeys?.[table]?.Keys ?? [];
  }
  if (rest.length > 0) await answerOf(`${rest.length} items`, Promise.reject(new Error('the table left keys over')));
  return found;
};

/** Items of any keys, in no order; those that do not exist are missing. @throws {StoreUnavailable} */
export const readKeys = async (table: Table, keys: readonly Key[], names?: Names): Promise<Item[]> => {
  const batches: Key[][] = [];
  for (let at = 0; at < keys.length; at += keysAtOnce) batches.push(keys.slice(at, at + keysAtOnce));
  const queue = batches.values();
  const found: Item[] = [];
  const lane = async (): Promise<void> => {
    for (const batch of queue) found.push(...(await readBatch(table, batch, names)));
  };
  await Promise.all(Array.from({ length: Math.min(lanes, batches.length) }, lane));
  return found;
};

export const numberOf = (value: AttributeValue | undefined): number => Number(value?.N ?? 0);
export const textOf = (value: AttributeValue | undefined): string => value?.S ?? '';

/** Every number of an item by its name. */
export const numbersOf = (item: Item): Record<string, number> => {
  const numbers: Record<string, number> = {};
  for (const [name, value] of Object.entries(item)) if (value.N !== undefined) numbers[name] = Number(value.N);
  return numbers;
};
