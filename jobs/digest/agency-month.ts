import { leadingUnit } from '#core/alerts/page-history.ts';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { addDays, startOfDate } from '#core/ledger/time-range.ts';
import { type DayCounters, sumCounters } from '#core/stats/counters.ts';
import { listDates } from '#core/stats/period.ts';
import { monthToReport, type SummaryPeriod } from '#core/summaries/periods.ts';
import { hasTraffic, isComparable, sumTraffic } from '#core/summaries/summarize.ts';
import { summarizeConversions } from '#core/summaries/summarize-conversions.ts';
import { alertsOf } from '#jobs/mailing/recipients.ts';
import { skip } from '#jobs/alert-run.ts';
import type { AgencyContent } from '#schemas/alerts.ts';
import type { Page } from '#schemas/catalog.ts';
import { conversionAttribute, entityKeys } from '#schemas/counters.ts';
import { type GoalResult, summaryLimits } from '#schemas/mails/summary-parts.ts';
import type { DigestDeps, DigestRun } from './deps.ts';
import { commonZone } from './agency-mails.ts';
import { goalOf } from './page-summaries.ts';

/** Queues a mail about last month for each user of an agency, once, when the month has settled for all of its pages. */
export async function queueAgencyMonth(
  { deps, recipients, settled, time, deadline, counts }: DigestRun,
  { agency, pages }: { agency: string; pages: readonly Page[] },
): Promise<void> {
  const period = monthToReport(commonZone(pages), time);
  if (period === undefined) return;
  if (deps.now() >= deadline) return skip(counts, 'no-time-left');
  if (!(await recipients.hasReaders(agency))) return skip(counts, 'agency-without-address');
  const next = addDays(period.last, 1);
  if (pages.some(({ timeZone }) => settled < startOfDate(next, timeZone))) return skip(counts, 'agency-unsettled');
  const name = `agency-monthly#${period.first}`;
  if (await deps.alerts.isSummarized(agency, name)) return skip(counts, 'already-queued');
  const months = await readMonths(deps, pages, period);
  if (months.length === 0) skip(counts, 'agency-nothing-to-report');
  else
    for (const mail of await recipients.mailsAboutAgency(buildContent(agency, pages, period, months), time))
      if (!(await deps.mailing.mails.queue(mail))) skip(counts, 'already-queued');
  await deps.alerts.putSummarized(agency, name);
}

interface PageMonth {
  page: Page;
  totals: { views: number; clicks: number };
  /** Null if the page is younger. */
  previous: { views: number; clicks: number } | null;
  goal: GoalResult | null;
  /** One item each with the sums of the month and of the days before. */
  conversions: { now: DayCounters; before: DayCounters };
}

/** Pages whose months are read concurrently. */
const concurrency = 20;

/** Reads the months of the pages that had traffic or conversions. */
async function readMonths(deps: DigestDeps, pages: readonly Page[], period: SummaryPeriod): Promise<PageMonth[]> {
  const found: PageMonth[] = [];
  for (let from = 0; from < pages.length; from += concurrency) {
    const months = await Promise.all(
      pages.slice(from, from + concurrency).map((page) => readMonth(deps, page, period)),
    );
    found.push(...months.flatMap((month) => month ?? []));
  }
  return found;
}

async function readMonth(
  { history, alerts }: DigestDeps,
  page: Page,
  period: SummaryPeriod,
): Promise<PageMonth | undefined> {
  const dates = [...listDates(period.before), ...listDates(period)];
  const days = await history.numbers(entityKeys.page(page.path), dates);
  const [now, earlier] = [
    days.filter(({ date }) => date >= period.first),
    days.filter(({ date }) => date < period.first),
  ];
  const [totals, before] = [sumTraffic(now), sumTraffic(earlier)];
  const conversions = { now: sumConversions(now), before: sumConversions(earlier) };
  const isEmpty = !hasTraffic(totals) && !hasTraffic(before);
  if (isEmpty && summarizeConversions([conversions.now], [conversions.before]) === null) return undefined;
  const createdOn = localTimeOf(page.timeZone, Date.parse(page.createdAt)).date;
  const forecast = alertsOf(page).goal === null ? undefined : await alerts.forecast(page.path);
  return {
    page,
    totals,
    previous: isComparable(period, earlier, createdOn) ? before : null,
    goal: goalOf(page, totals, forecast?.unit ?? leadingUnit([totals, before])),
    conversions,
  };
}

/** Keeps the sums alone: the counters of a thousand pages' days would not fit into memory. */
function sumConversions(days: readonly DayCounters[]): DayCounters {
  const sums = sumCounters({ hours: [], days }, conversionAttribute(''));
  return { date: '', numbers: Object.fromEntries([...sums].map(([of, sum]) => [conversionAttribute(of), sum])) };
}

function buildContent(
  agency: string,
  pages: readonly Page[],
  { first, last }: SummaryPeriod,
  months: readonly PageMonth[],
): AgencyContent {
  const rows = months.map(({ page, totals, previous, goal }) => ({
    page: page.path,
    title: page.title,
    totals,
    previous,
    goal,
  }));
  const goals = pages.filter((page) => alertsOf(page).goal !== null).length;
  const sorted = rows.toSorted((a, b) => trafficOf(b.totals) - trafficOf(a.totals) || (a.page < b.page ? -1 : 1));
  return {
    kind: 'agency-monthly',
    agency,
    pages: pages.length,
    from: first,
    to: last,
    totals: addUp(rows.map(({ totals }) => totals)),
    previous: addUp(rows.flatMap(({ previous }) => previous ?? [])),
    conversions: summarizeConversions(
      months.map(({ conversions }) => conversions.now),
      months.map(({ conversions }) => conversions.before),
    ),
    goals: { set: goals, reached: rows.filter(({ goal }) => goal !== null && goal.actual >= goal.goal).length },
    rows: sorted.slice(0, summaryLimits.pages),
    more: Math.max(0, rows.length - summaryLimits.pages),
  };
}

/** Views, or clicks of a page that mostly has clicks. */
function trafficOf(totals: { views: number; clicks: number }): number {
  return totals[leadingUnit([totals])];
}

function addUp(totals: readonly { views: number; clicks: number }[]) {
  return {
    views: totals.reduce((sum, { views }) => sum + views, 0),
    clicks: totals.reduce((sum, { clicks }) => sum + clicks, 0),
  };
}
