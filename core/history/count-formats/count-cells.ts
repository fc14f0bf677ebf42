import type { CsvRow } from '../csv-reading.ts';
import { isDate } from '#core/ledger/time-range.ts';

/** Reads a cell that must be a whole number. Refuses the row and returns undefined for anything else. */
export function readCount<Column extends string>(row: CsvRow<Column>, column: Column): number | undefined {
  const count = parseCount(row.cell(column));
  if (count === undefined) row.refuse(column, allowedCount);
  return count;
}

export const allowedCount = 'must be a whole number of up to 12 digits';

export function parseCount(text: string): number | undefined {
  return /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}

/** Reads a cell that must be a date. Refuses the row and returns undefined for anything else. */
export function readDate<Column extends string>(row: CsvRow<Column>, column: Column): string | undefined {
  const text = row.cell(column);
  if (isDate(text)) return text;
  row.refuse(column, 'must be a date such as 2026-11-22');
  return undefined;
}

/** Returns the hour of an instant as rows of counts name it: `2026-11-22T07` in UTC. */
export function toUtcHour(at: number): string {
  return new Date(at).toISOString().slice(0, 13);
}
