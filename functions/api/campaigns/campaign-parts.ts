import { z } from 'zod';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { boundCells, cellOfLink } from '#core/aggregate/link-cells.ts';
import { pickNumbers } from '#core/ledger/outcomes.ts';
import { addDays, earlierDate, lastEndedDate, laterDate } from '#core/ledger/time-range.ts';
import { type CampaignDays, type CampaignHours, sumCampaignDays, sumCampaignHours } from '#core/stats/campaign.ts';
import { countDates, type DateSpan } from '#core/stats/period.ts';
import { mostReportedLinks } from '#schemas/api/insights/campaigns.ts';
import { codeOfLinkId } from '#schemas/catalog-rules.ts';
import type { Page } from '#schemas/catalog.ts';
import { entityKeys } from '#schemas/counters.ts';
import { campaignDimensions, recordOf } from '#schemas/dimensions.ts';
import type { CampaignRecord } from '#stores/catalog/campaigns.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import type { StatsStore } from '#stores/counters/stats.ts';
import type { CachedResponse, Computed, ResponseCache } from '#stores/cache/response-cache.ts';
import { forEachConcurrently } from '#stores/dynamodb/rounds.ts';
import type { Metric } from '#schemas/insights/metrics.ts';
import { readAllLinks } from '../links/list-links.ts';
import { type CampaignMetricDeps, campaignSumsSchema, keyOfSums, readCampaignSums } from './campaign-metric.ts';
import { once } from '#core/once.ts';
import { type PartResult, readPart } from '../reports/parts.ts';

const count = z.number();
const counts = z.record(z.string(), count);

const trafficSchema = z.object({
  days: z.array(z.object({ date: z.string(), clicks: count, visitors: count.nullable() })),
  links: z.array(z.object({ id: z.string(), page: z.string(), clicks: count })),
  breakdowns: z.object(recordOf(campaignDimensions, () => z.array(z.object({ value: z.string(), clicks: count })))),
  notCounted: counts,
  conversions: counts,
  first: count.nullable(),
  last: count.nullable(),
});

export const settledCampaignSchema = z.object({
  traffic: trafficSchema,
  /** As many dates of the span before as are settled. */
  before: z.object({ clicks: count, visitors: count }),
  /** Last date that is settled on all pages; the day before the campaign if none is. */
  through: z.string(),
  /** Settle's watermark when it was read. */
  settledThrough: count.nullable(),
});
export type SettledCampaign = z.infer<typeof settledCampaignSchema>;

/** When a part was read, in milliseconds since the epoch. */
const at = z.number();

export const campaignPartsSchema = z.object({
  settled: z.object({ value: settledCampaignSchema, at }).nullable(),
  open: z.object({ value: z.object({ traffic: trafficSchema, complete: z.boolean() }), at }).nullable(),
  titles: z.object({ value: z.record(z.string(), z.string().nullable()), at }).nullable(),
  /** Null also for a campaign without a metric. */
  metric: z.object({ value: campaignSumsSchema, at }).nullable().default(null),
  errors: z.array(z.object({ part: z.string(), message: z.string() })),
});
/** The parts of a campaign's report, as they are cached. A part is null if it could never be read. */
export type CampaignParts = z.infer<typeof campaignPartsSchema>;

interface Deps extends CampaignMetricDeps {
  catalog: Pick<CatalogAdmin, 'listLinksAfter' | 'getLinks'>;
  stats: Pick<StatsStore, 'settledThrough' | 'months' | 'days' | 'hours'>;
  settledCampaigns: ResponseCache<SettledCampaign>;
  now: () => number;
}

/** A campaign, and its pages that the caller sees. */
export interface CampaignQuestion {
  campaign: Pick<CampaignRecord, 'id' | 'label' | 'from' | 'to'>;
  pages: readonly Pick<Page, 'path' | 'timeZone'>[];
  /** Of its only page. */
  metric: Metric | undefined;
}

