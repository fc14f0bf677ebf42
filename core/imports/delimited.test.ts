import { expect, test } from 'vitest';
import { parseCsv, readDelimited, recordLimits } from './delimited.ts';

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

test('a quote that is not closed names its line and column', () => {
  expect(() => parseCsv('a,b\n1,"2')).toThrow('line 2, column 3: the quote is not closed');
  expect(() => parseCsv('a,b\r\n"x\r\ny",2\r\n"3"4,5')).toThrow('line 4, column 1: the quote is not closed');
});

test('line breaks of either kind in one file', () => {
  expect(cells('a,b\r\n1,2\n3,"4"\r\n5,6')).toEqual([
    ['a', 'b'],
    ['1', '2'],
    ['3', '4'],
    ['5', '6'],
  ]);
});

test('an empty file has no records', () => expect(parseCsv('')).toEqual([]));

test('a line that names the separator, pipes, and lines that end in CR', () => {
  expect(parseCsv('sep=;\r\na;b,c\r\n1;2')).toEqual([
    { line: 2, cells: ['a', 'b,c'] },
    { line: 3, cells: ['1', '2'] },
  ]);
  expect(cells('a|b\r1|2\r')).toEqual([
    ['a', 'b'],
    ['1', '2'],
  ]);
});

test('the same records, wherever the text is cut', () => {
  const source = 'code,title\r\n"x,1","a ""b"" \r\nc"\r\n\r\n"",y"\n,"z"';
  const whole = parseCsv(source);
  for (let size = 1; size < 12; size++) {
    const records: unknown[] = [];
    const reading = readDelimited((record) => records.push(record));
    for (let at = 0; at < source.length; at += size) reading.push(source.slice(at, at + size));
    reading.end();
    expect(records).toEqual(whole);
  }
});

test('a record has limits', () => {
  const most = 'a,'.repeat(recordLimits.cells - 1);
  expect(parseCsv(most)[0]?.cells).toHaveLength(recordLimits.cells);
  expect(() => parseCsv(`${most},`)).toThrow(`line 1: a row has more than ${recordLimits.cells} cells`);
  expect(parseCsv('x'.repeat(recordLimits.characters))).toHaveLength(1);
  expect(() => parseCsv('x'.repeat(recordLimits.characters + 1))).toThrow('is a quote not closed?');
});

test('limits a record that arrives in pieces, whatever is in it', () => {
  for (const piece of ['""'.repeat(30_000), 'a""'.repeat(20_000), ',x'.repeat(50)]) {
    const reading = readDelimited(() => undefined);
    reading.push(`a,b\n1,${piece.startsWith(',') ? '' : '"'}`);
    expect(() => {
      for (let pieces = 0; pieces < 40; pieces++) reading.push(piece);
    }).toThrow(/more than 1000000 characters|more than 500 cells/);
  }
  // Many records are not one.
  const reading = readDelimited(() => undefined);
  for (let pieces = 0; pieces < 40; pieces++) reading.push('1,"a\n""b"\r\n'.repeat(5_000));
  reading.end();
});
