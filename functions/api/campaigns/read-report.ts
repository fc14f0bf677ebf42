import { localTimeOf } from '#core/enrich/local-time.ts';
import { addDays, localDateOf, startOfDate } from '#core/ledger/time-range.ts';
import {
  addTraffic,
  type CampaignTraffic,
  costPerClick,
  countClicks,
  evenPaceOf,
  shareOfBots,
  sumCampaignHours,
} from '#core/stats/campaign.ts';
import { buildConversions } from '#core/stats/conversions.ts';
import { countDates } from '#core/stats/period.ts';
import { conversionAttribute } from '#schemas/counters.ts';
import { type CampaignReport, mostReportedLinks, type PublicCampaign } from '#schemas/api/insights/campaigns.ts';
import { codeOfLinkId } from '#schemas/catalog-rules.ts';
import type { Page, User } from '#schemas/catalog.ts';
import { campaignDimensions, recordOf } from '#schemas/dimensions.ts';
import type { CampaignRecord } from '#stores/catalog/campaigns.ts';
import type { ApiDeps } from '../deps.ts';
import { notFound } from '../problem.ts';
import { toAnnotationView, toBrandView, toCampaignView } from '../views.ts';
import type { Metric } from '#schemas/insights/metrics.ts';
import { isSummable } from '#core/metrics/values.ts';
import { buildCampaignMetric, findMetric } from './campaign-metric.ts';
import { type CampaignParts, keyOfParts, mostOpenLinks, readCampaignParts } from './campaign-parts.ts';
import { findCampaign, findPages, listPages } from './find-campaigns.ts';

/**
 * Returns the report of a campaign over the pages that the user sees, at most a minute old.
 * @throws {Problem} 404 if the user sees none of its pages
 */
export async function readReport(deps: ApiDeps, user: User, id: string): Promise<CampaignReport> {
  const { campaign, partial } = await findCampaign(deps, user, id);
  const pages = await findPages(deps, user, campaign);
  const metric = await findMetric(deps, campaign);
  const question = { campaign, pages, metric };
  const [parts, annotations] = await Promise.all([readParts(deps, question), readAnnotations(deps, campaign, pages)]);
  const { settled, all, report } = buildShown(parts, question, deps.now());
  const clicks = countClicks(all);
  const conversions =
    settled === undefined ? null : buildConversions(asCounters(settled.traffic), countClicks(settled.traffic));
  const { budget, goal } = campaign;
  return {
    campaign: toCampaignView(campaign, partial),
    totals: {
      ...report.totals,
      conversions: partial ? null : conversions,
      costPerClick: budget === null || partial ? null : costPerClick(budget.minor, clicks),
    },
    goal:
      goal === null || partial
        ? null
        : buildGoal(goal, campaign, {
            zone: pages[0]?.timeZone ?? 'UTC',
            clicks: { value: clicks, until: deps.now() },
            conversions: { value: sumConversions(conversions), through: settled?.through },
            metric: metric && {
              value: report.shown.metric?.value ?? null,
              until: parts.metric?.value.settledThrough ?? undefined,
              grows: isSummable(metric),
            },
          }),
    ...report.shown,
    annotations,
  };
}

/**
 * Returns the public page of a campaign, over all of its pages. It is read from the same cache as the report, so viewers cost
 * one reading of the counters a minute, however many they are.
 * @throws {Problem} 404 if it does not exist or is not public
 */
export async function readPublicCampaign(deps: ApiDeps, id: string): Promise<PublicCampaign> {
  const campaign = await deps.campaigns.get(id);
  const pages = campaign?.public === true ? await listPages(deps, campaign) : [];
  const [page] = pages;
  if (campaign === undefined || page === undefined) throw notFound('Campaign');
  const agency = campaign.agency ?? page.agency;
  const question = { campaign, pages, metric: await findMetric(deps, campaign) };
  const [parts, brand] = await Promise.all([
    readParts(deps, question),
    agency === null ? undefined : deps.brands.get(agency),
  ]);
  const { totals, shown } = buildShown(parts, question, deps.now()).report;
  const { name, from, to } = campaign;
  return { name, from, to, totals, ...shown, brand: brand ? toBrandView(brand) : null };
}

