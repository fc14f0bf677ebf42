import { type AlertState, toLastAlert } from '#core/detect/alert-state.ts';
import type { ViewsAndClicks } from '#core/detect/classic-rules.ts';
import { evaluateClickThrough } from '#core/detect/click-through.ts';
import { dateOfDay, dayNumber } from '#core/detect/daily-series.ts';
import { evaluateDay } from '#core/detect/daily-traffic.ts';
import type { Evaluation } from '#core/detect/evaluation.ts';
import type { DetectionSetting } from '#core/detect/sensitivity.ts';
import { type PageDay, type PageHistory, trafficCounts } from './page-history.ts';

/** Daily metrics of a page. */
export const dailyMetrics = ['traffic', 'click-through'] as const;
export type DailyMetric = (typeof dailyMetrics)[number];
export type DailyEvaluations = Record<DailyMetric, Evaluation>;

export interface ClassicVerdict {
  verdict: 'DROP' | 'SURGE' | null;
  expected: number;
  actual: number;
}

/** Runs the daily detectors on one local day of a page. */
export function evaluatePageDay(
  history: PageHistory,
  date: string,
  setting: DetectionSetting,
  states: Record<DailyMetric, AlertState>,
): DailyEvaluations {
  return {
    traffic: evaluateDay(trafficCounts(history), date, setting, toLastAlert(states.traffic)),
    'click-through': evaluateRate(history, date, setting, states['click-through']),
  };
}

function evaluateRate(history: PageHistory, date: string, setting: DetectionSetting, state: AlertState): Evaluation {
  const day = history.days.find((each) => each.date === date);
  if (day === undefined) return { kind: 'skipped', reason: 'missing' };
  if (day.bad) return { kind: 'skipped', reason: 'bad-day' };
  // A page with hardly any views has no click-through rate.
  if (history.unit === 'clicks') return { kind: 'skipped', reason: 'too-small' };
  return evaluateClickThrough(rateHistory(history.days, date, state), day, setting);
}

/** Days in the usual rate: four of each weekday. */
const rateDays = 28;

/** Returns the days that the rate of `date` is compared with. */
function rateHistory(days: readonly PageDay[], date: string, state: AlertState): ViewsAndClicks[] {
  const end = state.kind === 'open' && !noLonger(state.since, date) ? state.since : date;
  const start = dateOfDay(dayNumber(end) - rateDays);
  return days.filter((day) => day.date >= start && day.date < end && !day.bad);
}

/** Days of an open incident are ignored for this long; after that they are the page's new rate. */
const longestIncident = 21;

function noLonger(since: string, date: string): boolean {
  return dayNumber(date) - dayNumber(since) > longestIncident;
}

/** Converts a verdict of the classic rules. They compute no probability: 0 means that the rule matched. */
export function classicEvaluation(found: ClassicVerdict | undefined): Evaluation {
  if (found === undefined) return { kind: 'skipped', reason: 'missing' };
  const { verdict, expected, actual } = found;
  const evidence = { expected, actual, usual: expected, score: expected > 0 ? Math.abs(actual / expected - 1) : 0 };
  return verdict === null
    ? { kind: 'not-significant', reason: 'usual', ...evidence, probability: 1 }
    : { kind: 'alert', direction: verdict === 'DROP' ? 'drop' : 'surge', ...evidence, probability: 0 };
}
