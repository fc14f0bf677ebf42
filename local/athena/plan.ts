import { z } from 'zod';
import type { RowGroup } from './footer.ts';

/** A scan of Parquet files in DuckDB's physical plan. */
export interface Scan {
  columns: string[];
  /** Conditions on columns. The reader can evaluate them with the minimum and maximum of a row group. */
  filters: string[];
  /** SQL over the partition columns and `filename`. Undefined if every file is read. */
  fileFilter: string | undefined;
}

const textOrList = z.union([z.string(), z.array(z.string())]).optional();
const nodeSchema = z.object({
  name: z.string(),
  children: z.array(z.unknown()).default([]),
  extra_info: z
    .object({ Projections: textOrList, Filters: textOrList, 'File Filters': textOrList })
    .loose()
    .default({}),
});

/** Returns every Parquet scan in the output of `EXPLAIN (FORMAT JSON)`. */
export function readScans(explained: string): Scan[] {
  const scans: Scan[] = [];
  function visit(value: unknown): void {
    const node = nodeSchema.parse(value);
    if (node.name.trim() === 'READ_PARQUET') {
      const files = asList(node.extra_info['File Filters']).join('');
      scans.push({
        columns: asList(node.extra_info.Projections),
        filters: asList(node.extra_info.Filters).flatMap((text) => text.split(' AND ')),
        fileFilter: files === '' ? undefined : joinFilters(files),
      });
    }
    node.children.forEach(visit);
  }
  z.array(z.unknown()).parse(JSON.parse(explained)).forEach(visit);
  return scans;
}

function asList(value: string | string[] | undefined): string[] {
  return value === undefined || value === '' ? [] : Array.isArray(value) ? value : [value];
}

/** Joins file filters with AND: `(a = 1)(b = 2)` → `(a = 1) AND (b = 2)`. The plan prints them without a separator. */
function joinFilters(text: string): string {
  let depth = 0;
  let quoted = false;
  let joined = '';
  for (const [at, character] of Array.from(text).entries()) {
    if (character === "'") quoted = !quoted;
    if (!quoted && character === '(' && depth++ === 0 && at > 0) joined += ' AND ';
    if (!quoted && character === ')') depth--;
    joined += character;
  }
  return joined;
}

/** Returns the compressed bytes that a scan reads from one row group. */
export function countScannedBytes(group: RowGroup, scan: Scan): number {
  if (!scan.filters.every((filter) => mayPass(group, filter))) return 0;
  return scan.columns.reduce((sum, name) => sum + (group.columns.get(name)?.bytes ?? 0), 0);
}

const comparison = /^(?:optional: )?"?(\w+)"?\s*(>=|<=|=|>|<)\s*(.+)$/;

const membership = /^(?:optional: )?"?(\w+)"? IN \((.+)\)$/;

/** Returns false only if the minimum and maximum of the row group prove that no row matches. */
function mayPass(group: RowGroup, filter: string): boolean {
  const one = comparison.exec(filter);
  const many = membership.exec(filter);
  const column = group.columns.get(one?.[1] ?? many?.[1] ?? '');
  const min = comparable(column?.min);
  const max = comparable(column?.max);
  if (min === undefined || max === undefined) return true;
  const values = one ? [one[3] ?? ''] : (many?.[2]?.split(', ') ?? []);
  return values.some((text) => {
    const value = literalOf(text);
    return value === undefined || admits(min, max, one?.[2] ?? '=', value);
  });
}

function comparable(value: unknown): string | number | undefined {
  if (value instanceof Date) return value.toISOString().replace('T', ' ').replace('Z', '');
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'string' || typeof value === 'number' ? value : undefined;
}

function literalOf(text: string): string | number | undefined {
  const quoted = /^'((?:[^']|'')*)'(?:::\w+)?$/.exec(text);
  if (quoted?.[1] !== undefined) return quoted[1].replaceAll("''", "'");
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

function admits(min: string | number, max: string | number, operator: string, value: string | number): boolean {
  if (typeof min !== typeof value) return true;
  if (operator === '=') return min <= value && value <= max;
  return operator.startsWith('>') ? max >= value : min <= value;
}
