import { z } from 'zod';
import { catalogKeys, listingKeys } from './catalog-keys.ts';
import { keyScopes } from '#schemas/api/users.ts';
import {
  type CatalogTableOptions,
  createCatalogTable,
  cursorAfter,
  type Item,
  parseItem,
  toItem,
} from '../dynamodb/catalog-table.ts';

const apiKeySchema = z.object({
  id: z.string(),
  /** Whose key it is: it may what they may, within its scopes. */
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
  /** Keeps when it was used last; a key that was revoked meanwhile stays revoked. */
  touch: (key: ApiKeyRecord) => Promise<void>;
  remove: (id: string) => Promise<void>;
  /** Keys of a user by id, after one of them. */
  listAfter: (subject: string, after: string | undefined, limit: number) => Promise<ApiKeyRecord[]>;
}

/** Every function may throw {@link StoreUnavailable}. */
export function createApiKeys(options: CatalogTableOptions): ApiKeys {
  const table = createCatalogTable(options);
  return {
    get: async (id) => {
      const item = await table.get(catalogKeys.apiKey(id));
      return item && parseItem(apiKeySchema, item);
    },
    create: (key) => table.put(itemOf(key), { onlyNew: true }),
    touch: async (key) => {
      await table.replace(itemOf(key));
    },
    remove: (id) => table.remove(catalogKeys.apiKey(id)),
    listAfter: async (subject, after, limit) => {
      const cursor =
        after === undefined
          ? undefined
          : cursorAfter({ ...catalogKeys.apiKey(after), ...listingKeys.apiKeys(subject, after) });
      const { items } = await table.list(listingKeys.apiKeys(subject), { limit, after: cursor });
      return items.map((item) => parseItem(apiKeySchema, item));
    },
  };
}

function itemOf(key: ApiKeyRecord): Item {
  return toItem({ ...key, ...catalogKeys.apiKey(key.id), ...listingKeys.apiKeys(key.subject, key.id) });
}
