import { UnreadableFile } from '#core/imports/unreadable-file.ts';
import { historyLimits } from '#schemas/history/history-formats.ts';

/** A file in a ZIP archive. */
export interface ZipEntry {
  name: string;
  /** Byte of the archive at which its local header starts. */
  at: number;
  /** Bytes in the archive, and unpacked, as the directory says. */
  packed: number;
  bytes: number;
  isDeflated: boolean;
}

/** Bytes at the end of an archive in which its directory's place is: the record, and a comment of any length. */
export const zipEndBytes = 66_000;

/** Bytes of a local header without its names. */
export const localHeaderBytes = 30;

/**
 * Reads where the directory of an archive is (APPNOTE 6.3.10, 4.3.16), from its last bytes.
 * @throws {UnreadableFile} for a damaged archive, and one in several parts
 */
export function findZipDirectory(end: Uint8Array, size: number): { start: number; end: number } {
  const view = viewOf(end);
  for (let at = end.length - 22; at >= 0; at--) {
    if (view.getUint32(at, true) !== 0x06054b50) continue;
    const short = {
      files: view.getUint16(at + 10, true),
      bytes: view.getUint32(at + 12, true),
      start: view.getUint32(at + 16, true),
    };
    const isLong = short.files === 0xffff || short.bytes === elsewhere || short.start === elsewhere;
    const found = isLong ? findLongRecord(view, at, size) : short;
    if (found === undefined) break;
    checkCount(found.files);
    if (found.start + found.bytes > size) break;
    return { start: found.start, end: found.start + found.bytes };
  }
  throw new UnreadableFile('the archive is damaged: its directory was not found');
}

/** Stands where a number has 64 bits and is in a record or field of ZIP64: also of small files, if their writer did not know their size. */
const elsewhere = 0xffffffff;

/** Returns what the record of ZIP64 says (4.3.14). Its place is before the record at `end` (4.3.15). */
function findLongRecord(view: DataView, end: number, size: number) {
  const locator = end - 20;
  if (locator < 0 || view.getUint32(locator, true) !== 0x07064b50) return undefined;
  const at = readLong(view, locator + 8) - (size - view.byteLength);
  if (at < 0 || at + 56 > locator || view.getUint32(at, true) !== 0x06064b50) return undefined;
  return { files: readLong(view, at + 32), bytes: readLong(view, at + 40), start: readLong(view, at + 48) };
}

/** Above 2^53, it is not exact: more than an archive can have, all the same. */
function readLong(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}

/**
 * Reads the directory of an archive. Folders, and files that macOS adds, are left out.
 * @param size bytes of the archive
 * @throws {UnreadableFile} for what no export of a tool contains: names that leave the folder, secrets, bombs
 */
export function readZipDirectory(bytes: Uint8Array, size: number): ZipEntry[] {
  const view = viewOf(bytes);
  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  for (let at = 0; at + 46 <= bytes.length; ) {
    if (view.getUint32(at, true) !== 0x02014b50) break;
    const lengths = [
      view.getUint16(at + 28, true),
      view.getUint16(at + 30, true),
      view.getUint16(at + 32, true),
    ] as const;
    const fields = at + 46 + lengths[0];
    const sizes = readSizes(view, at, { start: fields, end: Math.min(fields + lengths[1], bytes.length) });
    const entry = toEntry(view, at, { ...sizes, name: decodeName(bytes.subarray(at + 46, fields)) });
    at = fields + lengths[1] + lengths[2];
    if (entry === undefined) continue;
    if (entry.at + entry.packed > size)
      throw new UnreadableFile(`the archive is damaged: \`${shown(entry.name)}\` is not in it`);
    if (names.has(entry.name)) throw new UnreadableFile(`the archive has two files \`${shown(entry.name)}\``);
    names.add(entry.name);
    entries.push(entry);
    checkCount(entries.length);
  }
  // A thousand entries of the same bytes would be read a thousand times.
  if (entries.reduce((sum, { packed }) => sum + packed, 0) > size)
    throw new UnreadableFile('the archive is damaged: its files share bytes');
  return entries;
}

function checkCount(files: number): void {
  if (files > historyLimits.files)
    throw new UnreadableFile(`the archive has ${files} files; there may be ${historyLimits.files}`);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

type Sizes = Pick<ZipEntry, 'at' | 'packed' | 'bytes'>;

/** Reads the numbers of a file: those with 64 bits are in a field of ZIP64, in this order (4.5.3). */
function readSizes(view: DataView, at: number, fields: { start: number; end: number }): Sizes {
  let { start, end } = findLongField(view, fields);
  function read(place: number): number {
    const short = view.getUint32(place, true);
    if (short !== elsewhere) return short;
    if (start + 8 > end) throw new UnreadableFile('the archive is damaged: the size of a file is missing');
    start += 8;
    return readLong(view, start - 8);
  }
  const bytes = read(at + 24);
  const packed = read(at + 20);
  return { bytes, packed, at: read(at + 42) };
}

function findLongField(view: DataView, { start, end }: { start: number; end: number }) {
  for (let at = start; at + 4 <= end; at += 4 + view.getUint16(at + 2, true))
    if (view.getUint16(at, true) === 1)
      return { start: at + 4, end: Math.min(end, at + 4 + view.getUint16(at + 2, true)) };
  return { start: end, end };
}

function toEntry(view: DataView, at: number, { name, ...sizes }: Sizes & { name: string }): ZipEntry | undefined {
  if (name.endsWith('/') || /(?:^|\/)(?:__MACOSX\/|\.DS_Store$|\._)/.test(name)) return undefined;
  if (isHostile(name)) throw new UnreadableFile(`the archive has a file \`${shown(name)}\`, outside of its own folder`);
  if ((view.getUint16(at + 8, true) & 1) !== 0)
    throw new UnreadableFile(`\`${shown(name)}\` in the archive needs a password. Upload it without`);
  const method = view.getUint16(at + 10, true);
  if (method !== 0 && method !== 8)
    throw new UnreadableFile(
      `\`${shown(name)}\` in the archive is packed by method ${method}; only Deflate can be read`,
    );
  const { packed, bytes } = sizes;
  if (bytes > packed * historyLimits.ratio + 1_000_000)
    throw new UnreadableFile(
      `\`${shown(name)}\` in the archive would be ${bytes} bytes of ${packed}: more than ${historyLimits.ratio} to 1`,
    );
  return { name, ...sizes, isDeflated: method === 8 };
}

function isHostile(name: string): boolean {
  return (
    name === '' ||
    name.startsWith('/') ||
    /^[a-z]:/i.test(name) ||
    /[\\\0]/.test(name) ||
    name.split('/').includes('..')
  );
}

function shown(name: string): string {
  return name.replace(/\p{Cc}/gu, '?').slice(0, 100);
}

function decodeName(bytes: Uint8Array): string {
  return new TextDecoder('utf-8').decode(bytes);
}

/** Returns at which byte of the archive a file's data starts. @throws {UnreadableFile} */
export function findZipData(header: Uint8Array, { name, at }: ZipEntry): number {
  const view = viewOf(header);
  if (header.length < localHeaderBytes || view.getUint32(0, true) !== 0x04034b50)
    throw new UnreadableFile(`the archive is damaged: \`${shown(name)}\` was not found`);
  return at + localHeaderBytes + view.getUint16(26, true) + view.getUint16(28, true);
}
