import { type AlertState, storyOf } from '#core/detect/alert-state.ts';
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

/** What the detectors say about one local day of a page. */
export function evaluatePageDay(
  history: PageHistory,
  date: string,
  setting: DetectionSetting,
  states: Record<DailyMetric, AlertState>,
): DailyEvaluations {
  return {
    traffic: evaluateDay(trafficCounts(history), date, setting, storyOf(states.traffic)),
    'click-through': evaluateRate(history, date, setting, states['click-through']),
  };
}

function evaluateRate(history: PageHistory, date: string, setting: DetectionSetting, state: AlertState): Evaluation {
  const day = history.days.find((each) => each.date === date);
  if (day === undefined) return { kind: 'skipped', reason: 'missing' };
  if (day.bad) return { kind: 'skipped', reason: 'bad-day' };
  // A page that is hardly seen has no click-through rate.
  if (history.unit === 'clicks') return { kind: 'skipped', reason: 'too-small' };
  return evaluateClickThrough(rateHistory(history.days, date, state), day, setting);
}

/** Days whose rate is usual: four of each weekday. */
const rateDays = 28;

/** Days that teach the rate of `date`. */
function rateHistory(days: readonly PageDay[], date: string, state: AlertState): ViewsAndClicks[] {
  const end = state.kind === 'open' && !noLonger(state.since, date) ? state.since : date;
  const start = dateOfDay(dayNumber(end) - rateDays);
  return days.filter((day) => day.date >= start && day.date < end && !day.bad);
}

/** As long as an incident is open its days teach nothing; after so many it is the page's new rate. */
const longestIncident = 21;

function noLonger(since: string, date: string): boolean {
  return dayNumber(date) - dayNumber(since) > longestIncident;
}

/** What the classic rules said, as the detectors would say it. They know no chance: probability 0 is "the rule says so". */
export function classicEvaluation(found: ClassicVerdict | undefined): Evaluation {
  if (found === undefined) return { kind: 'skipped', reason: 'missing' };
  const { verdict, expected, actual } = found;
  const evidence = { expected, actual, usual: expected, score: expected > 0 ? Math.abs(actual / expected - 1) : 0 };
  return verdict === null
    ? { kind: 'not-significant', reason: 'usual', ...evidence, probability: 1 }
    : { kind: 'alert', direction: verdict === 'DROP' ? 'drop' : 'surge', ...evidence, probability: 0 };
}
