import { describe, expect, it } from 'vitest';
import { splitCsv } from './split-csv.ts';

const limits = { rows: 2, bytes: 1_000 };

describe('splitting a CSV file', () => {
  it('repeats the header in each chunk, and counts the lines before it', () => {
    expect(splitCsv('code,url\na,1\nb,2\nc,3\nd,4\ne,5', limits)).toEqual([
      { csv: 'code,url\na,1\nb,2\n', skipped: 0, rows: 2 },
      { csv: 'code,url\nc,3\nd,4\n', skipped: 2, rows: 2 },
      { csv: 'code,url\ne,5', skipped: 4, rows: 1 },
    ]);
  });

  it('splits between rows, not within a quoted cell with line breaks and quotes', () => {
    const row = '"a","1","two\nlines, ""quoted"""\n';
    const parts = splitCsv(`code,url,title\n${row.repeat(3)}`, limits);
    expect(parts.map(({ csv }) => csv)).toEqual([`code,url,title\n${row.repeat(2)}`, `code,url,title\n${row}`]);
    // Two rows of two lines each.
    expect(parts.map(({ skipped }) => skipped)).toEqual([0, 4]);
  });

  it('limits the bytes of a chunk, in UTF-8', () => {
    const parts = splitCsv('code,url\nä,1\nö,2\nü,3\n', { rows: 100, bytes: 9 + 2 * 5 });
    expect(parts.map(({ rows }) => rows)).toEqual([2, 1]);
  });

  it('gives a row that is too large its own chunk', () => {
    const parts = splitCsv(`code,url\na,1\n${'x'.repeat(50)}\nb,2\n`, { rows: 100, bytes: 30 });
    expect(parts.map(({ rows }) => rows)).toEqual([1, 1, 1]);
  });

  it('returns one chunk for a small file, a file without rows, and an empty file', () => {
    expect(splitCsv('code,url\r\na,1\r\nb,2', limits)).toEqual([
      { csv: 'code,url\r\na,1\r\nb,2', skipped: 0, rows: 2 },
    ]);
    expect(splitCsv('code,url', limits)).toEqual([{ csv: 'code,url', skipped: 0, rows: 0 }]);
    expect(splitCsv('', limits)).toEqual([{ csv: '', skipped: 0, rows: 0 }]);
  });

  it('keeps an unclosed quote, so that the API can report it', () => {
    const broken = 'code,url\na,"1\nb,2\n';
    expect(
      splitCsv(broken, limits)
        .map(({ csv }) => csv)
        .join(''),
    ).toContain('a,"1');
  });

  it('contains every row once', () => {
    const rows = Array.from({ length: 5_001 }, (_, at) => `c${at},https://example.com/${at},"Row ${at}"\n`);
    const parts = splitCsv(`code,url,title\n${rows.join('')}`, { rows: 2_000, bytes: 1_000_000 });
    expect(parts.map((part) => part.rows)).toEqual([2_000, 2_000, 1_001]);
    expect(parts.map(({ csv }) => csv.replace('code,url,title\n', '')).join('')).toBe(rows.join(''));
  });
});
