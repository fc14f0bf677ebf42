import type { TrafficUnit } from '#core/alerts/page-history.ts';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { addDays, startOfDate } from '#core/ledger/time-range.ts';
import { listDates } from '#core/stats/period.ts';
import { periodsToReport, type SummaryPeriod } from '#core/summaries/periods.ts';
import { summarizeAnnotations } from '#core/summaries/summarize-annotations.ts';
import { type Summary, summarizePage } from '#core/summaries/summarize.ts';
import { alertsOf } from '#jobs/mailing/recipients.ts';
import { skip } from '#jobs/alert-run.ts';
import { readTitles } from '#jobs/read-titles.ts';
import type { MailContent, PageForecast } from '#schemas/alerts.ts';
import type { Page } from '#schemas/catalog.ts';
import { entityKeys } from '#schemas/counters.ts';
import type { GoalResult, SummaryCampaignMetric } from '#schemas/mails/summary-parts.ts';
import { readCampaignMetrics } from './campaign-metrics.ts';
import type { DigestDeps, DigestRun } from './deps.ts';

/** Queues a page's summaries of last week and of last month, each once, on the morning after. */
export async function queuePageSummaries(run: DigestRun, page: Page): Promise<void> {
  const periods = periodsToReport(page.timeZone, run.time);
  if (periods.length === 0) return skip(run.counts, 'not-due');
  for (const period of periods) await queueSummary(run, page, period);
}

async function queueSummary(run: DigestRun, page: Page, period: SummaryPeriod): Promise<void> {
  const { deps, recipients, settled, time, deadline, counts } = run;
  if (deps.now() >= deadline) return skip(counts, 'no-time-left');
  if (!alertsOf(page).kinds.includes(period.kind)) return skip(counts, `${period.kind}-off`);
  if (settled < startOfDate(addDays(period.last, 1), page.timeZone)) return skip(counts, 'unsettled');
  const name = `${period.kind}#${period.first}`;
  if (await deps.alerts.isSummarized(page.path, name)) return skip(counts, 'already-queued');
  const dates = [...listDates(period.before), ...listDates(period)];
  const days = await deps.history.settled(entityKeys.page(page.path), dates);
  const createdOn = localTimeOf(page.timeZone, Date.parse(page.createdAt)).date;
  const summary = summarizePage({ period, days, createdOn });
  if (summary === undefined) {
    skip(counts, 'nothing-to-report');
    return deps.alerts.putSummarized(page.path, name);
  }
  counts.evaluated += 1;
  const campaignMetrics = await readCampaignMetrics(deps, page, period, counts);
  const content = await buildContent(deps, page, period, { ...summary, campaignMetrics });
  const mails = await recipients.notifyAboutPage(page, content, time);
  if (mails.length === 0) return skip(counts, 'no-recipient');
  for (const mail of mails) if (!(await deps.mailing.mails.queue(mail))) skip(counts, 'already-queued');
  // Last, so that a run that stops before queues the rest; a mail has the same id then.
  await deps.alerts.putSummarized(page.path, name);
}

async function buildContent(
  deps: DigestDeps,
  page: Page,
  period: SummaryPeriod,
  { unit, days, links, ...summary }: Summary & { campaignMetrics: SummaryCampaignMetric[] },
): Promise<Extract<MailContent, { kind: 'digest' | 'monthly' }>> {
  const titles = await readTitles(
    deps,
    page.path,
    links.map(({ code }) => code),
  );
  const forecast = await deps.alerts.forecast(page.path);
  const content = {
    page: page.path,
    title: page.title,
    ...summary,
    links: links.map((link) => ({ ...link, title: titles.get(link.code) ?? '' })),
    annotations: summarizeAnnotations(await deps.annotations.list(page.path), period, page.timeZone),
    pace: paceOf(forecast, addDays(period.last, 1)),
  };
  if (period.kind === 'digest') return { kind: 'digest', ...content, week: days };
  return { kind: 'monthly', ...content, days, goal: goalOf(page, summary.totals, forecast?.unit ?? unit) };
}

/** Returns how a month ended for a page's goal, in the unit of its forecast; null without a goal. */
export function goalOf(page: Page, totals: Summary['totals'], unit: TrafficUnit): GoalResult | null {
  const { goal } = alertsOf(page);
  return goal === null ? null : { goal, actual: totals[unit], unit };
}

/** Returns the pace of the month of a date; null if the forecast is older. */
function paceOf(forecast: PageForecast | undefined, date: string): PageForecast['pace'] {
  const pace = forecast?.pace ?? null;
  return pace?.month === date.slice(0, 7) ? pace : null;
}
