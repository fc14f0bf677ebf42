import { expect, test } from 'vitest';
import { parseCsv } from './parse-csv.ts';

function cells(text: string): string[][] {
  return parseCsv(text).map((record) => record.cells);
}

test('plain cells, empty cells, a missing last line break', () => {
  expect(cells('a,b,c\n1,,3\n4,5,')).toEqual([
    ['a', 'b', 'c'],
    ['1', '', '3'],
    ['4', '5', ''],
  ]);
});

test('quoted cells with separators, line breaks and quotes; lines are those of the file', () => {
  expect(parseCsv('code,title\r\nx,"a ""b"", c\r\nd"\r\n\r\ny,z\r\n')).toEqual([
    { line: 1, cells: ['code', 'title'] },
    { line: 2, cells: ['x', 'a "b", c\r\nd'] },
    { line: 5, cells: ['y', 'z'] },
  ]);
});

test('semicolons, tabs and a byte order mark', () => {
  expect(cells('\uFEFFa;b\n1;2,5')).toEqual([
    ['a', 'b'],
    ['1', '2,5'],
  ]);
  expect(cells('a\tb\n1\t2')).toEqual([
    ['a', 'b'],
    ['1', '2'],
  ]);
});

test('an open quote names its line', () => {
  expect(() => parseCsv('a,b\n1,"2')).toThrow('line 2: a quote opens');
});

test('nothing gives nothing', () => expect(parseCsv('')).toEqual([]));
