import { countTails } from '#core/statistics/distributions.ts';
import { type HourlyCount, type HourlySeries, type HourlySlot, findHourExclusion } from './hourly-series.ts';
import type { Statistics, Evaluation } from './evaluation.ts';
import { type LevelOptions, robustLevel } from '#core/statistics/level.ts';
import { mean, median } from '#core/statistics/robust.ts';
import { type DetectionSetting, strictness } from './sensitivity.ts';

/** Hours in the profile of the day (four weeks) and in the level (one week). */
const profileWindow = 672;

/** Three of each hour of the day. */
const shortestHistory = 72;

/** Deviations from the surrounding day, by hour of day and hour of week. */
interface Profile {
  effect: (slot: HourlySlot) => number;
  /** Views of a usual day: the median of the days in the window. */
  day: number;
}

/**
 * Evaluates hours of one series, each using only the hours before it. Rebuilds the weekly profile every 24 hours.
 */
export function createHourEvaluator(series: HourlySeries, setting: DetectionSetting): (index: number) => Evaluation {
  let learned: { end: number; profile: Profile } | undefined;
  function profileFor(index: number): Profile {
    const end = index - (index % 24);
    if (learned?.end !== end) learned = { end, profile: profileBefore(series, end) };
    return learned.profile;
  }
  return (index) => {
    const hour = hourAt(series, index);
    if (hour === undefined) return { kind: 'skipped', reason: findHourExclusion(series.counts[index]) ?? 'missing' };
    if (known(series.logs.slice(Math.max(0, index - profileWindow), index)) < shortestHistory)
      return { kind: 'skipped', reason: 'short-history' };
    const last = [hourAt(series, index - 1), hour].filter((each) => each !== undefined);
    // Silent hours must not lower the level they are compared with.
    const baseline = baselineBefore(series, profileFor(index), index - 1);
    return evaluateSilence(last, baseline) ?? evaluateSurge(hour, baseline, strictness(setting));
  };
}

function profileBefore({ logs, around, slots }: HourlySeries, end: number): Profile {
  const byHour = Array.from({ length: 24 }, (): number[] => []);
  const byWeek = Array.from({ length: 168 }, (): number[] => []);
  // The surrounding day reaches eleven hours past an hour; those must lie before the evaluated hour, too.
  for (let index = Math.max(0, end - profileWindow); index + 12 <= end; index += 1) {
    const slot = slots[index];
    const deviation = (logs[index] ?? Number.NaN) - (around[index] ?? Number.NaN);
    if (slot === undefined || Number.isNaN(deviation)) continue;
    byHour[slot.hour]?.push(deviation);
    byWeek[slot.weekday * 24 + slot.hour]?.push(deviation);
  }
  const daily = byHour.map((deviations) => (deviations.length === 0 ? 0 : median(deviations)));
  return {
    day: median(dayTotals(logs, end)),
    effect: ({ weekday, hour }) => {
      const usual = daily[hour] ?? 0;
      const same = byWeek[weekday * 24 + hour] ?? [];
      // Shrinks towards the hour of day: four weeks count by half.
      return same.length === 0 ? usual : usual + ((median(same) - usual) * same.length) / (same.length + 4);
    },
  };
}

/** Returns the views of each 24 hours before `end`; a gap counts as the mean of its day. */
function dayTotals(logs: readonly number[], end: number): number[] {
  const totals: number[] = [];
  for (let from = end - 24; from >= Math.max(0, end - profileWindow); from -= 24)
    totals.push(24 * mean(logs.slice(from, from + 24).map((log) => Math.exp(log) - 0.5)));
  return totals;
}

interface Hour {
  count: HourlyCount;
  slot: HourlySlot;
}

function hourAt({ counts, slots }: HourlySeries, index: number): Hour | undefined {
  const count = counts[index];
  const slot = slots[index];
  return count === undefined || slot === undefined || findHourExclusion(count) !== undefined
    ? undefined
    : { count, slot };
}

function known(logs: readonly number[]): number {
  return logs.filter((log) => !Number.isNaN(log)).length;
}

const levelWindow = 168;

const levelOptions: LevelOptions = { weight: 0.2, clip: 2, shift: 12, memory: 168, smallestSpread: 0.1 };

interface Baseline {
  level: number;
  spread: number;
  profile: Profile;
}

function baselineBefore(series: HourlySeries, profile: Profile, end: number): Baseline {
  const start = Math.max(0, end - levelWindow);
  const levelled = series.logs.slice(start, end).map((log, offset) => {
    const slot = series.slots[start + offset];
    return slot === undefined ? Number.NaN : log - profile.effect(slot);
  });
  return { ...robustLevel(levelled, levelOptions), profile };
}

/** Consecutive hours with at most a tenth of the expected views. */
const silentHours = 2;

const silentShare = 0.1;

/** A year has 8,760 hours: one false alert in ten years. */
const countChance = 1e-5;

/** Returns undefined if the hours are not silent. */
function evaluateSilence(hours: readonly Hour[], baseline: Baseline): Evaluation | undefined {
  if (hours.length < silentHours) return undefined;
  const { change, ...evidence } = evidenceOf(hours, baseline);
  return change <= Math.log(silentShare) && evidence.probability < countChance
    ? { kind: 'alert', direction: 'silent', ...evidence }
    : undefined;
}

/** Variance of human traffic from hour to hour on top of Poisson's. */
const smallestOverdispersion = 0.02;

/** Compares consecutive hours, as one count, with the sum of their expectations. */
function evidenceOf(hours: readonly Hour[], baseline: Baseline): Statistics & { change: number } {
  const slots = hours.map(({ slot }) => slot);
  const expected = slots.reduce((sum, slot) => sum + Math.exp(baseline.level + baseline.profile.effect(slot)), 0);
  const actual = hours.reduce((sum, { count }) => sum + count.views, 0);
  const change = Math.log(actual + 0.5) - Math.log(expected);
  const overdispersion = Math.max(baseline.spread ** 2 - 1 / expected, smallestOverdispersion);
  const tails = countTails(actual, expected, overdispersion);
  return {
    expected,
    actual,
    usual: Math.max(0, Math.exp(baseline.level) - 0.5),
    score: Math.abs(change) / Math.max(baseline.spread, 1 / Math.sqrt(expected)),
    probability: change < 0 ? tails.atMost : tails.atLeast,
    change,
  };
}

/** Minimum surge for an alert, as a logarithm. */
const smallestSurge = Math.log(5);

const smallestScore = 3;

/** Minimum extra views as a share of a usual day: a lively night hour of a daytime page is not an alert. */
const smallestShareOfDay = 0.25;

/** Minimum extra views in the hour. */
const smallestExtra = 50;

function evaluateSurge(hour: Hour, baseline: Baseline, strict: number): Evaluation {
  const { change, ...evidence } = evidenceOf([hour], baseline);
  const extra = evidence.actual - evidence.expected;
  const large =
    change >= smallestSurge * strict &&
    extra >= Math.max(smallestExtra, baseline.profile.day * smallestShareOfDay * strict);
  const unusual = evidence.score >= smallestScore * strict;
  if (large && unusual && evidence.probability < countChance) return { kind: 'alert', direction: 'surge', ...evidence };
  if (large) return { kind: 'not-significant', reason: 'within-noise', ...evidence };
  return { kind: 'not-significant', reason: unusual ? 'below-minimum-effect' : 'usual', ...evidence };
}
