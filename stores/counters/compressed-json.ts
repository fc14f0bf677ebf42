import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** Compresses JSON with zstd, for attributes that are always written and read whole. */
export function pack(value: unknown): Buffer {
  return zstdCompressSync(Buffer.from(JSON.stringify(value), 'utf8'));
}

/** @throws {Error} if `pack` did not write the bytes */
export function unpack(bytes: Uint8Array): unknown {
  return JSON.parse(zstdDecompressSync(bytes).toString('utf8'));
}
