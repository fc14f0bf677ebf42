import { z } from 'zod';
import { catalogKeys, listingKeys } from './catalog-keys.ts';
import { erasureKinds } from '#schemas/lake-jobs.ts';
import { keptDays } from '#schemas/catalog.ts';
import { expiring, isLive, parseItem, toItem } from '../dynamodb/items.ts';
import { createTable, type Item, type TableOptions } from '../dynamodb/table.ts';

const exportJobSchema = z.object({
  kind: z.literal('export'),
  id: z.string(),
  page: z.string(),
  from: z.string(),
  to: z.string(),
  format: z.enum(['csv', 'parquet']),
  createdAt: z.iso.datetime(),
});
const erasureJobSchema = z.object({
  kind: z.literal('erasure'),
  id: z.string(),
  /** Which page or person is not stored. */
  subject: z.enum(erasureKinds),
  createdAt: z.iso.datetime(),
});
export type ExportJob = z.infer<typeof exportJobSchema>;
export type ErasureJob = z.infer<typeof erasureJobSchema>;

export interface LakeJobs {
  getExport: (id: string) => Promise<ExportJob | undefined>;
  getErasure: (id: string) => Promise<ErasureJob | undefined>;
  put: (job: ExportJob | ErasureJob) => Promise<void>;
  /** Returns jobs by id, which is by time, after one of them. */
  exportsAfter: (page: string, after: string | undefined, limit: number) => Promise<ExportJob[]>;
  erasuresAfter: (after: string | undefined, limit: number) => Promise<ErasureJob[]>;
}

/** Every function may throw {@link StoreUnavailable}. */
export function createLakeJobs(options: TableOptions & { now: () => number }): LakeJobs {
  const table = createTable(options);
  async function get<T>(id: string, schema: z.ZodType<T>): Promise<T | undefined> {
    const item = await table.get(catalogKeys.job(id));
    return item?.['kind']?.S === undefined || !isLive(item, options.now())
      ? undefined
      : schema.safeParse(parseItem(z.looseObject({}), item)).data;
  }
  return {
    getExport: (id) => get(id, exportJobSchema),
    getErasure: (id) => get(id, erasureJobSchema),
    put: (job) => table.put(buildItem(job)),
    exportsAfter: async (page, id, limit) => {
      const items = await table.listAll(listingKeys.exports(page));
      const live = items.filter((item) => isLive(item, options.now())).map((item) => parseItem(exportJobSchema, item));
      return live.filter((job) => id === undefined || job.id > id).slice(0, limit);
    },
    erasuresAfter: async (id, limit) => {
      const { items } = await table.list(listingKeys.erasures(), {
        limit,
        after: id === undefined ? undefined : { ...catalogKeys.job(id), ...listingKeys.erasures(id) },
      });
      return items.map((item) => parseItem(erasureJobSchema, item));
    },
  };
}

/** Erasure jobs stay for ever; an export job expires with its files. */
function buildItem(job: ExportJob | ErasureJob): Item {
  return toItem({
    ...job,
    ...catalogKeys.job(job.id),
    ...listingOf(job),
    ...(job.kind === 'export' && expiring(Date.parse(job.createdAt), keptDays.exports)),
  });
}

function listingOf(job: ExportJob | ErasureJob) {
  return job.kind === 'export' ? listingKeys.exports(job.page, job.id) : listingKeys.erasures(job.id);
}
