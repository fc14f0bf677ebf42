import { isDeepStrictEqual } from 'node:util';
import { addDays } from '#core/ledger/time-range.ts';
import { listDates } from '#core/stats/period.ts';
import {
  type MetricAlert,
  metricAlertLimits,
  type MetricAlertState,
  type MetricAlertStatus,
  type PeriodOutcome,
} from '#schemas/insights/metric-alert.ts';
import type { Metric } from '#schemas/insights/metrics.ts';
import { addMeasures, computeMetric, listUsedMeasures, type MeasureSums } from './measures.ts';
import { addPeriods, endOfPeriod, startOfPeriod } from '../periods.ts';
import type { MetricDay } from './values.ts';

type Threshold = Extract<MetricAlert, { value: number }>;
type Unusual = Exclude<MetricAlert, Threshold>;

/** A metric with an alert. */
export type AlertedMetric<Rule extends MetricAlert = MetricAlert> = Metric & { alert: Rule };
export type ThresholdMetric = AlertedMetric<Threshold>;
export type UnusualMetric = AlertedMetric<Unusual>;

export interface AlertFacts {
  metric: ThresholdMetric;
  /** Undefined before the first evaluation. */
  state: MetricAlertState | undefined;
  periods: AlertPeriods;
  days: readonly MetricDay[];
  /** Local dates that are never evaluated. */
  excluded: ReadonlySet<string>;
  /** No message is sent now. */
  muted: boolean;
}

/** Closed periods by their first local dates, oldest first. */
export interface AlertPeriods {
  /** Not evaluated yet. */
  due: string[];
  /** Those of the chart and of the rule, the due ones included. */
  all: string[];
}

/** An alert that opened or ended. */
export interface MetricNews {
  kind: 'opened' | 'recovered';
  /** First local date of the period with which it opened. */
  since: string;
  /** The period that opened or ended it, and its value. */
  start: string;
  value: number;
  /** Of an unusual day. */
  expected: number | null;
}

export interface AlertStep {
  state: MetricAlertState;
  /** What to send a message about, oldest first. */
  news: MetricNews[];
  recent: { date: string; value: number | null }[];
}

/**
 * Evaluates the due periods of a metric. The alert opens when its rule holds in as many periods in a row as it wants, and ends with
 * the next period that is within the threshold. Null while the newest period is not computed.
 */
export function followMetricAlert(facts: AlertFacts): AlertStep | null {
  const { metric, periods, muted } = facts;
  const evaluated = periods.all.map((start) => evaluatePeriod(facts, start));
  const last = evaluated.at(-1);
  if (last?.isComplete !== true) return null;
  const known = isOfRule(facts.state, metric) ? facts.state : undefined;
  let since = known?.since ?? null;
  let announced = known?.announced ?? false;
  const news: MetricNews[] = [];
  let run = 0;
  for (const { start, outcome, value } of evaluated) {
    run = outcome === 'beyond' ? run + 1 : 0;
    if (!periods.due.includes(start) || value === null) continue;
    if (outcome === 'within' && since !== null) {
      if (announced) news.push({ kind: 'recovered', since, start, value, expected: null });
      since = null;
    }
    if (since !== null || run < metric.alert.periods) continue;
    since = start;
    announced = !muted;
    if (announced) news.push({ kind: 'opened', since, start, value, expected: null });
  }
  const { start, outcome, value } = last;
  return {
    state: { start, outcome, value, expected: null, since, announced, rule: metric.alert, version: metric.version },
    news,
    recent: evaluated.slice(-chartPeriods).map((each) => ({ date: each.start, value: each.value })),
  };
}

/** Periods of the chart in a mail; 12 months are as many as days are kept for. */
const chartPeriods = 12;
/** After an outage, older periods are no longer worth an alert. */
const mostDue = 7;

/**
 * Lists the closed periods to evaluate: those after the last one of the same rule and version; of a new rule the newest.
 * @param last the last local date that has ended and settled
 */
