import { hasColumns, readCsv } from '../csv-reading.ts';
import type { HistoryFormat } from '../format.ts';
import { readShlinkVisit } from './shlink-visit.ts';

/** Visits as Shlink's web client saves them: shlink-web-component, `ReportExporter.ts` and `visits/types`. */
export const shlinkWeb: HistoryFormat = {
  name: 'shlink-web',
  tool: 'shlink',
  title: 'Shlink web client: visits as CSV',
  grain: 'raw',
  detects: (head) => hasColumns(head, ['date', 'userAgent', 'referer', 'potentialBot', 'visitedUrl']),
  open: ({ zone }, sink) =>
    readCsv({
      columns: {
        date: ['date'],
        userAgent: ['userAgent'],
        referrer: ['referer'],
        country: ['country'],
        region: ['region'],
        city: ['city'],
        bot: ['potentialBot'],
        url: ['visitedUrl'],
      },
      required: ['date', 'userAgent', 'url'],
      sink,
      onRow: (row) => readShlinkVisit(row, { zone, allowedBot: 'must be `true` or `false`' }, sink),
    }),
};
