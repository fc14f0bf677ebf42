import { countTails, studentTail } from '#core/statistics/distributions.ts';
import { type DailyCount, type DailySeries, dailySeries, dayNumber, findExclusion } from './daily-series.ts';
import type { Direction, Statistics, Evaluation } from './evaluation.ts';
import { type Level, type LevelOptions, robustLevel } from '#core/statistics/level.ts';
import { mean, median, spreadAroundZero, tailFactor } from '#core/statistics/robust.ts';
import { type DetectionSetting, strictness } from './sensitivity.ts';

/** A silent day is a drop. */
export type DailyDirection = Exclude<Direction, 'silent'>;

/** The page's last alert: the evaluated day may continue it or repeat it. */
export interface LastAlert {
  /** Local date of its last day. */
  lastAlert: string;
  /** The incident until it recovers: direction, date and `usual` of its first day. */
  open: {
    direction: DailyDirection;
    since: string;
    usual: number;
    /** The evaluated day may continue it; false after two days that were not significant. */
    mayContinue: boolean;
  } | null;
}

/**
 * Evaluates one local day of a page. `counts` may hold any days in any order; only those before `date` form the
 * baseline. A date without a count is `missing`.
 */
export function evaluateDay(
  counts: readonly DailyCount[],
  date: string,
  setting: DetectionSetting,
  lastAlert?: LastAlert,
): Evaluation {
  const series = dailySeries(counts);
  return evaluateDayAt(series, dayNumber(date) - series.firstDay, setting, lastAlert);
}

/** Two of each weekday. */
const shortestHistory = 14;

/**
 * Evaluates the day at `index` of the series, using only the days before it.
 * @param lastAlert the page's last alert
 */
export function evaluateDayAt(
  series: DailySeries,
  index: number,
  setting: DetectionSetting,
  lastAlert?: LastAlert,
): Evaluation {
  const count = series.counts[index];
  const excluded = findExclusion(count);
  if (count === undefined || excluded !== undefined) return { kind: 'skipped', reason: excluded ?? 'missing' };
  const baseline = baselineBefore(series, index);
  if (baseline.days < shortestHistory) return { kind: 'skipped', reason: 'short-history' };
  const strict = strictness(setting);
  const open = lastAlert?.open ?? null;
  if (open === null || dayNumber(count.date) - dayNumber(open.since) > longestIncident)
    return evaluateCount(count, baseline, strict, lastAlert);
  const before = { ...baseline, level: Math.log(open.usual + 0.5), lingering: 0 };
  // The level of a steady page follows a long incident, and the end of the incident is no change.
  const evaluation = evaluateCount(count, baseline.steady === undefined ? baseline : before, strict, lastAlert);
  if (!open.mayContinue || (evaluation.kind === 'alert' && evaluation.direction !== open.direction)) return evaluation;
  return evaluateContinuing(count, before, open.direction, strict) ?? evaluation;
}

/** Days in the baseline: 13 of each weekday, and twice as many for what a steady page is known by. */
const windows = { restless: 91, steady: 182 };

/** Days of history that an evaluation uses at most. */
export const baselineDays = windows.steady;

const levelOptions: LevelOptions = { weight: 0.5, clip: 2, shift: 3, memory: 42, smallestSpread: 0.05 };

/** Noise alone moves a steady page from day to day, so its level is nearer to a mean. */
const steadyOptions: LevelOptions = { ...levelOptions, weight: 0.15, memory: 91, smallestSpread: 0.02 };

/**
 * A page is steady if its spread around such a level is smaller, over eight of each weekday, and if a level that follows
 * half of each error predicts no better than this part of it: then its days differ by noise and not by events that last.
 */
const steadyPage = { spread: 0.08, days: 56, follower: 0.85 };

interface Baseline extends Pick<Level, 'level' | 'spread' | 'tail'> {
  /** Minimum change of a steady page, as a logarithm; undefined of a page that is not steady. */
  steady: number | undefined;
  /** Effect of the evaluated day's weekday, added to the level. */
  effect: number;
  /** Carry-over from the days before. */
  lingering: number;
  days: number;
}

/** Computes the baseline for the day `end` from the days before it. */
function baselineBefore(series: DailySeries, end: number): Baseline {
  return (
    steadyBaseline(historyBefore(series, end, windows.steady)) ??
    restlessBaseline(historyBefore(series, end, windows.restless))
  );
}

interface History {
  /** The days before the evaluated one; NaN for a gap. */
  logs: readonly number[];
  /** Days that are no gap. */
  days: number;
  weekdays: readonly Weekday[];
}

function historyBefore(series: DailySeries, end: number, longest: number): History {
  const start = Math.max(0, end - longest);
  const logs = series.logs.slice(start, end);
  return { logs, days: logs.filter((log) => !Number.isNaN(log)).length, weekdays: weekdaysBefore(series, start, end) };
}

