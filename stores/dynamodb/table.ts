import { randomUUID } from 'node:crypto';
import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { listingIndex, listingIndexKeys, tableKeys } from '#schemas/tables.ts';
import { StoreThrottled, StoreUnavailable } from '../errors.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { delay, sendInRounds } from './rounds.ts';
import { readAllPages } from './pager.ts';
import { isTransient } from './retry.ts';

export interface TableOptions {
  client: DynamoDBClient;
  table: string;
  /** Waits between the rounds of a batch; milliseconds. @default setTimeout */
  sleep?: (milliseconds: number) => Promise<void>;
}

export interface ItemKey {
  pk: string;
  sk: string;
}

/** Place in the listing index; `gsk` may be the beginning of one. */
export interface ListingKey {
  gpk: string;
  gsk: string;
}

export type Item = Record<string, AttributeValue>;

/** Must hold for the stored item: `#name` is its attribute `name`, `:name` is `values.name`. */
export interface Condition {
  expression: string;
  values?: Readonly<Record<string, unknown>>;
  /** Attributes whose names an expression cannot hold: `{ hour: '07+01:00' }` for `#hour`. */
  names?: Readonly<Record<string, string>>;
}

/** Nothing with this key exists. */
export const isNew: Condition = { expression: 'attribute_not_exists(#pk)' };
export const exists: Condition = { expression: 'attribute_exists(#pk)' };

/** Changes of attributes, by name. */
export interface Change {
  set?: Readonly<Record<string, unknown>>;
  /** Numbers to add, or members to add to a set. */
  add?: Readonly<Record<string, number | ReadonlySet<string>>>;
  /** Members to take out of a set. */
  subtract?: Readonly<Record<string, ReadonlySet<string>>>;
  remove?: readonly string[];
}

export type Write =
  | { kind: 'put'; item: Item; condition?: Condition }
  | { kind: 'update'; key: ItemKey; change: Change; condition?: Condition }
  | { kind: 'delete'; key: ItemKey; condition?: Condition }
  | Check;

/** Changes nothing: the others are only written if the condition holds. */
export interface Check {
  kind: 'check';
  /** @default that of the others */
  table?: string;
  key: ItemKey;
  condition: Condition;
}

/** Items of one partition, in order of their sort keys. */
export interface Partition {
  pk: string;
  /** How sort keys begin. @default - any */
  prefix?: string;
}

export interface ListOptions {
  /** @default 100 */
  limit?: number | undefined;
  /** Where to continue: `next` of the page before, or the keys of an item, whether it still exists or not. */
  after?: string | (ItemKey & ListingKey) | undefined;
}

/** A page of a listing; `next` continues it and is undefined at its end. */
export interface Listing<Row> {
  rows: Row[];
  next: string | undefined;
}

/** DynamoDB refused a transaction for a reason that no retry fixes, such as an item above 400 KB. */
export class TransactionRefused extends StoreUnavailable {
  override readonly name = 'TransactionRefused';
}

export type Table = ReturnType<typeof createTable>;

/**
 * Reads and writes the items of one table. Reads by key and of a partition are strongly consistent, listings are not.
 * Every query is read to its end, over any number of 1 MB pages.
 *
 * Every function may throw {@link StoreUnavailable}, with DynamoDB's error as its cause. A condition that does not hold
 * is not an error: `putIf`, `updateIf`, `deleteIf` and `transact` then return false, and nothing is written.
 *
 * @example
 * const table = createTable({ client, table: 'catalog' });
 * const created = await table.putIf({ pk: { S: 'link#k3x9' }, sk: { S: 'link' } }, isNew);
 * const pages = await table.query({ pk: 'agency#north', prefix: 'page#' });
 */
