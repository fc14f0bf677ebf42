import { lastEndedDate } from '#core/ledger/time-range.ts';
import {
  followMetricAlert,
  isAlerted,
  isThreshold,
  isUnusual,
  listAlertPeriods,
  type ThresholdMetric,
} from '#core/metrics/alert.ts';
import { endOfPeriod } from '#core/periods.ts';
import { inTurns, ownerOf, skip } from '#jobs/alert-run.ts';
import { alertsOf, mutedAt } from '#jobs/mailing/recipients.ts';
import { entityKeys } from '#schemas/counters.ts';
import { readSettledMetric } from '#stores/counters/settled-metrics.ts';
import { forEachConcurrently } from '#stores/dynamodb/rounds.ts';
import { commitStep, type MetricAlertRun, type MetricWork } from './commit-step.ts';
import { evaluateUnusualMetrics } from './unusual-metrics.ts';

const concurrency = 10;

/**
 * Evaluates the closed periods of every metric that has an alert, and queues a message for each alert that opens or ends. A run may
 * repeat after a crash or overlap with another: the message about the opening of an alert has one id, and so has that about its end.
 * @param settled milliseconds since the epoch before which every hour is settled
 * @throws {StoreUnavailable}
 */
export async function evaluateMetricAlerts(run: MetricAlertRun, settled: number): Promise<void> {
  const { deps, counts, attempt, deadline } = run;
  const works = inTurns(await readWork(run), ({ page }) => ownerOf(page));
  await forEachConcurrently(works, concurrency, async ({ page, metric }) => {
    if (!isThreshold(metric)) return;
    if (deps.now() >= deadline) return skip(counts, 'metric: no-time-left');
    return attempt(page.path, () => evaluate(run, { page, metric }, settled));
  });
  const unusual = works.flatMap(({ page, metric }) => (isUnusual(metric) ? [{ page, metric }] : []));
  await evaluateUnusualMetrics(run, unusual, settled);
}

/** Reads each page that has a metric with an alert once. */
async function readWork({ deps, counts }: MetricAlertRun): Promise<MetricWork[]> {
  const alerted = (await deps.listMetrics()).filter((each) => isAlerted(each));
  const works: MetricWork[] = [];
  await forEachConcurrently([...Map.groupBy(alerted, ({ page }) => page)], concurrency, async ([path, metrics]) => {
    const page = await deps.getPage(path);
    if (page === undefined) return;
    if (alertsOf(page).enabled) works.push(...metrics.map((metric) => ({ page, metric })));
    else skip(counts, 'metric: alerts-off', metrics.length);
  });
  return works;
}

async function evaluate(
  run: MetricAlertRun,
  { page, metric }: MetricWork<ThresholdMetric>,
  settled: number,
): Promise<void> {
  const { deps, counts, time } = run;
  const last = lastEndedDate(page.timeZone, settled);
  const state = await deps.metricAlerts.state(page.path, metric.id);
  const periods = listAlertPeriods(metric, state, last);
  const [first] = periods.all;
  const newest = periods.due.at(-1);
  if (first === undefined || newest === undefined) return;
  const span = { first, last: endOfPeriod(newest, metric.alert.period) };
  const days = await readSettledMetric(deps.settledMetrics, entityKeys.page(page.path), metric, span);
  const excluded = new Set(alertsOf(page).badDays);
  const step = followMetricAlert({ metric, state, periods, days, excluded, muted: mutedAt(page, time) });
  if (step === null) return skip(counts, 'metric: not-computed');
  counts.evaluated += 1;
  const { outcome } = step.state;
  if (step.news.length === 0 && (outcome === 'muted' || outcome === 'unknown')) skip(counts, `metric: ${outcome}`);
  await commitStep(run, { page, metric }, step);
}
