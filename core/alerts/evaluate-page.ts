import { clickThroughRate } from '#core/stats/counters.ts';
import { type AlertState, toLastAlert } from '#core/detect/alert-state.ts';
import { classicClickThrough, classicDays, classicTraffic, type ViewsAndClicks } from '#core/detect/classic-rules.ts';
import { evaluateClickThrough, rateDays } from '#core/detect/click-through.ts';
import { totalOf } from '#core/detect/click-through-spread.ts';
import { dateOfDay, dayNumber } from '#core/detect/daily-series.ts';
import { evaluateDay } from '#core/detect/daily-traffic.ts';
import type { Evaluation } from '#core/detect/evaluation.ts';
import type { DetectionSetting } from '#core/detect/sensitivity.ts';
import { type PageHistory, trafficCounts } from './page-history.ts';

/** Daily metrics of a page. */
export const dailyMetrics = ['traffic', 'click-through'] as const;
export type DailyMetric = (typeof dailyMetrics)[number];
export type DailyEvaluations = Record<DailyMetric, Evaluation>;

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
  const since = state.kind === 'open' && !noLonger(state.since, date) ? state.since : date;
  const days = history.days.filter((each) => each.date <= date && !each.bad);
  const before = days.filter((each) => each.date < since);
  // With more clicks than views, most links are clicked elsewhere, and the rate says nothing about the page.
  const rate = totalOf(before.slice(-rateDays));
  if (rate.clicks > rate.views) return { kind: 'skipped', reason: 'too-small' };
  return toShownRates(evaluateClickThrough({ before, recent: days.slice(before.length) }, setting));
}

/** Days of an open incident are ignored for this long; after that they are the page's new rate. */
const longestIncident = 21;

function noLonger(since: string, date: string): boolean {
  return dayNumber(date) - dayNumber(since) > longestIncident;
}

/** Limits the rates of an evaluation to 100%, as they are shown elsewhere. */
function toShownRates(evaluation: Evaluation): Evaluation {
  if (evaluation.kind === 'skipped') return evaluation;
  const { expected, actual, usual } = evaluation;
  return { ...evaluation, expected: Math.min(1, expected), actual: Math.min(1, actual), usual: Math.min(1, usual) };
}

/** Evaluates one local day of a page by the classic rules, against the 14 days before it. */
export function evaluateClassicDay({ days }: PageHistory, date: string): DailyEvaluations {
  const day = days.find((each) => each.date === date);
  if (day === undefined || day.bad) {
    const skipped: Evaluation = { kind: 'skipped', reason: day === undefined ? 'missing' : 'bad-day' };
    return { traffic: skipped, 'click-through': skipped };
  }
  const start = dateOfDay(dayNumber(date) - classicDays);
  const before = days.filter((each) => each.date >= start && each.date < date);
  const total = totalOf(before);
  const views = before.map((each) => each.views);
  return {
    traffic: toEvaluation(classicTraffic(views, day.views), total.views / classicDays, day.views),
    'click-through': toEvaluation(classicClickThrough(total, day), toRate(total), toRate(day)),
  };
}

/** The rules compute no probability: 0 means that the rule matched. */
function toEvaluation(direction: 'drop' | 'surge' | null, expected: number, actual: number): Evaluation {
  const statistics = { expected, actual, usual: expected, score: expected > 0 ? Math.abs(actual / expected - 1) : 0 };
  return direction === null
    ? { kind: 'not-significant', reason: 'usual', ...statistics, probability: 1 }
    : { kind: 'alert', direction, ...statistics, probability: 0 };
}

function toRate({ views, clicks }: ViewsAndClicks): number {
  return clickThroughRate(views, clicks) ?? 0;
}
