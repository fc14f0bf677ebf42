import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** JSON under zstd: for attributes that are written and read as a whole. */
export const pack = (value: unknown): Buffer => zstdCompressSync(Buffer.from(JSON.stringify(value), 'utf8'));

/** @throws {Error} for what was not packed so */
export const unpack = (bytes: Uint8Array): unknown => JSON.parse(zstdDecompressSync(bytes).toString('utf8'));
