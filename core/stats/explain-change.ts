import { causeOfChange, type ComparedNumbers } from '#core/alerts/compare-days.ts';
import type { Cause } from '#core/detect/cause.ts';
import { studentTail } from '#core/statistics/distributions.ts';
import { countingDeviate } from '#core/statistics/two-rates.ts';
import { type ChangeDimension, changeDimensions, type ChangeMeasure } from '#schemas/api/changes.ts';
import { countedDimensions, dimensions } from '#schemas/dimensions.ts';

export interface ValueCounts {
  /** Null for the events without a value. */
  value: string | null;
  views: number;
  clicks: number;
}

/** What a period counted. */
export interface PeriodCounts {
  views: number;
  clicks: number;
  bots: number;
  /** Links have clicks only. */
  lists: Partial<Record<ChangeDimension, readonly ValueCounts[]>>;
}

export interface ValueChange {
  value: string | null;
  before: { views: number; clicks: number };
  after: { views: number; clicks: number };
  /** Its part of the change of the measure, in the measure's unit. */
  change: number;
  /** `change` as a share of the whole change; null without one. */
  share: number | null;
}

export interface DimensionChange {
  dimension: ChangeDimension;
  /** Largest change first. */
  values: ValueChange[];
  /** Values beyond {@link mostValues}, and what has no value in the list; undefined if that is nothing. */
  others: Omit<ValueChange, 'value'> | undefined;
  /**
   * What a change of the click-through rate consists of: visitors who click more or less often, and other visitors. Null
   * for another measure, and by link, because a link has no views.
   */
  parts: { mix: number; rate: number } | null;
}

export interface ExplainedChange {
  before: number;
  after: number;
  /** Probability that chance alone changes this much, 0 to 1; null if nothing can be compared. */
  chance: number | null;
  /** As an alert explains it; undefined if there was nothing before. */
  cause: Cause | undefined;
  dimensions: DimensionChange[];
}

/** Most values listed for a dimension. */
export const mostValues = 50;

/** Explains how a measure changed from one period to another of the same length. */
export function explainChange(before: PeriodCounts, after: PeriodCounts, measure: ChangeMeasure): ExplainedChange {
  const [was, is] = [measureOf(before, measure), measureOf(after, measure)];
  return {
    before: was,
    after: is,
    chance: chanceOf(before, after, measure),
    cause: causeOfChange([toNumbers(before)], toNumbers(after), measure, { expected: was }),
    dimensions: changeDimensions.flatMap((dimension) => {
      if (dimension === 'link' && measure === 'views') return [];
      const [listBefore, listAfter] = [before.lists[dimension], after.lists[dimension]];
      if (listBefore === undefined || listAfter === undefined) return [];
      return [explainDimension(dimension, { ...before, list: listBefore }, { ...after, list: listAfter }, measure)];
    }),
  };
}

function measureOf({ views, clicks }: { views: number; clicks: number }, measure: ChangeMeasure): number {
  if (measure !== 'rate') return measure === 'views' ? views : clicks;
  return views > 0 ? clicks / views : 0;
}

/** Days differ by more than chance: the variance of an alert, μ + 0.01 μ², on either side. */
const overdispersion = 0.01;

function chanceOf(before: PeriodCounts, after: PeriodCounts, measure: ChangeMeasure): number | null {
  if (measure === 'rate') {
    if (before.views === 0 || after.views === 0) return null;
    return 2 * studentTail(countingDeviate(before, after), Number.POSITIVE_INFINITY);
  }
  const [was, is] = [before[measure], after[measure]];
  if (was + is === 0) return null;
  const variance = was + is + overdispersion * (was ** 2 + is ** 2);
  return 2 * studentTail((is - was) / Math.sqrt(variance), Number.POSITIVE_INFINITY);
}

/** Puts a period into the form of settled days, whose counters have names such as `c.AT` and `vc.AT`. */
function toNumbers({ views, clicks, bots, lists }: PeriodCounts): ComparedNumbers {
  const numbers: Record<string, number> = { views, clicks, 'x.bot': bots };
  for (const name of countedDimensions)
    for (const row of name === 'variant' ? [] : (lists[name] ?? [])) {
      numbers[`${dimensions[name].counter}.${row.value ?? 'unknown'}`] = row.clicks;
      numbers[`v${dimensions[name].counter}.${row.value ?? 'unknown'}`] = row.views;
    }
  function top(list: readonly ValueCounts[] | undefined): [string, number, number][] {
    return (list ?? []).flatMap((row) => (row.value === null ? [] : [[row.value, row.clicks, row.views]]));
  }
  if (lists.host === undefined && lists.link === undefined) return { numbers };
  return { numbers, tops: { link: top(lists.link), host: top(lists.host) } };
}

