import { zstdDecompressSync } from 'node:zlib';
import type { AsyncBuffer, Compressors } from 'hyparquet';

/** Returns bytes of a Parquet file as hyparquet reads them. */
export function parquetFile(bytes: Uint8Array): AsyncBuffer {
  return {
    byteLength: bytes.byteLength,
    slice: (start, end) => new Uint8Array(bytes.subarray(start, end)).buffer,
  };
}

/** What enrich and Athena pack columns with. */
export const parquetCompressors: Compressors = { ZSTD: (input) => zstdDecompressSync(input) };
