import type { HourlySeries } from '../hourly-series.ts';
import { type LevelOptions, robustLevel } from '#core/statistics/level.ts';
import { clamp, mean, median, spreadAroundZero, tailFactor } from '#core/statistics/robust.ts';

/** What a steady page usually has, learned once a day and stored. */
export interface SteadyProfile {
  /** Expected views by hour of the week: weekday (0 is Thursday) · 24 + local hour. */
  expected: number[];
  /** Variance of three hours on the log scale beyond counting noise, by the local hour of the last one. */
  variance: number[];
  /** The same after what the nine hours before explain. */
  rest: number[];
  /** Part of the deviation of the nine hours before that the next three keep, 0 to 1. */
  carry: number;
  /** Multiplies the limits of a page whose deviations are heavier-tailed than a normal distribution; 1 or more. */
  tail: number;
}

/** Hours that are evaluated together. */
export const windowHours = 3;
/** Hours before them that show how the day is going. */
export const leadHours = 9;
/** Days of history: at most 13 weeks, and at least eight. */
export const profileDays = { most: 91, least: 56 } as const;

const dayHours = 24;

/** Three hours of a steady page vary by less than this, counting noise included. */
const steadySpread = 0.12;

/** Days before the residuals begin, in which the level settles. */
const settlingDays = 14;

/** A page with gaps must leave this many days of residuals. */
const smallestResiduals = 28 * dayHours;

/** Returns the profile of the page from the hours before `end`, or undefined if it is not steady or too young. */
export function steadyProfile(series: HourlySeries, end: number): SteadyProfile | undefined {
  const days = Math.min(profileDays.most, Math.floor(end / dayHours));
  if (days < profileDays.least) return undefined;
  const start = end - days * dayHours;
  const shares = weekShares(series, start, days);
  const levels = levelsOf(series, shares, start, days);
  const residuals = residualsOf(series, shares, levels.before, start, days);
  if (residuals.length < smallestResiduals) return undefined;
  const usual = median(residuals.map(({ expected }) => expected));
  const overall = spreadAroundZero(residuals.map(({ change }) => change));
  if (!(overall < steadySpread) || !(usual > 0)) return undefined;
  const carry = carryOf(residuals);
  const level = Math.exp(levels.level);
  const rest = varianceByHour(residuals, ({ change, before }) => change - carry * before, days);
  return {
    expected: shares.map((share) => share * level),
    variance: varianceByHour(residuals, ({ change }) => change, days),
    rest,
    carry,
    tail: tailFactor(
      residuals.map((each) => Math.abs(each.change - carry * each.before) / spreadOf(rest[each.hour], each.expected)),
    ),
  };
}

/** Returns the spread of a count, of which this variance is more than counting noise. */
export function spreadOf(variance: number | undefined, expected: number): number {
  return Math.sqrt((variance ?? 0) + 1 / Math.max(1, expected));
}

/** Days around a day, on each side, whose median is its level: three of each weekday. */
const reach = 10;

/** Hours known from four weeks count by half, as for a day; clear differences between weekdays count more. */
const mostShrinkage = 4;

/** Returns the share of each hour of the week in the level: the median over the weeks, moved towards the hour of the day. */
function weekShares({ logs, slots }: HourlySeries, start: number, days: number): number[] {
  const means = Array.from({ length: days }, (_, day) => meanOfDay(logs, start + day * dayHours));
  const byWeek = Array.from({ length: 7 * dayHours }, (): number[] => []);
  for (let day = 0; day < days; day += 1) {
    const first = clamp(day - reach, 0, days - 2 * reach - 1);
    const level = median(means.slice(first, first + 2 * reach + 1));
    for (let index = start + day * dayHours; index < start + (day + 1) * dayHours; index += 1) {
      const deviation = (logs[index] ?? Number.NaN) - level;
      const slot = slots[index];
      if (slot !== undefined && !Number.isNaN(deviation)) byWeek[slot.weekday * dayHours + slot.hour]?.push(deviation);
    }
  }
  const byHour = Array.from({ length: dayHours }, (_, hour) =>
    median(byWeek.filter((__, place) => place % dayHours === hour).flat()),
  );
  const medians = byWeek.map((deviations) => median(deviations));
  const between = mean(medians.map((effect, place) => (effect - (byHour[place % dayHours] ?? 0)) ** 2));
  const within = mean(
    byWeek.map((deviations, place) => spreadAroundZero(deviations.map((each) => each - (medians[place] ?? 0))) ** 2),
  );
  const chance = between > 0 ? Math.min(mostShrinkage, within / between) : mostShrinkage;
  return byWeek.map(({ length }, place) => {
    const usual = byHour[place % dayHours] ?? 0;
    return Math.exp(length === 0 ? usual : usual + (((medians[place] ?? 0) - usual) * length) / (length + chance));
  });
}