export function listAlertPeriods(
  metric: AlertedMetric,
  state: MetricAlertState | undefined,
  last: string,
): AlertPeriods {
  const { period, periods } = metric.alert;
  const known = isOfRule(state, metric) ? state.start : undefined;
  const closed = closedPeriods(period, last, Math.max(chartPeriods, mostDue + periods - 1));
  const due = known === undefined ? closed.slice(-1) : closed.slice(-mostDue).filter((start) => start > known);
  return { due, all: closed.slice(-Math.max(chartPeriods, due.length + periods - 1)) };
}

function closedPeriods(period: MetricAlert['period'], last: string, count: number): string[] {
  const open = startOfPeriod(addDays(last, 1), period);
  return Array.from({ length: count }, (_, at) => addPeriods(open, at - count, period));
}

/** Returns how an alert stands; null until its rule is evaluated for the present version of the metric. */
export function statusOfAlert(metric: Metric, state: MetricAlertState | undefined): MetricAlertStatus | null {
  if (!isAlerted(metric) || !isOfRule(state, metric)) return null;
  const { start, outcome, value, expected, since } = state;
  return { start, outcome, value, expected, since };
}

export function isAlerted<T extends Metric>(metric: T): metric is T & AlertedMetric {
  return metric.alert !== null;
}

export function isUnusual<T extends AlertedMetric>(metric: T): metric is T & UnusualMetric {
  return metric.alert.when === 'unusual';
}

export function isThreshold<T extends AlertedMetric>(metric: T): metric is T & ThresholdMetric {
  return metric.alert.when !== 'unusual';
}

/** A changed rule begins anew, and so does another version of the metric. */
export function isOfRule(state: MetricAlertState | undefined, metric: AlertedMetric): state is MetricAlertState {
  return state !== undefined && state.version === metric.version && isDeepStrictEqual(state.rule, metric.alert);
}

interface EvaluatedPeriod {
  start: string;
  outcome: PeriodOutcome;
  value: number | null;
  /** Every day has measures of the present version. */
  isComplete: boolean;
}

function evaluatePeriod({ metric, days, excluded }: AlertFacts, start: string): EvaluatedPeriod {
  const dates = listDates({ first: start, last: endOfPeriod(start, metric.alert.period) });
  const known = measuresByDate(metric, days);
  const parts = dates.flatMap((date): MeasureSums[] => {
    const measures = known.get(date);
    return measures === undefined ? [] : [measures];
  });
  const isComplete = parts.length === dates.length;
  const sums = isComplete ? addMeasures(parts) : undefined;
  const { value } = computeMetric(metric, sums);
  const isExcluded = dates.some((date) => excluded.has(date));
  return { start, value, isComplete, outcome: isExcluded ? 'unknown' : outcomeOf(metric, sums, value) };
}

/** Returns the measures of the days that have the present version of a metric. */
export function measuresByDate({ version }: Metric, days: readonly MetricDay[]): Map<string, MeasureSums> {
  return new Map(
    days.flatMap((day) =>
      day.version === version && day.measures !== undefined ? [[day.date, day.measures] as const] : [],
    ),
  );
}

function outcomeOf(metric: ThresholdMetric, sums: MeasureSums | undefined, value: number | null): PeriodOutcome {
  if (sums === undefined || value === null) return 'unknown';
  if (isTooSmall(metric, sums)) return 'muted';
  const { when, value: threshold } = metric.alert;
  return (when === 'below' ? value < threshold : value > threshold) ? 'beyond' : 'within';
}

/** Few events make any number: no alert where a measure that the formula uses has fewer than 20. */
function isTooSmall(metric: ThresholdMetric, sums: MeasureSums): boolean {
  return [...listUsedMeasures(metric).all].some((name) => (sums[name]?.numbers ?? 0) < metricAlertLimits.events);
}
