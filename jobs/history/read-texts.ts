import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createInflateRaw } from 'node:zlib';
import {
  findZipData,
  findZipDirectory,
  localHeaderBytes,
  readZipDirectory,
  zipEndBytes,
} from '#core/history/zip-entries.ts';
import { UnreadableFile } from '#core/imports/unreadable-file.ts';
import { historyLimits } from '#schemas/history/history-formats.ts';
import type { ImportFiles } from '#stores/lake/import-files.ts';

/** A file of an import: the upload itself, or one in its archive. */
export interface SourceFile {
  /** Without folders. */
  name: string;
  /** Its bytes, unpacked. May be read again. */
  read: () => AsyncIterable<Uint8Array>;
}

type Files = Pick<ImportFiles, 'size' | 'read'>;

/**
 * Returns the files of an upload: one, or those of a ZIP archive in the order of its directory. A file packed with gzip is
 * unpacked as it is read.
 * @throws {UnreadableFile} {StoreUnavailable}
 */
export async function openSource(files: Files, key: string, name: string): Promise<SourceFile[]> {
  const size = (await files.size(key)) ?? 0;
  const start = await readAll(files.read(key, { start: 0, end: Math.min(size, 4) }));
  if (isZip(start)) return openArchive(files, key, size);
  if (isGzip(start))
    return [
      { name: withoutFolders(name).replace(/\.gz$/i, ''), read: () => unpack(files.read(key), createGunzip(), size) },
    ];
  return [{ name: withoutFolders(name), read: () => files.read(key) }];
}

function isZip([first, second, third]: Uint8Array): boolean {
  return first === 0x50 && second === 0x4b && (third === 3 || third === 5);
}

function isGzip([first, second]: Uint8Array): boolean {
  return first === 0x1f && second === 0x8b;
}

async function openArchive(files: Files, key: string, size: number): Promise<SourceFile[]> {
  const end = await readAll(files.read(key, { start: Math.max(0, size - zipEndBytes), end: size }));
  const directory = findZipDirectory(end, size);
  const bytes = directory.end > directory.start ? await readAll(files.read(key, directory)) : new Uint8Array();
  return readZipDirectory(bytes, size).map((entry) => ({
    name: withoutFolders(entry.name),
    read: async function* () {
      const header = await readAll(
        files.read(key, { start: entry.at, end: Math.min(size, entry.at + localHeaderBytes) }),
      );
      const from = findZipData(header, entry);
      if (entry.packed === 0) return;
      const packed = files.read(key, { start: from, end: Math.min(size, from + entry.packed) });
      yield* entry.isDeflated ? unpack(packed, createInflateRaw(), entry.packed) : packed;
    },
  }));
}

/** Unpacks as far as it is read, and no more than a hundred bytes for each. The first megabyte is free: small files pack well. */
async function* unpack(
  source: AsyncIterable<Uint8Array>,
  unzip: ReturnType<typeof createGunzip> | ReturnType<typeof createInflateRaw>,
  packed: number,
): AsyncIterable<Uint8Array> {
  let bytes = 0;
  const writing = pipeline(Readable.from(source), unzip);
  // The reader gets the same error.
  writing.catch(() => undefined);
  try {
    for await (const piece of unzip as AsyncIterable<Uint8Array>) {
      bytes += piece.length;
      if (bytes > packed * historyLimits.ratio + 1_000_000)
        throw new UnreadableFile(
          `the file becomes more than ${historyLimits.ratio} times as large when it is unpacked`,
        );
      yield piece;
    }
  } catch (cause) {
    if (isZlibError(cause)) throw new UnreadableFile('the packed file is damaged', { cause });
    throw cause;
  }
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_');
}

async function readAll(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

function withoutFolders(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}
