import { countTails, studentTail } from './distributions.ts';
import { type DailyCount, type DailySeries, dailySeries, dayNumber, exclusionOf } from './daily-series.ts';
import type { Direction, Evidence, Judgement } from './judgement.ts';
import { type Level, type LevelOptions, robustLevel } from './level.ts';
import { mean, median } from './robust.ts';
import { type DetectionSetting, strictness } from './sensitivity.ts';

/** Days before the tested one that teach: 13 of each weekday. */
const window = 91;
/** Two of each weekday: fewer do not tell a weekday from a change. */
const shortestHistory = 14;
const levelOptions: LevelOptions = { weight: 0.5, clip: 2, shift: 3, memory: 42, smallestSpread: 0.05 };

/** Smallest change worth a mail, as a logarithm: to 53 %, or to 2.1 times. */
const smallestEffect = { drop: 0.64, surge: 0.74 };
/** Usual spreads that a change must exceed as well, for pages that swing that much by themselves. */
const smallestScore = 1.5;
/** Chance that is allowed for counting alone. */
const countChance = 5e-4;
/** An open episode goes on while half the smallest effect remains, for three weeks; then it is the page's new level. */
const remaining = 0.5;
const longestEpisode = 21;
/** Sampling of a human audience varies by some 10 % from day to day beside Poisson's noise. */
const countOverdispersion = 0.01;
/**
 * Tails of daily traffic: Student's distribution with 10 degrees, whose absolute value exceeds 2.23 once in twenty
 * times. Its scale is the spread, or what one in twenty of the page's own errors exceeds, whichever says more.
 */
const tailFreedom = 10;
const tailQuantile = 2.228;

/** Deviation of each weekday from the week around it, shrunk to 0 where few weeks are known; index 0 is `start`'s. */
const weekdayEffects = ({ logs, around }: DailySeries, start: number, end: number): number[] => {
  const effects = Array.from({ length: 7 }, (_, weekday) => {
    const deviations: number[] = [];
    for (let index = start + weekday; index + 3 < end; index += 7) {
      const deviation = (logs[index] ?? Number.NaN) - (around[index] ?? Number.NaN);
      if (!Number.isNaN(deviation)) deviations.push(deviation);
    }
    return deviations.length === 0 ? 0 : (median(deviations) * deviations.length) / (deviations.length + 2);
  });
  const centre = mean(effects);
  return effects.map((effect) => effect - centre);
};

interface Baseline extends Level {
  /** What the weekday of the tested day adds to the level. */
  effect: number;
  days: number;
}

/** What the days before `end` say about the day `end`, which is not among them. */
const baselineBefore = (series: DailySeries, end: number): Baseline => {
  const start = Math.max(0, end - window);
  const effects = weekdayEffects(series, start, end);
  const effectOf = (index: number): number => effects[(index - start) % 7] ?? 0;
  const level = robustLevel(
    series.logs.slice(start, end).map((log, offset) => log - effectOf(start + offset)),
    levelOptions,
  );
  const days = series.logs.slice(start, end).filter((log) => !Number.isNaN(log)).length;
  return { ...level, effect: effectOf(end), days };
};

/** A day is never `silent`: that is a drop, too. */
export type DailyDirection = Exclude<Direction, 'silent'>;

/** An alert that has not recovered: the page is judged by what was usual before it. */
export interface OpenEpisode {
  direction: DailyDirection;
  /** Local date of the first alert. */
  since: string;
  /** Its `usual`. */
  usual: number;
}

const signOf = { drop: -1, surge: 1 } as const;

const evidenceOf = (count: DailyCount, baseline: Baseline): Evidence & { change: number; counting: number } => {
  const share = (count.hours ?? 24) / 24;
  const expected = Math.max(0, (Math.exp(baseline.level + baseline.effect) - 0.5) * share);
  const change = Math.log(count.views / share + 0.5) - (baseline.level + baseline.effect);
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
};

const judgeCount = (count: DailyCount, baseline: Baseline, strict: number): Judgement => {
  const { change, counting, ...evidence } = evidenceOf(count, baseline);
  const direction = change < 0 ? 'drop' : 'surge';
  const large = Math.abs(change) >= smallestEffect[direction] * strict;
  const unusual = evidence.score >= smallestScore * strict;
  if (large && unusual && counting < countChance) return { kind: 'alert', direction, ...evidence };
  if (large) return { kind: 'quiet', reason: 'within-noise', ...evidence };
  return { kind: 'quiet', reason: unusual ? 'below-minimum-effect' : 'usual', ...evidence };
};

/** The same day against what was usual before the episode; undefined once too little of the change remains. */
const judgeContinuing = (
  count: DailyCount,
  baseline: Baseline,
  open: OpenEpisode,
  strict: number,
): Judgement | undefined => {
  if (dayNumber(count.date) - dayNumber(open.since) > longestEpisode) return undefined;
  const { change, counting, ...evidence } = evidenceOf(count, { ...baseline, level: Math.log(open.usual + 0.5) });
  const least = smallestEffect[open.direction] * strict * remaining;
  return change * signOf[open.direction] >= least && counting < countChance
    ? { kind: 'alert', direction: open.direction, ...evidence }
    : undefined;
};

/**
 * Judges the day at `index` of the series from the days before it alone.
 * @param open the page's alert that has not recovered yet
 */
export const judgeDayAt = (
  series: DailySeries,
  index: number,
  setting: DetectionSetting,
  open?: OpenEpisode,
): Judgement => {
  const count = series.counts[index];
  const excluded = exclusionOf(count);
  if (count === undefined || excluded !== undefined) return { kind: 'skipped', reason: excluded ?? 'missing' };
  const baseline = baselineBefore(series, index);
  if (baseline.days < shortestHistory) return { kind: 'skipped', reason: 'short-history' };
  const strict = strictness(setting);
  const judgement = judgeCount(count, baseline, strict);
  if (judgement.kind === 'alert' || open === undefined) return judgement;
  return judgeContinuing(count, baseline, open, strict) ?? judgement;
};

/**
 * Judges one local day of a page. `counts` may hold any days in any order; only those before `date` teach.
 * A date without a count is `missing`: a gap is not an alert.
 */
export const judgeDay = (
  counts: readonly DailyCount[],
  date: string,
  setting: DetectionSetting,
  open?: OpenEpisode,
): Judgement => {
  const series = dailySeries(counts);
  return judgeDayAt(series, dayNumber(date) - series.firstDay, setting, open);
};
