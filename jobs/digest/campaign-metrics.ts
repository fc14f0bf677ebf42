import { earlierDate } from '#core/ledger/time-range.ts';
import { computeMetric } from '#core/metrics/measures.ts';
import { hasTagFilter, resolveTags } from '#core/metrics/tags.ts';
import type { SummaryPeriod } from '#core/summaries/periods.ts';
import { type RunCounts, skip } from '#jobs/alert-run.ts';
import type { Link, Page } from '#schemas/catalog.ts';
import type { Metric } from '#schemas/insights/metrics.ts';
import { type SummaryCampaignMetric, summaryLimits } from '#schemas/mails/summary-parts.ts';
import type { CampaignRecord } from '#stores/catalog/campaigns.ts';
import { QueryFailed } from '#stores/lake/errors.ts';
import { type LakeMetric, sumDays } from '#stores/lake/metric-queries.ts';
import type { DigestDeps } from './deps.ts';

/**
 * Returns the metric of each campaign of the page that ran in the period, from its first date to the end of the period: those that
 * began last. One that the lake does not compute is left out.
 * @throws {StoreUnavailable}
 */
export async function readCampaignMetrics(
  deps: DigestDeps,
  page: Page,
  period: SummaryPeriod,
  counts: RunCounts,
): Promise<SummaryCampaignMetric[]> {
  const running = (await deps.campaigns.list(page.path))
    .filter(({ metric, from, to }) => metric !== null && from <= period.last && to >= period.first)
    .toSorted((a, b) => (a.from < b.from ? 1 : -1));
  if (running.length === 0) return [];
  const metrics = await deps.metrics.list(page.path);
  const found: SummaryCampaignMetric[] = [];
  for (const campaign of running.slice(0, summaryLimits.campaigns)) {
    const metric = metrics.find(({ id }) => id === campaign.metric);
    const value = metric && (await compute(deps, { page, campaign, metric, last: period.last }, counts));
    if (metric === undefined || value === undefined) continue;
    const { name, unit, currency, decimals } = metric;
    found.push({ campaign: campaign.name, metric: { name, unit, currency, decimals }, value });
  }
  return found;
}

interface Question {
  page: Page;
  campaign: CampaignRecord;
  metric: Metric;
  /** Last date of the period. */
  last: string;
}

async function compute(
  deps: DigestDeps,
  { page, campaign, metric, last }: Question,
  counts: RunCounts,
): Promise<number | null | undefined> {
  const range = { from: campaign.from, to: earlierDate(campaign.to, last), campaign: campaign.label };
  try {
    const { days, dollars } = await deps.readMeasures([await toLakeMetric(deps, page, metric)], range);
    counts.queries += 1;
    counts.dollars += dollars;
    return computeMetric(metric, sumDays(days, metric)).value;
  } catch (error) {
    if (!(error instanceof QueryFailed)) throw error;
    skip(counts, 'campaign-metric: query-failed');
    return undefined;
  }
}

async function toLakeMetric({ listLinksOfPage }: DigestDeps, { path }: Page, metric: Metric): Promise<LakeMetric> {
  const lakeMetric = { ...metric, page: path };
  if (!hasTagFilter(metric)) return lakeMetric;
  const links: Link[] = [];
  let after: string | undefined;
  do {
    const { rows, next } = await listLinksOfPage(path, { after });
    links.push(...rows);
    after = next;
  } while (after !== undefined);
  return resolveTags(lakeMetric, links);
}
