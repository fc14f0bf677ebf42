import { countTails, studentTail } from '#core/statistics/distributions.ts';
import { type DailyCount, type DailySeries, dailySeries, dayNumber, exclusionOf } from './daily-series.ts';
import type { Direction, Evidence, Evaluation } from './evaluation.ts';
import { type Level, type LevelOptions, robustLevel } from '#core/statistics/level.ts';
import { mean, median } from '#core/statistics/robust.ts';
import { type DetectionSetting, strictness } from './sensitivity.ts';

/** A day is never `silent`: that is a drop, too. */
export type DailyDirection = Exclude<Direction, 'silent'>;

/** The last alert of a page, which the tested day belongs to or is compared with. */
export interface Story {
  /** Local date of its last day. */
  lastAlert: string;
  /** While the tested day may still belong to it: direction, date and `usual` of its first day. */
  open: { direction: DailyDirection; since: string; usual: number } | null;
}

/**
 * Evaluates one local day of a page. `counts` may hold any days in any order; only those before `date` teach.
 * A date without a count is `missing`: a gap is not an alert.
 */
export function evaluateDay(
  counts: readonly DailyCount[],
  date: string,
  setting: DetectionSetting,
  story?: Story,
): Evaluation {
  const series = dailySeries(counts);
  return evaluateDayAt(series, dayNumber(date) - series.firstDay, setting, story);
}

/** Two of each weekday: fewer do not tell a weekday from a change. */
const shortestHistory = 14;

/**
 * Evaluates the day at `index` of the series from the days before it alone.
 * @param story the page's last alert
 */
export function evaluateDayAt(
  series: DailySeries,
  index: number,
  setting: DetectionSetting,
  story?: Story,
): Evaluation {
  const count = series.counts[index];
  const excluded = exclusionOf(count);
  if (count === undefined || excluded !== undefined) return { kind: 'skipped', reason: excluded ?? 'missing' };
  const baseline = baselineBefore(series, index);
  if (baseline.days < shortestHistory) return { kind: 'skipped', reason: 'short-history' };
  const strict = strictness(setting);
  const evaluation = evaluateCount(count, baseline, strict, story);
  const open = story?.open ?? null;
  if (open === null || (evaluation.kind === 'alert' && evaluation.direction !== open.direction)) return evaluation;
  return evaluateContinuing(count, baseline, open, strict) ?? evaluation;
}

/** Days before the tested one that teach: 13 of each weekday. */
const window = 91;

const levelOptions: LevelOptions = { weight: 0.5, clip: 2, shift: 3, memory: 42, smallestSpread: 0.05 };

interface Baseline extends Level {
  /** What the weekday of the tested day adds to the level. */
  effect: number;
  /** What the days before leave for the tested day. */
  lingering: number;
  days: number;
}

/** What the days before `end` say about the day `end`, which is not among them. */
function baselineBefore(series: DailySeries, end: number): Baseline {
  const start = Math.max(0, end - window);
  const effects = weekdayEffects(series, start, end);
  function effectOf(index: number): number {
    return effects[(index - start) % 7] ?? 0;
  }
  const values = series.logs.slice(start, end).map((log, offset) => log - effectOf(start + offset));
  const level = robustLevel(values, levelOptions);
  const lingering = lingeringOf(values.slice(-14).map((value) => value - level.level));
  const days = values.filter((value) => !Number.isNaN(value)).length;
  return { ...level, effect: effectOf(end), lingering, days };
}

/** Deviation of each weekday from the week around it, shrunk to 0 where few weeks are known; index 0 is `start`'s. */
function weekdayEffects({ logs, around }: DailySeries, start: number, end: number): number[] {
  const effects = Array.from({ length: 7 }, (_, weekday) => {
    const deviations: number[] = [];
    for (let index = start + weekday; index + 3 < end; index += 7) {
      const deviation = (logs[index] ?? Number.NaN) - (around[index] ?? Number.NaN);
      if (!Number.isNaN(deviation)) deviations.push(deviation);
    }
    return deviations.length === 0 ? 0 : (median(deviations) * deviations.length) / (deviations.length + 4);
  });
  const centre = mean(effects);
  return effects.map((effect) => effect - centre);
}

/**
 * What a deviation from the level leaves for the days after it: a peak ebbs away, a hole is closed sooner, and a week
 * has something of the week before: an autoregression on the level, its weights chosen on seven daily series.
 */
