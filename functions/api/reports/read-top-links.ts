import { addDays, datesToRead, startOfHour, type TimeRange } from '#core/ledger/time-range.ts';
import type { ViewsAndClicks } from '#core/detect/classic-rules.ts';
import { type BreakdownRow, clickThroughRate, shownRate } from '#core/stats/counters.ts';
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
 * Returns the links of a page with the most clicks, from whole settled dates and the hours since.
 * @param topLists of the page's settled dates
 * @param totals of the page, for the click-through rates
 * @throws {StoreUnavailable}
 */
export async function readTopLinks(
  stats: Counters,
  links: readonly Link[],
  range: TimeRange,
  settled: DateSpan,
  topLists: () => Promise<readonly TopLists[]>,
  totals: () => Promise<ViewsAndClicks>,
): Promise<TopLinks> {
  const before = await readSettledClicks(stats, links, settled, topLists);
  const rows = await Promise.all(
    chooseLinks(links, before).map(async ({ id, code, title }) => {
      const clicks = (before.get(code) ?? 0) + (await readHotClicks(stats, id, range, settled));
      return { code, title, clicks };
    }),
  );
  const page = await totals();
  return rows.map((row) => ({ ...row, ctr: linkRate(page, row.clicks) })).sort(byClicks);
}

/** Returns the share of the page's views that a link was clicked for; null if the page has no rate. */
function linkRate(page: ViewsAndClicks, clicks: number): number | null {
  return shownRate(page) === null ? null : clickThroughRate(page.views, clicks);
}

/**
 * Reads the clicks of settled dates. If a page has more links than its top lists are long, the months of every link are
 * read instead.
 */
async function readSettledClicks(
  stats: Counters,
  links: readonly Link[],
  settled: DateSpan,
  topLists: () => Promise<readonly TopLists[]>,
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

/** Links in the response. Each costs one read of its unsettled hours. */
const maxLinks = 15;

/** The newest links are always included, so that the first clicks of a new link are visible. */
const newestLinks = 3;

/** Returns the links with the most settled clicks, and the newest ones. */
function chooseLinks(links: readonly Link[], clicks: ReadonlyMap<string, number>): Link[] {
  const byClicks = links.toSorted((a, b) => (clicks.get(b.code) ?? 0) - (clicks.get(a.code) ?? 0));
  const byAge = links.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  return [...new Set([...byClicks.slice(0, maxLinks - newestLinks), ...byAge.slice(0, newestLinks)])];
}

function byClicks(a: TopLinks[number], b: TopLinks[number]): number {
  return b.clicks - a.clicks || (a.code < b.code ? -1 : 1);
}

/** Reads the clicks of the unsettled hours of the range. */
async function readHotClicks(stats: Counters, id: string, range: TimeRange, settled: DateSpan): Promise<number> {
  const { first, last } = datesToRead(range);
  const from = countDates(settled) === 0 ? first : addDays(settled.last, 1);
  const totals = await stats.totalsOfDates(entityKeys.link(id), from, last);
  return totals.reduce((sum, { hour, clicks }) => {
    const start = startOfHour(hour);
    return start >= range.start && start < range.end ? sum + clicks : sum;
  }, 0);
}

/** Returns the top links of filtered settled events. A deleted link has no title. */
export function buildTopLinks(
  rows: readonly BreakdownRow[],
  links: readonly Link[],
  filtered: FilteredCounts,
): TopLinks {
  const titles = new Map(links.map(({ code, title }) => [code, title]));
  const page = sumFilteredTotals(filtered);
  return rows
    .flatMap(({ value, clicks }) =>
      value === null || clicks === 0
        ? []
        : [{ code: value, title: titles.get(value) ?? null, clicks, ctr: linkRate(page, clicks) }],
    )
    .sort(byClicks)
    .slice(0, maxLinks);
}
