import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** JSON under zstd: for attributes that are written and read as a whole. */
export function pack(value: unknown): Buffer {
  return zstdCompressSync(Buffer.from(JSON.stringify(value), 'utf8'));
}

/** @throws {Error} for what was not packed so */
export function unpack(bytes: Uint8Array): unknown {
  return JSON.parse(zstdDecompressSync(bytes).toString('utf8'));
}
