import { localDays } from '#core/alerts/local-days.ts';
import { lastEndedDate } from '#core/ledger/time-range.ts';
import { silentDates } from '#core/alerts/heartbeat.ts';
import { forecastMonths, pageForecast } from '#core/alerts/page-forecast.ts';
import { pageHistory } from '#core/alerts/page-history.ts';
import { localTimeOf } from '#core/enrich/local-time.ts';
import type { SeasonalTrend } from '#core/forecast/models.ts';
import { alertsOf } from '#jobs/mailing/recipients.ts';
import { readPages, recordRun, type RunCounts, skip } from '#jobs/alert-run.ts';
import type { RunRecord } from '#schemas/alerts.ts';
import type { Page } from '#schemas/catalog.ts';
import { entityKeys } from '#schemas/counters.ts';
import type { Alerts } from '#stores/alerts/alerts.ts';
import type { Listing, ListOptions } from '#stores/dynamodb/table.ts';
import type { CountedHistory } from '#stores/alerts/detection-history.ts';

export interface ForecastDeps {
  listPages: (options?: ListOptions) => Promise<Listing<Page>>;
  /** Milliseconds since the epoch before which every hour is settled; undefined before the first settle. */
  settledThrough: () => Promise<number | undefined>;
  alerts: Pick<Alerts, 'forecast' | 'putForecast' | 'putRun'>;
  history: Pick<CountedHistory, 'months'>;
  trend: SeasonalTrend;
  now: () => number;
}

/** A forecast takes about 0.2 s a page; Lambda stops after 15 minutes. */
const budgetMilliseconds = 12 * 60_000;

/**
 * Forecasts the next 28 days and the current month of every page whose last local date has been settled.
 * @param time of the schedule, milliseconds since the epoch
 * @throws {StoreUnavailable}
 */
export function forecast(deps: ForecastDeps, time: number): Promise<RunRecord> {
  return recordRun({ job: 'forecast', time, deps }, async (counts, attempt) => {
    const deadline = deps.now() + budgetMilliseconds;
    const settled = await deps.settledThrough();
    if (settled === undefined) return skip(counts, 'nothing-settled');
    const run: Run = { deps, settled: Math.min(settled, time), counts, activeDates: createActiveDates(deps) };
    for await (const pages of readPages(deps.listPages, counts))
      for (const page of pages) {
        if (!isDue(page, time)) skip(counts, 'not-due');
        else if (deps.now() >= deadline) skip(counts, 'no-time-left');
        else await attempt(page.path, () => forecastPage(run, page));
      }
  });
}

interface Run {
  deps: ForecastDeps;
  settled: number;
  counts: RunCounts;
  activeDates: ActiveDates;
}

/** Reads the dates of these months on which the stack counted any event. */
type ActiveDates = (months: readonly string[]) => Promise<ReadonlySet<string>>;

/** Local hours in which a page is forecast: the day before is settled, and later runs continue one that ran out of time. */
const firstHour = 3;

const lastHour = 8;

function isDue({ timeZone }: Page, time: number): boolean {
  const hour = Number(localTimeOf(timeZone, time).hour.slice(11, 13));
  return hour >= firstHour && hour <= lastHour;
}

async function forecastPage({ deps, settled, counts, activeDates }: Run, page: Page): Promise<void> {
  const through = lastEndedDate(page.timeZone, settled);
  const present = await deps.alerts.forecast(page.path);
  if (present !== undefined && present.through >= through) return skip(counts, 'no-new-settled-day');
  const months = forecastMonths(through);
  const counted = await deps.history.months(entityKeys.page(page.path), months);
  const days = localDays(page.timeZone, `${months[0] ?? ''}-01`, through);
  const active = await activeDates(months);
  const history = pageHistory({
    counted: counted.filter(({ date }) => date <= through),
    days,
    createdOn: localTimeOf(page.timeZone, Date.parse(page.createdAt)).date,
    silent: silentDates(days, new Set(), new Set([...active, ...counted.map(({ date }) => date)])),
    badDays: alertsOf(page).badDays,
  });
  const forecast = pageForecast(page.path, history, through, alertsOf(page).goal, deps.trend);
  if (forecast.reason === null) counts.evaluated += 1;
  else skip(counts, forecast.reason);
  await deps.alerts.putForecast(forecast);
}

function createActiveDates({ history }: Pick<ForecastDeps, 'history'>): ActiveDates {
  const known = new Map<string, Promise<Set<string>>>();
  return (months) => {
    const key = months.join(' ');
    const read =
      known.get(key) ?? history.months(entityKeys.stack, months).then((days) => new Set(days.map(({ date }) => date)));
    known.set(key, read);
    return read;
  };
}
