import { type BreakdownRow, compareCounts } from './counters.ts';

/**
 * Top lists of one settled date: `[value, clicks, views]` by list; of custom events `[event, count, visitors]` and
 * `[event and currency, count, smallest units]`.
 */
export interface TopLists {
  date: string;
  lists: Readonly<Record<string, readonly (readonly [value: string, clicks: number, views: number])[]>>;
}

/**
 * Merges the lists of several dates, sorted by count. Each date has only its top values, so the counts of a value are
 * lower bounds.
 */
export function mergeTopLists(days: readonly TopLists[], list: string, longest = 100): BreakdownRow[] {
  const rows = new Map<string, BreakdownRow & { value: string }>();
  for (const { lists } of days)
    for (const [value, clicks, views] of lists[list] ?? []) {
      const row = rows.get(value) ?? { value, views: 0, clicks: 0 };
      row.clicks += clicks;
      row.views += views;
      rows.set(value, row);
    }
  return [...rows.values()].sort(compareCounts).slice(0, longest);
}

/** Converts `Wien, AT`, as settle writes it, to `AT/Wien`. */
export function toCityValue(value: string): string {
  const comma = value.lastIndexOf(', ');
  return comma === -1 ? `/${value}` : `${value.slice(comma + 2)}/${value.slice(0, comma)}`;
}
