import { csvLine, idCell } from '#schemas/export/csv.ts';
import { formatChange, formatCount, formatShare } from '../format/numbers.ts';
import { formatPoint } from '../format/times.ts';

/**
 * Numbers or texts: an `id` stays a text in a spreadsheet; a `point` is a date or an hour, which is shown in words; an
 * `estimate` that does not exist is left out.
 */
interface DataColumn {
  name: string;
  kind: 'id' | 'text' | 'point' | 'count' | 'estimate' | 'share' | 'change';
}

type Value = string | number | null;

export interface DataRow {
  key: string;
  /** One per column. */
  values: readonly Value[];
  /** Filters the view by the row. */
  onPick?: (() => void) | undefined;
}

/** All rows of a panel, of which it shows the first. */
export interface Data {
  columns: readonly DataColumn[];
  rows: readonly DataRow[];
  /** What the rows do not include, such as hours that have not settled. */
  note?: string | undefined;
}

/** Returns the rows with the text in any column of text. */
export function searchRows({ columns, rows }: Data, search: string): readonly DataRow[] {
  const term = search.trim().toLowerCase();
  return rows.filter(({ values }) =>
    values.some(
      (value, at) => typeof value === 'string' && formatValue(value, columns[at]).toLowerCase().includes(term),
    ),
  );
}

/** Returns what is shown as CSV; the note is the last record. */
export function toCsv({ columns, note }: Data, rows: readonly DataRow[]): string {
  const lines = rows.map(({ values }) => csvLine(values.map((value, at) => toCell(value, columns[at]))));
  const last = note === undefined ? [] : [csvLine([note])];
  // Without the mark, spreadsheets read umlauts wrongly.
  return `\uFEFF${[csvLine(columns.map(({ name }) => name)), ...lines, ...last].join('')}`;
}

function toCell(value: Value, column: DataColumn | undefined): Value {
  if (typeof value === 'string') return column?.kind === 'id' ? idCell(value) : value;
  return value === null || column?.kind === 'count' ? value : Number(value.toFixed(4));
}

export function formatValue(value: Value, column: DataColumn | undefined): string {
  if (typeof value === 'string') return column?.kind === 'point' ? formatPoint(value) : value;
  if (column?.kind === 'share') return formatShare(value);
  if (value === null && column?.kind !== 'count') return '';
  return column?.kind === 'change' && value !== null ? formatChange(value) : formatCount(value);
}

export function isText(column: DataColumn | undefined): boolean {
  return column?.kind === 'id' || column?.kind === 'text';
}
