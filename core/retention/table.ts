import type { Retention, RetentionCounts } from '#schemas/api/insights/retention.ts';
import { addPeriods, endOfPeriod } from '../periods.ts';
import type { PeriodUnit } from '#schemas/time/periods.ts';

export interface RetentionOptions {
  by: PeriodUnit;
  /** Cohorts by their first date, in order. */
  cohorts: readonly string[];
  /** Periods that each cohort is followed. */
  periods: number;
  /** Local date. */
  today: string;
  /** Last local date that has settled; undefined before the first. */
  settledDate: string | undefined;
  unbounded: boolean;
  mean: 'weighted' | 'simple';
  /** Cohorts with fewer people are hidden. */
  smallest: number;
  /** Fewer people who came back than this are hidden, but 0 is not. 1 hides none. */
  fewest: number;
}

type Cohort = Retention['cohorts'][number];
type Cell = Cohort['cells'][number];

/** A cohort with its numbers before any is hidden. */
interface Exact {
  period: string;
  size: number;
  leftCut: boolean;
  cells: { k: number; back: number; state: Cell['state'] }[];
}

/**
 * Builds the table of cohorts. `back(c, k)` counts the people of cohort c who came back in period c + k, or if `unbounded`
 * in it or a later closed one; `rate(c, k) = back / size`; the weighted mean of k is `Σ back / Σ size` over the cohorts whose
 * cell is closed. A cell is closed when every date of its period has settled. Cohorts with fewer than `smallest` people
 * are hidden and in no mean, because a mean with and without one would show it. A hidden number of people who came back
 * is half of `fewest` in a mean.
 * @param counts people by cohort, as `queries/reports/retention.sql` returns them
 */
export function buildRetention(
  counts: RetentionCounts,
  options: RetentionOptions,
): { cohorts: Cohort[]; mean: Retention['mean'] } {
  const exact = options.cohorts.map((period) => countCohort(counts, options, period));
  const shown = exact.filter(({ size }) => !isHidden(size, options));
  return {
    cohorts: exact.map((cohort) => toView(cohort, options)),
    mean: listOffsets(options).map((k) => computeMean(shown, k, options)),
  };
}

function listOffsets({ periods }: RetentionOptions): number[] {
  return Array.from({ length: periods }, (_, at) => at + 1);
}

function countCohort(counts: RetentionCounts, options: RetentionOptions, period: string): Exact {
  const { since, sizes, back, last } = counts;
  const leftCut = since === null || period < since;
  const lasts = Object.entries(last[period] ?? {});
  return {
    period,
    size: sizes[period] ?? 0,
    leftCut,
    cells: listOffsets(options).map((k) => {
      const target = addPeriods(period, k, options.by);
      const state = stateOf(target, leftCut, options);
      // The running period is no closed one, so that only its own returns count in it.
      const isOpen = state === 'running' || state === 'future';
      const people =
        options.unbounded && !isOpen
          ? lasts.reduce((sum, [at, count]) => (at >= target ? sum + count : sum), 0)
          : (back[period]?.[target] ?? 0);
      return { k, back: people, state };
    }),
  };
}

function stateOf(period: string, leftCut: boolean, { by, today, settledDate }: RetentionOptions): Cell['state'] {
  if (period > today) return 'future';
  if (settledDate === undefined || endOfPeriod(period, by) > settledDate) return 'running';
  return leftCut ? 'before' : 'closed';
}

function isHidden(size: number, { smallest }: RetentionOptions): boolean {
  return size > 0 && size < smallest;
}

function toView({ period, size, leftCut, cells }: Exact, options: RetentionOptions): Cohort {
  if (isHidden(size, options)) return { period, size: '<5', leftCut, cells: [] };
  return { period, size, leftCut, cells: cells.map((cell) => toCell(cell, size, options)) };
}

function toCell({ k, back, state }: Exact['cells'][number], size: number, { fewest }: RetentionOptions): Cell {
  if (state === 'future' || size === 0) return { k, back: null, rate: null, state };
  if (isFew(back, fewest)) return { k, back: '<3', rate: null, state };
  return { k, back, rate: back / size, state };
}

function isFew(back: number, fewest: number): boolean {
  return back > 0 && back < fewest;
}

function computeMean(
  cohorts: readonly Exact[],
  k: number,
  { mean, fewest }: RetentionOptions,
): Retention['mean'][number] {
  const closed = cohorts.flatMap(({ size, cells }) => {
    const cell = cells[k - 1];
    if (cell?.state !== 'closed' || size === 0) return [];
    return [{ size, back: isFew(cell.back, fewest) ? fewest / 2 : cell.back }];
  });
  const [size, back, rates] = [
    sum(closed.map((cell) => cell.size)),
    sum(closed.map((cell) => cell.back)),
    sum(closed.map((cell) => cell.back / cell.size)),
  ];
  const rate = closed.length === 0 ? null : mean === 'weighted' ? back / size : rates / closed.length;
  return { k, rate, cohorts: closed.length };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