interface Question {
  campaign: CampaignRecord;
  pages: readonly Page[];
  metric: Metric | undefined;
}

async function readParts(deps: ApiDeps, question: Question): Promise<CampaignParts> {
  const { value } = await deps.campaignParts({
    key: keyOfParts(question),
    compute: (earlier) => readCampaignParts(deps, question, earlier),
  });
  return value;
}

const nothing = sumCampaignHours([]);

/** Builds what a report and a public page show alike. */
function buildShown(parts: CampaignParts, { campaign, pages, metric }: Question, now: number) {
  const settled = parts.settled?.value;
  const all = addTraffic(settled?.traffic ?? nothing, parts.open?.value.traffic ?? nothing);
  const clicks = countClicks(all);
  const bots = settled?.traffic.notCounted['bot'] ?? 0;
  const through = settled === undefined || settled.through < campaign.from ? null : settled.through;
  const stale = new Set(parts.errors.map(({ part }) => part));
  function source(part: 'settled' | 'open' | 'titles' | 'metric') {
    const read = parts[part];
    if (read === null) return {};
    return {
      [part]: {
        source: part === 'metric' ? 'lake' : 'rollups',
        asOf: new Date(read.at).toISOString(),
        stale: stale.has(part),
      } as const,
    };
  }
  const visitors = through === null ? null : sumVisitors(settled?.traffic);
  return {
    settled,
    all,
    report: {
      totals: { clicks, visitors, bots, botShare: shareOfBots(bots, countClicks(settled?.traffic ?? nothing)) },
      shown: {
        state: stateOf(campaign, pages, now),
        previous: settled && through !== null ? buildPrevious(campaign, settled, through) : null,
        days: all.days,
        ...buildLinks(all, clicks, parts.titles?.value ?? {}),
        breakdowns: recordOf(campaignDimensions, (name) => withRest(all.breakdowns[name], clicks)),
        firstClick: momentOf(all.first, parts.open?.value.traffic.first),
        lastClick: momentOf(all.last, parts.open?.value.traffic.last),
        metric: metric ? buildCampaignMetric(metric, parts.metric?.value) : null,
        sources: { ...source('settled'), ...source('open'), ...source('titles'), ...source('metric') },
        settledThrough: through,
        errors: [
          ...parts.errors,
          ...(parts.open?.value.complete === false
            ? [{ part: 'open', message: `Clicks since the last settled date are those of ${mostOpenLinks} links.` }]
            : []),
        ],
      },
    },
  };
}

function sumVisitors(traffic: CampaignTraffic | undefined): number {
  return (traffic?.days ?? []).reduce((sum, { visitors }) => sum + (visitors ?? 0), 0);
}

/** A campaign runs from its first date anywhere to its last date everywhere. */
function stateOf({ from, to }: CampaignRecord, pages: readonly Page[], now: number): CampaignReport['state'] {
  const dates = pages.map(({ timeZone }) => localTimeOf(timeZone, now).date).toSorted();
  const [earliest = '', latest = ''] = [dates[0], dates.at(-1)];
  if (latest < from) return 'upcoming';
  return earliest > to ? 'ended' : 'running';
}

type Settled = NonNullable<CampaignParts['settled']>['value'];

function buildPrevious({ from, to }: CampaignRecord, settled: Settled, through: string): CampaignReport['previous'] {
  const length = countDates({ first: from, last: to });
  const comparable = settled.traffic.days
    .filter(({ date }) => date <= through)
    .reduce((sum, { clicks }) => sum + clicks, 0);
  const { clicks, visitors } = settled.before;
  return {
    from: addDays(from, -length),
    to: addDays(through, -length),
    clicks,
    visitors,
    change: clicks === 0 ? null : comparable / clicks - 1,
  };
}

