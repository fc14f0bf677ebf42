import { addNumbers, pickNumbers } from '#core/ledger/outcomes.ts';
import { sumCounter } from '#core/stats/counters.ts';
import type { HourCounters } from '#core/ledger/report.ts';
import type { RangeRequest, TimeRange } from '#core/ledger/time-range.ts';
import { type CampaignMetrics, mostReportedLinks } from '#schemas/api/insights/campaigns.ts';
import type { Link, User } from '#schemas/catalog.ts';
import { entityKeys } from '#schemas/counters.ts';
import type { ApiDeps } from '../deps.ts';
import { mostLinksRead, readAllLinks } from '../links/list-links.ts';
import { visiblePages } from '../pages/visible-pages.ts';
import { notFound } from '../problem.ts';
import { type Progress, readProgress } from '../reports/progress.ts';
import { readCounters, type RangeCounters } from '../reports/read-counters.ts';
import { buildStats } from '../reports/read-stats.ts';
import { parseRange } from '../reports/parse-range.ts';
import { forEachConcurrently } from '#stores/dynamodb/rounds.ts';

type Deps = Pick<ApiDeps, 'catalog' | 'stats' | 'now'>;

/**
 * Returns the statistics of a campaign, summed over its links that the user can see. Anyone may use a label, so its
 * counters in the table are not shown.
 * @throws {Problem} 404 if the user can see none of its links
 * @throws {StoreUnavailable}
 */
export async function readLabel(
  deps: Deps,
  user: User,
  campaign: string,
  request: RangeRequest,
): Promise<CampaignMetrics> {
  const now = deps.now();
  const range = parseRange(request, 'UTC', now);
  const [{ links, complete }, progress] = await Promise.all([
    findCampaignLinks(deps, user, campaign),
    readProgress(deps.stats, now),
  ]);
  const read = await readLinkCounters(deps, links, range, progress);
  const all = sumCounters(read.map(({ counters }) => counters));
  if (all === undefined) throw notFound('Campaign');
  const stats = buildStats(all, range, now, progress);
  return {
    campaign,
    links: read
      .map(({ link, counters }) => ({
        code: link.code,
        title: link.title,
        page: link.page,
        clicks: sumCounter(counters, 'clicks'),
      }))
      .sort((a, b) => b.clicks - a.clicks || (a.code < b.code ? -1 : 1))
      .slice(0, mostReportedLinks),
    stats: { ...stats, errors: complete ? stats.errors : [...stats.errors, incomplete] },
  };
}

const incomplete = { part: 'links', message: `Only the first ${mostLinksRead} links are added up.` };

async function findCampaignLinks(
  { catalog }: Deps,
  user: User,
  campaign: string,
): Promise<{ links: Link[]; complete: boolean }> {
  const links: Link[] = [];
  for await (const { path } of visiblePages(catalog, user))
    for await (const link of readAllLinks(catalog, path)) {
      if (link.campaign !== campaign) continue;
      if (links.length === mostLinksRead) return { links, complete: false };
      links.push(link);
    }
  return { links, complete: true };
}

const concurrentReads = 10;

async function readLinkCounters(
  { stats }: Deps,
  links: readonly Link[],
  range: TimeRange,
  progress: Progress,
): Promise<{ link: Link; counters: RangeCounters }[]> {
  const read: { link: Link; counters: RangeCounters }[] = [];
  await forEachConcurrently(links, concurrentReads, async (link) => {
    read.push({ link, counters: await readCounters(stats, entityKeys.link(link.id), range, progress.settled, true) });
  });
  return read;
}

function sumCounters(links: readonly RangeCounters[]): RangeCounters | undefined {
  const [first] = links;
  if (first === undefined) return undefined;
  const hours = Map.groupBy(
    links.flatMap(({ hours }) => hours),
    ({ hour }) => hour,
  );
  const days = Map.groupBy(
    links.flatMap(({ days }) => days),
    ({ date }) => date,
  );
  const received = Map.groupBy(
    links.flatMap((counters) => [...(counters.received ?? [])]),
    ([hour]) => hour,
  );
  return {
    settled: first.settled,
    hours: [...hours].map(([hour, some]) => addHours(hour, some)),
    days: [...days].map(([date, some]) => ({ date, numbers: addNumbers(some.map(({ numbers }) => numbers)) })),
    // A visitor of two links would be counted twice.
    settledDays: [],
    received: new Map(
      [...received].map(([hour, some]) => [
        hour,
        {
          requests: addNumbers(some.map(([, { requests }]) => requests)),
          refused: addNumbers(some.map(([, { refused }]) => refused)),
        },
      ]),
    ),
    expired: links.flatMap(({ expired }) => expired),
  };
}

function addHours(hour: string, some: readonly HourCounters[]): HourCounters {
  const numbers = addNumbers(some.map(pickNumbers));
  const settled = some.every(({ final }) => final !== undefined);
  return { hour, hot: numbers, final: settled ? numbers : undefined };
}
