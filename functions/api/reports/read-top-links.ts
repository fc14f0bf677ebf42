import { boundCells, cellOfLink } from '#core/aggregate/link-cells.ts';
import type { ViewsAndClicks } from '#core/detect/classic-rules.ts';
import { pickNumbers } from '#core/ledger/outcomes.ts';
import { addDays, datesToRead, startOfHour, type TimeRange } from '#core/ledger/time-range.ts';
import { type BreakdownRow, clickThroughRate, shownRate, sumCounter } from '#core/stats/counters.ts';
import { type FilteredCounts, sumFilteredTotals } from '#core/stats/filtered.ts';
import { countDates, type DateSpan } from '#core/stats/period.ts';
import { type TopLists, mergeTopLists } from '#core/stats/top-lists.ts';
import type { DashboardResponse } from '#schemas/api/dashboard.ts';
import type { Link } from '#schemas/catalog.ts';
import { entityKeys, topListLength } from '#schemas/counters.ts';
import type { StatsStore } from '#stores/counters/stats.ts';
import type { RangeCounters } from './read-counters.ts';

type TopLinks = NonNullable<DashboardResponse['links']>;

type Counters = Pick<StatsStore, 'months' | 'totalsOfDates'>;

export interface TopLinksRequest {
  links: readonly Link[];
  range: TimeRange;
  /** Settled dates of the range. */
  settled: DateSpan;
  /** Top lists of the settled dates. */
  topLists: () => Promise<readonly TopLists[]>;
  /** The page's counters of the range. */
  counters: () => Promise<RangeCounters>;
  /** Links in the response. */
  limit: number;
}

/**
 * Returns the links of a page with the most clicks. The clicks of each are exact; `approximate` says that there are so many
 * links that one with more clicks may be missing.
 * @throws {StoreUnavailable}
 */
export async function readTopLinks(
  stats: Counters,
  request: TopLinksRequest,
): Promise<{ rows: TopLinks; approximate: boolean }> {
  const counters = await request.counters();
  const bounds = boundCells(openHours(counters, request.settled).map(pickNumbers));
  const chosen = await chooseLinks(request, bounds);
  const before = await readSettledClicks(stats, chosen.links, request);
  const candidates = chosen.links
    .map((link): Candidate => {
      const settled = before.get(link.code) ?? 0;
      const open = bounds[cellOfLink(link.id)] ?? 0;
      return { link, settled, open, most: settled + open };
    })
    .sort((a, b) => b.most - a.most || (a.link.code < b.link.code ? -1 : 1));
  const { found, complete } = await readBest(stats, candidates, request);
  const page = { views: sumCounter(counters, 'views'), clicks: sumCounter(counters, 'clicks') };
  const rows = found
    .filter(({ clicks }) => clicks > 0)
    .map(({ link: { code, title }, clicks }) => ({ code, title, clicks, ctr: linkRate(page, clicks) }));
  return { rows, approximate: chosen.approximate || !complete };
}

/** Returns the hours of the dates that are not settled. */
function openHours({ hours }: RangeCounters, settled: DateSpan): RangeCounters['hours'] {
  return countDates(settled) === 0 ? hours : hours.filter(({ hour }) => hour.slice(0, 10) > settled.last);
}

/** Items of months that are read for every link: 30 days of 2,000 links. */
const maxMonthItems = 4_000;

/** Links by settled and by open clicks, of which the months are read if there are too many. */
const maxChosen = 200;

/** Returns the links that may be among the best: all of them, or those in the top lists and in the fullest cells. */
async function chooseLinks(
  { links, settled, topLists }: TopLinksRequest,
  bounds: Float64Array,
): Promise<{ links: readonly Link[]; approximate: boolean }> {
  const months = countDates(settled) === 0 ? 0 : Math.ceil(countDates(settled) / 28) + 1;
  if (links.length <= topListLength || links.length * months <= maxMonthItems) return { links, approximate: false };
  const listed = new Set(mergeTopLists(await topLists(), 'link', maxChosen).map(({ value }) => value));
  const open = links
    .toSorted((a, b) => (bounds[cellOfLink(b.id)] ?? 0) - (bounds[cellOfLink(a.id)] ?? 0))
    .slice(0, maxChosen);
  return { links: [...new Set([...links.filter(({ code }) => listed.has(code)), ...open])], approximate: true };
}

