import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { z } from 'zod';
import { DamagedItem, StoreUnavailable } from '../errors.ts';
import { queryAll } from './query-all.ts';

export interface SettleTableOptions {
  client: DynamoDBClient;
  /** The catalog table. */
  table: string;
  now: () => number;
}

export type SettleTable = ReturnType<typeof createSettleTable>;

interface Key {
  pk: string;
  sk: string;
}

/** Consistent reads and conditional writes of settle's items. Throws {@link StoreUnavailable}, and refusals as they are. */
export function createSettleTable({ client, table }: SettleTableOptions) {
  async function guard<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      if (isRefused(cause)) throw cause;
      throw new StoreUnavailable(`${table} did not ${what}`, { cause });
    }
  }
  return {
    get: (key: Key) =>
      guard(`read ${key.pk} ${key.sk}`, async () => {
        const { Item } = await client.send(
          new GetItemCommand({ TableName: table, Key: marshall(key), ConsistentRead: true }),
        );
        return Item && unmarshall(Item);
      }),
    list: (pk: string) =>
      guard(`list ${pk}`, async () => {
        const items = await queryAll(client, {
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: pk } },
        });
        return items.map((item) => unmarshall(item));
      }),
    put: (
      key: Key,
      attributes: object,
      condition?: { expression: string; values: object; names?: Record<string, string> },
    ) =>
      guard(`write ${key.pk} ${key.sk}`, () =>
        client.send(
          new PutItemCommand({
            TableName: table,
            Item: marshall({ ...key, ...attributes }),
            ...(condition && {
              ConditionExpression: condition.expression,
              ExpressionAttributeValues: marshall(condition.values),
              ...(condition.names && { ExpressionAttributeNames: condition.names }),
            }),
          }),
        ),
      ),
    update: (key: Key, expression: string, values: object, names: Record<string, string>, condition?: string) =>
      guard(`update ${key.pk} ${key.sk}`, () =>
        client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: marshall(key),
            UpdateExpression: expression,
            ExpressionAttributeValues: marshall(values),
            ExpressionAttributeNames: names,
            ...(condition && { ConditionExpression: condition }),
          }),
        ),
      ),
    remove: (key: Key) =>
      guard(`delete ${key.pk} ${key.sk}`, () =>
        client.send(new DeleteItemCommand({ TableName: table, Key: marshall(key) })),
      ),
  };
}

/** A condition did not hold: somebody was faster. */
export function isRefused(error: unknown): boolean {
  return error instanceof ConditionalCheckFailedException;
}

export function parseItem<T>(schema: z.ZodType<T>, item: unknown, key: Key): T {
  const parsed = schema.safeParse(item);
  if (!parsed.success)
    throw new DamagedItem(`${key.pk} ${key.sk}: ${z.prettifyError(parsed.error)}`, { cause: parsed.error });
  return parsed.data;
}