export function createTable({ client, table, sleep = delay }: TableOptions) {
  async function putIf(item: Item, condition: Condition): Promise<boolean> {
    const command = new PutItemCommand(putInput(table, item, condition));
    return unlessConflict(`put ${describeKey(keyOf(item))} into ${table}`, () => client.send(command));
  }
  async function updateIf(key: ItemKey, change: Change, condition: Condition): Promise<boolean> {
    const command = new UpdateItemCommand(updateInput(table, key, change, condition));
    return unlessConflict(`update ${describeKey(key)} of ${table}`, () => client.send(command));
  }
  function readQuery(what: string, query: Omit<QueryCommandInput, 'TableName'>) {
    return readAllPages((ExclusiveStartKey) =>
      callDynamoDb(what, () => client.send(new QueryCommand({ TableName: table, ...query, ExclusiveStartKey }))),
    );
  }

  return {
    get: async (key: ItemKey, { consistent = true } = {}): Promise<Item | undefined> => {
      const command = new GetItemCommand({ TableName: table, Key: toKey(key), ConsistentRead: consistent });
      return (await callDynamoDb(`get ${describeKey(key)} from ${table}`, () => client.send(command))).Item;
    },

    put: async (item: Item): Promise<void> => {
      const command = new PutItemCommand(putInput(table, item));
      await callDynamoDb(`put ${describeKey(keyOf(item))} into ${table}`, () => client.send(command));
    },
    putIf,

    /** Changes attributes; makes the item where there is none. */
    update: async (key: ItemKey, change: Change): Promise<void> => {
      const command = new UpdateItemCommand(updateInput(table, key, change));
      await callDynamoDb(`update ${describeKey(key)} of ${table}`, () => client.send(command));
    },
    updateIf,

    /** Adds to a number, and returns the sum. */
    increment: async (key: ItemKey, name: string, by: number, set: Change['set'] = {}): Promise<number> => {
      const input = updateInput(table, key, { set, add: { [name]: by } });
      const command = new UpdateItemCommand({ ...input, ReturnValues: 'UPDATED_NEW' });
      const { Attributes } = await callDynamoDb(`update ${describeKey(key)} of ${table}`, () => client.send(command));
      return Number(Attributes?.[name]?.N ?? 0);
    },

    delete: async (key: ItemKey): Promise<void> => {
      const command = new DeleteItemCommand({ TableName: table, Key: toKey(key) });
      await callDynamoDb(`delete ${describeKey(key)} from ${table}`, () => client.send(command));
    },

    deleteIf: async (key: ItemKey, condition: Condition): Promise<boolean> => {
      const command = new DeleteItemCommand({ TableName: table, Key: toKey(key), ...conditionInput(condition) });
      return unlessConflict(`delete ${describeKey(key)} from ${table}`, () => client.send(command));
    },

    /**
     * Writes all or nothing, at most 100 items. Returns false where a condition does not hold.
     * @param options idempotent: an SDK retry changes nothing. A later call is another request, even with the same writes
     * @throws {TransactionRefused}
     */
    transact: async (writes: readonly Write[], { idempotent = false } = {}): Promise<boolean> => {
      const TransactItems = writes.map((write) => toTransactItem(table, write));
      const token = idempotent ? { ClientRequestToken: randomUUID() } : {};
      const command = new TransactWriteItemsCommand({ TransactItems, ...token });
      const what = `transaction of ${writes.length} in ${table}`;
      return unlessConflict(what, () => client.send(command).catch((cause: unknown) => throwRefusal(what, cause)));
    },

    query: ({ pk, prefix = '' }: Partition, { consistent = true, keysOnly = false } = {}): Promise<Item[]> => {
      const projection = keysOnly && { ProjectionExpression: `${tableKeys.partition}, ${tableKeys.sort}` };
      const condition = keyCondition('partition', pk, prefix);
      return readQuery(`query ${pk} of ${table}`, { ...condition, ...projection, ConsistentRead: consistent });
    },

    /** Returns one page of the listing index: `limit` items, unless the listing ends before. */
    list: async ({ gpk, gsk }: ListingKey, { limit = 100, after }: ListOptions = {}) => {
      const condition = keyCondition('listing', gpk, gsk);
      const items: Item[] = [];
      let start: Item | undefined =
        typeof after === 'string' ? decodeCursor(after, gpk) : after && toListingKeys(after);
      do {
        const input = { TableName: table, ...condition, ExclusiveStartKey: start, Limit: limit - items.length };
        const page = await callDynamoDb(`list ${gpk} of ${table}`, () => client.send(new QueryCommand(input)));
        items.push(...(page.Items ?? []));
        start = page.LastEvaluatedKey;
      } while (start !== undefined && items.length < limit);
      return { items, next: start && encodeCursor(start) };
    },

    /** Returns everything under a key of the listing index. */
    listAll: ({ gpk, gsk }: ListingKey): Promise<Item[]> =>
      readQuery(`list ${gpk} of ${table}`, keyCondition('listing', gpk, gsk)),

    /** Returns the items that exist of any keys, in no order. */
    batchGet: async (keys: readonly ItemKey[], { consistent = false } = {}): Promise<Item[]> => {
      const found: Item[] = [];
      for (let at = 0; at < keys.length; at += getBatchSize) {
        const left = await sendInRounds(keys.slice(at, at + getBatchSize).map(toKey), sleep, async (rest) => {
          const RequestItems = { [table]: { Keys: rest, ConsistentRead: consistent } };
          const { Responses, UnprocessedKeys } = await callDynamoDb(`batch get from ${table}`, () =>
            client.send(new BatchGetItemCommand({ RequestItems })),
          );
          found.push(...(Responses?.[table] ?? []));
          return UnprocessedKeys?.[table]?.Keys ?? [];
        });
        if (left.length > 0) throw new StoreThrottled(`batch get from ${table}: ${left.length} keys were not read`);
      }
      return found;
    },

    /** Writes items in batches, replacing those that exist. Returns those that DynamoDB did not take in about 6 s. */
    batchPut: async (items: readonly Item[]): Promise<Item[]> => {
      const unwritten: Item[] = [];
      for (let at = 0; at < items.length; at += putBatchSize) {
        const requests: WriteRequest[] = items.slice(at, at + putBatchSize).map((Item) => ({ PutRequest: { Item } }));
        const left = await sendInRounds(requests, sleep, async (rest) => {
          const command = new BatchWriteItemCommand({ RequestItems: { [table]: rest } });
          const { UnprocessedItems } = await callDynamoDb(`batch put into ${table}`, () => client.send(command));
          return UnprocessedItems?.[table] ?? [];
        });
        for (const { PutRequest } of left) if (PutRequest?.Item) unwritten.push(PutRequest.Item);
      }
      return unwritten;
    },
  };
}