/**
 * Reads the clicks of settled dates. If a page has more links than its top lists are long, the months of every link are
 * read instead.
 */
async function readSettledClicks(
  stats: Counters,
  links: readonly Link[],
  { settled, topLists }: TopLinksRequest,
): Promise<Map<string, number>> {
  if (countDates(settled) === 0) return new Map();
  if (links.length <= topListLength)
    return new Map(mergeTopLists(await topLists(), 'link').map(({ value, clicks }) => [value ?? '', clicks]));
  const months = await stats.months(
    links.map(({ id }) => entityKeys.link(id)),
    settled.first,
    settled.last,
  );
  function clicksOf({ id }: Link): number {
    return [...(months.get(entityKeys.link(id))?.values() ?? [])].reduce((sum, { clicks }) => sum + clicks, 0);
  }
  return new Map(links.map((link) => [link.code, clicksOf(link)]));
}

interface Candidate {
  link: Link;
  settled: number;
  /** At most so many clicks in the open hours. */
  open: number;
  most: number;
}

interface FoundLink {
  link: Link;
  clicks: number;
}

/** Links whose open hours are read. Each costs one query. */
const maxReads = 250;
const readsAtOnce = 25;

/**
 * Returns the best links. Reads the open clicks of the candidates, those that can have the most first, until no other can
 * have as many as the last of the best (Fagin's threshold algorithm).
 */
async function readBest(
  stats: Counters,
  candidates: readonly Candidate[],
  request: TopLinksRequest,
): Promise<{ found: FoundLink[]; complete: boolean }> {
  let found: FoundLink[] = [];
  let reads = 0;
  for (let at = 0; at < candidates.length; at += readsAtOnce) {
    const least = found[request.limit - 1]?.clicks ?? 0;
    if ((candidates[at]?.most ?? 0) <= least) break;
    if (reads >= maxReads) return { found, complete: false };
    const batch = candidates.slice(at, at + readsAtOnce);
    reads += batch.filter(({ open }) => open > 0).length;
    const read = await Promise.all(
      batch.map(async ({ link, settled, open }) => ({
        link,
        clicks: settled + (open > 0 ? await readOpenClicks(stats, link.id, request) : 0),
      })),
    );
    found = [...found, ...read].sort(byClicks).slice(0, request.limit);
  }
  return { found, complete: true };
}

/** Reads the clicks of the unsettled hours of the range. */
async function readOpenClicks(stats: Counters, id: string, { range, settled }: TopLinksRequest): Promise<number> {
  const { first, last } = datesToRead(range);
  const from = countDates(settled) === 0 ? first : addDays(settled.last, 1);
  const totals = await stats.totalsOfDates(entityKeys.link(id), from, last);
  return totals.reduce((sum, { hour, clicks }) => {
    const start = startOfHour(hour);
    return start >= range.start && start < range.end ? sum + clicks : sum;
  }, 0);
}

function byClicks(a: FoundLink, b: FoundLink): number {
  return b.clicks - a.clicks || (a.link.code < b.link.code ? -1 : 1);
}

/** Returns the share of the page's views that a link was clicked for; null if the page has no rate. */
function linkRate(page: ViewsAndClicks, clicks: number): number | null {
  return shownRate(page) === null ? null : clickThroughRate(page.views, clicks);
}

/** Returns the top links of filtered settled events. A deleted link has no title. */
export function buildTopLinks(
  rows: readonly BreakdownRow[],
  links: readonly Link[],
  filtered: FilteredCounts,
  limit: number,
): TopLinks {
  const titles = new Map(links.map(({ code, title }) => [code, title]));
  const page = sumFilteredTotals(filtered);
  return rows
    .flatMap(({ value, clicks }) =>
      value === null || clicks === 0
        ? []
        : [{ code: value, title: titles.get(value) ?? null, clicks, ctr: linkRate(page, clicks) }],
    )
    .sort((a, b) => b.clicks - a.clicks || (a.code < b.code ? -1 : 1))
    .slice(0, limit);
}
