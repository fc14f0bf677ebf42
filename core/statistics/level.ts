import { clamp, median, quantile, spreadAroundZero } from './robust.ts';

export interface Level {
  /** Expected next value. */
  level: number;
  /** Usual size of a one-step error. */
  spread: number;
  /** 95th percentile of the one-step errors. */
  tail: number;
  /** Expected value of each value, from those before it. */
  before: number[];
}

export interface LevelOptions {
  /** Weight of the newest error, 0 to 1. */
  weight: number;
  /** Errors are clipped at this many spreads. */
  clip: number;
  /** Consecutive errors beyond `clip` on one side that start a new level. */
  shift: number;
  /** Errors used for the spread. */
  memory: number;
  smallestSpread: number;
}

/**
 * Robust exponential smoothing (Gelper, Fried and Croux, 2010): each error is clipped before it moves the level. The spread
 * is the scaled median of recent absolute errors. NaN values are gaps and are ignored.
 */
export function robustLevel(values: readonly number[], options: LevelOptions): Level {
  const start = values.filter((value) => !Number.isNaN(value)).slice(0, 7);
  let level = median(start);
  let spread = Math.max(options.smallestSpread, spreadAroundZero(start.map((value) => value - level)));
  const errors: number[] = [];
  const kept: number[] = [];
  const before: number[] = [];
  for (const value of values) {
    before.push(level);
    if (Number.isNaN(value)) continue;
    errors.push(value - level);
    kept.push(value);
    if (errors.length % 7 === 0)
      spread = Math.max(options.smallestSpread, spreadAroundZero(errors.slice(-options.memory)));
    const clip = options.clip * spread;
    level = shifted(errors, clip, options.shift)
      ? median(kept.slice(-options.shift))
      : level + options.weight * clamp(value - level, -clip, clip);
  }
  return { level, spread, tail: quantile(errors.map(Math.abs), 0.95), before };
}

/** Returns whether `shift` consecutive errors lie beyond the clip on one side; a one-day spike does not. */
function shifted(errors: readonly number[], clip: number, shift: number): boolean {
  const last = errors.slice(-shift);
  return last.length === shift && (last.every((error) => error > clip) || last.every((error) => error < -clip));
}
