import { z } from 'zod';
import type { TableModel } from '../template/model.ts';
import { localArn } from '../template/names.ts';
import type { Call } from './policy.ts';

type Attributes = Readonly<Record<string, unknown>>;

/**
 * Returns the calls of a DynamoDB request, with the partition keys of its items as `dynamodb:LeadingKeys`.
 *
 * AWS does not say whether it evaluates an item of a transaction with its own key or with those of the whole
 * transaction, so both must be allowed.
 */
export function readTableCalls(operation: string, body: string, tables: readonly TableModel[]): Call[] {
  const input = inputSchema.parse(JSON.parse(body));
  const { TableName: table } = input;
  switch (operation) {
    case 'TransactWriteItems':
      return transactionCalls(input, tables);
    case 'BatchGetItem':
      return batches(input).map(([name, { Keys = [] }]) =>
        tableCall(operation, name, keysOf(Keys, partitionOf(tables, name))),
      );
    case 'BatchWriteItem':
      return batches(input).map(([name, { writes = [] }]) =>
        tableCall(operation, name, keysOf(writes, partitionOf(tables, name))),
      );
    case 'Query':
      return table === undefined ? [] : [queryCall(table, input, tables)];
    default: {
      if (table === undefined) return [];
      const item = input.Key ?? input.Item;
      return [tableCall(operation, table, item === undefined ? [] : keysOf([item], partitionOf(tables, table)))];
    }
  }
}

const attributes = z.record(z.string(), z.unknown());
const write = z.object({ TableName: z.string(), Key: attributes.optional(), Item: attributes.optional() });
const batchWrite = z
  .object({
    PutRequest: z.object({ Item: attributes }).optional(),
    DeleteRequest: z.object({ Key: attributes }).optional(),
  })
  .transform(({ PutRequest, DeleteRequest }) => PutRequest?.Item ?? DeleteRequest?.Key ?? {});

const inputSchema = z.object({
  TableName: z.string().optional(),
  IndexName: z.string().optional(),
  Key: attributes.optional(),
  Item: attributes.optional(),
  KeyConditionExpression: z.string().default(''),
  ExpressionAttributeNames: z.record(z.string(), z.string()).default({}),
  ExpressionAttributeValues: attributes.default({}),
  RequestItems: z
    .record(
      z.string(),
      z.union([
        z.array(batchWrite).transform((writes): Batch => ({ writes })),
        z.object({ Keys: z.array(attributes) }).transform(({ Keys }): Batch => ({ Keys })),
      ]),
    )
    .default({}),
  TransactItems: z.array(z.record(z.string(), write)).default([]),
});
type Input = z.infer<typeof inputSchema>;
interface Batch {
  Keys?: Attributes[];
  writes?: Attributes[];
}

/** Actions by the member of a transaction's item. */
const transactActions: Readonly<Record<string, string>> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
};

function transactionCalls({ TransactItems }: Input, tables: readonly TableModel[]): Call[] {
  const items = TransactItems.flatMap((item) =>
    Object.entries(item).map(([kind, { TableName, Key, Item }]) => ({
      action: transactActions[kind] ?? kind,
      table: TableName,
      keys: keysOf([Key ?? Item ?? {}], partitionOf(tables, TableName)),
    })),
  );
  const all = [...new Set(items.flatMap(({ keys }) => keys))];
  // Each once: a transaction of 100 counters is 100 items, but few actions on few tables.
  const calls = new Map<string, Call>();
  for (const { action, table, keys } of items) {
    calls.set(`${action} ${table} ${keys.join()}`, tableCall(action, table, keys));
    calls.set(`${action} ${table}`, tableCall(action, table, all));
  }
  return [...calls.values()];
}

function batches({ RequestItems }: Input): [table: string, batch: Batch][] {
  return Object.entries(RequestItems);
}

function queryCall(table: string, input: Input, tables: readonly TableModel[]): Call {
  const { IndexName: index, ExpressionAttributeNames: names, ExpressionAttributeValues: values } = input;
  const partition = partitionOf(tables, table, index);
  const equals = [...input.KeyConditionExpression.matchAll(/([#\w]+)\s*=\s*(:\w+)/g)];
  const keys = equals
    .filter(([, name = '']) => (names[name] ?? name) === partition)
    .map(([, , value = '']) => textOf(values[value]));
  return tableCall('Query', index === undefined ? table : `${table}/index/${index}`, keys);
}

function tableCall(operation: string, table: string, keys: readonly string[]): Call {
  return {
    action: `dynamodb:${operation}`,
    resource: localArn('dynamodb', `table/${table}`),
    context: { 'dynamodb:leadingkeys': keys },
  };
}

function partitionOf(tables: readonly TableModel[], table: string, index?: string): string {
  const model = tables.find(({ name }) => name === table);
  const keys =
    index === undefined ? model?.keySchema : model?.indexes.find((each) => each.IndexName === index)?.KeySchema;
  return keys?.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName ?? '';
}

function keysOf(items: readonly Attributes[], partition: string): string[] {
  return [...new Set(items.map((item) => textOf(item[partition])))];
}

/** Returns the text of `{ "S": "page#a" }`, or of a number. */
function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? String(Object.values(value)[0]) : '';
}