/** BatchGetItem's and BatchWriteItem's own limits. */
const getBatchSize = 100;
const putBatchSize = 25;

/** Returns what the call returns. @throws {StoreUnavailable} naming the call, with its error as cause */
export async function callDynamoDb<Result>(what: string, call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (cause) {
    throw new StoreUnavailable(`${what} failed`, { cause });
  }
}

/** Returns false where a condition of the write did not hold. */
async function unlessConflict(what: string, write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (cause) {
    if (isConflict(cause)) return false;
    if (cause instanceof TransactionRefused) throw cause;
    if (cause instanceof TransactionCanceledException && !isTransient(cause))
      throw new TransactionRefused(`${what} refused: ${reasonsOf(cause)}`, { cause });
    throw new StoreUnavailable(`${what} failed`, { cause });
  }
}

/** DynamoDB refuses some transactions as a whole, such as one above 4 MB, and names no item. */
function throwRefusal(what: string, cause: unknown): never {
  if (cause instanceof Error && cause.name === 'ValidationException')
    throw new TransactionRefused(`${what} refused: ${cause.message}`, { cause });
  throw cause;
}

function isConflict(error: unknown): boolean {
  return (
    error instanceof ConditionalCheckFailedException ||
    (error instanceof TransactionCanceledException &&
      (error.CancellationReasons ?? []).some(({ Code }) => Code === 'ConditionalCheckFailed'))
  );
}

function reasonsOf({ CancellationReasons = [] }: TransactionCanceledException): string {
  return CancellationReasons.flatMap(({ Code, Message }, at) =>
    Code && Code !== 'None' ? [`write ${at}: ${Code} ${Message ?? ''}`] : [],
  ).join('; ');
}

/** Names an item in a message, without the address that an invitation's sort key is. */
export function describeKey({ pk, sk }: ItemKey): string {
  return sk.includes('@') ? pk : `${pk} ${sk}`;
}

export function keyOf(item: Item): ItemKey {
  return { pk: item['pk']?.S ?? '', sk: item['sk']?.S ?? '' };
}

