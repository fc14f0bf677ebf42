import { isCounted } from '#core/metrics/measures.ts';
import { hasTagFilter, resolveTags } from '#core/metrics/tags.ts';
import type { Link } from '#schemas/catalog.ts';
import { type Metric, metricSchema } from '#schemas/insights/metrics.ts';
import { catalogPartitions } from '#schemas/tables.ts';
import type { LakeMetric } from '../lake/metric-queries.ts';
import { listingKeys } from './catalog-keys.ts';
import { parseLinkItem } from './link-codes.ts';
import { parseItem } from '../dynamodb/items.ts';
import { createTable, keyOf, type TableOptions } from '../dynamodb/table.ts';

/** A metric, and the path of its page. */
export type PageMetric = Metric & { page: string };

/**
 * Returns a function that lists the metrics of all pages that counters do not hold, with the links that have the tags of their
 * filters. It may throw {@link StoreUnavailable}.
 */
export function createMetricList(options: TableOptions): () => Promise<LakeMetric[]> {
  const list = createPageMetricList(options);
  const table = createTable(options);
  async function readLinks(path: string): Promise<Link[]> {
    return (await table.listAll(listingKeys.linksOfPage(path))).map(parseLinkItem);
  }
  return async () => {
    const metrics = (await list()).filter((metric) => !isCounted(metric));
    const tagged = new Set(metrics.filter(hasTagFilter).map(({ page }) => page));
    const links = new Map<string, Link[]>();
    for (const page of tagged) links.set(page, await readLinks(page));
    return metrics.map((metric) => (hasTagFilter(metric) ? resolveTags(metric, links.get(metric.page) ?? []) : metric));
  };
}

/** Returns a function that lists the metrics of all pages. It may throw {@link StoreUnavailable}. */
export function createPageMetricList(options: TableOptions): () => Promise<PageMetric[]> {
  const table = createTable(options);
  return async () => {
    const items = await table.listAll(listingKeys.metrics());
    return items.map((item) => ({
      ...parseItem(metricSchema, item),
      page: keyOf(item).pk.slice(catalogPartitions.saved.length),
    }));
  };
}
