import type { DimensionName } from '#schemas/dimensions.ts';

export const causeDimensions = ['link', 'referrer', 'country', 'device'] as const satisfies readonly DimensionName[];
export type CauseDimension = (typeof causeDimensions)[number];

/** Counts by value. `before` is the expected count and may hold fractions. */
export interface Comparison {
  before: Readonly<Record<string, number>>;
  after: Readonly<Record<string, number>>;
}

export interface CauseValue {
  value: string;
  before: number;
  after: number;
  /** Share of the whole change; above 1 if other values moved the other way. */
  share: number;
}

export interface DimensionCause {
  dimension: CauseDimension;
  /** Smallest set of values that explains the change, largest share first. */
  values: CauseValue[];
  share: number;
  /** Divergence of the shares before and after, in bits; 0 if every value changed by the same factor. */
  surprise: number;
}

export interface Cause {
  /** Relative change, such as −0.62; null if there was nothing before. */
  change: number | null;
  /** Dimensions that explain the change, most surprising first; empty if none does. */
  dimensions: DimensionCause[];
  /** Share of bots among all events before and after; null if there were no events. */
  bots: { before: number | null; after: number | null };
}

/**
 * Explains a change by dimension. Explanatory power and surprise after Bhagwan et al., "Adtributor: Revenue Debugging in
 * Advertising Systems" (NSDI 2014).
 * @param total counted events before and after
 * @param bots bot events in the same periods, not part of the total
 */
export function decomposeCause(
  total: { before: number; after: number },
  comparisons: Partial<Record<CauseDimension, Comparison>>,
  bots: { before: number; after: number },
): Cause {
  return {
    change: total.before > 0 ? total.after / total.before - 1 : null,
    dimensions: causeDimensions
      .flatMap((dimension) => {
        const comparison = comparisons[dimension];
        const cause = comparison === undefined ? undefined : explainBy(dimension, comparison);
        return cause === undefined ? [] : [cause];
      })
      .toSorted((a, b) => b.surprise - a.surprise),
    bots: {
      before: shareOf(bots.before, total.before + bots.before),
      after: shareOf(bots.after, total.after + bots.after),
    },
  };
}

/** Minimum share of a named value; together the named values explain at least two thirds. */
const smallestShare = 0.1;

const explained = 0.67;

/** Below this divergence, in bits, a dimension only mirrors the total. */
const smallestSurprise = 0.01;

const mostValues = 3;

/** Values that hold this part of both before and after are the page itself, such as "mobile and desktop". */
const nearlyAll = 0.9;

/** The relative change of the named values is at least this many times that of all others. */
const concentrated = 2;

interface Weighed extends CauseValue {
  /** Shares of the totals. */
  shareBefore: number;
  shareAfter: number;
  surprise: number;
}

/** Returns the few values that explain the change in one dimension, or undefined. */
function explainBy(dimension: CauseDimension, comparison: Comparison): DimensionCause | undefined {
  const weighed = weigh(comparison);
  const surprise = weighed.reduce((total, value) => total + value.surprise, 0);
  if (surprise < smallestSurprise) return undefined;
  const named: Weighed[] = [];
  let share = 0;
  const leading = weighed.filter((each) => each.share >= smallestShare && each.share > each.shareBefore);
  for (const value of leading.toSorted((a, b) => b.share - a.share)) {
    if (share >= explained || named.length === mostValues) break;
    named.push(value);
    share += value.share;
  }
  if (share < explained || !standsOut(named, share)) return undefined;
  return {
    dimension,
    share,
    surprise,
    values: named.map(({ value, before, after, share: part }) => ({ value, before, after, share: part })),
  };
}

function weigh(comparison: Comparison): Weighed[] {
  const totals = { before: sum(comparison.before), after: sum(comparison.after) };
  const change = totals.after - totals.before;
  const values = new Set([...Object.keys(comparison.before), ...Object.keys(comparison.after)]);
  return [...values].map((value) => {
    const before = count(Object.hasOwn(comparison.before, value) ? comparison.before[value] : 0);
    const after = count(Object.hasOwn(comparison.after, value) ? comparison.after[value] : 0);
    const shareBefore = before / (totals.before || 1);
    const shareAfter = after / (totals.after || 1);
    return {
      value,
      before,
      after,
      shareBefore,
      shareAfter,
      share: change === 0 ? 0 : (after - before) / change,
      surprise: surpriseOf(shareBefore, shareAfter),
    };
  });
}

/** Returns whether the named values are a real part of the page and changed more than the rest of it. */
function standsOut(named: readonly Weighed[], share: number): boolean {
  const before = named.reduce((total, { shareBefore }) => total + shareBefore, 0);
  const after = named.reduce((total, { shareAfter }) => total + shareAfter, 0);
  if (Math.min(before, after) >= nearlyAll) return false;
  return share * (1 - before) >= concentrated * (1 - share) * before;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, value) => total + count(value), 0);
}

function count(value: number | undefined): number {
  return value !== undefined && Number.isFinite(value) ? Math.max(0, value) : 0;
}

/** Returns one value's part of the Jensen–Shannon divergence, in bits. */
function surpriseOf(before: number, after: number): number {
  function part(share: number, middle: number): number {
    return share === 0 ? 0 : share * Math.log2(share / middle);
  }
  const middle = (before + after) / 2;
  return (part(before, middle) + part(after, middle)) / 2;
}

function shareOf(part: number, whole: number): number | null {
  return whole > 0 ? count(part) / whole : null;
}
