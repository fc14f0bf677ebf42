import { addDays } from '#core/ledger/time-range.ts';
import type { GoalStatus, MetricGoal } from '#schemas/insights/metrics.ts';
import { endOfPeriod, startOfPeriod } from '../periods.ts';

export interface GoalFacts {
  goal: MetricGoal;
  /** The metric of the period so far. */
  value: number | null;
  /** False for ratios and means, which do not grow with time. */
  additive: boolean;
  /** Local date of the moment up to which `value` counts. */
  today: string;
  /** Share of that date that has passed, by the traffic of its hours: 0 to 1. */
  passed: number;
  /** The metric of earlier days. */
  history: readonly { date: string; value: number | null }[];
}

/** More or less than this much of what is expected is ahead or behind. */
const tolerance = 0.1;

/**
 * Compares a metric with its goal. What is expected at this moment is the target times the share of the period that has usually
 * passed: days weigh as much as the metric has had on their weekday, on average, and today as far as its usual hours have come.
 */
export function evaluateGoal(facts: GoalFacts): GoalStatus {
  const { goal, value, additive, today } = facts;
  const from = startOfPeriod(today, goal.period);
  const to = endOfPeriod(from, goal.period);
  const expected = additive ? goal.target * shareOfPeriod(facts, from, to) : null;
  return {
    from,
    to,
    value,
    share: value === null || goal.target === 0 ? null : value / goal.target,
    expected,
    pace: expected === null || value === null ? null : paceOf(value, expected, goal.at),
  };
}

/** Compares a value with what is expected by now: within a tenth of it is `on`. */
export function paceOf(value: number, expected: number, at: MetricGoal['at']) {
  const margin = expected * tolerance;
  if (Math.abs(value - expected) <= margin) return 'on' as const;
  return value > expected === (at === 'least') ? ('ahead' as const) : ('behind' as const);
}

function shareOfPeriod({ today, passed, history }: GoalFacts, from: string, to: string): number {
  const weigh = weekdayWeights(history);
  let all = 0;
  let done = 0;
  for (let date = from; date <= to; date = addDays(date, 1)) {
    const weight = weigh(date);
    all += weight;
    if (date < today) done += weight;
    else if (date === today) done += weight * passed;
  }
  return all === 0 ? 0 : done / all;
}

/** Two of each weekday: with fewer, all days weigh the same. */
const leastDays = 14;

function weekdayWeights(history: GoalFacts['history']): (date: string) => number {
  const known = history.flatMap(({ date, value }) => (value === null || value < 0 ? [] : [{ date, value }]));
  const byWeekday = Map.groupBy(known, ({ date }) => weekdayOf(date));
  const means = new Map([...byWeekday].map(([day, values]) => [day, meanOf(values.map(({ value }) => value))]));
  const isUsable = known.length >= leastDays && means.size === 7 && [...means.values()].some((mean) => mean > 0);
  return (date) => (isUsable ? (means.get(weekdayOf(date)) ?? 0) : 1);
}

function weekdayOf(date: string): number {
  return new Date(date).getUTCDay();
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Returns the share of a day that has usually come by a local time, by the events of each hour; by the clock without any. */
export function passedShare(
  hours: readonly { hour: number; events: number }[],
  at: { hour: number; minute: number },
): number {
  const all = hours.reduce((sum, { events }) => sum + events, 0);
  const hourPart = at.minute / 60;
  if (all === 0) return (at.hour + hourPart) / 24;
  const before = hours.reduce(
    (sum, { hour, events }) => sum + (hour < at.hour ? events : hour === at.hour ? events * hourPart : 0),
    0,
  );
  return before / all;
}
