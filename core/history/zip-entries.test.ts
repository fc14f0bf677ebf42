import { expect, it } from 'vitest';
import { historyLimits } from '#schemas/history/history-formats.ts';
import { findZipDirectory, readZipDirectory as readDirectory } from './zip-entries.ts';

/** Of an archive that is large enough for all its files. */
function readZipDirectory(bytes: Uint8Array) {
  return readDirectory(bytes, 1_000_000);
}

/** One record of a directory (APPNOTE 4.3.12). */
function record(
  name: string,
  { method = 8, flags = 0, packed = 100, bytes = 1_000, at = 0, extra = new Uint8Array() } = {},
): Buffer {
  const fields = Buffer.alloc(46);
  fields.writeUInt32LE(0x02014b50, 0);
  fields.writeUInt16LE(flags, 8);
  fields.writeUInt16LE(method, 10);
  fields.writeUInt32LE(packed, 20);
  fields.writeUInt32LE(bytes, 24);
  fields.writeUInt16LE(Buffer.byteLength(name), 28);
  fields.writeUInt16LE(extra.length, 30);
  fields.writeUInt32LE(at, 42);
  return Buffer.concat([fields, Buffer.from(name, 'utf8'), extra]);
}

/** An extra field (4.5.1), of ZIP64 if its id is 1. */
function field(id: number, ...numbers: number[]): Uint8Array<ArrayBuffer> {
  const bytes = Buffer.alloc(4 + numbers.length * 8);
  bytes.writeUInt16LE(id, 0);
  bytes.writeUInt16LE(numbers.length * 8, 2);
  for (const [place, number] of numbers.entries()) bytes.writeBigUInt64LE(BigInt(number), 4 + place * 8);
  return bytes;
}

/** The ends of an archive of ZIP64 whose directory is its first bytes (4.3.14 to 4.3.16). */
function endOf(size: number, { files = 1, bytes = 50, start = 0, at = size - 98 } = {}): Buffer {
  const end = Buffer.alloc(98);
  end.writeUInt32LE(0x06064b50, 0);
  for (const [place, number] of [files, bytes, start].entries()) end.writeBigUInt64LE(BigInt(number), 32 + place * 8);
  end.writeUInt32LE(0x07064b50, 56);
  end.writeBigUInt64LE(BigInt(at), 64);
  end.writeUInt32LE(0x06054b50, 76);
  end.fill(0xff, 80, 96);
  return end;
}

const unknown = 0xffffffff;
function directoryOf(files: number): Buffer {
  return Buffer.concat(Array.from({ length: files }, (_, at) => record(`${at}.csv`)));
}

it('has as many files as there may be, and no more', () => {
  expect(readZipDirectory(directoryOf(historyLimits.files))).toHaveLength(historyLimits.files);
  expect(() => readZipDirectory(directoryOf(historyLimits.files + 1))).toThrow('there may be 1000');
});

it('may become a hundred times as large, beyond a megabyte, and no more', () => {
  const most = 100 * historyLimits.ratio + 1_000_000;
  expect(readZipDirectory(record('a.csv', { bytes: most }))).toMatchObject([{ bytes: most }]);
  expect(() => readZipDirectory(record('a.csv', { bytes: most + 1 }))).toThrow('more than 100 to 1');
});

it.each([
  [{ flags: 1 }, 'needs a password'],
  [{ method: 12 }, 'packed by method 12'],
])('refuses %j', (options, message) => {
  expect(() => readZipDirectory(record('a.csv', options))).toThrow(message);
});

it('refuses two files of one name, and leaves out folders and what macOS adds', () => {
  expect(() => readZipDirectory(Buffer.concat([record('a.csv'), record('a.csv')]))).toThrow('two files');
  const added = ['folder/', '__MACOSX/._a.csv', '.DS_Store', 'x/.DS_Store'].map((name) => record(name));
  expect(readZipDirectory(Buffer.concat(added))).toEqual([]);
});

it('finds no directory in what is none, and reads no further than its bytes', () => {
  expect(() => findZipDirectory(Buffer.alloc(100), 100)).toThrow('directory was not found');
  expect(readZipDirectory(record('a.csv').subarray(0, 20))).toEqual([]);
});

it('refuses files that take more bytes than there are: they share some', () => {
  expect(readDirectory(directoryOf(10), 1_000)).toHaveLength(10);
  expect(() => readDirectory(directoryOf(10), 999)).toThrow('its files share bytes');
});

it('reads numbers of 64 bits of those that are missing, and in their order', () => {
  const wide = { packed: unknown, bytes: unknown, at: unknown };
  const extra = Buffer.concat([field(10, 7), field(1, 900, 90, 12)]);
  expect(readZipDirectory(record('a.csv', { ...wide, extra }))).toMatchObject([{ bytes: 900, packed: 90, at: 12 }]);
  const some = { packed: unknown, extra: field(1, 90) };
  expect(readZipDirectory(record('a.csv', some))).toMatchObject([{ bytes: 1_000, packed: 90, at: 0 }]);
});

it('has the same bounds for numbers of 64 bits', () => {
  const most = 100 * historyLimits.ratio + 1_000_000;
  for (const bytes of [most + 1, 2 ** 60])
    expect(() => readZipDirectory(record('a.csv', { bytes: unknown, extra: field(1, bytes) }))).toThrow('to 1');
  const large = { packed: unknown, bytes: unknown, extra: field(1, 2 ** 60, 2 ** 60) };
  expect(() => readZipDirectory(record('a.csv', large))).toThrow('is not in it');
  for (const extra of [Buffer.alloc(0), field(1), field(10, 90), field(1, 90).subarray(0, 11)])
    expect(() => readZipDirectory(record('a.csv', { packed: unknown, extra }))).toThrow('size of a file is missing');
  expect(() => findZipDirectory(endOf(200, { files: historyLimits.files + 1 }), 200)).toThrow('there may be 1000');
});

it('finds the directory of an archive of ZIP64 within its last bytes, and nowhere else', () => {
  expect(findZipDirectory(endOf(1_000), 1_000)).toEqual({ start: 0, end: 50 });
  for (const wrong of [{ at: 901 }, { at: 902 + 1 }, { at: 2 ** 60 }, { bytes: 1_001 }, { start: 2 ** 60 }])
    expect(() => findZipDirectory(endOf(1_000, wrong), 1_000), JSON.stringify(wrong)).toThrow('was not found');
  expect(() => findZipDirectory(endOf(1_000).subarray(70), 1_000)).toThrow('was not found');
});

it('refuses a file that begins or ends after the archive', () => {
  expect(readDirectory(record('a.csv', { at: 900 }), 1_000)).toHaveLength(1);
  expect(() => readDirectory(record('a.csv', { at: 901 }), 1_000)).toThrow('is not in it');
});
