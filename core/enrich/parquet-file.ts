import { constants, zstdCompressSync } from 'node:zlib';
import { ByteWriter, type ColumnSource, parquetWrite } from 'hyparquet-writer';
import { type EventField, type EventFieldName, type EventRow, fieldEntries, parquetSchema } from '#schemas/event.ts';

type Layout = Pick<ColumnSource, 'encoding' | 'codec' | 'statistics'>;

/** Level 1: on columns this small level 3 saves 1 % of the bytes and costs a third more time. */
const options = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
const zstd = (bytes: Uint8Array): Uint8Array => zstdCompressSync(bytes, options);

/** Columns by which readers skip row groups; bounds of the others would cost 15 % of the writing and serve nobody. */
const withStatistics: ReadonlySet<string> = new Set(['occurred_at', 'page_path', 'link_id']);
/** Random bits: neither a dictionary nor a compressor finds anything. */
const random: ReadonlySet<string> = new Set(['event_id', 'repeat_key']);

/** How a column is laid out. Left to itself the writer samples every value first, to learn what is known here. */
const layoutOf = (name: string, { kind }: EventField): Layout => {
  const statistics = withStatistics.has(name);
  if (random.has(name)) return { statistics, encoding: 'PLAIN', codec: 'UNCOMPRESSED' };
  switch (kind) {
    case 'timestamp':
      return { statistics, encoding: 'DELTA_BINARY_PACKED' };
    case 'text':
    case 'int':
      return { statistics, encoding: 'RLE_DICTIONARY' };
    case 'bigint':
    case 'json':
      return { statistics, encoding: 'PLAIN' };
    default:
      return kind satisfies never;
  }
};

interface Column {
  name: EventFieldName;
  layout: Layout;
}

const columns: readonly Column[] = fieldEntries().map(([name, field]) => ({
  name: name as EventFieldName,
  layout: layoutOf(name, field),
}));
const schema = [{ name: 'root', num_children: columns.length }, ...parquetSchema()];

/** A column without any value holds a few bytes: what would compress them costs more than it saves. */
const emptyLayout: Layout = { statistics: false, encoding: 'PLAIN', codec: 'UNCOMPRESSED' };

/** One Parquet file, ZSTD, one row group: every field of the contract as a column, rows in the order given. */
export const parquetOf = (rows: readonly EventRow[]): Uint8Array => {
  const writer = new ByteWriter(rows.length * 64);
  const columnData = columns.map(({ name, layout }): ColumnSource => {
    const data = rows.map((row) => row[name]);
    return { name, data, ...(data.every((value) => value === null) ? emptyLayout : layout) };
  });
  // With a writer in memory it is done when it returns.
  void parquetWrite({
    writer,
    columnData,
    schema,
    codec: 'ZSTD',
    compressors: { ZSTD: zstd },
    rowGroupSize: rows.length,
    // One page per column: a batch is at most 6 MB.
    pageSize: 0,
  });
  return writer.getBytes();
};
