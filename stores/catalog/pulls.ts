import { z } from 'zod';
import { type PullJob, pullJobSchema, pullLimits } from '#schemas/history/pull.ts';
import { dayLength, hourLength } from '#core/time.ts';
import { expiring, isLive, parseItem, toItem } from '../dynamodb/items.ts';
import { createTable, type TableOptions } from '../dynamodb/table.ts';
import { createVersionedJobs, type VersionedJobs } from '../dynamodb/versioned-jobs.ts';
import { catalogKeys, listingKeys } from './catalog-keys.ts';

/** What a run or a user may change of a pull. */
export type PullChange = Partial<
  Pick<
    PullJob,
    'state' | 'dryRun' | 'reason' | 'wakeAt' | 'progress' | 'isPulled' | 'parts' | 'imported' | 'isImported'
  >
>;

export interface Pulls extends VersionedJobs<PullJob, PullChange> {
  delete: (id: string) => Promise<void>;
  /** Keeps a sealed token for a day. */
  putToken: (id: string, sealed: string) => Promise<void>;
  /** Undefined once it is deleted, or a day old. */
  token: (id: string) => Promise<string | undefined>;
  deleteToken: (id: string) => Promise<void>;
  /** Ids of pulls with a token, or one that has expired and is not deleted yet. The others ask nothing. */
  active: () => Promise<string[]>;
}

const tokenSchema = z.object({ id: z.string(), sealed: z.string() });

/** Pulls and their tokens in the catalog. Every function may throw {@link StoreUnavailable}. */
export function createPulls(options: TableOptions & { now: () => number }): Pulls {
  const table = createTable(options);
  return {
    ...createVersionedJobs<PullJob, PullChange>({
      table,
      schema: pullJobSchema,
      kind: 'pull',
      keyOf: catalogKeys.job,
      listing: listingKeys.pulls,
      now: options.now,
    }),
    delete: (id) => table.delete(catalogKeys.job(id)),
    putToken: (id, sealed) => {
      const keys = { ...catalogKeys.pullToken(id), ...listingKeys.pullTokens(id) };
      return table.put(toItem({ id, sealed, ...keys, ...expiring(options.now(), tokenDays) }));
    },
    token: async (id) => {
      const item = await table.get(catalogKeys.pullToken(id));
      return item && isLive(item, options.now()) ? parseItem(tokenSchema, item).sealed : undefined;
    },
    deleteToken: (id) => table.delete(catalogKeys.pullToken(id)),
    active: async () => {
      const items = await table.listAll(listingKeys.pullTokens());
      return items.map((item) => parseItem(tokenSchema, item).id);
    },
  };
}

const tokenDays = (pullLimits.tokenHours * hourLength) / dayLength;
