import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { cacheKeys } from '#stores/cache/cache-keys.ts';
import { expiryAttribute } from '#schemas/tables.ts';

export type RecoveredEvents = ReturnType<typeof createRecoveredEvents>;

type Item = Record<string, AttributeValue>;

/** Remembers in the `cache` table which events were sent. */
export function createRecoveredEvents({ client, table }: { client: DynamoDBClient; table: string }) {
  return {
    /** Returns the ids that an earlier run has sent. */
    known: async (ids: readonly string[]): Promise<Set<string>> => {
      const byKey = new Map(ids.map((id) => [cacheKeys.recovered(id).pk, id]));
      const found = new Set<string>();
      for (const some of chunks(ids, 100)) {
        let keys: Item[] = some.map(toKey);
        while (keys.length > 0) {
          const { Responses, UnprocessedKeys } = await client.send(
            new BatchGetItemCommand({ RequestItems: { [table]: { Keys: keys, ConsistentRead: true } } }),
          );
          for (const { pk } of Responses?.[table] ?? []) found.add(byKey.get(pk?.S ?? '') ?? '');
          keys = UnprocessedKeys?.[table]?.Keys ?? [];
        }
      }
      return found;
    },

    remember: async (ids: readonly string[], now: number): Promise<void> => {
      const expires = { N: String(Math.floor(now / 1000) + daysRemembered * 86_400) };
      for (const some of chunks(ids, 25)) {
        let requests = some.map((id) => ({
          PutRequest: { Item: { ...toKey(id), [expiryAttribute]: expires } as Item },
        }));
        while (requests.length > 0) {
          const { UnprocessedItems } = await client.send(
            new BatchWriteItemCommand({ RequestItems: { [table]: requests } }),
          );
          requests = (UnprocessedItems?.[table] ?? []).flatMap(({ PutRequest }) =>
            PutRequest?.Item ? [{ PutRequest: { Item: PutRequest.Item } }] : [],
          );
        }
      }
    },
  };
}

/** One day longer than the retention of the log. */
const daysRemembered = 8;

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );
}

function toKey(id: string): Item {
  const { pk, sk } = cacheKeys.recovered(id);
  return { pk: { S: pk }, sk: { S: sk } };
}
