import { z } from 'zod';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { earlierDate } from '#core/ledger/time-range.ts';
import { computeMetric, zeroMeasures } from '#core/metrics/measures.ts';
import type { Page } from '#schemas/catalog.ts';
import type { CampaignReport } from '#schemas/api/insights/campaigns.ts';
import type { Metric } from '#schemas/insights/metrics.ts';
import type { CachedResponse, ResponseCache } from '#stores/cache/response-cache.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import type { CampaignRecord } from '#stores/catalog/campaigns.ts';
import type { SavedRecords } from '#stores/catalog/saved-records.ts';
import { metricKey, sumDays } from '#stores/lake/metric-queries.ts';
import type { LakeStats } from '#stores/lake/lake-stats.ts';
import { toLakeMetric } from '../metrics/lake-metric.ts';
import { invalidRequest } from '../problem.ts';

const sumSchema = z.object({ sum: z.number(), numbers: z.number(), ignored: z.number() });

/** Measures of the events of a campaign, as the lake says. Cached until the next hour settles. */
export const campaignSumsSchema = z.object({
  sums: z.record(z.string(), sumSchema),
  /** Settle's watermark when it was read. */
  settledThrough: z.number().nullable(),
});
export type CampaignSums = z.infer<typeof campaignSumsSchema>;

/** What reading the sums takes. */
export interface CampaignMetricDeps {
  catalog: Pick<CatalogAdmin, 'listLinksAfter'>;
  lake: Pick<LakeStats, 'metrics'>;
  campaignSums: ResponseCache<CampaignSums>;
  now: () => number;
}

export interface MetricQuestion {
  campaign: Pick<CampaignRecord, 'id' | 'label' | 'from' | 'to'>;
  page: Pick<Page, 'path' | 'timeZone'>;
  metric: Metric;
}

/** Returns everything that the sums depend on. */
export function keyOfSums({ campaign: { id, label, from, to }, page, metric }: MetricQuestion): unknown {
  return [id, label, from, to, page.path, page.timeZone, metricKey(metric), metric.currency, metric.measures];
}

/**
 * Reads the measures of a campaign's metric: one query, until the next hour settles.
 * @throws {StoreUnavailable}
 */
export function readCampaignSums(
  deps: CampaignMetricDeps,
  question: MetricQuestion,
  settledThrough: number | undefined,
): Promise<CachedResponse<CampaignSums>> {
  return deps.campaignSums({
    key: keyOfSums(question),
    isCurrent: (value) => value.settledThrough === (settledThrough ?? null),
    compute: async () => ({
      value: { sums: await querySums(deps, question), settledThrough: settledThrough ?? null },
      complete: true,
    }),
  });
}

async function querySums(
  { catalog, lake, now }: CampaignMetricDeps,
  { campaign: { label, from, to }, page, metric }: MetricQuestion,
): Promise<CampaignSums['sums']> {
  const last = earlierDate(to, localTimeOf(page.timeZone, now()).date);
  if (from > last) return zeroMeasures(metric);
  const wanted = await toLakeMetric({ catalog }, metric, page.path);
  const { days } = await lake.metrics([wanted], { from, to: last, campaign: label }, { reuse: true });
  return sumDays(days, metric) ?? zeroMeasures(metric);
}

/** Returns the metric of a campaign, which belongs to its page; undefined without one, or if it was deleted. */
export async function findMetric(
  { metrics }: { metrics: Pick<SavedRecords<Metric>, 'list'> },
  { page, metric: id }: Pick<CampaignRecord, 'page' | 'metric'>,
): Promise<Metric | undefined> {
  if (page === null || id === null) return undefined;
  return (await metrics.list(page)).find((metric) => metric.id === id);
}

/** @throws {Problem} 400 for a metric that the page of a campaign does not have */
export async function checkMetricOf(
  deps: { metrics: Pick<SavedRecords<Metric>, 'list'> },
  campaign: Pick<CampaignRecord, 'page' | 'metric'>,
): Promise<void> {
  if (campaign.metric === null || (await findMetric(deps, campaign)) !== undefined) return;
  const allowed =
    campaign.page === null
      ? 'null for a campaign of an agency, because metrics belong to pages'
      : 'the id of a metric of the page';
  throw invalidRequest([{ field: 'metric', value: campaign.metric, allowed }]);
}

/** Returns what a report shows of the metric; its value is null while it could never be read. */
export function buildCampaignMetric(metric: Metric, sums: CampaignSums | undefined): CampaignReport['metric'] {
  const { name, unit, currency, decimals } = metric;
  return { name, unit, currency, decimals, ...computeMetric(metric, sums?.sums) };
}