function steadyBaseline({ logs, days, weekdays }: History): Baseline | undefined {
  if (days < steadyPage.days) return undefined;
  const effects = weekdayEffects(weekdays, chanceWeeks(weekdays));
  const values = withoutWeekdays(logs, effects);
  const level = robustLevel(values, steadyOptions);
  if (level.spread >= steadyPage.spread || !isNoise(values, level)) return undefined;
  return {
    ...level,
    days,
    effect: effectOfNext(logs, effects),
    steady: leastSteadyChange(values, level),
    lingering: 0,
  };
}

function restlessBaseline({ logs, days, weekdays }: History): Baseline {
  const effects = weekdayEffects(weekdays, mostShrinkage);
  const values = withoutWeekdays(logs, effects);
  const level = robustLevel(values, levelOptions);
  const lingering = lingeringOf(values.slice(-14).map((value) => value - level.level));
  return { ...level, days, effect: effectOfNext(logs, effects), steady: undefined, lingering };
}

function withoutWeekdays(logs: readonly number[], effects: readonly number[]): number[] {
  return logs.map((log, offset) => log - (effects[offset % 7] ?? 0));
}

function effectOfNext(logs: readonly number[], effects: readonly number[]): number {
  return effects[logs.length % 7] ?? 0;
}

function isNoise(values: readonly number[], { spread }: Level): boolean {
  const follower = robustLevel(values, { ...steadyOptions, weight: levelOptions.weight });
  return follower.spread >= steadyPage.follower * spread;
}

/** Minimum change of a steady page: this many of its spreads, more if its errors are heavy-tailed, and 15 %. */
const steadyEffect = { spreads: 3.4, least: 0.15 };

/**
 * Errors that tell how heavy the tail is: after two weeks, in which the level settles, and below six spreads, beyond which
 * they are changes of their own. Chance moves the quantile of half a year by a tenth.
 */
const tailErrors = { settling: 14, below: 6, chance: 1.1 };

function leastSteadyChange(values: readonly number[], { spread, before }: Level): number {
  const scores = values.map((value, index) => Math.abs(value - (before[index] ?? Number.NaN)) / spread);
  const usual = scores.slice(tailErrors.settling).filter((score) => score < tailErrors.below);
  const widening = tailFactor(usual.map((score) => score / tailErrors.chance));
  return Math.max(steadyEffect.least, steadyEffect.spreads * spread * widening);
}

interface Weekday {
  weeks: number;
  /** Median deviation from the week around it. */
  effect: number;
  /** Spread of the deviations. */
  noise: number;
}

/** Returns the weekdays in the order of days; the first is that of `start`. */
function weekdaysBefore({ logs, around }: DailySeries, start: number, end: number): Weekday[] {
  return Array.from({ length: 7 }, (_, weekday) => {
    const deviations: number[] = [];
    for (let index = start + weekday; index + 3 < end; index += 7) {
      const deviation = (logs[index] ?? Number.NaN) - (around[index] ?? Number.NaN);
      if (!Number.isNaN(deviation)) deviations.push(deviation);
    }
    const effect = deviations.length === 0 ? 0 : median(deviations);
    return { weeks: deviations.length, effect, noise: spreadAroundZero(deviations.map((each) => each - effect)) };
  });
}

/** A weekday known from four weeks counts by half. */
const mostShrinkage = 4;

/** Returns the weeks that chance is worth: the variance within the weekdays in units of that between them. */
function chanceWeeks(weekdays: readonly Weekday[]): number {
  const between = mean(weekdays.map(({ effect }) => effect ** 2));
  const within = mean(weekdays.map(({ noise }) => noise ** 2));
  return between > 0 ? Math.min(mostShrinkage, within / between) : mostShrinkage;
}

/** Returns the effects, shrunk towards 0 by `chance` weeks, around a mean of 0. */
function weekdayEffects(weekdays: readonly Weekday[], chance: number): number[] {
  const effects = weekdays.map(({ weeks, effect }) => (effect * weeks) / (weeks + chance));
  const centre = mean(effects);
  return effects.map((effect) => effect - centre);
}

/** Autoregression weights of a deviation from the level, chosen on seven daily series: peaks fade slowly, dips close sooner. */
const lingers = { peak: 0.6, hole: 0.3, dayBefore: -0.15, weekBefore: 0.1, fortnightBefore: 0.1 };

/** @param deviations from the level without weekday effects, newest last; NaN for a gap */
function lingeringOf(deviations: readonly number[]): number {
  function ago(days: number): number {
    const deviation = deviations.at(-days) ?? Number.NaN;
    return Number.isNaN(deviation) ? 0 : deviation;
  }
  return (
    (ago(1) > 0 ? lingers.peak : lingers.hole) * ago(1) +
    lingers.dayBefore * ago(2) +
    lingers.weekBefore * ago(7) +
    lingers.fortnightBefore * ago(14)
  );
}

