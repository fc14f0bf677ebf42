import { type Balance, filterHours } from '#core/ledger/report.ts';
import { emptyOutcomes } from '#core/ledger/outcomes.ts';
import { toBucket, listBuckets, type TimeRange } from '#core/ledger/time-range.ts';
import { countedDimensions, recordOf } from '#schemas/dimensions.ts';
import type { Outcome } from '#schemas/event.ts';
import {
  type BreakdownRow,
  type Breakdowns,
  compareCounts,
  clickThroughRate,
  type SeriesPoint,
  withRemainder,
} from './counters.ts';

/** Settled events under filters that share a value: of a local hour (`list` is `hour`), or of what is broken down. */
export interface FilteredRow {
  list: string;
  value: string;
  outcome: Outcome;
  views: number;
  clicks: number;
  events: number;
}

/** Rows of a range by what they tell. */
export interface FilteredCounts {
  hours: readonly FilteredRow[];
  lists: ReadonlyMap<string, readonly FilteredRow[]>;
}

/** Hours of the range out of those read, and the lists. Lists are of whole local dates. */
export function groupFilteredRows(rows: readonly FilteredRow[], range: TimeRange): FilteredCounts {
  const lists = Map.groupBy(rows, ({ list }) => list);
  const hours = (lists.get('hour') ?? []).filter((row) => filterHours([{ hour: row.value }], range).length > 0);
  lists.delete('hour');
  return { hours, lists };
}

/** The edge does not know what a filter asks for, so nothing is known of what was received. */
type Outcomes = Pick<Balance, 'outcomes'> & { received: null; lost: null };

export function buildFilteredBalances({ hours }: FilteredCounts, range: TimeRange): (Outcomes & { start: string })[] {
  return [...Map.groupBy(hours, ({ value }) => toBucket(value, range))]
    .map(([start, rows]) => ({ start, ...sumFilteredBalance(rows) }))
    .sort(byStart);
}

export function sumFilteredBalance(hours: readonly FilteredRow[]): Outcomes {
  const outcomes = emptyOutcomes();
  for (const { outcome, events } of hours) outcomes[outcome] += events;
  return { received: null, outcomes, lost: null };
}

function byStart(a: { start: string }, b: { start: string }): number {
  return Date.parse(a.start) - Date.parse(b.start);
}

export function buildFilteredSeries({ hours }: FilteredCounts, range: TimeRange, now: number): SeriesPoint[] {
  const points = new Map(listBuckets(range, now).map((start) => [start, { start, views: 0, clicks: 0 }]));
  for (const [start, rows] of Map.groupBy(hours, ({ value }) => toBucket(value, range)))
    points.set(start, { start, views: sum(rows, 'views'), clicks: sum(rows, 'clicks') });
  return [...points.values()].sort(byStart);
}

function sum(rows: readonly FilteredRow[], of: 'views' | 'clicks'): number {
  return rows.filter(counted).reduce((total, row) => total + row[of], 0);
}

function counted({ outcome }: FilteredRow): boolean {
  return outcome === 'counted';
}

export function buildFilteredBreakdowns(filtered: FilteredCounts): Breakdowns {
  const totals = sumFilteredTotals(filtered);
  return recordOf(countedDimensions, (name) => withRemainder(listFilteredValues(filtered, name), totals));
}

/** `uniques` and `sessions` come from another question. */
export function sumFilteredTotals({ hours }: FilteredCounts) {
  const views = sum(hours, 'views');
  const clicks = sum(hours, 'clicks');
  return { views, clicks, ctr: clickThroughRate(views, clicks) };
}

/** Values of one list, most first. */
export function listFilteredValues({ lists }: FilteredCounts, list: string): BreakdownRow[] {
  return (lists.get(list) ?? []).map(({ value, views, clicks }) => ({ value, views, clicks })).sort(compareCounts);
}
