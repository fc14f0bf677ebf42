import { localTimeOf } from '#core/enrich/local-time.ts';
import { addDays } from '#core/ledger/time-range.ts';
import { pickNumbers } from '#core/ledger/outcomes.ts';
import { evaluateGoal, passedShare } from '#core/metrics/goal.ts';
import { startOfPeriod } from '#core/periods.ts';
import { buildMetricRows, isSummable, totalOfDays } from '#core/metrics/values.ts';
import type { z } from 'zod';
import { type DateSpan } from '#core/stats/period.ts';
import {
  type GoalStatus,
  type Metric,
  metricLimits,
  type MetricValues,
  type metricValuesQuerySchema,
  type MetricView,
} from '#schemas/insights/metrics.ts';
import { invalidRequest } from '../problem.ts';
import { readProgress } from '../reports/progress.ts';
import type { ReportDeps } from '../reports/reports.ts';
import type { ReportSubject } from '../reports/subject.ts';
import { createMetricReader, type MetricDeps, type MetricReader } from './read-days.ts';

export interface MetricRequest {
  page: ReportSubject;
  metric: Metric;
  /** What the caller may see of it. */
  view: MetricView;
  /** How its alert stands, as far as the caller may see it. */
  alert: MetricValues['alert'];
  query: z.output<typeof metricValuesQuerySchema>;
}

/**
 * Returns a metric by day, week or month, its total, and how it stands with its goal.
 * @throws {Problem} 400 for an invalid range
 * @throws {StoreUnavailable}
 */
export async function readMetricValues(deps: MetricDeps, request: MetricRequest): Promise<MetricValues> {
  const { page, metric, view, alert, query } = request;
  const now = deps.now();
  const today = localTimeOf(page.zone, now).date;
  const { from, to } = chooseDates(query, today);
  const progress = await readProgress(deps.stats, now);
  const reader = createMetricReader({ deps, page, metric, progress });
  const days = await reader.days({ first: from, last: to });
  const goal = metric.goal && (await readGoal(deps, request, reader));
  return {
    metric: view,
    from,
    to,
    by: query.by,
    rows: buildMetricRows(metric, days, query.by),
    total: totalOfDays(metric, days),
    goal,
    alert,
    freshness: progress.freshness,
    errors: [...progress.errors, ...reader.errors],
  };
}

const defaultDays = metricLimits.previewDays;

function chooseDates({ from, to }: { from?: string | undefined; to?: string | undefined }, today: string) {
  const last = to ?? today;
  const first = from ?? addDays(last, 1 - defaultDays);
  if (first > last) throw invalidRequest([{ field: 'to', value: to ?? null, allowed: 'on or after `from`' }]);
  if (first < addDays(last, 1 - metricLimits.days))
    throw invalidRequest([
      { field: 'from', value: from ?? null, allowed: `at most ${metricLimits.days} days before \`to\`` },
    ]);
  return { from: first, to: last };
}

/** Days from which the usual weekdays are known: eight of each. */
const historyDays = 56;

async function readGoal(
  deps: MetricDeps,
  { page, metric }: MetricRequest,
  { days, moment }: MetricReader,
): Promise<GoalStatus | null> {
  const { goal } = metric;
  if (goal === null) return null;
  const today = localTimeOf(page.zone, moment).date;
  const all = await days({ first: addDays(today, -historyDays), last: today });
  const additive = isSummable(metric);
  const from = startOfPeriod(today, goal.period);
  const history = buildMetricRows(metric, all, 'day').map(({ start: date, value }) => ({ date, value }));
  return evaluateGoal({
    goal,
    value: totalOfDays(
      metric,
      all.filter(({ date }) => date >= from),
    ).value,
    additive,
    today,
    passed: additive ? await readPassed(deps, page, today, moment) : 0,
    history: history.filter(({ date }) => date < today),
  });
}

/** Weeks whose hours tell how much of a day has usually come. */
const usualWeeks = 4;

/** Reads the page's events by hour on the same weekday of the last weeks. */
async function readPassed({ stats }: ReportDeps, { entity, zone }: ReportSubject, today: string, moment: number) {
  const dates = Array.from({ length: usualWeeks }, (_, week) => addDays(today, -7 * (week + 1)));
  const spans: DateSpan[] = dates.map((date) => ({ first: date, last: date }));
  const items = (await Promise.all(spans.map(({ first, last }) => stats.hours(entity, first, last, '')))).flat();
  const hours = items.map((item) => {
    const { views = 0, clicks = 0, customs = 0 } = pickNumbers(item);
    return { hour: Number(item.hour.slice(11, 13)), events: views + clicks + customs };
  });
  const local = localTimeOf(zone, moment).hour;
  return passedShare(hours, { hour: Number(local.slice(11, 13)), minute: Math.floor(moment / 60_000) % 60 });
}
