import { emptyToNull, readFlag } from '../cells.ts';
import { readCountry } from '../countries.ts';
import { type CsvRow, hasColumns, readCsv } from '../csv-reading.ts';
import type { HistoryFormat } from '../format.ts';
import { readMoment } from '../moments.ts';

const columns = {
  // The version of the format is glued to the first name.
  path: ['2Path', '1Path', '3Path'],
  title: ['Title'],
  event: ['Event'],
  userAgent: ['UserAgent', 'User-Agent'],
  browser: ['Browser'],
  system: ['System'],
  session: ['Session'],
  bot: ['Bot'],
  referrer: ['Referrer'],
  scheme: ['Referrer scheme'],
  location: ['Location'],
  date: ['Date'],
  firstVisit: ['FirstVisit'],
  screen: ['Screen size'],
} as const;

/** Page views and events: GoatCounter, `tpl/help/export.md`. It keeps them only with "individual pageviews". */
export const goatcounter: HistoryFormat = {
  name: 'goatcounter',
  tool: 'goatcounter',
  title: 'GoatCounter: export as CSV',
  grain: 'raw',
  detects: (head) =>
    ['2Path', '1Path', '3Path'].some((path) => hasColumns(head, [path, 'Event', 'Session', 'Bot', 'Date'])),
  open: ({ zone }, sink) =>
    readCsv({
      columns,
      required: ['path', 'date'],
      sink,
      onRow: (row) => {
        const at = readMoment(row.cell('date'), zone);
        if ('reason' in at) return row.refuse('date', at.reason);
        const event = readFlag(row.cell('event'));
        if (event === 'invalid') return row.refuse('event', 'must be `0`, `1`, `true` or `false`');
        const path = row.cell('path');
        if (path === '') return row.refuse('path', 'is missing');
        const location = row.cell('location');
        const [country = '', region = ''] = location.split('-');
        sink.row({
          grain: 'raw',
          line: row.line,
          at: at.at,
          ...(event === true
            ? { kind: 'event', name: path }
            : { kind: 'view', url: path.startsWith('/') ? path : `/${path}` }),
          title: emptyToNull(row.cell('title')),
          // Blank since GoatCounter stores none any more: that says nothing about the request.
          ...(row.cell('userAgent') !== '' && { userAgent: row.cell('userAgent') }),
          browser: withoutVersion(row.cell('browser')),
          os: withoutVersion(row.cell('system')),
          ...readReferrer(row),
          country: readCountry(country, sink),
          region: region === '' ? null : location,
          ...(row.cell('session') !== '' && { visitor: row.cell('session') }),
          ...(row.cell('bot') !== '' && { bot: row.cell('bot') !== '0' }),
        });
      },
    }),
};

/** `Firefox 139` and `Windows 10` without the version. */
function withoutVersion(cell: string): string | null {
  return emptyToNull(cell.replace(/ [\d.]+$/, ''));
}

/** Addresses are without `https://`. What GoatCounter made up itself, such as `Hacker News`, is none. */
function readReferrer(row: CsvRow<keyof typeof columns>): { referrer?: string | null } {
  const [referrer, scheme] = [row.cell('referrer'), row.cell('scheme')];
  if (referrer === '') return { referrer: null };
  if (scheme !== 'h' && scheme !== '') return {};
  return { referrer: referrer.includes('://') ? referrer : `https://${referrer}` };
}
