import { z } from 'zod';
import { catalogKeys, listingKeys } from './catalog-keys.ts';
import { keptDays } from '#schemas/catalog.ts';
import {
  type CatalogTableOptions,
  createCatalogTable,
  cursorAfter,
  expiring,
  type Item,
  parseItem,
  toItem,
} from '../dynamodb/catalog-table.ts';

const shareRecordSchema = z.object({
  id: z.string(),
  page: z.string(),
  label: z.string(),
  /** SHA-256 of the secret, hex. */
  hash: z.string(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  revokedAt: z.iso.datetime().nullable(),
});
/** A link by which a stranger may read one page's numbers. */
export type ShareRecord = z.infer<typeof shareRecordSchema>;

export interface Shares {
  get: (id: string) => Promise<ShareRecord | undefined>;
  create: (share: ShareRecord) => Promise<void>;
  /** @returns false where it is gone */
  replace: (share: ShareRecord) => Promise<boolean>;
  /** Shares of a page by id, after one of them. */
  listAfter: (page: string, after: string | undefined, limit: number) => Promise<ShareRecord[]>;
}

/** Every function may throw {@link StoreUnavailable}. */
export function createShares(options: CatalogTableOptions): Shares {
  const table = createCatalogTable(options);
  return {
    get: async (id) => {
      const item = await table.get(catalogKeys.share(id));
      return item && parseItem(shareRecordSchema, item);
    },
    create: (share) => table.put(itemOf(share), { onlyNew: true }),
    replace: (share) => table.replace(itemOf(share)),
    listAfter: async (page, after, limit) => {
      const cursor =
        after === undefined
          ? undefined
          : cursorAfter({ ...catalogKeys.share(after), ...listingKeys.shares(page, after) });
      const { items } = await table.list(listingKeys.shares(page), { limit, after: cursor });
      return items.map((item) => parseItem(shareRecordSchema, item));
    },
  };
}

function itemOf(share: ShareRecord): Item {
  return toItem({
    ...share,
    ...catalogKeys.share(share.id),
    ...listingKeys.shares(share.page, share.id),
    ...expiring(Date.parse(share.expiresAt), keptDays.ended),
  });
}
