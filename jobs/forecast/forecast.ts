import { lastEndedDate, localDays } from '#core/alerts/local-days.ts';
import { silentDates } from '#core/alerts/heartbeat.ts';
import { forecastMonths, pageForecast } from '#core/alerts/page-forecast.ts';
import { pageHistory } from '#core/alerts/page-history.ts';
import { localTimeOf } from '#core/enrich/local-time.ts';
import type { SeasonalTrend } from '#core/forecast/models.ts';
import { alertsOf } from '#jobs/mailing/recipients.ts';
import { newCounts, type RunCounts, runRecord, skip } from '#jobs/run-record.ts';
import type { RunRecord } from '#schemas/alerts.ts';
import type { Page } from '#schemas/catalog.ts';
import { canaryCode } from '#schemas/catalog-rules.ts';
import { entityKeys } from '#schemas/counters.ts';
import type { Alerts } from '#stores/alerts/alerts.ts';
import type { Listing, ListOptions } from '#stores/dynamodb/table.ts';
import type { CountedHistory } from '#stores/alerts/detection-history.ts';

export interface ForecastDeps {
  listPages: (options?: ListOptions) => Promise<Listing<Page>>;
  /** Milliseconds since the epoch up to which every hour is settled. */
  settledThrough: () => Promise<number | undefined>;
  alerts: Pick<Alerts, 'forecast' | 'putForecast' | 'putRun'>;
  history: Pick<CountedHistory, 'months'>;
  trend: SeasonalTrend;
  now: () => number;
}

/** A page takes about 0.2 s; Lambda stops at 15 minutes. */
const budgetMilliseconds = 12 * 60_000;

/**
 * Forecasts the next 28 days of every page whose night has passed, and where its month is heading.
 * @param time the schedule's, milliseconds since the epoch
 * @throws {StoreUnavailable}
 */
export async function forecast(deps: ForecastDeps, time: number): Promise<RunRecord> {
  const started = deps.now();
  const counts = newCounts();
  const settled = await deps.settledThrough();
  if (settled === undefined) skip(counts, 'nothing-settled');
  else
    await forecastAll(
      { deps, settled: Math.min(settled, time), time, counts, aliveDates: createAliveDates(deps) },
      started + budgetMilliseconds,
    );
  const record = runRecord('forecast', time, counts, started, deps.now());
  await deps.alerts.putRun(record);
  return record;
}

const pagesAtOnce = 100;

interface Run {
  deps: ForecastDeps;
  settled: number;
  time: number;
  counts: RunCounts;
  /** Dates on which the stack counted anything, by months asked for. */
  aliveDates: (months: readonly string[]) => Promise<ReadonlySet<string>>;
}

async function forecastAll(run: Run, deadline: number): Promise<void> {
  const { deps, time, counts } = run;
  let after: string | undefined;
  do {
    const { rows, next } = await deps.listPages({ limit: pagesAtOnce, after });
    for (const page of rows) {
      if (page.path === `/${canaryCode}`) continue;
      counts.pages += 1;
      if (!isItsHour(page, time)) skip(counts, 'not-its-hour');
      else if (deps.now() >= deadline) skip(counts, 'no-time-left');
      else await forecastPage(run, page);
    }
    after = next;
  } while (after !== undefined);
}

/** Local hours in which a page is looked at: its day is settled by then, and a run that ends early has more to come. */
const firstHour = 3;

const lastHour = 8;

function isItsHour({ timeZone }: Page, time: number): boolean {
  const hour = Number(localTimeOf(timeZone, time).hour.slice(11, 13));
  return hour >= firstHour && hour <= lastHour;
}

async function forecastPage({ deps, settled, counts, aliveDates }: Run, page: Page): Promise<void> {
  const through = lastEndedDate(page.timeZone, settled);
  const present = await deps.alerts.forecast(page.path);
  if (present !== undefined && present.through >= through) return skip(counts, 'no-new-settled-day');
  const months = forecastMonths(through);
  const counted = await deps.history.months(entityKeys.page(page.path), months);
  const days = localDays(page.timeZone, `${months[0] ?? ''}-01`, through);
  const alive = await aliveDates(months);
  const history = pageHistory({
    counted: counted.filter(({ date }) => date <= through),
    days,
    createdOn: localTimeOf(page.timeZone, Date.parse(page.createdAt)).date,
    silent: silentDates(days, new Set(), new Set([...alive, ...counted.map(({ date }) => date)])),
    badDays: alertsOf(page).badDays,
  });
  const forecast = pageForecast(page.path, history, through, alertsOf(page).goal, deps.trend);
  if (forecast.reason === null) counts.evaluated += 1;
  else skip(counts, forecast.reason);
  await deps.alerts.putForecast(forecast);
}

function createAliveDates({ history }: Pick<ForecastDeps, 'history'>) {
  const known = new Map<string, Promise<Set<string>>>();
  return (months: readonly string[]): Promise<ReadonlySet<string>> => {
    const key = months.join(' ');
    const read =
      known.get(key) ?? history.months(entityKeys.stack, months).then((days) => new Set(days.map(({ date }) => date)));
    known.set(key, read);
    return read;
  };
}
