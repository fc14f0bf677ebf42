import { localTimeOf } from '#core/enrich/local-time.ts';
import { addDays, startOfHour } from '#core/ledger/time-range.ts';
import { sharedClickThroughRate, shownRate } from '#core/stats/counters.ts';
import { comparedDay, countDates, type DateSpan, listDates } from '#core/stats/period.ts';
import type { AgencyDashboard, AgencyPage } from '#schemas/api/agencies.ts';
import type { Page } from '#schemas/catalog.ts';
import { entityHourKey, entityKeys } from '#schemas/counters.ts';
import type { Computed, CachedResponse } from '#stores/cache/response-cache.ts';
import type { StatsStore } from '#stores/counters/stats.ts';
import { once } from '#core/once.ts';
import { earlierTotals, readComparedDays } from './read-compared-days.ts';
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
    | 'settledHours'
    | 'minutes'
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
  const { settled } = progress;
  const [daily, partial, recent] = await Promise.all([
    readDailyTotals(deps.stats, { subjects, dates: all, settled, now }),
    readComparedDays(deps.stats, pages, dates, settled, now),
    readRecent(deps, pages, now),
  ]);
  const periods = { shown: listDates(dates), earlier: listDates(before(dates)) };
  const rows = pages.map((page) => {
    const own = daily.get(entityKeys.page(page.path)) ?? new Map();
    const compared = comparedDay(dates, page.timeZone, now);
    const earlier = sumOf(earlierTotals(own, periods.earlier, compared, partial.get(page.path)));
    return { earlier, view: pageOf(page, totalsOf(own, periods.shown), earlier, recent.get(page.path) ?? 0) };
  });
  const [totals, previous] = [rows.map(({ view }) => view), rows.map(({ earlier }) => earlier)];
  return {
    pages: rows.map(({ view }) => view),
    totals: { ...sumOf(totals), ctr: sharedClickThroughRate(totals) },
    previous: { ...sumOf(previous), ctr: sharedClickThroughRate(previous) },
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

function pageOf(page: Page, sparkline: Totals[], earlier: Totals, recent: number): AgencyPage {
  const { views, clicks } = sumOf(sparkline);
  return {
    path: page.path,
    title: page.title,
    agency: page.agency,
    timeZone: page.timeZone,
    views,
    clicks,
    ctr: shownRate({ views, clicks }),
    change: { views: change(views, earlier.views), clicks: change(clicks, earlier.clicks) },
    sparkline,
    recent,
    alerts: [],
  };
}

function change(now: number, then: number): number | null {
  return then === 0 ? null : now / then - 1;
}

const minute = 60_000;

/** Minutes that count as now, the running one included. */
const recentMinutes = 5;

/** Reads the views and clicks of the last minutes, by path of the page. */
async function readRecent(
  { stats }: AgencyDependencies,
  pages: readonly Page[],
  now: number,
): Promise<Map<string, number>> {
  const starts = Array.from({ length: recentMinutes }, (_, at) => Math.floor(now / minute) * minute - at * minute);
  const hours = pages.flatMap(({ path, timeZone }) =>
    [...new Set(starts.map((start) => localTimeOf(timeZone, start).hour))].map((hour) => ({
      entity: entityKeys.page(path),
      hour,
    })),
  );
  const items = new Map((await stats.minutes(hours)).map((item) => [entityHourKey(item), item]));
  return new Map(
    pages.map(({ path, timeZone }) => {
      const counts = starts.map((start) => {
        const { hour } = localTimeOf(timeZone, start);
        const item = items.get(entityHourKey({ entity: entityKeys.page(path), hour }));
        const index = Math.floor((start - startOfHour(hour)) / minute);
        return (item?.views.get(index) ?? 0) + (item?.clicks.get(index) ?? 0);
      });
      return [path, counts.reduce((sum, count) => sum + count, 0)];
    }),
  );
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
