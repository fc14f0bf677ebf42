import type { Numbers } from '#core/ledger/outcomes.ts';
import { type Dimension, type DimensionName, dimensionNames, dimensions } from '#schemas/dimensions.ts';
import { referrerClasses } from '#schemas/event.ts';
import type { Measure, MetricFilter, MetricVersion } from '#schemas/insights/metrics.ts';
import { evaluateFormula, type FormulaValue, listDenominators, listMeasures, parseFormula } from './formula.ts';
import { roundTo } from './round.ts';

/** A measure of one or more days: measures are added up, results never. */
export interface MeasureSum {
  sum: number;
  /** How many numbers `sum` adds up; for a count, the same. */
  numbers: number;
  /** Events without a number, or with another currency. */
  ignored: number;
}

/** Measures by name. */
export type MeasureSums = Readonly<Record<string, MeasureSum>>;

export interface MetricResult {
  /** Null where it is unknown or divided by zero. */
  value: number | null;
  error: 'overflow' | null;
  ignored: number;
}

/**
 * Computes a metric from measures: the formula of the sums. Money is rounded to its smallest unit, halves away from zero.
 * @param sums undefined if they are unknown
 */
export function computeMetric(
  { formula, measures, unit }: Pick<MetricVersion, 'formula' | 'measures' | 'unit'>,
  sums: MeasureSums | undefined,
): MetricResult {
  if (sums === undefined) return { value: null, error: null, ignored: 0 };
  const parsed = parseFormula(formula, Object.keys(measures));
  const known = new Map(Object.entries(sums));
  const result = parsed.ok
    ? evaluateFormula(parsed.formula, (name) => valueOfSum(measures[name], known.get(name)))
    : null;
  const ignored = [...known.values()].reduce((sum, each) => sum + each.ignored, 0);
  if (result === 'overflow') return { value: null, error: 'overflow', ignored };
  return { value: result !== null && unit === 'money' ? roundTo(result, 0) : result, error: null, ignored };
}

function valueOfSum(measure: Measure | undefined, sum: MeasureSum | undefined): FormulaValue {
  if (measure === undefined || sum === undefined) return null;
  if (measure.of !== 'average') return sum.sum;
  return sum.numbers === 0 ? null : sum.sum / sum.numbers;
}

/** Names of measures that a formula uses. */
export interface UsedMeasures {
  all: ReadonlySet<string>;
  /** By whose events something is divided, means included. */
  denominators: ReadonlySet<string>;
}

export function listUsedMeasures({ formula, measures }: Pick<MetricVersion, 'formula' | 'measures'>): UsedMeasures {
  const parsed = parseFormula(formula, Object.keys(measures));
  if (!parsed.ok) return { all: new Set(), denominators: new Set() };
  const all = listMeasures(parsed.formula);
  const means = [...all].filter((name) => measures[name]?.of === 'average');
  return { all, denominators: new Set([...listDenominators(parsed.formula), ...means]) };
}

/** Decimals that a sum of numbers keeps. */
export const sumDecimals = 6;

/** Adds up the measures of several days. A measure that one of them lacks is left out. */
export function addMeasures(days: readonly MeasureSums[]): MeasureSums {
  const [first = {}, ...rest] = days;
  return rest.reduce<MeasureSums>((all, day) => {
    const both = Object.entries(all).flatMap(([name, sum]) => {
      const more = Object.hasOwn(day, name) ? day[name] : undefined;
      return more === undefined ? [] : [[name, addSums(sum, more)] as const];
    });
    return Object.fromEntries(both);
  }, first);
}

function addSums(a: MeasureSum, b: MeasureSum): MeasureSum {
  return {
    sum: roundTo(a.sum + b.sum, sumDecimals),
    numbers: a.numbers + b.numbers,
    ignored: a.ignored + b.ignored,
  };
}

/** Returns the sum of a measure that only counts. */
export function countSum(count: number): MeasureSum {
  return { sum: count, numbers: count, ignored: 0 };
}

/** Returns the measures of a day without events. */
export function zeroMeasures({ measures }: Pick<MetricVersion, 'measures'>): MeasureSums {
  return Object.fromEntries(Object.keys(measures).map((name) => [name, countSum(0)]));
}

/** Returns whether the counters hold all measures: then they are live, and no query is needed. */
export function isCounted({ measures }: Pick<MetricVersion, 'measures'>): boolean {
  return Object.values(measures).every(isCountedMeasure);
}

/** Counters know each dimension alone, not two together, and of custom events only their number. */
function isCountedMeasure({ of, filters }: Measure): boolean {
  if (of === 'events') return filters.length === 0;
  if (of !== 'clicks' && of !== 'views') return false;
  const [filter, ...more] = filters;
  return filter === undefined || (more.length === 0 && isCountedFilter(filter));
}

/** The counter of `referrer` holds types of sources, and no names. */
function isCountedFilter({ field, operator, values }: MetricFilter): boolean {
  if (counterOf(field) === undefined) return false;
  return field !== 'referrer' || (operator !== 'starts-with' && values.every(isClassOrNone));
}

function isClassOrNone(value: string): boolean {
  return value === '' || referrerClasses.some((each) => each === value);
}

function counterOf(field: string): string | undefined {
  const name = dimensionNames.find((each): each is DimensionName => each === field);
  const dimension: Dimension | undefined = name && dimensions[name];
  return dimension?.counter;
}

/** Reads measures from the counters of one or more hours or days. @see isCounted */
export function readCounted({ measures }: Pick<MetricVersion, 'measures'>, numbers: Numbers): MeasureSums {
  return Object.fromEntries(
    Object.entries(measures).map(([name, measure]) => [name, countSum(countMeasure(measure, numbers))]),
  );
}

function countMeasure({ of, filters: [filter] }: Measure, numbers: Numbers): number {
  if (of === 'events') return numbers['customs'] ?? 0;
  const all = numbers[of] ?? 0;
  if (filter === undefined) return all;
  const prefix = `${of === 'views' ? 'v' : ''}${counterOf(filter.field) ?? ''}.`;
  const known = Object.entries(numbers).flatMap(([name, count]): [string, number][] =>
    name.startsWith(prefix) ? [[name.slice(prefix.length), count]] : [],
  );
  const matching = sumOf(known.filter(([value]) => matches(filter, value)));
  const without = filter.operator !== 'starts-with' && filter.values.includes('') ? all - sumOf(known) : 0;
  return filter.operator === 'is-not' ? all - matching - without : matching + without;
}

/** For `is-not`, returns what is left out. */
function matches({ operator, values }: MetricFilter, value: string): boolean {
  return operator === 'starts-with' ? values.some((start) => value.startsWith(start)) : values.includes(value);
}

function sumOf(counts: readonly [string, number][]): number {
  return counts.reduce((sum, [, count]) => sum + count, 0);
}
