import { type Balance, filterHours, unknownRequests } from '#core/ledger/report.ts';
import { emptyOutcomes } from '#core/ledger/outcomes.ts';
import { toBucket, listBuckets, type TimeRange } from '#core/ledger/time-range.ts';
import { countedDimensions, recordOf } from '#schemas/dimensions.ts';
import type { Outcome } from '#schemas/event.ts';
import {
  type BreakdownRow,
  type Breakdowns,
  compareCounts,
  emptyPoint,
  type SeriesPoint,
  shownRate,
  withRemainder,
} from './counters.ts';

/** Settled events that match the filters, by one value of a list: a local hour (`list` is `hour`) or a dimension's value. */
export interface FilteredRow {
  list: string;
  value: string;
  outcome: Outcome;
  views: number;
  clicks: number;
  events: number;
}

/** Rows of a range: those of its hours, and the others by list. */
export interface FilteredCounts {
  hours: readonly FilteredRow[];
  lists: ReadonlyMap<string, readonly FilteredRow[]>;
}

/** Groups rows, without hours outside the range. Lists cover whole local dates. */
export function groupFilteredRows(rows: readonly FilteredRow[], range: TimeRange): FilteredCounts {
  const lists = Map.groupBy(rows, ({ list }) => list);
  const hours = (lists.get('hour') ?? []).filter((row) => filterHours([{ hour: row.value }], range).length > 0);
  lists.delete('hour');
  return { hours, lists };
}

/** `received` and `lost` are unknown: the edge counts requests before their events are enriched. */
type Outcomes = Pick<Balance, 'outcomes'> & typeof unknownRequests;

export function buildFilteredBalances({ hours }: FilteredCounts, range: TimeRange): (Outcomes & { start: string })[] {
  return [...Map.groupBy(hours, ({ value }) => toBucket(value, range))]
    .map(([start, rows]) => ({ start, ...sumFilteredBalance(rows) }))
    .sort(byStart);
}

export function sumFilteredBalance(hours: readonly FilteredRow[]): Outcomes {
  const outcomes = emptyOutcomes();
  for (const { outcome, events } of hours) outcomes[outcome] += events;
  return { ...unknownRequests, outcomes };
}

function byStart(a: { start: string }, b: { start: string }): number {
  return Date.parse(a.start) - Date.parse(b.start);
}

export function buildFilteredSeries({ hours }: FilteredCounts, range: TimeRange, now: number): SeriesPoint[] {
  const points = new Map(listBuckets(range, now).map((start) => [start, emptyPoint(start)]));
  for (const [start, rows] of Map.groupBy(hours, ({ value }) => toBucket(value, range)))
    points.set(start, { start, ...sumRows(rows) });
  return [...points.values()].sort(byStart);
}

/** Counted views, clicks and, of all other types, custom events. */
function sumRows(rows: readonly FilteredRow[]): Omit<SeriesPoint, 'start'> {
  const sums = { views: 0, clicks: 0, customEvents: 0 };
  for (const { outcome, views, clicks, events } of rows) {
    if (outcome !== 'counted') continue;
    sums.views += views;
    sums.clicks += clicks;
    sums.customEvents += events - views - clicks;
  }
  return sums;
}

export function buildFilteredBreakdowns(filtered: FilteredCounts): Breakdowns {
  const totals = sumFilteredTotals(filtered);
  return recordOf(countedDimensions, (name) => withRemainder(listFilteredValues(filtered, name), totals));
}

/** `uniques` and `sessions` come from another query. */
export function sumFilteredTotals({ hours }: FilteredCounts) {
  const sums = sumRows(hours);
  return { ...sums, ctr: shownRate(sums) };
}

/** Returns the values of one list, sorted by count. */
export function listFilteredValues({ lists }: FilteredCounts, list: string): BreakdownRow[] {
  return (lists.get(list) ?? []).map((row) => ({ value: row.value, ...sumRows([row]) })).sort(compareCounts);
}
