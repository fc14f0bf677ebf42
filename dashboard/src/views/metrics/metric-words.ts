import { describeMetricAlert } from '#core/metrics/alert-words.ts';
import { formatMetric, type MetricFormat } from '#core/metrics/format-metric.ts';
import {
  type MetricAlert,
  metricAlertLimits,
  type MetricAlertStatus,
  type MetricUnit,
} from '#schemas/insights/metric-alert.ts';
import type { GoalStatus, MeasureKind, MetricGoal, MetricOperator } from '#schemas/insights/metrics.ts';
import { formatShort } from '../../format/numbers.ts';
import { formatDate } from '../../format/times.ts';
import type { PeriodUnit } from '#schemas/time/periods.ts';

export const unitNames: Readonly<Record<MetricUnit, string>> = {
  count: 'Number',
  percent: 'Percent',
  ratio: 'Ratio',
  seconds: 'Seconds',
  money: 'Money',
};

export const measureNames: Readonly<Record<MeasureKind, string>> = {
  clicks: 'Clicks',
  views: 'Views',
  events: 'Custom events',
  visitors: 'Visitors of each day',
  sessions: 'Sessions',
  sum: 'Sum of a property',
  average: 'Mean of a property',
};

export const operatorNames: Readonly<Record<MetricOperator, string>> = {
  is: 'is',
  'is-not': 'is not',
  'starts-with': 'starts with',
};

export const periodNames: Readonly<Record<PeriodUnit, string>> = { day: 'a day', week: 'a week', month: 'a month' };

/** `at least 100 a week` */
export function describeGoal({ target, at, period }: MetricGoal, format: MetricFormat): string {
  return `at ${at} ${formatMetric(target, format)} ${periodNames[period]}`;
}

/** `Alert open: below 5.0% for 2 weeks, since 9 Nov. Last: 4.3% in the week from 9 Nov.`, `Alert on unusual days. Not evaluated yet.` */
export function describeAlert(status: MetricAlertStatus | null, rule: MetricAlert, format: MetricFormat): string {
  const words = rule.when === 'unusual' ? 'on unusual days' : describeMetricAlert(rule, format);
  if (status === null) return `Alert ${words}. Not evaluated yet.`;
  const when = describeAlertPeriod(status.start, rule.period);
  const start = status.since === null ? `Alert ${words}.` : `Alert open: ${words}, since ${formatDate(status.since)}.`;
  switch (status.outcome) {
    case 'muted':
      return `${start} Muted: fewer than ${metricAlertLimits.events} events ${when}.`;
    case 'unknown':
      return rule.when === 'unusual'
        ? `${start} Not evaluated ${when}: no value, an excluded day, or fewer than 14 days known before.`
        : `${start} No value ${when}, or an excluded day.`;
    case 'beyond':
    case 'within':
      return `${start} Last: ${formatMetric(status.value, format)} ${when}${describeExpected(status, format)}.`;
    default:
      return status.outcome satisfies never;
  }
}

function describeExpected({ expected }: MetricAlertStatus, format: MetricFormat): string {
  return expected === null ? '' : `, about ${formatMetric(expected, format)} expected`;
}

function describeAlertPeriod(start: string, period: PeriodUnit): string {
  if (period === 'day') return `on ${formatDate(start)}`;
  return period === 'week' ? `in the week from ${formatDate(start)}` : `in the month from ${formatDate(start)}`;
}

/** Formats a value of an axis, as {@link toShown} returns it: `5%`, `€1.2K`, `30 s`. */
export function formatMetricTick(shown: number, { unit, currency }: MetricFormat): string {
  if (unit === 'money' && currency !== null) return formatShortMoney(shown, currency);
  return formatShort(shown) + (unit === 'percent' ? '%' : unit === 'seconds' ? ' s' : '');
}

function formatShortMoney(amount: number, currency: string): string {
  const digits = Math.abs(amount) < 10 ? 2 : 1;
  return new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
    notation: 'compact',
    minimumFractionDigits: 0,
    maximumFractionDigits: digits,
  }).format(amount);
}

const periodsSoFar: Readonly<Record<PeriodUnit, string>> = { day: 'today', week: 'this week', month: 'this month' };

const paceNames = { ahead: 'Ahead', on: 'On pace', behind: 'Behind' } as const satisfies Record<
  NonNullable<GoalStatus['pace']>,
  string
>;

/** `Ahead: 58 this week, 50 expected by now. Goal: at least 100 a week (58%).` */
export function describeStatus(status: GoalStatus, goal: MetricGoal, format: MetricFormat): string {
  const { value, expected, pace, share } = status;
  const soFar = `${formatMetric(value, format)} ${periodsSoFar[goal.period]}`;
  const by = expected === null ? '' : `, ${formatMetric(expected, format)} expected by now`;
  const part = share === null ? '' : ` (${new Intl.NumberFormat('en', { style: 'percent' }).format(share)})`;
  return `${pace === null ? '' : `${paceNames[pace]}: `}${soFar}${by}. Goal: ${describeGoal(goal, format)}${part}.`;
}
