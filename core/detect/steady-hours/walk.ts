import type { Evaluation } from '../evaluation.ts';
import type { HourlySeries } from '../hourly-series.ts';
import type { DetectionSetting } from '../sensitivity.ts';
import { evaluateSteadyHours, type LocalHour, steadyHours } from './evaluate.ts';
import { type SteadyProfile, steadyProfile } from './profile.ts';

/**
 * Returns the profiles that are learned every 24 hours of a history, each from the hours before.
 * @param from first hour for which one is needed
 */
export function learnProfiles(series: HourlySeries, from = 0): (SteadyProfile | undefined)[] {
  return Array.from({ length: Math.ceil(series.counts.length / 24) }, (_, day) =>
    24 * (day + 1) > from ? steadyProfile(series, 24 * day) : undefined,
  );
}

/** Evaluates every hour of a history. */
export function walkSteadyHours(
  series: HourlySeries,
  setting: DetectionSetting,
  profiles: readonly (SteadyProfile | undefined)[] = learnProfiles(series),
): Evaluation[] {
  return series.counts.map((_, index) => {
    const profile = profiles[Math.floor(index / 24)];
    return profile === undefined
      ? { kind: 'skipped', reason: 'short-history' }
      : evaluateSteadyHours(profile, hoursUpTo(series, index), setting);
  });
}

function hoursUpTo({ counts, logs }: HourlySeries, index: number): LocalHour[] {
  return Array.from({ length: steadyHours }, (_, offset) => {
    const at = index - steadyHours + 1 + offset;
    const count = counts[at];
    return { hour: count?.hour ?? '', views: Number.isNaN(logs[at] ?? Number.NaN) ? undefined : count?.views };
  });
}