interface Listed {
  views: number;
  clicks: number;
  list: readonly ValueCounts[];
}

function explainDimension(
  dimension: ChangeDimension,
  before: Listed,
  after: Listed,
  measure: ChangeMeasure,
): DimensionChange {
  const total = measureOf(after, measure) - measureOf(before, measure);
  const rows = pairValues(before, after, dimension);
  const parts = rows.map((row) => partsOf(row, before, after, measure, dimension));
  const changes = rows.map((row, at): ValueChange => {
    const { mix, rate } = parts[at] ?? none;
    return { ...row, change: mix + rate, share: total === 0 ? null : (mix + rate) / total };
  });
  const named = changes
    .filter(({ value }) => value !== null)
    .toSorted((a, b) => Math.abs(b.change) - Math.abs(a.change));
  const rest = [...named.slice(mostValues), ...changes.filter(({ value }) => value === null)];
  const isRate = measure === 'rate' && dimension !== 'link';
  return {
    dimension,
    values: named.slice(0, mostValues),
    others: rest.some(isAnything) ? addUp(rest) : undefined,
    parts: isRate ? { mix: sum(parts.map(({ mix }) => mix)), rate: sum(parts.map(({ rate }) => rate)) } : null,
  };
}

type Paired = Pick<ValueChange, 'value' | 'before' | 'after'>;

const none = { mix: 0, rate: 0 };

/** Pairs the values of both lists. What the lists do not hold of the totals has the value null. */
function pairValues(before: Listed, after: Listed, dimension: ChangeDimension): Paired[] {
  const [was, is] = [countsByValue(before.list), countsByValue(after.list)];
  const values = [...new Set([...was.keys(), ...is.keys()])];
  const named = values.map((value) => ({ value, before: was.get(value) ?? zero, after: is.get(value) ?? zero }));
  const rest = { before: restOf(before, was.values()), after: restOf(after, is.values()) };
  // A link has no views of its own, so none are missing.
  if (dimension === 'link') rest.before.views = rest.after.views = 0;
  return [...named, { value: null, ...rest }];
}

const zero = { views: 0, clicks: 0 };

function countsByValue(list: readonly ValueCounts[]): Map<string, { views: number; clicks: number }> {
  return new Map(list.flatMap(({ value, views, clicks }) => (value === null ? [] : [[value, { views, clicks }]])));
}

function restOf(total: Listed, values: Iterable<{ views: number; clicks: number }>): { views: number; clicks: number } {
  const rest = { views: total.views, clicks: total.clicks };
  for (const { views, clicks } of values) {
    rest.views -= views;
    rest.clicks -= clicks;
  }
  return { views: Math.max(0, rest.views), clicks: Math.max(0, rest.clicks) };
}

/**
 * Divides a value's part of the change. Of a rate Σ wᵥ rᵥ, with the share wᵥ of the views and the rate rᵥ of value v, it
 * is Δw · mean r (other visitors) and Δr · mean w (visitors who click more or less often), which add up exactly:
 * Kitagawa, "Components of a difference between two rates" (1955).
 */
function partsOf(
  row: Paired,
  before: Listed,
  after: Listed,
  measure: ChangeMeasure,
  dimension: ChangeDimension,
): { mix: number; rate: number } {
  if (measure !== 'rate') return { mix: row.after[measure] - row.before[measure], rate: 0 };
  if (before.views === 0 || after.views === 0) return none;
  if (dimension === 'link') return { mix: 0, rate: row.after.clicks / after.views - row.before.clicks / before.views };
  const [shareBefore, shareAfter] = [row.before.views / before.views, row.after.views / after.views];
  // A value without views has clicks of visits that began elsewhere: they belong to the rate as they are.
  if (row.before.views === 0 || row.after.views === 0)
    return { mix: row.after.clicks / after.views - row.before.clicks / before.views, rate: 0 };
  const [rateBefore, rateAfter] = [row.before.clicks / row.before.views, row.after.clicks / row.after.views];
  return {
    mix: ((shareAfter - shareBefore) * (rateBefore + rateAfter)) / 2,
    rate: ((rateAfter - rateBefore) * (shareBefore + shareAfter)) / 2,
  };
}

function isAnything({ before, after }: ValueChange): boolean {
  return before.views + before.clicks + after.views + after.clicks > 0;
}

function addUp(rows: readonly ValueChange[]): Omit<ValueChange, 'value'> {
  function total(of: 'before' | 'after') {
    return { views: sum(rows.map((row) => row[of].views)), clicks: sum(rows.map((row) => row[of].clicks)) };
  }
  return {
    before: total('before'),
    after: total('after'),
    change: sum(rows.map(({ change }) => change)),
    share: rows.every(({ share }) => share === null) ? null : sum(rows.map(({ share }) => share ?? 0)),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
