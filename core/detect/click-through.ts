import { countingDeviate } from '#core/statistics/two-rates.ts';
import { studentTail } from '#core/statistics/distributions.ts';
import type { ViewsAndClicks } from './classic-rules.ts';
import { type ClickThroughSpread, clickThroughSpread, totalOf } from './click-through-spread.ts';
import type { Evaluation } from './evaluation.ts';
import { type DetectionSetting, strictness } from './sensitivity.ts';

/** Minimum change of the rate for an alert, as a logarithm: 10 %. */
const smallestEffect = Math.log(1.1);
/** Significance levels of a day and of a run of days. */
export const usualLevels = { day: 0.0106, run: 0.0004 };
const smallestViews = 20;
/** Days in the usual rate: four of each weekday. */
export const rateDays = 28;
/** Days that are also compared together, so that a smaller change is found if it lasts. */
const runDays = 3;

export interface RateDays {
  /** Days to compare with, oldest first: the last 28 give the rate, all of them how much it differs from day to day. */
  before: readonly ViewsAndClicks[];
  /** The evaluated day; before it the earlier days of its incident, if one is open. */
  recent: readonly ViewsAndClicks[];
}

/**
 * Compares the click-through rate of a day, and of the run of days that it ends, with the days before. `expected`, `actual`
 * and `usual` are rates; `score` is the logarithm of the day's change divided by the minimum change.
 */
export function evaluateClickThrough(
  { before, recent }: RateDays,
  setting: DetectionSetting,
  levels = usualLevels,
): Evaluation {
  const day = recent.at(-1);
  if (day === undefined || !isCount(day.views) || !isCount(day.clicks))
    return { kind: 'skipped', reason: 'not-a-count' };
  if (day.views < smallestViews) return { kind: 'skipped', reason: 'too-small' };
  const known = before.filter(usable);
  const spread = clickThroughSpread(known);
  const alone = compare(known, [day], spread);
  if (alone === undefined) return { kind: 'skipped', reason: 'short-history' };
  const strict = strictness(setting);
  const { expected, actual, change } = alone;
  const direction = change < 0 ? 'drop' : 'surge';
  const evidence = { expected, actual, usual: expected, score: Math.abs(change) / smallestEffect };
  const large = evidence.score >= strict;
  const unusual = alone.probability < levels.day / strict ** 2;
  if (large && unusual) return { kind: 'alert', direction, ...evidence, probability: alone.probability };
  const run = large ? compareRun(known, recent.filter(usable), spread) : undefined;
  const lasting = run !== undefined && run.change / change > 0 && Math.abs(run.change) >= strict * smallestEffect;
  if (lasting && run.probability < levels.run / strict ** 2)
    return { kind: 'alert', direction, ...evidence, probability: run.probability };
  const reason = large ? 'within-noise' : unusual ? 'below-minimum-effect' : 'usual';
  return { kind: 'not-significant', reason, ...evidence, probability: alone.probability };
}

function isCount(value: number): boolean {
  return value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}

function usable({ views, clicks }: ViewsAndClicks): boolean {
  return isCount(views) && isCount(clicks) && views > 0;
}

/** The history must hold at least this many times the recent views. */
const historyTimes = 3;

/** A short history may be alike by chance: its days lower the variance to no less than this part. */
const smallestDispersion = 0.5;

interface RateChange {
  expected: number;
  actual: number;
  /** Logarithm of the ratio of the rates. */
  change: number;
  probability: number;
}

/** Returns undefined if the history is too short. */
function compare(
  before: readonly ViewsAndClicks[],
  recent: readonly ViewsAndClicks[],
  spread: ClickThroughSpread,
): RateChange | undefined {
  const rateHistory = before.slice(-rateDays);
  const [history, now] = [totalOf(rateHistory), totalOf(recent)];
  if (history.views < historyTimes * now.views) return undefined;
  // Half a click keeps a rate of 0 finite on the log scale.
  const change =
    Math.log((now.clicks + 0.5) / (now.views + 1)) - Math.log((history.clicks + 0.5) / (history.views + 1));
  const deviate = countingDeviate(history, now);
  const noise = deviate > 0 ? (change / deviate) ** 2 : Number.POSITIVE_INFINITY;
  const daily = spread.variance * (concentration(recent) + concentration(rateHistory));
  const variance = Math.max(noise * smallestDispersion, noise + daily);
  return {
    expected: history.clicks / history.views,
    actual: now.clicks / now.views,
    change,
    probability: 2 * studentTail(change / Math.sqrt(variance), spread.freedom),
  };
}

/** Returns the share of one day's variance that remains in the rate of several days: 1 of one, a third of three alike. */
function concentration(days: readonly ViewsAndClicks[]): number {
  const { views } = totalOf(days);
  return days.reduce((sum, day) => sum + (day.views / views) ** 2, 0);
}

/** Compares the run of days that the evaluated day ends with the days before the run. */
function compareRun(
  before: readonly ViewsAndClicks[],
  recent: readonly ViewsAndClicks[],
  spread: ClickThroughSpread,
): RateChange | undefined {
  const days = [...before, ...recent];
  const start = days.length - runDays;
  return start > 0 ? compare(before.slice(0, start), days.slice(start), spread) : undefined;
}
