import { UnreadableFile } from '#core/imports/unreadable-file.ts';
import { type CsvRow, hasColumns, readCsv } from '../csv-reading.ts';
import type { FileHead, HistoryFormat } from '../format.ts';
import type { CountRow, RowSink } from '../history-row.ts';
import { readCount, readDate } from './count-cells.ts';

/**
 * Tables of Plausible's export, which is the format of its import, too: one row a date, or a date and value.
 * Source: docs/imports.md#plausible.
 */
const tables = [
  { column: 'page', dimension: 'page' },
  { column: 'source', dimension: 'source' },
  { column: 'country', dimension: 'country' },
  { column: 'device', dimension: 'device' },
  { column: 'browser', dimension: 'browser' },
  { column: 'operating_system', dimension: 'os' },
] as const;

export const plausible: HistoryFormat = {
  name: 'plausible',
  tool: 'plausible',
  title: 'the export of Plausible (ZIP, or its files `imported_….csv`)',
  grain: 'counts',
  detects: (head) => hasColumns(head, ['date', 'visitors', 'pageviews']) && !isDashboard(head) && !isOfEdges(head),
  open: (_options, sink) => {
    const columns = {
      date: ['date'],
      views: ['pageviews'],
      visitors: ['visitors'],
      visits: ['visits'],
      bounces: ['bounces'],
      ...Object.fromEntries(tables.map(({ column }) => [column, [column]])),
    };
    return readCsv<string>({ columns, required: ['date', 'views'], sink, onRow: (row) => readRow(row, sink) });
  },
};

function readRow(row: CsvRow<string>, sink: RowSink): void {
  const table = tables.find(({ column }) => row.has(column));
  const date = readDate(row, 'date');
  if (date === undefined) return;
  const views = readCount(row, 'views');
  if (views === undefined) return;
  const counts: CountRow = { grain: 'day', line: row.line, at: date, views };
  if (table) {
    sink.row({ ...counts, dimension: table.dimension, value: toKnownValue(row.cell(table.column)) });
    return;
  }
  for (const name of ['visitors', 'visits', 'bounces'] as const) {
    if (!row.has(name)) continue;
    const count = readCount(row, name);
    if (count === undefined) return;
    counts[name] = count;
  }
  sink.row(counts);
}

/** Returns a value of a table as counts have it: empty where Plausible knows none. */
export function toKnownValue(value: string): string {
  return unknown.has(value) ? '' : value;
}

/** What Plausible writes where a value is unknown, or there is none. */
const unknown: ReadonlySet<string> = new Set(['(not set)', 'Direct / None']);

/** First and last pages of visits are not kept. */
function isOfEdges(head: FileHead): boolean {
  return hasColumns(head, ['entry_page']) || hasColumns(head, ['exit_page']);
}

/** A ZIP of the dashboard: averages, and intervals that its files do not name. */
function isDashboard(head: FileHead): boolean {
  return hasColumns(head, ['date', 'views_per_visit']);
}

export const plausibleDashboard: HistoryFormat = {
  name: 'plausible-dashboard',
  tool: 'plausible',
  title: 'the dashboard of Plausible, which cannot be imported',
  grain: 'counts',
  detects: isDashboard,
  open: () => {
    throw new UnreadableFile(
      'this is a download of Plausible’s dashboard: of one range, with averages, and at most 300 values. Use Site settings, Imports & exports, Export to CSV',
    );
  },
};
