import { expect, it } from 'vitest';
import { historyLimits } from '#schemas/history/history-formats.ts';
import { findZipDirectory, readZipDirectory as readDirectory } from './zip-entries.ts';

/** Of an archive that is large enough for all its files. */
function readZipDirectory(bytes: Uint8Array) {
  return readDirectory(bytes, 1_000_000);
}

/** One record of a directory (APPNOTE 4.3.12). */
function record(name: string, { method = 8, flags = 0, packed = 100, bytes = 1_000 } = {}): Buffer {
  const fields = Buffer.alloc(46);
  fields.writeUInt32LE(0x02014b50, 0);
  fields.writeUInt16LE(flags, 8);
  fields.writeUInt16LE(method, 10);
  fields.writeUInt32LE(packed, 20);
  fields.writeUInt32LE(bytes, 24);
  fields.writeUInt16LE(Buffer.byteLength(name), 28);
  return Buffer.concat([fields, Buffer.from(name, 'utf8')]);
}
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
