import { zstdDecompressSync } from 'node:zlib';
import { fc } from '#test/property.ts';
import { parquetReadObjects } from 'hyparquet';
import { expect, test } from 'vitest';
import { type EventRow, parseEventRow } from '#schemas/event.ts';
import { eventRow } from '#test/raw-file.ts';
import { toParquet } from './parquet-file.ts';

async function readBack(bytes: Uint8Array): Promise<EventRow[]> {
  const rows = await parquetReadObjects({
    file: new Uint8Array(bytes).buffer,
    compressors: { ZSTD: (input) => zstdDecompressSync(input) },
    parsers: { timestampFromMilliseconds: Number },
  });
  return rows.map((row) => parseEventRow(row));
}

const text = fc.option(fc.string({ unit: 'grapheme', minLength: 1 }));
const anyRow: fc.Arbitrary<EventRow> = fc
  .record({
    event_id: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    occurred_at: fc.integer({ min: 0, max: 8_640_000_000_000_000 }),
    received_at: fc.integer({ min: 0, max: 8_640_000_000_000_000 }),
    visitor_id: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
    link_id: text,
    city: text,
    asn: fc.option(fc.nat(2 ** 31 - 1)),
    properties: fc.option(fc.json()),
  })
  .map((changes) => eventRow(changes));

test('rows read back as written, in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyRow, { minLength: 1, maxLength: 40 }), async (rows) => {
      expect(await readBack(toParquet(rows))).toEqual(rows);
    }),
    { numRuns: 50 },
  );
});

test('a row with only the required fields', async () => {
  const bare = eventRow({ outcome: 'failed', page_path: null, link_id: null, visitor_id: null, local_hour: null });
  expect(await readBack(toParquet([bare]))).toEqual([bare]);
});

test('a row with its fields in another order is the same row', async () => {
  const row = eventRow({ link_id: 'k3x9', city: 'Graz', asn: 1853 });
  const backwards = Object.fromEntries(Object.entries(row).toReversed());
  expect(await readBack(toParquet([row, { ...backwards, ...row }]))).toEqual([row, row]);
});