/** Returns everything that the parts depend on. Nothing else of the campaign changes them. */
export function keyOfParts({ campaign, pages, metric }: CampaignQuestion): unknown {
  const { id, label, from, to } = campaign;
  const [page] = pages;
  const sums = metric && page && keyOfSums({ campaign, page, metric });
  return [id, label, from, to, pages.map(({ path, timeZone }) => [path, timeZone]), ...(sums ? [sums] : [])];
}

/** Reads the parts. One that fails is that of the earlier response. */
export async function readCampaignParts(
  deps: Deps,
  question: CampaignQuestion,
  earlier: () => Promise<CachedResponse<CampaignParts> | undefined>,
): Promise<Computed<CampaignParts>> {
  const old = once(earlier);
  const watermark = once(deps.stats.settledThrough);
  const [settled, open, metric] = await Promise.all([
    readPart(
      async () => readSettled(deps, question, await watermark()),
      old,
      (parts) => parts.settled,
    ),
    readPart(
      async () => ({ value: await readOpen(deps, question, await watermark()), at: deps.now() }),
      old,
      (parts) => parts.open,
    ),
    readPart(
      async () => readMetric(deps, question, await watermark()),
      old,
      (parts) => parts.metric,
    ),
  ]);
  const titles = await readPart(
    async () => ({ value: await readTitles(deps, shownLinks(settled, open)), at: deps.now() }),
    old,
    (parts) => parts.titles,
  );
  const named = { settled, open, titles, metric };
  const errors = Object.entries(named).flatMap(([part, { error }]) =>
    error === undefined ? [] : [{ part, message: error }],
  );
  const value = { settled: settled.value, open: open.value, titles: titles.value, metric: metric.value, errors };
  return { value, complete: errors.length === 0 };
}

async function readMetric(
  deps: Deps,
  { campaign, pages: [page], metric }: CampaignQuestion,
  settledThrough: number | undefined,
): Promise<CampaignParts['metric']> {
  if (metric === undefined || page === undefined) return null;
  return readCampaignSums(deps, { campaign, page, metric }, settledThrough);
}

/** Settled dates change when a settle has run: they are cached until then. */
function readSettled(
  deps: Deps,
  question: CampaignQuestion,
  settledThrough: number | undefined,
): Promise<CachedResponse<SettledCampaign>> {
  return deps.settledCampaigns({
    key: keyOfParts(question),
    isCurrent: (value) => value.settledThrough === (settledThrough ?? null),
    compute: async () => ({ value: await computeSettled(deps, question, settledThrough), complete: true }),
  });
}

const concurrentReads = 10;

async function computeSettled(
  { stats }: Deps,
  { campaign, pages }: CampaignQuestion,
  settledThrough: number | undefined,
): Promise<SettledCampaign> {
  const { label, from, to } = campaign;
  const length = countDates({ first: from, last: to });
  const spans = pages.map((page) => ({
    page,
    entity: entityKeys.campaign(page.path, label),
    closed: { first: from, last: earlierDate(to, lastSettled(page, settledThrough) ?? addDays(from, -1)) },
  }));
  const through = spans.map(({ closed }) => closed.last).toSorted()[0] ?? addDays(from, -1);
  const closedDates = countDates({ first: from, last: through });
  const before = { first: addDays(from, -length), last: addDays(from, closedDates - length - 1) };
  const months = await stats.months(
    spans.map(({ entity }) => entity),
    before.first,
    to,
  );
  const read: CampaignDays[] = [];
  // An agency has many pages, of which few have the campaign.
  const active = spans.filter(({ entity }) => (months.get(entity)?.size ?? 0) > 0);
  await forEachConcurrently(active, concurrentReads, async ({ page, entity, closed }) => {
    if (countDates(closed) === 0) return;
    read.push({ page: page.path, days: await stats.days(entity, closed.first, closed.last) });
  });
  const earlier = [...months.values()]
    .flatMap((days) => [...days])
    .filter(([date]) => date >= before.first && date <= before.last)
    .map(([, totals]) => totals);
  return {
    traffic: sumCampaignDays(read.toSorted((a, b) => (a.page < b.page ? -1 : 1))),
    before: {
      clicks: earlier.reduce((sum, { clicks }) => sum + clicks, 0),
      visitors: earlier.reduce((sum, { visitors }) => sum + visitors, 0),
    },
    through: laterDate(through, addDays(from, -1)),
    settledThrough: settledThrough ?? null,
  };
}

