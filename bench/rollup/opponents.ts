import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';
import parquetjs from 'parquetjs-lite';
import { countedColumns } from '../../core/aggregate/event-columns.ts';
import { countedDimensions, dimensions } from '../../schemas/dimensions.ts';
import { type EventRow, fieldEntries } from '../../schemas/event.ts';
import { entityHourKey, entityKeys, outcomeAttribute } from '../../schemas/counters.ts';

/** Sums by attribute name, by item. */
export type Counted = Map<string, Record<string, number>>;

const columns = ['occurred_at', ...countedColumns];

type Row = Record<string, unknown>;

/** Counts with hyparquet, with rows as objects. */
export async function countObjects(bytes: Uint8Array): Promise<Counted> {
  const file = {
    byteLength: bytes.byteLength,
    slice: (from: number, to?: number) => new Uint8Array(bytes.subarray(from, to)).buffer,
  };
  const rows: Row[] = await parquetReadObjects({
    file,
    columns,
    compressors: { ZSTD: (input) => zstdDecompressSync(input) },
  });
  const counts: Counted = new Map();
  for (const row of rows) countRow(counts, row);
  return counts;
}

function countRow(counts: Counted, row: Row): void {
  const at = row['occurred_at'];
  const occurred = at instanceof Date ? at : new Date(Number(at));
  const local = text(row, 'local_hour') ?? '';
  const names = namesOf(row, true);
  const [page, link] = [text(row, 'page_path'), text(row, 'link_id')];
  const minute = row['outcome'] === 'counted' ? [`m.${String(occurred.getUTCMinutes()).padStart(2, '0')}`] : [];
  if (page !== null) bump(counts, entityKeys.page(page), local, [...names, ...minute]);
  if (link !== null) bump(counts, entityKeys.link(link), local, names);
  bump(counts, entityKeys.stack, `${occurred.toISOString().slice(0, 13)}+00:00`, namesOf(row, false));
}

function text(row: Row, name: string): string | null {
  const value = row[name];
  return typeof value === 'string' ? value : null;
}

/** Adds one row to its items, row by row and name by name. */
function namesOf(row: Row, withDimensions: boolean): string[] {
  const outcome = text(row, 'outcome');
  if (outcome !== 'counted') return [outcomeAttribute(outcome === 'bot' ? 'bot' : 'preview')];
  const isView = row['event_type'] === 'page_view';
  const names = [isView ? 'views' : 'clicks'];
  if (!withDimensions) return names;
  for (const name of countedDimensions) {
    const { column, counter } = dimensions[name];
    const value = text(row, column);
    if (value !== null) names.push(`${isView ? 'v' : ''}${counter}.${value}`);
  }
  return names;
}

function bump(counts: Counted, entity: string, hour: string, names: readonly string[]): void {
  const key = entityHourKey({ entity, hour });
  const item = counts.get(key) ?? {};
  for (const name of names) item[name] = (item[name] ?? 0) + 1;
  counts.set(key, item);
}

/** Counts with parquetjs-lite from a file that it wrote itself, because it cannot read ZSTD. */
export async function countWithParquetjs(bytes: Uint8Array): Promise<Counted> {
  const reader = await parquetjs.ParquetReader.openBuffer(Buffer.from(bytes));
  const cursor = reader.getCursor(columns);
  const counts: Counted = new Map();
  for (let row = await cursor.next(); row !== null; row = await cursor.next()) countRow(counts, row);
  await reader.close();
  return counts;
}

/** Writes the rows with parquetjs-lite and Snappy, its fastest codec. */
export async function parquetjsFile(rows: readonly EventRow[]): Promise<Uint8Array> {
  const directory = mkdtempSync(join(tmpdir(), 'hopcount-bench-'));
  const path = join(directory, 'rows.parquet');
  const writer = await parquetjs.ParquetWriter.openFile(parquetjsSchema(), path);
  for (const row of rows)
    await writer.appendRow(Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)));
  await writer.close();
  const bytes = readFileSync(path);
  rmSync(directory, { recursive: true });
  return bytes;
}

/** Times are plain integers, because its reader cannot read the timestamps of its writer. */
const parquetjsType = {
  bigint: 'INT64',
  int: 'INT32',
  timestamp: 'INT64',
  text: 'UTF8',
  json: 'UTF8',
} as const;

function parquetjsSchema() {
  return new parquetjs.ParquetSchema(
    Object.fromEntries(
      fieldEntries().map(([name, field]) => [
        name,
        { type: parquetjsType[field.kind], optional: field.required !== true, compression: 'SNAPPY' },
      ]),
    ),
  );
}
