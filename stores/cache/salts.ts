import { type SaltRecord, saltLifetime } from '#core/visitors/salt-rules.ts';
import { cacheKeys } from './cache-keys.ts';
import { expiryAttribute } from '#schemas/tables.ts';
import { toItem } from '../dynamodb/items.ts';
import { createTable, type Item, type TableOptions } from '../dynamodb/table.ts';
import { StoreUnavailable } from '../errors.ts';

/** Salts of local dates in the `cache` table. An expired salt counts as absent, even before the table deletes it. */
export interface Salts {
  /** Returns undefined when the date has no salt, or an expired one. @throws {StoreUnavailable} */
  find: (localDate: string) => Promise<SaltRecord | undefined>;
  /** Returns the date's salt, and creates it if there is none. Concurrent callers get the same one. @throws {StoreUnavailable} */
  findOrCreate: (localDate: string) => Promise<SaltRecord>;
  /** Deletes every expired salt, and returns their dates. @throws {StoreUnavailable} */
  deleteExpired: () => Promise<string[]>;
}

export interface SaltsOptions extends TableOptions {
  /** Milliseconds since the epoch. */
  now: () => number;
  /** 32 random bytes. */
  randomSalt: () => Uint8Array;
}

export function createSalts(options: SaltsOptions): Salts {
  const { now, randomSalt } = options;
  const table = createTable(options);
  function oldestAlive(): number {
    return now() - saltLifetime;
  }

  async function find(localDate: string): Promise<SaltRecord | undefined> {
    const item = await table.get(cacheKeys.salt(localDate));
    const record = item && parseRecord(item);
    return record && record.createdAt > oldestAlive() ? record : undefined;
  }

  /** Returns undefined when another writer was faster. */
  async function create(localDate: string): Promise<SaltRecord | undefined> {
    const record: SaltRecord = { localDate, secret: randomSalt(), createdAt: now() };
    const { secret: salt, createdAt } = record;
    const expires = { [expiryAttribute]: Math.ceil((createdAt + saltLifetime) / 1000) };
    const created = await table.putIf(toItem({ ...cacheKeys.salt(localDate), salt, createdAt, ...expires }), {
      expression: 'attribute_not_exists(#pk) OR #createdAt <= :oldest',
      values: { oldest: oldestAlive() },
    });
    return created ? record : undefined;
  }

  return {
    find,
    findOrCreate: async (localDate) => {
      const salt = (await find(localDate)) ?? (await create(localDate)) ?? (await find(localDate));
      if (!salt) throw new StoreUnavailable(`another writer created the salt of ${localDate}, but it cannot be read`);
      return salt;
    },
    deleteExpired: async () => {
      const records = (await table.query({ pk: cacheKeys.salt('').pk })).flatMap((item) => parseRecord(item) ?? []);
      const expired = records.filter(({ createdAt }) => createdAt <= oldestAlive()).map(({ localDate }) => localDate);
      for (const localDate of expired) await table.delete(cacheKeys.salt(localDate));
      return expired;
    },
  };
}

function parseRecord(item: Item): SaltRecord | undefined {
  const localDate = item['sk']?.S;
  const secret = item['salt']?.B;
  const createdAt = Number(item['createdAt']?.N);
  return localDate && secret && Number.isFinite(createdAt) ? { localDate, secret, createdAt } : undefined;
}
