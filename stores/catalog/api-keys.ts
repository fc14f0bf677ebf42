import { z } from 'zod';
import { catalogKeys, listingKeys } from './catalog-keys.ts';
import { keyScopes } from '#schemas/api/users.ts';
import { parseItem, toItem } from '../dynamodb/items.ts';
import { createTable, exists, isNew, type Item, type TableOptions } from '../dynamodb/table.ts';
import { AlreadyExists } from '../errors.ts';

const apiKeySchema = z.object({
  id: z.string(),
  /** The owner: the key may do what they may, within its scopes. */
  subject: z.string(),
  label: z.string(),
  scopes: z.array(z.enum(keyScopes)),
  /** SHA-256 of the secret, hex. The secret has 256 random bits, so no slow hash is needed. */
  hash: z.string(),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
});
export type ApiKeyRecord = z.infer<typeof apiKeySchema>;

export interface ApiKeys {
  get: (id: string) => Promise<ApiKeyRecord | undefined>;
  create: (key: ApiKeyRecord) => Promise<void>;
  /** Stores when the key was last used. A key that was revoked meanwhile stays revoked. */
  touch: (key: ApiKeyRecord) => Promise<void>;
  remove: (id: string) => Promise<void>;
  /** Returns keys of a user by id, after one of them. */
  listAfter: (subject: string, after: string | undefined, limit: number) => Promise<ApiKeyRecord[]>;
}

/** Every function may throw {@link StoreUnavailable}. */
export function createApiKeys(options: TableOptions): ApiKeys {
  const table = createTable(options);
  return {
    get: async (id) => {
      const item = await table.get(catalogKeys.apiKey(id));
      return item && parseItem(apiKeySchema, item);
    },
    create: async (key) => {
      if (!(await table.putIf(buildItem(key), isNew))) throw new AlreadyExists(`API key ${key.id} exists already`);
    },
    touch: async (key) => {
      await table.putIf(buildItem(key), exists);
    },
    remove: (id) => table.delete(catalogKeys.apiKey(id)),
    listAfter: async (subject, after, limit) => {
      const { items } = await table.list(listingKeys.apiKeys(subject), {
        limit,
        after:
          after === undefined ? undefined : { ...catalogKeys.apiKey(after), ...listingKeys.apiKeys(subject, after) },
      });
      return items.map((item) => parseItem(apiKeySchema, item));
    },
  };
}

function buildItem(key: ApiKeyRecord): Item {
  return toItem({ ...key, ...catalogKeys.apiKey(key.id), ...listingKeys.apiKeys(key.subject, key.id) });
}
