import { addDays, datesToRead, startOfHour, type TimeRange } from '#core/ledger/time-range.ts';
import { type BreakdownRow, clickThroughRate } from '#core/stats/counters.ts';
import { type FilteredCounts, sumFilteredTotals } from '#core/stats/filtered.ts';
import { countDates, type DateSpan } from '#core/stats/period.ts';
import { type TopLists, mergeTopLists } from '#core/stats/top-lists.ts';
import type { DashboardResponse } from '#schemas/api/dashboard.ts';
import type { Link } from '#schemas/catalog.ts';
import { entityKeys, topListLength } from '#schemas/counters.ts';
import type { StatsStore } from '#stores/counters/stats.ts';

type TopLinks = NonNullable<DashboardResponse['links']>;

type Counters = Pick<StatsStore, 'months' | 'totalsOfDates'>;

/**
 * The links of a page with the most clicks: settled dates whole, and the hours since.
 * @param tops the page's lists of the settled dates
 * @param views of the page, for the click-through rate
 * @throws {StoreUnavailable}
 */
export async function readTopLinks(
  stats: Counters,
  links: readonly Link[],
  range: TimeRange,
  settled: DateSpan,
  tops: () => Promise<readonly TopLists[]>,
  views: () => Promise<number>,
): Promise<TopLinks> {
  const before = await settledClicks(stats, links, settled, tops);
  const counted = await Promise.all(
    chosen(links, before).map(async ({ code, title }) => {
      const clicks = (before.get(code) ?? 0) + (await hotClicks(stats, code, range, settled));
      return { code, title, clicks };
    }),
  );
  const shownTo = await views();
  const rows = counted.map((row) => ({ ...row, ctr: clickThroughRate(shownTo, row.clicks) }));
  return rows.sort(byClicks);
}

/**
 * Clicks on settled dates. The top lists of a page hold every link where it has no more links than they are long;
 * otherwise the months of each link are read.
 */
async function settledClicks(
  stats: Counters,
  links: readonly Link[],
  settled: DateSpan,
  tops: () => Promise<readonly TopLists[]>,
): Promise<Map<string, number>> {
  if (countDates(settled) === 0) return new Map();
  if (links.length <= topListLength)
    return new Map(mergeTopLists(await tops(), 'link').map(({ value, clicks }) => [value ?? '', clicks]));
  const months = await stats.months(
    links.map(({ code }) => entityKeys.link(code)),
    settled.first,
    settled.last,
  );
  function clicksOf(code: string): number {
    return [...(months.get(entityKeys.link(code))?.values() ?? [])].reduce((sum, { clicks }) => sum + clicks, 0);
  }
  return new Map(links.map(({ code }) => [code, clicksOf(code)]));
}

/** Links of the table; each costs one read of its hours that are not settled. */
const shown = 15;

/** So many of them are the newest, whatever they have: whoever makes a link looks for its first clicks. */
const newest = 3;

/** Those with the most settled clicks, and the newest. */
function chosen(links: readonly Link[], clicks: ReadonlyMap<string, number>): Link[] {
  const byClicks = links.toSorted((a, b) => (clicks.get(b.code) ?? 0) - (clicks.get(a.code) ?? 0));
  const byAge = links.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  return [...new Set([...byClicks.slice(0, shown - newest), ...byAge.slice(0, newest)])];
}

function byClicks(a: TopLinks[number], b: TopLinks[number]): number {
  return b.clicks - a.clicks || (a.code < b.code ? -1 : 1);
}

/** Clicks of the hours of the range that no settled date holds. */
async function hotClicks(stats: Counters, code: string, range: TimeRange, settled: DateSpan): Promise<number> {
  const { first, last } = datesToRead(range);
  const from = countDates(settled) === 0 ? first : addDays(settled.last, 1);
  const totals = await stats.totalsOfDates(entityKeys.link(code), from, last);
  return totals.reduce((sum, { hour, clicks }) => {
    const start = startOfHour(hour);
    return start >= range.start && start < range.end ? sum + clicks : sum;
  }, 0);
}

/** The same from the settled events; a link that was deleted is named by its code. */
export function buildTopLinks(
  rows: readonly BreakdownRow[],
  links: readonly Link[],
  filtered: FilteredCounts,
): TopLinks {
  const titles = new Map(links.map(({ code, title }) => [code, title]));
  const { views } = sumFilteredTotals(filtered);
  return rows
    .flatMap(({ value, clicks }) =>
      value === null || clicks === 0
        ? []
        : [{ code: value, title: titles.get(value) ?? null, clicks, ctr: clickThroughRate(views, clicks) }],
    )
    .sort(byClicks)
    .slice(0, shown);
}
