import { type Heartbeat, wasDown } from '#core/alerts/heartbeat.ts';
import { type LocalDay, localDays } from '#core/alerts/local-days.ts';
import { boundByOwner } from '#core/alerts/owner-bound.ts';
import { baselineDays } from '#core/detect/daily-traffic.ts';
import type { Evaluation } from '#core/detect/evaluation.ts';
import { addDays, lastEndedDate } from '#core/ledger/time-range.ts';
import {
  isOfRule,
  listAlertPeriods,
  measuresByDate,
  type MetricNews,
  type UnusualMetric,
} from '#core/metrics/alert.ts';
import { computeMetric } from '#core/metrics/measures.ts';
import { detectionOf, evaluateUnusual, followUnusual } from '#core/metrics/unusual.ts';
import type { MetricDay } from '#core/metrics/values.ts';
import { once } from '#core/once.ts';
import { ownerOf, skip } from '#jobs/alert-run.ts';
import { alertsOf, mutedAt } from '#jobs/mailing/recipients.ts';
import { entityKeys } from '#schemas/counters.ts';
import type { MetricAlertState } from '#schemas/insights/metric-alert.ts';
import { readSettledMetric } from '#stores/counters/settled-metrics.ts';
import { forEachConcurrently } from '#stores/dynamodb/rounds.ts';
import { commitStep, type MetricAlertRun, type MetricWork } from './commit-step.ts';
import { readHeartbeat } from './read-histories.ts';

/** Owners evaluated at a time. */
const concurrency = 5;

/** Days before the first evaluated date: the baseline, and two weeks for its first medians. */
const historyDays = baselineDays + 14;

/** After an outage, older dates are no longer worth an alert. */
const heartbeatDays = 9;

/**
 * Evaluates the days of metrics that alert when they are unusual. False discoveries are bounded among the metrics of an owner on a
 * date, as among its pages.
 * @param settled milliseconds since the epoch before which every hour is settled
 * @throws {StoreUnavailable}
 */
export async function evaluateUnusualMetrics(
  run: MetricAlertRun,
  works: readonly MetricWork<UnusualMetric>[],
  settled: number,
): Promise<void> {
  const { deps, counts, deadline } = run;
  const end = new Date(settled).toISOString().slice(0, 10);
  const heartbeat = once(() => readHeartbeat(deps.history, addDays(end, -heartbeatDays), end));
  const owners = [...Map.groupBy(works, ({ page }) => ownerOf(page)).values()];
  await forEachConcurrently(owners, concurrency, async (owned) => {
    if (deps.now() >= deadline) return skip(counts, 'metric: no-time-left', owned.length);
    const series: Series[] = [];
    for (const work of owned)
      await run.attempt(work.page.path, async () => {
        series.push(...(await readSeries(run, work, settled)));
      });
    for (const date of [...new Set(series.flatMap(({ due }) => due))].toSorted())
      evaluateDate(
        run,
        series.filter(({ due }) => due.includes(date)),
        date,
        await heartbeat(),
      );
    for (const each of series) await run.attempt(each.page.path, () => commit(run, each));
  });
}

/** A metric, and how far it is followed. */
interface Series extends MetricWork<UnusualMetric> {
  /** Local dates to evaluate, oldest first. */
  due: string[];
  days: MetricDay[];
  local: LocalDay[];
  state: MetricAlertState | undefined;
  news: MetricNews[];
}

/** Returns nothing if no date is due, or if the newest is not computed yet. */
async function readSeries(
  { deps, counts }: MetricAlertRun,
  { page, metric }: MetricWork<UnusualMetric>,
  settled: number,
): Promise<Series[]> {
  const stored = await deps.metricAlerts.state(page.path, metric.id);
  const { due } = listAlertPeriods(metric, stored, lastEndedDate(page.timeZone, settled));
  const [first, last] = [due[0], due.at(-1)];
  if (first === undefined || last === undefined) return [];
  const span = { first: addDays(first, -historyDays), last };
  const days = await readSettledMetric(deps.settledMetrics, entityKeys.page(page.path), metric, span);
  if (!measuresByDate(metric, days).has(last)) {
    skip(counts, 'metric: not-computed');
    return [];
  }
  const state = isOfRule(stored, metric) ? stored : undefined;
  return [
    {
      page,
      metric,
      due,
      days: sinceFirstEvent(metric, days),
      local: localDays(page.timeZone, span.first, span.last),
      state,
      news: [],
    },
  ];
}

/** Drops the days before the first one with an event of the metric: it did not exist. */
function sinceFirstEvent(metric: UnusualMetric, days: readonly MetricDay[]): MetricDay[] {
  const known = measuresByDate(metric, days);
  const first = days.findIndex(({ date }) => Object.values(known.get(date) ?? {}).some(({ numbers }) => numbers > 0));
  return first < 0 ? days.slice(-1) : days.slice(first);
}

const unsettled: Evaluation = { kind: 'skipped', reason: 'unsettled' };

function evaluateDate(run: MetricAlertRun, series: readonly Series[], date: string, heartbeat: Heartbeat): void {
  const evaluated = series.map((each) => ({
    each,
    owner: ownerOf(each.page),
    state: detectionOf(each.metric, each.state),
    evaluation: evaluate(each, date, heartbeat),
  }));
  for (const { each, evaluation } of boundByOwner(evaluated)) {
    const muted = mutedAt(each.page, run.time);
    const step = followUnusual({ ...each, date }, evaluation, { state: each.state, muted });
    if (evaluation.kind === 'skipped') skip(run.counts, `metric: ${evaluation.reason}`);
    else run.counts.evaluated += 1;
    each.state = step.state;
    each.news.push(...step.news);
  }
}

function evaluate({ page, metric, days, local, state }: Series, date: string, heartbeat: Heartbeat): Evaluation {
  const day = local.find((each) => each.date === date);
  if (day !== undefined && wasDown(day, heartbeat)) return unsettled;
  const { badDays, sensitivity } = alertsOf(page);
  return evaluateUnusual({
    metric,
    date,
    days,
    hours: new Map(local.filter(({ hours }) => hours !== 24).map(({ date: each, hours }) => [each, hours])),
    excluded: new Set(badDays),
    setting: { sensitivity, threshold: 1 },
    state: detectionOf(metric, state),
  });
}

/** Days of the chart in a mail. */
const chartDays = 14;

async function commit(run: MetricAlertRun, series: Series): Promise<void> {
  const { metric, state, news, days } = series;
  if (state === undefined) return;
  const known = measuresByDate(metric, days);
  const recent = days
    .slice(-chartDays)
    .map(({ date }) => ({ date, value: computeMetric(metric, known.get(date)).value }));
  await commitStep(run, series, { state, news, recent });
}
