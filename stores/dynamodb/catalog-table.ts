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
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { z } from 'zod';
import { expiryAttribute, listingIndex } from '#schemas/tables.ts';
import { AlreadyExists, DamagedItem, StoreUnavailable } from '../errors.ts';
import { queryAll } from './query-all.ts';

export interface ItemKey {
  pk: string;
  sk: string;
}
export type Item = Record<string, AttributeValue>;

/** A page of a listing; `next` continues it and is undefined at its end. */
export interface Listing<Row> {
  rows: Row[];
  next: string | undefined;
}

export interface ListOptions {
  /** At most this many rows, 100 unless told. */
  limit?: number | undefined;
  /** `next` of the page before. */
  after?: string | undefined;
}

export interface CatalogTableOptions {
  client: DynamoDBClient;
  table: string;
  /** Waits between attempts of a batch; milliseconds. */
  pause?: (ms: number) => Promise<void>;
}

const batchAttempts = 8;
// BatchGetItem's own limit.
const getBatchSize = 100;
const onlyNewCondition = { ConditionExpression: 'attribute_not_exists(pk)' };
const existsCondition = { ConditionExpression: 'attribute_exists(pk)' };

export type CatalogTable = ReturnType<typeof createCatalogTable>;

/**
 * Items of the catalog table. Reads by key are strongly consistent, listings are not.
 *
 * Every function may throw {@link StoreUnavailable}; writes that are only for new items, {@link AlreadyExists}.
 */
export function createCatalogTable({
  client,
  table,
  pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}: CatalogTableOptions) {
  return {
    get: async (key: ItemKey): Promise<Item | undefined> => {
      const command = new GetItemCommand({ TableName: table, Key: keyOf(key), ConsistentRead: true });
      return (await attempt(`get ${key.pk}`, () => client.send(command))).Item;
    },

    put: async (item: Item, { onlyNew = false } = {}): Promise<void> => {
      const command = new PutItemCommand({ TableName: table, Item: item, ...(onlyNew && onlyNewCondition) });
      await attempt(`put ${item['pk']?.S ?? ''}`, () => client.send(command));
    },

    /** Puts an item where its key exists. @returns false where it does not: somebody was faster to delete it */
    replace: async (item: Item): Promise<boolean> => {
      try {
        await client.send(new PutItemCommand({ TableName: table, Item: item, ...existsCondition }));
        return true;
      } catch (cause) {
        if (isConflict(cause)) return false;
        throw new StoreUnavailable(`replace ${item['pk']?.S ?? ''} failed`, { cause });
      }
    },

    remove: async (key: ItemKey): Promise<void> => {
      const command = new DeleteItemCommand({ TableName: table, Key: keyOf(key) });
      await attempt(`delete ${key.pk}`, () => client.send(command));
    },

    /** All of them change, or none. `create` are written only where they are new, `take` removed only where they are. */
    change: async (changes: { create?: Item[]; put?: Item[]; remove?: ItemKey[]; take?: ItemKey[] }): Promise<void> => {
      const { create = [], put = [], remove = [], take = [] } = changes;
      const writes: TransactWriteItem[] = [
        ...create.map((item) => ({ Put: { TableName: table, Item: item, ...onlyNewCondition } })),
        ...put.map((item) => ({ Put: { TableName: table, Item: item } })),
        ...remove.map((key) => ({ Delete: { TableName: table, Key: keyOf(key) } })),
        ...take.map((key) => ({ Delete: { TableName: table, Key: keyOf(key), ...existsCondition } })),
      ];
      const command = new TransactWriteItemsCommand({ TransactItems: writes });
      await attempt(`change ${[...create, ...put][0]?.['pk']?.S ?? ''}`, () => client.send(command));
    },

    /** One page of the listing index. */
    list: async (
      { gpk, gsk }: { gpk: string; gsk: string },
      { limit = 100, after }: ListOptions = {},
    ): Promise<{ items: Item[]; next: string | undefined }> => {
      const command = new QueryCommand({
        ...listingQuery(table, gpk, gsk),
        ExclusiveStartKey: after === undefined ? undefined : decodeCursor(after, gpk),
        Limit: limit,
      });
      const { Items, LastEvaluatedKey } = await attempt(`list ${gpk}`, () => client.send(command));
      return { items: Items ?? [], next: encodeCursor(LastEvaluatedKey) };
    },

    /** Items of any keys, in no order; those that do not exist are missing. Strongly consistent where that is asked for. */
    getMany: async (keys: readonly ItemKey[], consistent = false): Promise<Item[]> => {
      const items: Item[] = [];
      for (let at = 0; at < keys.length; at += getBatchSize) {
        let rest: Item[] = keys.slice(at, at + getBatchSize).map(keyOf);
        for (let round = 0; rest.length > 0 && round < batchAttempts; round++) {
          if (round > 0) await pause(25 * 2 ** round);
          const command = new BatchGetItemCommand({
            RequestItems: { [table]: { Keys: rest, ConsistentRead: consistent } },
          });
          const answer = await attempt('batch get', () => client.send(command));
          items.push(...(answer.Responses?.[table] ?? []));
          rest = answer.UnprocessedKeys?.[table]?.Keys ?? [];
        }
        if (rest.length > 0) throw new StoreUnavailable(`batch get: ${rest.length} keys were left over`);
      }
      return items;
    },

    /** Every item of a part of the listing index. */
    listAll: async ({ gpk, gsk }: { gpk: string; gsk: string }): Promise<Item[]> => {
      return attempt(`list ${gpk}`, () => queryAll(client, listingQuery(table, gpk, gsk)));
    },

    /** Every item under a partition key whose sort key begins so. */
    listPartition: async ({ pk, sk }: ItemKey): Promise<Item[]> => {
      const query = {
        TableName: table,
        // DynamoDB takes no empty text where it stands for a key.
        KeyConditionExpression: sk === '' ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :sk)',
        ExpressionAttributeValues: { ':pk': { S: pk }, ...(sk !== '' && { ':sk': { S: sk } }) },
      };
      return attempt(`list ${pk}`, () => queryAll(client, query));
    },

    /** Puts at most 25 items. @returns those that the table did not take within the attempts, about 6 s */
    putBatch: async (items: readonly Item[]): Promise<Item[]> => {
      let rest: WriteRequest[] = items.map((item) => ({ PutRequest: { Item: item } }));
      for (let round = 0; rest.length > 0 && round < batchAttempts; round++) {
        // 50 ms, doubled each time.
        if (round > 0) await pause(25 * 2 ** round);
        const command = new BatchWriteItemCommand({ RequestItems: { [table]: rest } });
        rest = (await attempt('batch write', () => client.send(command))).UnprocessedItems?.[table] ?? [];
      }
      return rest.flatMap(({ PutRequest }) => (PutRequest?.Item ? [PutRequest.Item] : []));
    },
  };
}

