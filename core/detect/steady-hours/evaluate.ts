import { countTails } from '#core/statistics/distributions.ts';
import type { Evaluation } from '../evaluation.ts';
import { type HourlySlot, hourSlot } from '../hourly-series.ts';
import { type DetectionSetting, strictness } from '../sensitivity.ts';
import { leadHours, logRatio, spreadOf, type SteadyProfile, windowHours } from './profile.ts';

/** Hours that one evaluation looks at: the three evaluated ones and the nine before them. */
export const steadyHours = windowHours + leadHours;

/** Minimum change for an alert: 15 %, as logarithm, and this many usual spreads of three hours. */
const smallestEffect = 0.15;

const smallestSpreads = 3;

/** Minimum change in spreads of what the nine hours before leave unexplained. */
const smallestScore = 4.5;

/** The last hour alone must show this part of the change: it is not over. */
const lastPart = 0.5;

export interface LocalHour {
  /** Local hour with its offset: `2026-11-22T07+01:00`. */
  hour: string;
  /** Undefined if it is not known. */
  views: number | undefined;
}

/**
 * Compares the last three hours of a steady page with what they usually have, and with what the nine hours before let
 * expect. `expected` and `actual` are sums of three hours.
 * @param hours the last twelve, newest last
 */
export function evaluateSteadyHours(
  profile: SteadyProfile,
  hours: readonly LocalHour[],
  setting: DetectionSetting,
): Evaluation {
  const known = hours.slice(-steadyHours).flatMap(({ hour, views }) => {
    const slot = hourSlot(hour);
    return views === undefined || slot === undefined ? [] : [{ views, slot, expected: expectedAt(profile, slot) }];
  });
  const newest = known.at(-1);
  if (known.length < steadyHours || newest === undefined) return { kind: 'skipped', reason: 'missing' };
  const [now, lead] = [sumsOf(known.slice(-windowHours)), sumsOf(known.slice(0, -windowHours))];
  const change = logRatio(now.views, now.expected);
  const carried = profile.carry * logRatio(lead.views, lead.expected);
  const sign = change < 0 ? -1 : 1;
  const { hour } = newest.slot;
  const score = (sign * (change - carried)) / spreadOf(profile.rest[hour], now.expected);
  const spread = spreadOf(profile.variance[hour], now.expected);
  const tails = countTails(now.views, now.expected, profile.rest[hour] ?? 0);
  const evidence = {
    expected: now.expected,
    actual: now.views,
    usual: now.expected,
    score: Math.max(0, score),
    probability: change < 0 ? tails.atMost : tails.atLeast,
  };
  const strict = strictness(setting);
  const large = Math.abs(change) >= strict * Math.max(smallestEffect, smallestSpreads * spread * profile.tail);
  const lasting = sign * (logRatio(newest.views, newest.expected) - carried) >= lastPart * Math.abs(change);
  // The limits move together; moved alone, the score would let chance pass.
  const unusual = score >= smallestScore * Math.sqrt(strict) * profile.tail;
  if (large && unusual && lasting) return { kind: 'alert', direction: change < 0 ? 'drop' : 'surge', ...evidence };
  const reason = large ? 'within-noise' : unusual ? 'below-minimum-effect' : 'usual';
  return { kind: 'not-significant', reason, ...evidence };
}

/** An incident ends after so many usual hours. */
export const usualHoursToRecover = 2;

/** A change in the direction of an incident that began within so many hours is a part of it. */
export const sameIncidentHours = 24;

/** Part of the first change below which a page is usual again. */
const usualPart = 0.5;

/** Returns whether three hours show little of the change with which an incident began. */
export function isUsualAgain(evaluation: Evaluation, first: { actual: number; expected: number }): boolean {
  if (evaluation.kind === 'skipped') return false;
  const { actual, expected } = evaluation;
  return logRatio(actual, expected) / logRatio(first.actual, first.expected) <= usualPart;
}

/** Returns what the page usually has in a local hour. */
export function expectedAt({ expected }: SteadyProfile, { weekday, hour }: HourlySlot): number {
  return expected[weekday * 24 + hour] ?? 0;
}

function sumsOf(hours: readonly { views: number; expected: number }[]) {
  return {
    views: hours.reduce((sum, { views }) => sum + views, 0),
    expected: hours.reduce((sum, { expected }) => sum + expected, 0),
  };
}
