import {
  type AsyncBuffer,
  type ColumnData,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
} from 'hyparquet';
import {
  conversionKinds,
  type EventField,
  type EventFieldName,
  eventFields,
  eventTypes,
  outcomes,
} from '#schemas/event.ts';
import { parquetCompressors, parquetFile } from './parquet-input.ts';

/** The text columns that counters need: a third of a raw file's columns. */
export const countedColumns = [
  'event_type',
  'outcome',
  'local_hour',
  'page_path',
  'link_id',
  'country',
  'device_type',
  'browser',
  'os',
  'referrer_class',
  'variant',
  'conversion',
  'currency',
] as const satisfies readonly EventFieldName[];
export type CountedColumn = (typeof countedColumns)[number];

/** A text column as small integers: `values[codes[row]]`. Code 0 is NULL. */
export interface TextColumn {
  codes: Uint32Array;
  /** The first is undefined, for NULL. */
  values: (string | undefined)[];
}

export interface EventColumns {
  rows: number;
  /** Milliseconds since the epoch. */
  occurredAt: Float64Array;
  /** Smallest units of the currency; 0 without an amount. */
  amount: Float64Array;
  text: Record<CountedColumn, TextColumn>;
}

/** Thrown if a raw file is not a Parquet file of the event contract. */
export class FileUnreadable extends Error {
  override readonly name = 'FileUnreadable';
}

/**
 * Reads the columns needed for counting from a raw Parquet file.
 * @throws {FileUnreadable} with the column and value, or with the reader's error as cause
 */
export function readEventColumns(bytes: Uint8Array): Promise<EventColumns> {
  return orUnreadable(bytes, async () => {
    const [file, metadata] = await open(bytes);
    return readRows(file, metadata, { start: 0, end: Number(metadata.num_rows) });
  });
}

/**
 * The same in parts, one row group after the other, for files of any size: the rows of a group take some 100 bytes each.
 * @throws {FileUnreadable}
 */
export async function* readEventParts(bytes: Uint8Array): AsyncGenerator<EventColumns> {
  const [file, metadata] = await orUnreadable(bytes, () => open(bytes));
  let start = 0;
  for (const group of metadata.row_groups) {
    const rows = { start, end: start + Number(group.num_rows) };
    start = rows.end;
    if (rows.end > rows.start) yield await orUnreadable(bytes, () => readRows(file, metadata, rows));
  }
  if (start !== Number(metadata.num_rows))
    throw new FileUnreadable(`footer promises ${metadata.num_rows} rows, its row groups ${start}`);
}

async function orUnreadable<T>(bytes: Uint8Array, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof FileUnreadable) throw cause;
    throw new FileUnreadable(`not a Parquet file of events (${bytes.byteLength} bytes)`, { cause });
  }
}

async function open(bytes: Uint8Array): Promise<[file: AsyncBuffer, metadata: FileMetaData]> {
  const file = parquetFile(bytes);
  return [file, await parquetMetadataAsync(file)];
}

interface Rows {
  start: number;
  end: number;
}

async function readRows(file: AsyncBuffer, metadata: FileMetaData, { start, end }: Rows): Promise<EventColumns> {
  const columns = emptyColumns(end - start);
  let timed = 0;
  for (const { columnName, columnData, rowStart } of await readChunks(file, metadata, { start, end })) {
    if (isCounted(columnName)) encode(columnName, columns.text[columnName], columnData, rowStart - start);
    else if (columnName === 'value_minor') copyAmounts(columns.amount, columnData, rowStart - start);
    else copyTimes(columns.occurredAt, columnData, rowStart - start);
    if (columnName === 'occurred_at') timed += columnData.length;
  }
  // The footer's count may be wrong: a truncated page would leave zeros.
  if (timed !== columns.rows) throw new FileUnreadable(`footer promises ${columns.rows} rows, pages hold ${timed}`);
  return columns;
}

function emptyColumns(rows: number): EventColumns {
  return {
    rows,
    occurredAt: new Float64Array(rows),
    amount: new Float64Array(rows),
    text: {
      event_type: textColumn(rows),
      outcome: textColumn(rows),
      local_hour: textColumn(rows),
      page_path: textColumn(rows),
      link_id: textColumn(rows),
      country: textColumn(rows),
      device_type: textColumn(rows),
      browser: textColumn(rows),
      os: textColumn(rows),
      referrer_class: textColumn(rows),
      variant: textColumn(rows),
      conversion: textColumn(rows),
      currency: textColumn(rows),
    },
  };
}