function toKey({ pk, sk }: ItemKey): Item {
  return { pk: { S: pk }, sk: { S: sk } };
}

function toListingKeys({ pk, sk, gpk, gsk }: ItemKey & ListingKey): Item {
  return { ...toKey({ pk, sk }), gpk: { S: gpk }, gsk: { S: gsk } };
}

function putInput(table: string, item: Item, condition?: Condition) {
  return { TableName: table, Item: item, ...conditionInput(condition) };
}

function conditionInput(condition: Condition | undefined) {
  if (condition === undefined) return {};
  const { expression, values } = condition;
  return {
    ConditionExpression: expression,
    ExpressionAttributeNames: namesIn(condition),
    ...(values && { ExpressionAttributeValues: toValues(values) }),
  };
}

function namesIn({ expression, names = {} }: Condition): Record<string, string> {
  const placeholders = [...expression.matchAll(/#(\w+)/g)].map(([placeholder, name = '']) => [
    placeholder,
    names[name] ?? name,
  ]);
  return Object.fromEntries(placeholders);
}

function toValues(values: Readonly<Record<string, unknown>>): Item {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, toAttributeValue(value)]));
}

function toAttributeValue(value: unknown): AttributeValue {
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value === 'string') return { S: value };
  const { marshalled } = marshall({ marshalled: value }, { removeUndefinedValues: true });
  if (marshalled === undefined) throw new TypeError('an attribute cannot be undefined');
  return marshalled;
}

function updateInput(table: string, key: ItemKey, change: Change, condition?: Condition) {
  const names: Record<string, string> = condition ? namesIn(condition) : {};
  const values: Item = condition?.values ? toValues(condition.values) : {};
  function clause(verb: string, letter: string, operator: string, entries: readonly [string, unknown][]): string[] {
    const parts = entries.map(([name, value], at) => {
      names[`#${letter}${at}`] = name;
      values[`:${letter}${at}`] = toAttributeValue(value);
      return `#${letter}${at}${operator}:${letter}${at}`;
    });
    return parts.length > 0 ? [`${verb} ${parts.join(', ')}`] : [];
  }
  const removed = (change.remove ?? []).map((name, at) => {
    names[`#r${at}`] = name;
    return `#r${at}`;
  });
  const expression = [
    ...clause('SET', 's', ' = ', Object.entries(change.set ?? {})),
    ...clause('ADD', 'a', ' ', Object.entries(change.add ?? {})),
    ...clause('DELETE', 'd', ' ', Object.entries(change.subtract ?? {})),
    ...(removed.length > 0 ? [`REMOVE ${removed.join(', ')}`] : []),
  ];
  return {
    TableName: table,
    Key: toKey(key),
    UpdateExpression: expression.join(' '),
    ...(condition && { ConditionExpression: condition.expression }),
    ExpressionAttributeNames: names,
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
  };
}

function toTransactItem(table: string, write: Write): TransactWriteItem {
  switch (write.kind) {
    case 'put':
      return { Put: putInput(table, write.item, write.condition) };
    case 'update':
      return { Update: updateInput(table, write.key, write.change, write.condition) };
    case 'delete':
      return { Delete: { TableName: table, Key: toKey(write.key), ...conditionInput(write.condition) } };
    case 'check': {
      const ConditionExpression = write.condition.expression;
      const check = { ...conditionInput(write.condition), ConditionExpression };
      return { ConditionCheck: { TableName: write.table ?? table, Key: toKey(write.key), ...check } };
    }
    default:
      return write satisfies never;
  }
}

/** DynamoDB takes no empty text for a key, so an empty prefix is left out. */
function keyCondition(of: 'partition' | 'listing', partition: string, prefix: string) {
  const names = of === 'partition' ? tableKeys : listingIndexKeys;
  return {
    ...(of === 'listing' && { IndexName: listingIndex }),
    KeyConditionExpression: prefix === '' ? '#p = :p' : '#p = :p AND begins_with(#s, :s)',
    ExpressionAttributeNames: { '#p': names.partition, ...(prefix !== '' && { '#s': names.sort }) },
    ExpressionAttributeValues: { ':p': { S: partition }, ...(prefix !== '' && { ':s': { S: prefix } }) },
  };
}
