import { pickNumbers, type Numbers } from '#core/ledger/outcomes.ts';
import { sumCounter } from '#core/stats/counters.ts';
import type { RangeRequest, TimeRange } from '#core/ledger/time-range.ts';
import type { CampaignMetrics } from '#schemas/api/campaigns.ts';
import type { Link, User } from '#schemas/catalog.ts';
import { entityKeys } from '#schemas/counters.ts';
import type { ApiDeps } from '../deps.ts';
import { everyLinkOf } from '../links/list-links.ts';
import { visiblePages } from '../pages/visible-pages.ts';
import { notFound } from '../problem.ts';
import { type Progress, readProgress } from './progress.ts';
import { readCounters, type RangeCounters } from './read-counters.ts';
import { buildStats } from './read-stats.ts';
import { parseRange } from './parse-range.ts';

type Deps = Pick<ApiDeps, 'catalog' | 'stats' | 'now'>;

/**
 * A campaign, as the sum of its links that the user may see: a label is shared by everybody who writes it, its numbers
 * are not.
 * @throws {Problem} 404 where none of them is theirs @throws {StoreUnavailable}
 */
export async function readCampaign(
  deps: Deps,
  user: User,
  campaign: string,
  request: RangeRequest,
): Promise<CampaignMetrics> {
  const now = deps.now();
  const range = parseRange(request, 'UTC', now);
  const [links, progress] = await Promise.all([linksOf(deps, user, campaign), readProgress(deps.stats, now)]);
  const read = await readLinks(deps, links, range, progress);
  const all = joined(read.map(({ reading }) => reading));
  if (all === undefined) throw notFound();
  return {
    campaign,
    links: read
      .map(({ link, reading }) => ({
        code: link.code,
        title: link.title,
        page: link.page,
        clicks: sumCounter(reading, 'clicks'),
      }))
      .sort((a, b) => b.clicks - a.clicks || (a.code < b.code ? -1 : 1)),
    stats: buildStats(all, range, now, progress),
  };
}

/** Links of a campaign that one answer counts. */
const mostLinks = 200;

async function linksOf({ catalog }: Deps, user: User, campaign: string): Promise<Link[]> {
  const links: Link[] = [];
  for await (const { path } of visiblePages(catalog, user))
    for await (const link of everyLinkOf(catalog, path))
      if (link.campaign === campaign && links.length < mostLinks) links.push(link);
  return links;
}

/** Reads under way at once. */
const lanes = 10;

async function readLinks(
  { stats }: Deps,
  links: readonly Link[],
  range: TimeRange,
  progress: Progress,
): Promise<{ link: Link; reading: RangeCounters }[]> {
  const queue = links.values();
  const read: { link: Link; reading: RangeCounters }[] = [];
  async function lane(): Promise<void> {
    for (const link of queue) {
      const reading = await readCounters(stats, entityKeys.link(link.code), range, progress.settled, true);
      read.push({ link, reading });
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane));
  return read;
}

function joined(readings: readonly RangeCounters[]): RangeCounters | undefined {
  const [first] = readings;
  if (first === undefined) return undefined;
  const hours = Map.groupBy(
    readings.flatMap((reading) => reading.hours),
    ({ hour }) => hour,
  );
  const days = Map.groupBy(
    readings.flatMap((reading) => reading.days),
    ({ date }) => date,
  );
  const received = readings.map((reading) => Object.fromEntries(reading.received ?? []));
  return {
    settled: first.settled,
    hours: [...hours].map(([hour, some]) => ({ hour, hot: addNumbers(some.map(pickNumbers)), final: undefined })),
    days: [...days].map(([date, some]) => ({ date, numbers: addNumbers(some.map(({ numbers }) => numbers)) })),
    // One visitor of two links would be two: uniques do not add up over links.
    settledDays: [],
    received: new Map(Object.entries(addNumbers(received))),
    expired: readings.flatMap(({ expired }) => expired),
  };
}

function addNumbers(all: readonly Numbers[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const numbers of all)
    for (const [name, count] of Object.entries(numbers)) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}
