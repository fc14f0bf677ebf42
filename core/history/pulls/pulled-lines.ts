import type { Entries, EntryKind } from './source.ts';
import type { PlausibleEntry } from './plausible.ts';

/** A row of history as a pull keeps it: JSON, one a line. */
export interface PulledLine {
  kind: Exclude<EntryKind, 'links'>;
  /** The link that it is about, if the value does not say so. */
  link?: string;
  value: unknown;
}

/** What entries of history say as a whole. Dates are those of the tool. */
export interface PulledRange {
  first: string | null;
  last: string | null;
  /** Clicks, or views of a site. */
  count: number;
}

/** Returns entries of history as lines. */
export function toLines(entries: readonly Entries[]): string[] {
  return entries.flatMap(({ kind, link, values }) =>
    kind === 'links'
      ? []
      : values.map((value) => JSON.stringify({ kind, ...(link !== null && { link }), value } satisfies PulledLine)),
  );
}

/** Adds what entries say to a range. */
export function extendRange(range: PulledRange, entries: readonly Entries[]): PulledRange {
  let { first, last, count } = range;
  for (const { kind, values } of entries)
    for (const value of values) {
      const { date, clicks } = summarize(kind, value);
      if (date === null) continue;
      first = first === null || date < first ? date : first;
      last = last === null || date > last ? date : last;
      count += clicks;
    }
  return { first, last, count };
}

const nothing = { date: null, clicks: 0 };

/** The sources have read the values as these types. */
function summarize(kind: EntryKind, value: unknown): { date: string | null; clicks: number } {
  switch (kind) {
    case 'links':
      return nothing;
    case 'bitly-days':
    case 'dub-days': {
      const { date, clicks } = value as { date: string; clicks: number };
      return { date: date.slice(0, 10), clicks };
    }
    case 'dub-events':
      return { date: toDate((value as { timestamp: string }).timestamp), clicks: 1 };
    case 'shlink-visits':
      return { date: toDate((value as { date: string }).date), clicks: 1 };
    case 'plausible-days': {
      const { table, date, pageviews } = value as PlausibleEntry;
      // The other tables break the same views down.
      return table === 'days' ? { date, clicks: pageviews } : nothing;
    }
    default:
      return kind satisfies never;
  }
}

function toDate(time: string): string | null {
  const at = Date.parse(time);
  return Number.isNaN(at) ? null : new Date(at).toISOString().slice(0, 10);
}