function lastSettled({ timeZone }: Pick<Page, 'timeZone'>, settledThrough: number | undefined): string | undefined {
  return settledThrough === undefined ? undefined : lastEndedDate(timeZone, settledThrough);
}

/** Links whose hours are read. Each costs one query. */
export const mostOpenLinks = 2_000;

interface OpenLink {
  id: string;
  page: string;
  dates: DateSpan;
  settledHour: string;
  /** The most clicks that it can have. */
  most: number;
}

/** Reads the dates that are not settled from the hours of the links that have the label now. */
async function readOpen(
  deps: Deps,
  { campaign, pages }: CampaignQuestion,
  settledThrough: number | undefined,
): Promise<NonNullable<CampaignParts['open']>['value']> {
  const found: OpenLink[] = [];
  await forEachConcurrently(pages, concurrentReads, async (page) => {
    found.push(...(await findOpenLinks(deps, campaign, page, settledThrough)));
  });
  const chosen = found.sort((a, b) => b.most - a.most || (a.id < b.id ? -1 : 1)).slice(0, mostOpenLinks);
  const read: CampaignHours[] = [];
  await forEachConcurrently(chosen, concurrentReads, async ({ id, page, dates, settledHour }) => {
    const hours = await deps.stats.hours(entityKeys.link(id), dates.first, dates.last, settledHour);
    read.push({ id, page, hours });
  });
  return { traffic: sumCampaignHours(read), complete: found.length <= mostOpenLinks };
}

/** Returns the links of a page that have the label and may have clicks on the open dates, by the page's cells. */
async function findOpenLinks(
  { catalog, stats, now }: Deps,
  { label, from, to }: CampaignQuestion['campaign'],
  page: CampaignQuestion['pages'][number],
  settledThrough: number | undefined,
): Promise<OpenLink[]> {
  const settled = lastSettled(page, settledThrough);
  const first = settled === undefined ? from : laterDate(from, addDays(settled, 1));
  const last = earlierDate(to, localTimeOf(page.timeZone, now()).date);
  if (first > last) return [];
  const settledHour =
    settledThrough === undefined
      ? ''
      : localTimeOf(page.timeZone, settledThrough).hour.slice(0, 'YYYY-MM-DDTHH'.length);
  const hours = await stats.hours(entityKeys.page(page.path), first, last, settledHour);
  const bounds = boundCells(hours.map(pickNumbers));
  if (bounds.every((bound) => bound === 0)) return [];
  const links: OpenLink[] = [];
  for await (const { id, campaign } of readAllLinks(catalog, page.path)) {
    const most = bounds[cellOfLink(id)] ?? 0;
    if (campaign === label && most > 0) links.push({ id, page: page.path, dates: { first, last }, settledHour, most });
  }
  return links;
}

/** Ids of the links that the report names. */
function shownLinks(
  settled: PartResult<NonNullable<CampaignParts['settled']>>,
  open: PartResult<NonNullable<CampaignParts['open']>>,
): string[] {
  const parts = [settled.value?.value.traffic, open.value?.value.traffic];
  return parts.flatMap((traffic) => (traffic?.links ?? []).slice(0, mostReportedLinks)).map(({ id }) => id);
}

/** Returns titles by id, of the links that exist. */
async function readTitles({ catalog }: Deps, ids: readonly string[]): Promise<Record<string, string | null>> {
  const wanted = new Set(ids);
  const links = await catalog.getLinks([...wanted].map(codeOfLinkId));
  return Object.fromEntries(links.flatMap(({ id, title }) => (wanted.has(id) ? [[id, title]] : [])));
}
