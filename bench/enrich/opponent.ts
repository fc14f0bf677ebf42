import { Writable } from 'node:stream';
import parquetjs from 'parquetjs-lite';
import { type EventRow, fieldEntries } from '../../schemas/event.ts';

const typeOf = { bigint: 'INT64', int: 'INT32', timestamp: 'TIMESTAMP_MILLIS', text: 'UTF8', json: 'UTF8' } as const;

const schema = new parquetjs.ParquetSchema(
  Object.fromEntries(
    fieldEntries().map(([name, { kind, required }]) => [
      name,
      { type: typeOf[kind], optional: required !== true, compression: 'GZIP' },
    ]),
  ),
);

/**
 * Writes the rows with parquetjs-lite and GZIP; it does not support ZSTD and rounds 64-bit ids to 53 bits. Returns the
 * file's size in bytes.
 */
export async function writeWithParquetjs(rows: readonly EventRow[]): Promise<number> {
  const { stream, bytes } = memoryStream();
  const writer = await parquetjs.ParquetWriter.openStream(schema, stream);
  for (const row of rows)
    await writer.appendRow(Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)));
  await writer.close();
  return bytes();
}

/** An in-memory stream with the interface that parquetjs-lite needs. */
function memoryStream(): { stream: Writable; bytes: () => number } {
  let bytes = 0;
  const stream = new Writable({
    write: (chunk: Buffer, _, done) => {
      bytes += chunk.byteLength;
      done();
    },
  });
  // Its writer calls `close`, as on a file.
  return { stream: Object.assign(stream, { close: (done: () => void) => stream.end(done) }), bytes: () => bytes };
}
