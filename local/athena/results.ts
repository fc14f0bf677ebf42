import type { DuckDBResultReader } from '@duckdb/node-api';

/** A result as Athena returns it: every value is text, and NULL is undefined. */
export interface ResultTable {
  columns: { Name: string; Type: string }[];
  rows: (string | undefined)[][];
}

export function toResultTable(reader: DuckDBResultReader): ResultTable {
  const types = reader.columnTypes().map((type) => athenaType(type.toString()));
  return {
    columns: reader.columnNames().map((Name, at) => ({ Name, Type: types[at] ?? 'varchar' })),
    rows: reader.getRowsJson().map((row) => row.map((value, at) => textOf(value, types[at] ?? 'varchar'))),
  };
}

const athenaTypes: readonly [RegExp, string][] = [
  [/^(TINYINT|SMALLINT|INTEGER)$/, 'integer'],
  [/^(BIGINT|HUGEINT|UBIGINT)$/, 'bigint'],
  [/^(DOUBLE|FLOAT)$/, 'double'],
  [/^DECIMAL/, 'decimal'],
  [/^TIMESTAMP/, 'timestamp'],
  [/^DATE$/, 'date'],
  [/^BOOLEAN$/, 'boolean'],
];

function athenaType(duckType: string): string {
  return athenaTypes.find(([pattern]) => pattern.test(duckType))?.[1] ?? 'varchar';
}

function textOf(value: unknown, type: string): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (type === 'timestamp') return withMilliseconds(toPlainText(value));
  return type === 'double' && typeof value === 'number' ? javaDouble(value) : toPlainText(value);
}

/** `2026-11-22 07:00:00` → `2026-11-22 07:00:00.000` */
function withMilliseconds(text: string): string {
  const [whole = text, fraction = ''] = text.split('.');
  return `${whole}.${fraction.padEnd(3, '0').slice(0, 3)}`;
}

/** Returns text unchanged, and other values as JSON. */
export function toPlainText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Formats a double as Trino does, by Java's `Double.toString`: `1.0`, `0.25`, `1.0E10`. */
function javaDouble(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
  const magnitude = Math.abs(value);
  if (value !== 0 && (magnitude < 1e-3 || magnitude >= 1e7)) {
    const [digits = '', exponent = ''] = value.toExponential().split('e');
    return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`;
  }
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}
