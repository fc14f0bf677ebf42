import { z } from 'zod';
import { catalogKeys, listingKeys } from './catalog-keys.ts';
import { keptDays } from '#schemas/catalog.ts';
import {
  type CatalogTableOptions,
  createCatalogTable,
  cursorAfter,
  expiring,
  isLive,
  type Item,
  parseItem,
  toItem,
} from '../dynamodb/catalog-table.ts';

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
  /** Whom it is about is not kept. */
  subject: z.enum(['page', 'visitor', 'consented']),
  createdAt: z.iso.datetime(),
});
export type ExportJob = z.infer<typeof exportJobSchema>;
export type ErasureJob = z.infer<typeof erasureJobSchema>;

export interface LakeJobs {
  getExport: (id: string) => Promise<ExportJob | undefined>;
  getErasure: (id: string) => Promise<ErasureJob | undefined>;
  put: (job: ExportJob | ErasureJob) => Promise<void>;
  /** Jobs by id, which is by time, after one of them. */
  exportsAfter: (page: string, after: string | undefined, limit: number) => Promise<ExportJob[]>;
  erasuresAfter: (after: string | undefined, limit: number) => Promise<ErasureJob[]>;
}

/** Every function may throw {@link StoreUnavailable}. */
export function createLakeJobs(options: CatalogTableOptions & { now: () => number }): LakeJobs {
  const table = createCatalogTable(options);
  function after(id: string | undefined, listing: { gpk: string; gsk: string }) {
    return id === undefined ? undefined : cursorAfter({ ...catalogKeys.job(id), ...listing });
  }
  async function get<T>(id: string, schema: z.ZodType<T>): Promise<T | undefined> {
    const item = await table.get(catalogKeys.job(id));
    // Of another kind: no such job here.
    return item?.['kind']?.S === undefined || !isLive(item, options.now())
      ? undefined
      : schema.safeParse(parseItem(z.looseObject({}), item)).data;
  }
  return {
    getExport: (id) => get(id, exportJobSchema),
    getErasure: (id) => get(id, erasureJobSchema),
    put: (job) => table.put(itemOf(job)),
    exportsAfter: async (page, id, limit) => {
      const items = await table.listAll(listingKeys.exports(page));
      const live = items.filter((item) => isLive(item, options.now())).map((item) => parseItem(exportJobSchema, item));
      return live.filter((job) => id === undefined || job.id > id).slice(0, limit);
    },
    erasuresAfter: async (id, limit) => {
      const { items } = await table.list(listingKeys.erasures(), { limit, after: after(id, listingKeys.erasures(id)) });
      return items.map((item) => parseItem(erasureJobSchema, item));
    },
  };
}

/** That something was erased is kept for good; an export goes with its files. */
function itemOf(job: ExportJob | ErasureJob): Item {
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
