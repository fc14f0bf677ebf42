import type { z } from 'zod';
import { parseItem, toItem } from './items.ts';
import { isTransactionConflict, retryWhile } from './retry.ts';
import { isNew, type ItemKey, type ListingKey, type Table, type Write } from './table.ts';

/** Jobs of pages that several runs may want to change: of two changes of one version, one is written. */
export interface VersionedJobs<Job, Change> {
  get: (id: string) => Promise<Job | undefined>;
  create: (job: Job) => Promise<boolean>;
  /** Writes a change of the job as it was read. Returns the new job; undefined if it was changed or deleted meanwhile. */
  change: (job: Job, change: Change) => Promise<Job | undefined>;
  /** Returns jobs of a page by id, which is by time, after one of them. */
  after: (page: string, id: string | undefined, limit: number) => Promise<Job[]>;
  /** Returns a change and its write, for a transaction. */
  plan: (job: Job, change: Change) => { next: Job; write: Extract<Write, { kind: 'put' }> };
}

type StoredJob = {
  kind: string;
  id: string;
  page: string;
  /** Milliseconds since the epoch of the last change. */
  movedAt: number;
  version: number;
};

interface Options<Job extends StoredJob> {
  table: Table;
  schema: z.ZodType<Job>;
  /** Other jobs have the same keys. */
  kind: Job['kind'];
  keyOf: (id: string) => ItemKey;
  listing: (page: string, id?: string) => ListingKey;
  now: () => number;
}

/** Every function may throw {@link StoreUnavailable}. */
export function createVersionedJobs<Job extends StoredJob, Change extends Partial<Job>>({
  table,
  schema,
  kind,
  keyOf,
  listing,
  now,
}: Options<Job>): VersionedJobs<Job, Change> {
  function placeOf({ page, id }: { page: string; id: string }) {
    return { ...keyOf(id), ...listing(page, id) };
  }
  function plan(job: Job, change: Change) {
    const next = { ...job, ...change, version: job.version + 1, movedAt: now() };
    const condition = { expression: '#version = :version', values: { version: job.version } };
    return { next, write: { kind: 'put' as const, item: toItem({ ...next, ...placeOf(next) }), condition } };
  }
  return {
    get: async (id) => {
      const item = await table.get(keyOf(id));
      return item?.['kind']?.S === kind ? parseItem(schema, item) : undefined;
    },
    create: (job) => table.putIf(toItem({ ...job, ...placeOf(job) }), isNew),
    change: async (job, change) => {
      const { next, write } = plan(job, change);
      // An import writes counts in transactions that check it: a change comes between two of them.
      const isWritten = await retryWhile(isTransactionConflict, `change of job ${job.id}`, () =>
        table.putIf(write.item, write.condition),
      );
      return isWritten ? next : undefined;
    },
    after: async (page, id, limit) => {
      const { items } = await table.list(listing(page), {
        limit,
        after: id === undefined ? undefined : placeOf({ page, id }),
      });
      return items.map((item) => parseItem(schema, item));
    },
    plan,
  };
}
