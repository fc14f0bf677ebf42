import { hasTagFilter, resolveTags } from '#core/metrics/tags.ts';
import type { Link } from '#schemas/catalog.ts';
import type { Metric } from '#schemas/insights/metrics.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import type { LakeMetric } from '#stores/lake/metric-queries.ts';
import { readAllLinks } from '../links/list-links.ts';

/**
 * Returns a metric as the lake computes it: its filters by tag are filters by links.
 * @param page path
 * @throws {StoreUnavailable}
 */
export async function toLakeMetric(
  { catalog }: { catalog: Pick<CatalogAdmin, 'listLinksAfter'> },
  { id, version, measures, currency }: Pick<Metric, 'id' | 'version' | 'measures' | 'currency'>,
  page: string,
): Promise<LakeMetric> {
  const metric = { id, version, measures, currency, page };
  if (!hasTagFilter(metric)) return metric;
  const links: Link[] = [];
  for await (const link of readAllLinks(catalog, page)) links.push(link);
  return resolveTags(metric, links);
}
