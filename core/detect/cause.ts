/**
 * Where a change came from. Explanatory power and surprise after
 * Bhagwan et al., "Adtributor: Revenue Debugging in Advertising Systems" (NSDI 2014).
 */

export const causeDimensions = ['link', 'referrer', 'country', 'device'] as const;
export type CauseDimension = (typeof causeDimensions)[number];

/** Counts by value. `before` is what the same time should have brought; it may hold fractions. */
export interface Comparison {
  before: Readonly<Record<string, number>>;
  after: Readonly<Record<string, number>>;
}

export interface CauseValue {
  value: string;
  before: number;
  after: number;
  /** Part of the whole change, 1 being all of it; above 1 when others moved the other way. */
  share: number;
}

export interface DimensionCause {
  dimension: CauseDimension;
  /** The fewest values that explain the change, largest share first. */
  values: CauseValue[];
  share: number;
  /** Divergence of the shares before and after in bits, 0 when every value changed alike. */
  surprise: number;
}

export interface Cause {
  /** Relative change: −0.62; null where there was nothing before. */
  change: number | null;
  /** Dimensions that say where it came from, most surprising first; empty when everything changed alike. */
  dimensions: DimensionCause[];
  /** Share of bots among all events, before and after; null where there were none. */
  bots: { before: number | null; after: number | null };
}

/**
 * @param total counted events of the whole, before and after
 * @param bots events of bots in the same times, which the total does not hold
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

/** A value below this part of the change explains nothing; together the named values explain at least two thirds. */
const smallestShare = 0.1;

const explained = 0.67;

/** Bits of divergence below which a dimension only mirrors the change of the whole. */
const smallestSurprise = 0.01;

const mostValues = 3;

interface Weighed extends CauseValue {
  surprise: number;
}

/** The few values that explain the change in one dimension; undefined when no few do. */
function explainBy(dimension: CauseDimension, comparison: Comparison): DimensionCause | undefined {
  const weighed = weigh(comparison);
  const surprise = weighed.reduce((total, value) => total + value.surprise, 0);
  if (surprise < smallestSurprise) return undefined;
  const named: Weighed[] = [];
  let share = 0;
  for (const value of weighed.filter((each) => each.share >= smallestShare).toSorted((a, b) => b.share - a.share)) {
    if (share >= explained || named.length === mostValues) break;
    named.push(value);
    share += value.share;
  }
  if (share < explained) return undefined;
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
    return {
      value,
      before,
      after,
      share: change === 0 ? 0 : (after - before) / change,
      surprise: surpriseOf(before / (totals.before || 1), after / (totals.after || 1)),
    };
  });
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, value) => total + count(value), 0);
}

function count(value: number | undefined): number {
  return value !== undefined && Number.isFinite(value) ? Math.max(0, value) : 0;
}

/** One value's part of the Jensen–Shannon divergence, in bits. */
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