function textColumn(rows: number): TextColumn {
  return { codes: new Uint32Array(rows), values: [undefined] };
}

/** Collects the column chunks before they are decoded, because an error thrown in the reader's callback is lost. */
async function readChunks(file: AsyncBuffer, metadata: FileMetaData, rows: Rows): Promise<ColumnData[]> {
  const present = new Set(parquetSchema(metadata).children.map((child) => child.element.name));
  const chunks: ColumnData[] = [];
  await parquetRead({
    file,
    metadata,
    rowStart: rows.start,
    rowEnd: rows.end,
    // A column missing from an older file reads as NULL.
    columns: ['occurred_at', ...[...countedColumns, 'value_minor'].filter((name) => present.has(name))],
    compressors: parquetCompressors,
    // Numbers instead of Dates save one allocation per row.
    parsers: {
      timestampFromMilliseconds: Number,
      // Athena's UNLOAD chooses the unit.
      timestampFromMicroseconds: (microseconds: bigint) => Number(microseconds / 1000n),
      timestampFromNanoseconds: (nanoseconds: bigint) => Number(nanoseconds / 1_000_000n),
    },
    onChunk: (chunk) => chunks.push(chunk),
  });
  return chunks;
}

function isCounted(name: string): name is CountedColumn {
  return countedColumns.some((column) => column === name);
}

/** Assigns each distinct text a code. A dictionary page has one object per string, so lookups compare pointers. */
function encode(name: CountedColumn, into: TextColumn, from: ArrayLike<unknown>, start: number): void {
  const codeOf = new Map<unknown, number>(into.values.map((value, code) => [value, code]));
  if (!eventFieldsOf(name).required) codeOf.set(null, 0);
  for (let i = 0; i < from.length; i++) {
    const value = from[i];
    let code = codeOf.get(value);
    if (code === undefined) {
      code = into.values.push(assertAllowed(name, value)) - 1;
      codeOf.set(value, code);
    }
    into.codes[start + i] = code;
  }
}

function eventFieldsOf(name: CountedColumn): EventField {
  return eventFields[name];
}

const allowed: Partial<Record<CountedColumn, { pattern: RegExp; says: string }>> = {
  event_type: { pattern: new RegExp(`^(${eventTypes.join('|')})$`), says: eventTypes.join(', ') },
  outcome: { pattern: new RegExp(`^(${outcomes.join('|')})$`), says: outcomes.join(', ') },
  conversion: { pattern: new RegExp(`^(${conversionKinds.join('|')})$`), says: conversionKinds.join(', ') },
  currency: { pattern: /^[A-Z]{3}$/, says: 'codes such as EUR' },
  local_hour: { pattern: /^\d{4}-\d{2}-\d{2}T\d{2}[+-]\d{2}:\d{2}$/, says: 'hours such as 2026-11-22T07+01:00' },
};

function assertAllowed(name: CountedColumn, value: unknown): string {
  if (typeof value !== 'string') throw new FileUnreadable(`column ${name} holds ${typeof value} ${String(value)}`);
  const rule = allowed[name];
  if (rule && !rule.pattern.test(value))
    throw new FileUnreadable(`column ${name} holds "${value}"; allowed are ${rule.says}`);
  return value;
}

function copyAmounts(into: Float64Array, from: ArrayLike<unknown>, start: number): void {
  for (let i = 0; i < from.length; i++) {
    const amount = from[i] ?? 0n;
    if (typeof amount !== 'bigint' && typeof amount !== 'number')
      throw new FileUnreadable(`column value_minor holds ${typeof amount}, not a whole number`);
    into[start + i] = Number(amount);
  }
}

function copyTimes(into: Float64Array, from: ArrayLike<unknown>, start: number): void {
  for (let i = 0; i < from.length; i++) {
    const at = from[i];
    if (typeof at !== 'number') throw new FileUnreadable(`column occurred_at holds ${typeof at} ${String(at)}`);
    into[start + i] = at;
  }
}
