import type { Page } from '#schemas/catalog.ts';
import type { CatalogReader } from './catalog-reader.ts';
import { createLookupCache, type LookupCache } from '../cache/lookup-cache.ts';

/** Settings of pages as enrich, collect and receipts need them. */
export type Pages = LookupCache<Page>;

const day = 86_400_000;

/**
 * Page settings, read from the catalog at most once a minute each. While the catalog fails, the last known settings
 * serve for a day: a batch counted by yesterday's time zone is better than one not counted.
 */
export function createPages({ catalog, now }: { catalog: Pick<CatalogReader, 'page'>; now: () => number }): Pages {
  return createLookupCache<Page>({ load: catalog.page, now, fresh: 60_000, stale: day });
}