const lingers = { peak: 0.6, hole: 0.3, dayBefore: -0.15, weekBefore: 0.1, fortnightBefore: 0.1 };

/** @param deviations from the level, without weekdays, the newest last; NaN is a gap and leaves nothing */
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

/** Smallest change worth a mail, as a logarithm: to 55 %, or to 1.93 times. */
const smallestEffect = { drop: 0.6, surge: 0.66 };

/** Usual spreads that a change must exceed as well, for pages that swing that much by themselves. */
const smallestScore = 1;

/** Chance that is allowed for counting alone: to open an incident, and to go on with it. */
const countChance = 5e-4;

const repeatFactor = 1.15;

function evaluateCount(count: DailyCount, baseline: Baseline, strict: number, story: Story | undefined): Evaluation {
  const { change, counting, ...evidence } = evidenceOf(count, baseline);
  const direction = change < 0 ? 'drop' : 'surge';
  const least = smallestEffect[direction] * strict * (isRepeat(story, count.date) ? repeatFactor : 1);
  const large = Math.abs(change) >= least;
  const unusual = evidence.score >= smallestScore * strict;
  if (large && unusual && counting < countChance) return { kind: 'alert', direction, ...evidence };
  if (large) return { kind: 'not-significant', reason: 'within-noise', ...evidence };
  return { kind: 'not-significant', reason: unusual ? 'below-minimum-effect' : 'usual', ...evidence };
}

/** Sampling of a human audience varies by some 10 % from day to day beside Poisson's noise. */
const countOverdispersion = 0.01;

/**
 * Tails of daily traffic: Student's distribution with 10 degrees, whose absolute value exceeds 2.23 once in twenty
 * times. Its scale is the spread, or what one in twenty of the page's own errors exceeds, whichever says more.
 */
const tailFreedom = 10;

const tailQuantile = 2.228;

function evidenceOf(count: DailyCount, baseline: Baseline): Evidence & { change: number; counting: number } {
  const share = (count.hours ?? 24) / 24;
  const { change, expected: log } = changeFrom(Math.log(count.views / share + 0.5), baseline);
  const expected = Math.max(0, (Math.exp(log) - 0.5) * share);
  // Poisson's share of the spread, for a page that was larger when its spread was learned.
  const spread = Math.max(baseline.spread, 1 / Math.sqrt(expected + 1));
  const tails = countTails(count.views, expected + 0.5 * share, countOverdispersion);
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

/** On the far side of the level, what lingers counts for so much at most: it is never why an ordinary day alerts. */
const mostOnFarSide = 0.3;

/**
 * What is expected is the level with what lingers. A day between the two is on its way back from a peak or a hole, and
 * has the change 0.
 */
function changeFrom(log: number, { level, effect, lingering }: Baseline): { change: number; expected: number } {
  const plain = level + effect;
  const side = Math.sign(log - plain);
  const expected = plain + side * Math.max(side * lingering, -mostOnFarSide);
  return { change: (log - expected) * side > 0 ? log - expected : 0, expected };
}

/** So soon after the last alert, a page is known to be restless: the next change must be larger by this factor. */
const repeatDays = 14;

function isRepeat(story: Story | undefined, date: string): boolean {
  return story?.open === null && dayNumber(date) - dayNumber(story.lastAlert) <= repeatDays;
}

const continuingChance = 0.05;

/**
 * An incident goes on while this much of the change remains, for three weeks; then it is the page's new level. A peak
 * ebbs away slowly; a drop is over once it would not alert.
 */
const remaining = { drop: 0.6, surge: 0.15 };

const longestIncident = 21;

const signOf = { drop: -1, surge: 1 } as const;

/** The same day against what was usual before the incident; undefined once too little of the change remains. */
function evaluateContinuing(
  count: DailyCount,
  baseline: Baseline,
  { direction, since, usual }: NonNullable<Story['open']>,
  strict: number,
): Evaluation | undefined {
  if (dayNumber(count.date) - dayNumber(since) > longestIncident) return undefined;
  const before = { ...baseline, level: Math.log(usual + 0.5), lingering: 0 };
  const { change, counting, ...evidence } = evidenceOf(count, before);
  return change * signOf[direction] >= remaining[direction] * strict && counting < continuingChance
    ? { kind: 'alert', direction, ...evidence }
    : undefined;
}
