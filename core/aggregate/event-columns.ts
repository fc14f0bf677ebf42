import { zstdDecompressSync } from 'node:zlib';
import {
  type AsyncBuffer,
  type ColumnData,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
} from 'hyparquet';
import { type EventField, type EventFieldName, eventFields, eventTypes, outcomes } from '#schemas/event.ts';

/** The text columns that counters are made of, and no other: a raw file has three times as many. */
export const countedColumns = [
  'event_type',
  'outcome',
  'local_hour',
  'page_path',
  'link_id',
  'campaign_id',
  'country',
  'device_type',
  'browser',
  'os',
  'referrer_class',
] as const satisfies readonly EventFieldName[];
export type CountedColumn = (typeof countedColumns)[number];

/** A text column as small integers: `values[codes[row]]`; code 0 is NULL. */
export interface TextColumn {
  codes: Uint32Array;
  /** The first is undefined and stands for NULL. */
  values: (string | undefined)[];
}

export interface EventColumns {
  rows: number;
  /** Milliseconds since the epoch. */
  occurredAt: Float64Array;
  text: Record<CountedColumn, TextColumn>;
}

/** A raw file that is no Parquet file of the event contract. */
export class FileUnreadable extends Error {
  override readonly name = 'FileUnreadable';
}

/**
 * Reads from a raw Parquet file what counting needs.
 * @throws {FileUnreadable} with the column and value, or the reader's error as cause
 */
export async function readEventColumns(bytes: Uint8Array): Promise<EventColumns> {
  try {
    return await read(bytes);
  } catch (cause) {
    if (cause instanceof FileUnreadable) throw cause;
    throw new FileUnreadable(`not a Parquet file of events (${bytes.byteLength} bytes)`, { cause });
  }
}

async function read(bytes: Uint8Array): Promise<EventColumns> {
  const file = asBuffer(bytes);
  const metadata = await parquetMetadataAsync(file);
  const columns = emptyColumns(Number(metadata.num_rows));
  let timed = 0;
  for (const { columnName, columnData, rowStart } of await readChunks(file, metadata)) {
    if (isCounted(columnName)) encode(columnName, columns.text[columnName], columnData, rowStart);
    else copyTimes(columns.occurredAt, columnData, rowStart);
    if (columnName === 'occurred_at') timed += columnData.length;
  }
  // The footer's count is a claim; a cut page would leave zeros behind.
  if (timed !== columns.rows) throw new FileUnreadable(`footer promises ${columns.rows} rows, pages hold ${timed}`);
  return columns;
}

function asBuffer(bytes: Uint8Array): AsyncBuffer {
  return {
    byteLength: bytes.byteLength,
    slice: (start, end) => new Uint8Array(bytes.subarray(start, end)).buffer,
  };
}

function emptyColumns(rows: number): EventColumns {
  return {
    rows,
    occurredAt: new Float64Array(rows),
    text: {
      event_type: textColumn(rows),
      outcome: textColumn(rows),
      local_hour: textColumn(rows),
      page_path: textColumn(rows),
      link_id: textColumn(rows),
      campaign_id: textColumn(rows),
      country: textColumn(rows),
      device_type: textColumn(rows),
      browser: textColumn(rows),
      os: textColumn(rows),
      referrer_class: textColumn(rows),
    },
  };
}

function textColumn(rows: number): TextColumn {
  return { codes: new Uint32Array(rows), values: [undefined] };
}

/** Pieces of columns as the reader finds them. They are collected first: an error thrown in its callback is nobody's. */
async function readChunks(file: AsyncBuffer, metadata: FileMetaData): Promise<ColumnData[]> {
  const present = new Set(parquetSchema(metadata).children.map((child) => child.element.name));
  const chunks: ColumnData[] = [];
  await parquetRead({
    file,
    metadata,
    // A column that an older file lacks reads as NULL.
    columns: ['occurred_at', ...countedColumns.filter((name) => present.has(name))],
    compressors: { ZSTD: (input) => zstdDecompressSync(input) },
    // Numbers, not Dates: one allocation less per row.
    parsers: {
      timestampFromMilliseconds: Number,
      // Athena's UNLOAD chooses the unit by itself.
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

/** Gives each distinct text its code once; strings of a dictionary page are one object each, so the lookup is by pointer. */
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
  local_hour: { pattern: /^\d{4}-\d{2}-\d{2}T\d{2}[+-]\d{2}:\d{2}$/, says: 'hours such as 2026-11-22T07+01:00' },
};

function assertAllowed(name: CountedColumn, value: unknown): string {
  if (typeof value !== 'string') throw new FileUnreadable(`column ${name} holds ${typeof value} ${String(value)}`);
  const rule = allowed[name];
  if (rule && !rule.pattern.test(value))
    throw new FileUnreadable(`column ${name} holds "${value}"; allowed are ${rule.says}`);
  return value;
}

function copyTimes(into: Float64Array, from: ArrayLike<unknown>, start: number): void {
  for (let i = 0; i < from.length; i++) {
    const at = from[i];
    if (typeof at !== 'number') throw new FileUnreadable(`column occurred_at holds ${typeof at} ${String(at)}`);
    into[start + i] = at;
  }
}