function buildLinks(
  { links }: CampaignTraffic,
  clicks: number,
  titles: Readonly<Record<string, string | null>>,
): Pick<CampaignReport, 'links' | 'otherLinks'> {
  const shown = links.slice(0, mostReportedLinks);
  return {
    links: shown.map((link) => ({
      code: codeOfLinkId(link.id),
      title: titles[link.id] ?? null,
      page: link.page,
      clicks: link.clicks,
    })),
    otherLinks: Math.max(0, clicks - shown.reduce((sum, link) => sum + link.clicks, 0)),
  };
}

/** Adds the clicks without a value, so that the rows add up to all. */
function withRest(rows: CampaignTraffic['breakdowns']['country'], clicks: number) {
  const rest = clicks - rows.reduce((sum, row) => sum + row.clicks, 0);
  return rest > 0 ? [...rows, { value: null, clicks: rest }] : rows;
}

function momentOf(at: number | null, open: number | null | undefined): CampaignReport['firstClick'] {
  return at === null ? null : { at: new Date(at).toISOString(), precision: at === open ? 'hour' : 'second' };
}

function asCounters({ conversions }: CampaignTraffic) {
  const numbers = Object.fromEntries(
    Object.entries(conversions).map(([of, count]) => [conversionAttribute(of), count]),
  );
  return { hours: [], days: [{ date: '', numbers }] };
}

function sumConversions(conversions: ReturnType<typeof buildConversions> | null): number {
  return (conversions?.kinds ?? []).reduce((sum, { kind, count }) => (kind === 'refund' ? sum : sum + count), 0);
}

interface GoalValues {
  /** Time zone of the campaign's dates. */
  zone: string;
  /** Clicks are live. */
  clicks: { value: number; until: number };
  /** Conversions are those of settled dates, so their pace is that of settled dates. */
  conversions: { value: number; through: string | undefined };
  /** A metric is that of settled hours. Undefined if it was deleted. */
  metric: { value: number | null; until: number | undefined; grows: boolean } | undefined;
}

function buildGoal(
  { of, target }: NonNullable<CampaignRecord['goal']>,
  { from, to }: CampaignRecord,
  { zone, clicks, conversions, metric }: GoalValues,
): NonNullable<CampaignReport['goal']> {
  const [start, end] = [startOfDate(from, zone), startOfDate(addDays(to, 1), zone)];
  function evenPace(value: number, until: number) {
    const elapsed = Math.min(1, Math.max(0, (until - start) / (end - start)));
    const { expected, ...pace } = evenPaceOf({ value, target, elapsed });
    return { of, target, value, expected: of === 'metric' ? expected : Math.round(expected), ...pace };
  }
  switch (of) {
    case 'clicks':
      return evenPace(clicks.value, clicks.until);
    case 'conversions':
      return evenPace(conversions.value, startOfDate(addDays(conversions.through ?? addDays(from, -1), 1), zone));
    case 'metric': {
      const value = metric?.value ?? null;
      if (value === null) return { of, target, value, share: null, expected: null, pace: null };
      if (metric?.grows !== true) return { of, target, value, share: value / target, expected: null, pace: null };
      return evenPace(value, metric.until ?? start);
    }
    default:
      return of satisfies never;
  }
}

/** Pages whose annotations are read, and annotations of a report. */
const annotatedPages = 20;
const mostAnnotations = 200;

async function readAnnotations(
  { annotations }: ApiDeps,
  { from, to }: CampaignRecord,
  pages: readonly Page[],
): Promise<CampaignReport['annotations']> {
  const read = await Promise.all(
    pages.slice(0, annotatedPages).map(async ({ path, timeZone }) =>
      (await annotations.list(path))
        .filter(({ at }) => {
          const date = localDateOf(at, timeZone);
          return date >= from && date <= to;
        })
        .map((annotation) => ({ ...toAnnotationView(annotation), page: path })),
    ),
  );
  return read
    .flat()
    .sort((a, b) => (a.at < b.at ? -1 : 1))
    .slice(0, mostAnnotations);
}
