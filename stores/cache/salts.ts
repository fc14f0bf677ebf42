import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { type SaltRecord, saltLifetime } from '#core/visitors/salt-rules.ts';
import { cacheKeys } from './cache-keys.ts';
import { expiryAttribute } from '#schemas/tables.ts';
import { StoreUnavailable } from '../errors.ts';

/** Salts of local dates in the `cache` table. Expired ones are as good as absent, whenever the table deletes them. */
export interface Salts {
  /** Undefined when the date has no salt, or one that has expired. @throws {StoreUnavailable} */
  find: (localDate: string) => Promise<SaltRecord | undefined>;
  /** The date's salt, made now when it has none. Whoever asks at the same time gets the same one. @throws {StoreUnavailable} */
  findOrCreate: (localDate: string) => Promise<SaltRecord>;
  /** Deletes every salt that has expired; resolves with their dates. @throws {StoreUnavailable} */
  deleteExpired: () => Promise<string[]>;
}

export interface SaltsOptions {
  client: DynamoDBClient;
  table: string;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** 32 random bytes. */
  randomSalt: () => Uint8Array;
}

type Item = Record<string, AttributeValue>;

export function createSalts({ client, table, now, randomSalt }: SaltsOptions): Salts {
  function oldestAlive(): number {
    return now() - saltLifetime;
  }

  async function find(localDate: string): Promise<SaltRecord | undefined> {
    try {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: keyOf(localDate), ConsistentRead: true }),
      );
      const record = recordOf(Item);
      return record && record.createdAt > oldestAlive() ? record : undefined;
    } catch (cause) {
      throw new StoreUnavailable(`salt of ${localDate} could not be read`, { cause });
    }
  }

  /** @returns undefined when another writer was first */
  async function create(localDate: string): Promise<SaltRecord | undefined> {
    const record: SaltRecord = { localDate, secret: randomSalt(), createdAt: now() };
    try {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: {
            ...keyOf(localDate),
            salt: { B: record.secret },
            createdAt: { N: String(record.createdAt) },
            [expiryAttribute]: { N: String(Math.ceil((record.createdAt + saltLifetime) / 1000)) },
          },
          ConditionExpression: 'attribute_not_exists(pk) OR createdAt <= :oldest',
          ExpressionAttributeValues: { ':oldest': { N: String(oldestAlive()) } },
        }),
      );
      return record;
    } catch (cause) {
      if (cause instanceof ConditionalCheckFailedException) return undefined;
      throw new StoreUnavailable(`salt of ${localDate} could not be written`, { cause });
    }
  }

  async function findOrCreate(localDate: string): Promise<SaltRecord> {
    const salt = (await find(localDate)) ?? (await create(localDate)) ?? (await find(localDate));
    if (!salt) throw new StoreUnavailable(`salt of ${localDate} was written by another and is not to be found`);
    return salt;
  }

  async function remove(localDate: string): Promise<void> {
    await client.send(new DeleteItemCommand({ TableName: table, Key: keyOf(localDate) }));
  }

  async function list(): Promise<SaltRecord[]> {
    const records: SaltRecord[] = [];
    const pages = paginateQuery(
      { client },
      {
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: cacheKeys.salt('').pk } },
        ConsistentRead: true,
      },
    );
    for await (const { Items } of pages) records.push(...(Items ?? []).flatMap((item) => recordOf(item) ?? []));
    return records;
  }

  async function deleteExpired(): Promise<string[]> {
    try {
      const expired = (await list()).filter(({ createdAt }) => createdAt <= oldestAlive());
      for (const { localDate } of expired) await remove(localDate);
      return expired.map(({ localDate }) => localDate);
    } catch (cause) {
      throw new StoreUnavailable('expired salts could not be deleted', { cause });
    }
  }

  return { find, findOrCreate, deleteExpired };
}

function keyOf(localDate: string): Item {
  const { pk, sk } = cacheKeys.salt(localDate);
  return { pk: { S: pk }, sk: { S: sk } };
}

function recordOf(item: Item | undefined): SaltRecord | undefined {
  const localDate = item?.['sk']?.S;
  const secret = item?.['salt']?.B;
  const createdAt = Number(item?.['createdAt']?.N);
  return localDate && secret && Number.isFinite(createdAt) ? { localDate, secret, createdAt } : undefined;
}