/** Returns NaN if an hour is missing: the mean of the others would depend on which one. */
function meanOfDay(logs: readonly number[], from: number): number {
  let sum = 0;
  for (let index = from; index < from + dayHours; index += 1) sum += logs[index] ?? Number.NaN;
  return sum / dayHours;
}

/** As for steady days; a change of less than a week is no new level. */
const levelOptions: LevelOptions = { weight: 0.15, clip: 2, shift: 7, memory: 91, smallestSpread: 0.02 };

/** Returns the level of each day, on the log scale, as it was known before the day. */
function levelsOf(series: HourlySeries, shares: readonly number[], start: number, days: number) {
  const values = Array.from({ length: days }, (_, day) => {
    const from = start + day * dayHours;
    const [views, share] = [viewsOf(series, from, dayHours), sharesOf(series, shares, from, dayHours)];
    return views > 0 ? Math.log(views) - Math.log(share) : Number.NaN;
  });
  return robustLevel(values, levelOptions);
}

/** Returns the views of consecutive hours; NaN if one is missing. */
function viewsOf({ counts, logs }: HourlySeries, from: number, hours: number): number {
  let sum = 0;
  for (let index = from; index < from + hours; index += 1)
    sum += Number.isNaN(logs[index] ?? Number.NaN) ? Number.NaN : (counts[index]?.views ?? Number.NaN);
  return sum;
}

function sharesOf({ slots }: HourlySeries, shares: readonly number[], from: number, hours: number): number {
  let sum = 0;
  for (let index = from; index < from + hours; index += 1) {
    const slot = slots[index];
    sum += slot === undefined ? Number.NaN : (shares[slot.weekday * dayHours + slot.hour] ?? Number.NaN);
  }
  return sum;
}

interface Residual {
  /** Local hour of the last of the three hours. */
  hour: number;
  expected: number;
  /** Deviation of the three hours, and of the nine before them, on the log scale. */
  change: number;
  before: number;
}

function residualsOf(
  series: HourlySeries,
  shares: readonly number[],
  levels: readonly number[],
  start: number,
  days: number,
): Residual[] {
  const residuals: Residual[] = [];
  for (let last = start + settlingDays * dayHours; last < start + days * dayHours; last += 1) {
    const level = levels[Math.floor((last - start) / dayHours)] ?? Number.NaN;
    const from = last - windowHours + 1;
    const expected = sharesOf(series, shares, from, windowHours) * Math.exp(level);
    const lead = sharesOf(series, shares, from - leadHours, leadHours) * Math.exp(level);
    const change = logRatio(viewsOf(series, from, windowHours), expected);
    const before = logRatio(viewsOf(series, from - leadHours, leadHours), lead);
    const hour = series.slots[last]?.hour;
    if (hour !== undefined && !Number.isNaN(change + before)) residuals.push({ hour, expected, change, before });
  }
  return residuals;
}

export function logRatio(actual: number, expected: number): number {
  return Math.log(actual + 0.5) - Math.log(expected);
}

/** Residuals count for at most this many spreads, so that a past incident says little. */
const clip = 2.5;

/** Returns the regression of the three hours on the nine before them. */
function carryOf(residuals: readonly Residual[]): number {
  const most = {
    change: clip * spreadAroundZero(residuals.map(({ change }) => change)),
    before: clip * spreadAroundZero(residuals.map(({ before }) => before)),
  };
  let [covariance, variance] = [0, 0];
  for (const residual of residuals) {
    const before = clamp(residual.before, -most.before, most.before);
    covariance += before * clamp(residual.change, -most.change, most.change);
    variance += before ** 2;
  }
  return variance > 0 ? clamp(covariance / variance, 0, 1) : 0;
}

/** Traffic varies by at least 2 % beyond counting noise. */
const smallestVariance = 0.02 ** 2;

/**
 * What the median over n weeks costs: its own error in the next week, and what it explains of the weeks that it comes from,
 * in weeks.
 */
const medianCost = 2.5;

/** Returns the variance beyond counting noise by hour of the day, each from the hours before and after it, too. */
function varianceByHour(residuals: readonly Residual[], of: (residual: Residual) => number, days: number): number[] {
  const inflation = 1 + medianCost / (days / 7);
  const byHour = Array.from({ length: dayHours }, (): Residual[] => []);
  for (const residual of residuals)
    for (const shift of [-1, 0, 1]) byHour[(residual.hour + shift + dayHours) % dayHours]?.push(residual);
  return byHour.map((group) => {
    const variance = inflation * spreadAroundZero(group.map(of)) ** 2;
    const counting = 1 / median(group.map(({ expected }) => expected));
    return Math.max(smallestVariance, variance - counting || 0);
  });
}