export function keyOf(key: ItemKey): Item {
  return { pk: { S: key.pk }, sk: { S: key.sk } };
}

async function attempt<Result>(what: string, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (cause) {
    if (isConflict(cause)) throw new AlreadyExists(`${what}: exists already`, { cause });
    throw new StoreUnavailable(`${what} failed`, { cause });
  }
}

function isConflict(error: unknown): boolean {
  return (
    error instanceof ConditionalCheckFailedException ||
    (error instanceof TransactionCanceledException &&
      (error.CancellationReasons ?? []).some(({ Code }) => Code === 'ConditionalCheckFailed'))
  );
}

function listingQuery(table: string, gpk: string, gsk: string) {
  return {
    TableName: table,
    IndexName: listingIndex,
    KeyConditionExpression: gsk === '' ? 'gpk = :gpk' : 'gpk = :gpk AND begins_with(gsk, :gsk)',
    ExpressionAttributeValues: { ':gpk': { S: gpk }, ...(gsk !== '' && { ':gsk': { S: gsk } }) },
  };
}

const textAttribute = z.object({ S: z.string() });

const cursorSchema = z.object({ pk: textAttribute, sk: textAttribute, gpk: textAttribute, gsk: textAttribute });

/** A cursor is opaque to callers and comes back through them: what is not of this listing starts from the beginning. */
function decodeCursor(cursor: string, gpk: string): Item | undefined {
  try {
    const key = cursorSchema.safeParse(JSON.parse(Buffer.from(cursor, 'base64url').toString())).data;
    return key?.gpk.S === gpk ? key : undefined;
  } catch {
    return undefined;
  }
}

function encodeCursor(key: Item | undefined): string | undefined {
  return key && Buffer.from(JSON.stringify(key)).toString('base64url');
}

export function toItem(value: Record<string, unknown>): Item {
  return marshall(value, { removeUndefinedValues: true });
}

/** @throws {DamagedItem} naming the item, with the parser's error as its cause */
export function parseItem<Schema extends z.ZodType>(schema: Schema, item: Item): z.output<Schema> {
  const parsed = schema.safeParse(unmarshall(item));
  if (!parsed.success)
    throw new DamagedItem(`catalog item ${item['pk']?.S ?? '?'} is damaged`, { cause: parsed.error });
  return parsed.data;
}

const day = 86_400_000;

/** Attribute by which an item expires so many days after a moment (milliseconds since the epoch). */
export function expiring(moment: number, days: number): { [expiryAttribute]: number } {
  return {
    [expiryAttribute]: Math.ceil((moment + days * day) / 1000),
  };
}

/** Whether an item has expired: DynamoDB deletes it later. */
export function isLive(item: Item, now: number): boolean {
  return Number(item[expiryAttribute]?.N ?? Number.POSITIVE_INFINITY) * 1000 > now;
}

/** Continues a listing after an item that is known by its keys, whether it exists still or not. */
export function cursorAfter({ pk, sk, gpk, gsk }: ItemKey & { gpk: string; gsk: string }): string | undefined {
  return encodeCursor({ pk: { S: pk }, sk: { S: sk }, gpk: { S: gpk }, gsk: { S: gsk } });
}
