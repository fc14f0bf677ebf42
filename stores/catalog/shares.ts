import { z } from 'zod';
import { shareExtras } from '#schemas/api/shares.ts';
import { catalogKeys, listingKeys } from './catalog-keys.ts';
import { keptDays } from '#schemas/catalog.ts';
import { expiring, parseItem, toItem } from '../dynamodb/items.ts';
import { createTable, exists, isNew, type Item, type TableOptions } from '../dynamodb/table.ts';
import { AlreadyExists } from '../errors.ts';
import { isUnchanged } from './link-codes.ts';

const shareRecordSchema = z.object({
  id: z.string(),
  page: z.string(),
  label: z.string(),
  /** SHA-256 of the secret, hex. */
  hash: z.string(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  revokedAt: z.iso.datetime().nullable(),
  extras: z.array(z.enum(shareExtras)).default([]),
  /** Ids of the custom metrics that it shows. */
  metrics: z.array(z.string()).default([]),
  /** Of `core/links/link-password.ts`; null without a password. */
  passwordHash: z.string().nullable().default(null),
  /** Sites that may show the share in a frame. */
  embedOrigins: z.array(z.string()).default([]),
  /** Absent until it is changed for the first time. */
  updatedAt: z.iso.datetime().exactOptional(),
});
/** A link by which anyone who has it may read one page's statistics. */
export type ShareRecord = z.infer<typeof shareRecordSchema>;

export interface Shares {
  get: (id: string) => Promise<ShareRecord | undefined>;
  create: (share: ShareRecord) => Promise<void>;
  /** Returns false if the stored share is no longer `previous`. */
  replace: (share: ShareRecord, previous: ShareRecord) => Promise<boolean>;
  /** Returns shares of a page by id, after one of them. */
  listAfter: (page: string, after: string | undefined, limit: number) => Promise<ShareRecord[]>;
}

/** Every function may throw {@link StoreUnavailable}. */
export function createShares(options: TableOptions): Shares {
  const table = createTable(options);
  return {
    get: async (id) => {
      const item = await table.get(catalogKeys.share(id));
      return item && parseItem(shareRecordSchema, item);
    },
    create: async (share) => {
      if (!(await table.putIf(buildItem(share), isNew))) throw new AlreadyExists(`share ${share.id} exists already`);
    },
    replace: (share, { updatedAt }) =>
      table.putIf(buildItem(share), updatedAt === undefined ? neverChanged : isUnchanged({ updatedAt })),
    listAfter: async (page, after, limit) => {
      const { items } = await table.list(listingKeys.shares(page), {
        limit,
        after: after === undefined ? undefined : { ...catalogKeys.share(after), ...listingKeys.shares(page, after) },
      });
      return items.map((item) => parseItem(shareRecordSchema, item));
    },
  };
}

const neverChanged = { expression: `${exists.expression} AND attribute_not_exists(#updatedAt)` };

function buildItem(share: ShareRecord): Item {
  return toItem({
    ...share,
    ...catalogKeys.share(share.id),
    ...listingKeys.shares(share.page, share.id),
    ...expiring(Date.parse(share.expiresAt), keptDays.ended),
  });
}
