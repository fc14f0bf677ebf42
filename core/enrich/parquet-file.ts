import { constants, zstdCompressSync } from 'node:zlib';
import { ByteWriter, type ColumnSource, parquetWrite } from 'hyparquet-writer';
import { type EventField, type EventFieldName, type EventRow, fieldEntries, parquetSchema } from '#schemas/event.ts';

type Layout = Required<Pick<ColumnSource, 'encoding' | 'codec' | 'statistics'>>;

/** Columns by which readers skip row groups. Statistics of the others would cost 15 % of the writing time, unused. */
const withStatistics: ReadonlySet<string> = new Set(['occurred_at', 'page_path', 'link_id']);
/** Random bits: neither a dictionary nor compression helps. */
const random: ReadonlySet<string> = new Set(['event_id', 'repeat_key']);

interface Column {
  name: EventFieldName;
  layout: Layout;
}

const columns: readonly Column[] = fieldEntries().map(([name, field]) => ({
  name: name as EventFieldName,
  layout: layoutOf(name, field),
}));
const schema = [{ name: 'root', num_children: columns.length }, ...parquetSchema()];

/** Encodes rows as a Parquet file: ZSTD, one row group, one column per contract field, rows in the given order. */
export function toParquet(rows: readonly EventRow[]): Uint8Array {
  const writer = new ByteWriter(rows.length * 64);
  // Row by row takes 0.4 µs per row; column by column takes 1.0.
  const table = rows.map(valuesOf);
  const columnData = columns.map((column, index): ColumnSource => {
    const data = table.map((values) => values[index] ?? null);
    return { name: column.name, data, ...layoutFor(column, data) };
  });
  // Synchronous with an in-memory writer.
  void parquetWrite({
    writer,
    columnData,
    schema,
    compressors: { ZSTD: zstd },
    rowGroupSize: rows.length,
    // One page per column: a batch is at most 6 MB.
    pageSize: 0,
  });
  return writer.getBytes();
}

type Value = EventRow[EventFieldName];

/** Reads a row with its fields in contract order, as enrich builds it, with a single `Object.values`. */
function valuesOf(row: EventRow): readonly Value[] {
  return inOrder(Object.keys(row)) ? Object.values(row) : columns.map(({ name }) => row[name]);
}

function inOrder(names: readonly string[]): boolean {
  for (let index = 0; index < columns.length; index++) if (names[index] !== columns[index]?.name) return false;
  return true;
}

/** Leaves a column with a single distinct value uncompressed: its few bytes are not worth the compressor's time. */
function layoutFor({ layout }: Column, values: readonly Value[]): Layout {
  const [first] = values;
  if (values.some((value) => value !== first)) return layout;
  return first === null
    ? { statistics: false, encoding: 'PLAIN', codec: 'UNCOMPRESSED' }
    : { ...layout, codec: 'UNCOMPRESSED' };
}

/** Level 3 would save 1 % of the bytes on columns this small, and take a third more time. */
const options = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

function zstd(bytes: Uint8Array): Uint8Array {
  return zstdCompressSync(bytes, options);
}

/**
 * Returns a column's encoding and codec, so that the writer need not sample every value. Compression costs 11 µs per
 * page, however small; bit-packed and enumerated columns would only shrink by 2 to 10 %.
 */
function layoutOf(name: string, { kind, values }: EventField): Layout {
  const statistics = withStatistics.has(name);
  if (random.has(name)) return { statistics, encoding: 'PLAIN', codec: 'UNCOMPRESSED' };
  switch (kind) {
    case 'timestamp':
      return { statistics, encoding: 'DELTA_BINARY_PACKED', codec: 'UNCOMPRESSED' };
    case 'text':
    case 'int':
      return { statistics, encoding: 'RLE_DICTIONARY', codec: values ? 'UNCOMPRESSED' : 'ZSTD' };
    case 'bigint':
    case 'json':
      return { statistics, encoding: 'PLAIN', codec: 'ZSTD' };
    default:
      return kind satisfies never;
  }
}
