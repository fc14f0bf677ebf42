import type { z } from 'zod';
import { catalogKeys, listingKeys } from './catalog-keys.ts';
import { parseItem, toItem } from '../dynamodb/items.ts';
import { createTable, exists, type TableOptions } from '../dynamodb/table.ts';

export interface SavedRecordsOptions<T> extends TableOptions {
  kind: 'annotation' | 'segment' | 'funnel' | 'channel' | 'metric';
  schema: z.ZodType<T>;
}

/** Records of one kind that people save about a page, or channels of an agency, by {@link agencyOwner}. */
export interface SavedRecords<T> {
  /** Returns all of a page, by id. */
  list: (page: string) => Promise<T[]>;
  put: (page: string, record: T) => Promise<void>;
  /** Returns false if it does not exist. */
  replace: (page: string, record: T) => Promise<boolean>;
  /** Returns false if it does not exist. */
  remove: (page: string, id: string) => Promise<boolean>;
}

/** Every function may throw {@link StoreUnavailable}. */
export function createSavedRecords<T extends { id: string }>(options: SavedRecordsOptions<T>): SavedRecords<T> {
  const { kind, schema } = options;
  const table = createTable(options);
  function itemOf(page: string, record: T) {
    const listed = kind === 'metric' ? listingKeys.metrics(page, record.id) : {};
    return toItem({ ...record, ...catalogKeys.saved(page, kind, record.id), ...listed });
  }
  return {
    list: async (page) => {
      const { pk, sk } = catalogKeys.saved(page, kind, '');
      return (await table.query({ pk, prefix: sk })).map((item) => parseItem(schema, item));
    },
    put: (page, record) => table.put(itemOf(page, record)),
    replace: (page, record) => table.putIf(itemOf(page, record), exists),
    remove: (page, id) => table.deleteIf(catalogKeys.saved(page, kind, id), exists),
  };
}
