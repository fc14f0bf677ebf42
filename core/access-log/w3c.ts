import { type LogFormat, type LogLine, type ReadLine, unusable } from './log-format.ts';
import { type EncodedRow, readEncodedRow } from './encoded-row.ts';

/** W3C extended format with tabs, as CloudFront writes it. */
export const cloudFrontFormat: LogFormat = {
  name: 'CloudFront standard log (W3C)',
  columns: {
    address: 'c-ip',
    time: 'date and time, else timestamp(ms)',
    method: 'cs-method',
    path: 'cs-uri-stem',
    query: 'cs-uri-query',
    referrer: 'cs(Referer)',
    userAgent: 'cs(User-Agent)',
    host: 'x-host-header',
  },
  open: (columns) => openW3c({ separator: '\t', encoding: 'cloudfront' }, columns),
};

/** W3C extended format with spaces, as IIS writes it. */
export const iisFormat: LogFormat = {
  name: 'IIS and other W3C extended logs',
  columns: {
    address: 'c-ip',
    time: 'date and time, in UTC',
    method: 'cs-method',
    path: 'cs-uri-stem',
    query: 'cs-uri-query',
    referrer: 'cs(Referer)',
    userAgent: 'cs(User-Agent)',
    host: 'cs-host',
  },
  open: (columns) => openW3c({ separator: ' ', encoding: 'plus' }, columns),
};

interface Dialect {
  separator: '\t' | ' ';
  encoding: EncodedRow['encoding'];
}

const mostColumns = 200;

function openW3c({ separator, encoding }: Dialect, given: readonly string[] | undefined): ReadLine {
  let columns: readonly string[] = given ?? [];
  return (line): LogLine => {
    if (line.startsWith('#')) {
      const fields = /^#Fields:\s*(.*)$/i.exec(line)?.[1];
      // CloudFront lists the fields with spaces, and separates values with tabs.
      if (fields !== undefined) columns = fields.trim().split(/[\s,]+/, mostColumns);
      return /^#[A-Za-z-]+:/.test(line) ? { kind: 'heading' } : unusable('it begins with # and is no directive', line);
    }
    if (columns.length === 0) return unusable('no line `#Fields:` before it says what its columns are');
    const cells = line.split(separator, mostColumns);
    if (cells.length !== columns.length)
      return unusable(
        `the number of its columns is not that of \`#Fields\``,
        `${cells.length} instead of ${columns.length}`,
      );
    return readEncodedRow({ columns, cells, encoding });
  };
}
