import { listingKeys } from './catalog-keys.ts';
import { createTable, type TableOptions } from '../dynamodb/table.ts';

/** Returns a function that lists the IANA zones of all pages, each once. It may throw {@link StoreUnavailable}. */
export function createZones(options: TableOptions): () => Promise<string[]> {
  const table = createTable(options);
  return async () => {
    const pages = await table.listAll(listingKeys.pages());
    return [...new Set(pages.flatMap(({ timeZone }) => timeZone?.S ?? []))].sort();
  };
}
