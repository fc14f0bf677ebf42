import type { AlertedMetric, AlertStep, MetricNews } from '#core/metrics/alert.ts';
import type { Attempt, RunCounts } from '#jobs/alert-run.ts';
import type { Recipients } from '#jobs/mailing/recipients.ts';
import type { OutgoingNotification } from '#schemas/alerts.ts';
import type { Page } from '#schemas/catalog.ts';
import type { History } from '#stores/alerts/detection-history.ts';
import type { MetricAlerts } from '#stores/alerts/metric-alerts.ts';
import type { PageMetric } from '#stores/catalog/page-metrics.ts';
import type { SettledStore } from '#stores/counters/settled-metrics.ts';

export interface MetricAlertDeps {
  /** Custom metrics of all pages. */
  listMetrics: () => Promise<PageMetric[]>;
  getPage: (path: string) => Promise<Page | undefined>;
  metricAlerts: MetricAlerts;
  settledMetrics: SettledStore;
  history: Pick<History, 'hours'>;
  now: () => number;
}

export interface MetricAlertRun {
  deps: MetricAlertDeps;
  recipients: Recipients;
  /** Time of the schedule, milliseconds since the epoch. */
  time: number;
  /** When no other metric is begun, in milliseconds since the epoch. */
  deadline: number;
  counts: RunCounts;
  attempt: Attempt;
}

export interface MetricWork<Alerted extends AlertedMetric = AlertedMetric> {
  page: Page;
  metric: Alerted;
}

/** Queues a message for each news, and then stores the state. */
export async function commitStep(
  run: MetricAlertRun,
  work: MetricWork,
  { state, news, recent }: AlertStep,
): Promise<void> {
  const { counts, deps } = run;
  const mails: OutgoingNotification[] = [];
  for (const each of news) {
    if (each.kind === 'opened') counts.alerts += 1;
    else counts.recoveries += 1;
    const chart = recent.filter(({ date }) => date <= each.start);
    mails.push(...(await run.recipients.notifyAboutPage(work.page, toContent(run, work, each, chart), run.time)));
  }
  await deps.metricAlerts.commit(work.page.path, work.metric.id, state, mails);
}

function toContent(
  { time }: MetricAlertRun,
  { page, metric }: MetricWork,
  news: MetricNews,
  recent: AlertStep['recent'],
) {
  const { id, name, unit, currency, decimals, alert: rule } = metric;
  const { kind, since, ...period } = news;
  const shared = {
    page: page.path,
    title: page.title,
    metric: { id, name, unit, currency, decimals },
    rule,
    ...period,
    recent,
  };
  return kind === 'opened'
    ? { kind: 'metric-alert' as const, ...shared, openedAt: time }
    : { kind: 'metric-recovery' as const, ...shared, since, recoveredAt: time };
}