/** Minimum change for an alert, as a logarithm: to 55 %, or to 1.93 times. */
const smallestEffect = { drop: 0.6, surge: 0.66 };

/** Minimum change in usual spreads, for pages with large swings. */
const smallestScore = 1;

/** Significance level of the counting test, for opening and for continuing an incident. */
const countChance = 5e-4;

const repeatFactor = 1.1;

function evaluateCount(
  count: DailyCount,
  baseline: Baseline,
  strict: number,
  lastAlert: LastAlert | undefined,
): Evaluation {
  const { change, counting, ...evidence } = evidenceOf(count, baseline);
  const direction = change < 0 ? 'drop' : 'surge';
  const least =
    (baseline.steady ?? smallestEffect[direction]) * strict * (isRepeat(lastAlert, count.date) ? repeatFactor : 1);
  const large = Math.abs(change) >= least;
  const unusual = evidence.score >= smallestScore * strict;
  if (large && unusual && counting < countChance) return { kind: 'alert', direction, ...evidence };
  if (large) return { kind: 'not-significant', reason: 'within-noise', ...evidence };
  return { kind: 'not-significant', reason: unusual ? 'below-minimum-effect' : 'usual', ...evidence };
}

/** Human traffic varies by about 10 % from day to day on top of Poisson noise, that of a steady page by its spread. */
const countOverdispersion = 0.01;

/**
 * Degrees of freedom of Student's distribution for daily traffic; its absolute value exceeds 2.23 in one of twenty cases.
 * Its scale is the larger of the spread and the page's own 95th percentile of errors.
 */
const tailFreedom = 10;

const tailQuantile = 2.228;

function evidenceOf(count: DailyCount, baseline: Baseline): Statistics & { change: number; counting: number } {
  const share = (count.hours ?? 24) / 24;
  const { change, expected: log } = changeFrom(Math.log(count.views / share + 0.5), baseline);
  const expected = Math.max(0, (Math.exp(log) - 0.5) * share);
  // At least Poisson's spread, for a page that had more traffic when its spread was estimated.
  const spread = Math.max(baseline.spread, 1 / Math.sqrt(expected + 1));
  const tails = countTails(
    count.views,
    expected + 0.5 * share,
    baseline.steady === undefined ? countOverdispersion : baseline.spread ** 2,
  );
  const counting = change < 0 ? tails.atMost : tails.atLeast;
  return {
    expected,
    usual: Math.max(0, Math.exp(baseline.level) - 0.5),
    actual: count.views,
    score: Math.abs(change) / spread,
    probability: Math.max(studentTail(change / Math.max(spread, baseline.tail / tailQuantile), tailFreedom), counting),
    change,
    counting,
  };
}

/** Maximum carry-over on the far side of the level: it must never make an ordinary day alert. */
const mostOnFarSide = 0.3;

/** The expected value is the level plus the carry-over. A day between the two is returning to its level: its change is 0. */
function changeFrom(log: number, { level, effect, lingering }: Baseline): { change: number; expected: number } {
  const plain = level + effect;
  const side = Math.sign(log - plain);
  const expected = plain + side * Math.max(side * lingering, -mostOnFarSide);
  return { change: (log - expected) * side > 0 ? log - expected : 0, expected };
}

/** A page that alerted this recently is restless, so the next change must be larger by `repeatFactor`. */
const repeatDays = 28;

function isRepeat(lastAlert: LastAlert | undefined, date: string): boolean {
  if (lastAlert === undefined || lastAlert.open?.mayContinue === true) return false;
  return dayNumber(date) - dayNumber(lastAlert.lastAlert) <= repeatDays;
}

const continuingChance = 0.05;

/**
 * An incident continues while this share of the change remains, for at most four weeks; after that it is the page's new
 * level. Peaks fade slowly; a drop ends as soon as it would not alert.
 */
const remaining = { drop: 0.6, surge: 0.15 };

const longestIncident = 28;

const signOf = { drop: -1, surge: 1 } as const;

/** @returns undefined once too little of the change remains from the level before the incident */
function evaluateContinuing(
  count: DailyCount,
  before: Baseline,
  direction: DailyDirection,
  strict: number,
): Evaluation | undefined {
  const { change, counting, ...evidence } = evidenceOf(count, before);
  const least = Math.min(remaining[direction], before.steady ?? smallestEffect[direction]);
  return change * signOf[direction] >= least * strict && counting < continuingChance
    ? { kind: 'alert', direction, ...evidence }
    : undefined;
}
