import { localTimeOf } from '#core/enrich/local-time.ts';
import { addDays } from '#core/ledger/time-range.ts';
import { sharedClickThroughRate, shownRate } from '#core/stats/counters.ts';
import { countDates, type DateSpan, listDates } from '#core/stats/period.ts';
import type { AgencyDashboard, AgencyPage } from '#schemas/api/agencies.ts';
import type { Page } from '#schemas/catalog.ts';
import { entityKeys } from '#schemas/counters.ts';
import type { Computed, CachedResponse } from '#stores/cache/response-cache.ts';
import type { StatsStore } from '#stores/counters/stats.ts';
import { once } from './once.ts';
import { type Daily, readDailyTotals, type Totals } from './read-daily-totals.ts';
import { readPart } from './parts.ts';
import { type Progress, readProgress } from './progress.ts';

export type PageAlert = AgencyPage['alerts'][number];

export interface AgencyDependencies {
  stats: Pick<
    StatsStore,
    | 'freshnessSeconds'
    | 'months'
    | 'hourTotals'
    | 'totalsOfDates'
    | 'receivedThrough'
    | 'settledThrough'
    | 'settleState'
  >;
  /** Alerts that are open, by page. */
  openAlerts: (paths: readonly string[]) => Promise<ReadonlyMap<string, PageAlert[]>>;
  now: () => number;
}

export interface AgencyQuestion {
  agency: string;
  pages: readonly Page[];
  dates: DateSpan;
}

interface PagesPart {
  pages: AgencyPage[];
  totals: AgencyDashboard['totals'];
  previous: AgencyDashboard['previous'];
}

const none: PagesPart = {
  pages: [],
  totals: { views: 0, clicks: 0, ctr: null },
  previous: { views: 0, clicks: 0, ctr: null },
};

/** An agency's pages over local dates, those with the most clicks first. Numbers and alerts fail each for itself. */
export async function readAgency(
  deps: AgencyDependencies,
  question: AgencyQuestion,
  earlier: () => Promise<CachedResponse<AgencyDashboard> | undefined>,
): Promise<Computed<AgencyDashboard>> {
  const now = deps.now();
  const progress = await readProgress(deps.stats, now);
  const old = once(earlier);
  const [numbers, alerts] = await Promise.all([
    readPart(
      () => readPages(deps, question, progress, now),
      old,
      ({ pages, totals, previous }): PagesPart => ({ pages, totals, previous }),
    ),
    readPart(
      () => deps.openAlerts(question.pages.map(({ path }) => path)),
      old,
      ({ pages }) => new Map(pages.map((page) => [page.path, page.alerts])),
    ),
  ]);
  const { pages, totals, previous } = numbers.value ?? none;
  function source(at: number | undefined) {
    return { source: 'rollups', asOf: new Date(at ?? now).toISOString(), stale: at !== undefined } as const;
  }
  const errors = [
    ...progress.errors,
    ...(numbers.error ? [{ part: 'pages', message: numbers.error }] : []),
    ...(alerts.error ? [{ part: 'alerts', message: alerts.error }] : []),
  ];
  const value: AgencyDashboard = {
    agency: question.agency,
    days: listDates(question.dates),
    totals,
    previous,
    pages: pages
      .map((page) => ({ ...page, alerts: [...(alerts.value?.get(page.path) ?? [])] }))
      .sort((a, b) => b.clicks + b.views - a.clicks - a.views || (a.path < b.path ? -1 : 1)),
    sources: {
      ...(numbers.value && { pages: source(numbers.at) }),
      ...(alerts.value && { alerts: source(alerts.at) }),
    },
    freshness: progress.freshness,
    errors,
  };
  return { value, complete: errors.length === 0 };
}

async function readPages(
  deps: AgencyDependencies,
  { pages, dates }: AgencyQuestion,
  progress: Progress,
  now: number,
): Promise<PagesPart> {
  const subjects = pages.map(({ path, timeZone }) => ({ entity: entityKeys.page(path), timeZone }));
  const all = { first: before(dates).first, last: dates.last };
  const daily = await readDailyTotals(deps.stats, { subjects, dates: all, settled: progress.settled, now });
  const periods = { shown: listDates(dates), earlier: listDates(before(dates)) };
  function add(of: readonly string[]): Totals & { ctr: number | null } {
    const totals = Array.from(daily.values(), (each) => sumOf(totalsOf(each, of)));
    return { ...sumOf(totals), ctr: sharedClickThroughRate(totals) };
  }
  return {
    pages: pages.map((page) => pageOf(page, daily.get(entityKeys.page(page.path)) ?? new Map(), periods, now)),
    totals: add(periods.shown),
    previous: add(periods.earlier),
  };
}

function before({ first, last }: DateSpan): DateSpan {
  const days = countDates({ first, last });
  return { first: addDays(first, -days), last: addDays(first, -1) };
}

const nothing: Totals = { views: 0, clicks: 0 };

function sumOf(all: readonly Totals[]): Totals {
  const sum = { ...nothing };
  for (const { views, clicks } of all) {
    sum.views += views;
    sum.clicks += clicks;
  }
  return sum;
}

function totalsOf(daily: Daily, dates: readonly string[]): Totals[] {
  return dates.map((date) => {
    const { views, clicks } = daily.get(date) ?? nothing;
    return { views, clicks };
  });
}

/** The dates shown, in order, and as many before them. */
interface Periods {
  shown: readonly string[];
  earlier: readonly string[];
}

function pageOf(page: Page, daily: Daily, periods: Periods, now: number): AgencyPage {
  const sparkline = totalsOf(daily, periods.shown);
  const { views, clicks } = sumOf(sparkline);
  return {
    path: page.path,
    title: page.title,
    timeZone: page.timeZone,
    views,
    clicks,
    ctr: shownRate({ views, clicks }),
    change: changeOf(page, daily, periods, now),
    sparkline,
    alerts: [],
  };
}

function change(now: number, then: number): number | null {
  return then === 0 ? null : now / then - 1;
}

/** Compares dates that have ended, because an unfinished day would look like a drop. */
function changeOf(page: Page, daily: Daily, { shown, earlier }: Periods, now: number): AgencyPage['change'] {
  const today = localTimeOf(page.timeZone, now).date;
  const ended = shown.filter((date) => date < today);
  const current = sumOf(totalsOf(daily, ended));
  const previous = sumOf(totalsOf(daily, earlier.slice(0, ended.length)));
  return { views: change(current.views, previous.views), clicks: change(current.clicks, previous.clicks) };
}

/** Returns the last date settled in the zones of all pages; today in UTC if none is or the store fails. */
export async function lastSettledDate(
  { stats, now }: Pick<AgencyDependencies, 'now'> & { stats: Pick<StatsStore, 'settledThrough'> },
  pages: readonly Page[],
): Promise<string> {
  const today = localTimeOf('UTC', now()).date;
  const settled = await stats.settledThrough().catch(() => undefined);
  if (settled === undefined) return today;
  const open = pages.map(({ timeZone }) => localTimeOf(timeZone, settled).date).sort();
  return addDays(open[0] ?? today, -1);
}
