import { hasColumns, readCsv } from '../csv-reading.ts';
import type { HistoryFormat } from '../format.ts';
import { readShlinkVisit } from './shlink-visit.ts';

/** Visits as Shlink's command line prints them with `--format=csv`: shlink, `VisitsCommandUtils.php`. */
export const shlinkCli: HistoryFormat = {
  name: 'shlink-cli',
  tool: 'shlink',
  title: 'Shlink command line: visits with --format=csv',
  grain: 'raw',
  detects: (head) => hasColumns(head, ['Date', 'User agent', 'Referer', 'Visited URL', 'Type']),
  open: ({ zone }, sink) =>
    readCsv({
      columns: {
        date: ['Date'],
        bot: ['Potential bot'],
        userAgent: ['User agent'],
        referrer: ['Referer'],
        country: ['Country'],
        region: ['Region'],
        city: ['City'],
        url: ['Visited URL'],
        redirect: ['Redirect URL'],
        type: ['Type'],
      },
      required: ['date', 'userAgent', 'url'],
      sink,
      onRow: (row) => {
        const type = row.cell('type');
        if (type !== '' && !clicks.has(type)) return row.refuse('type', 'is no visit of a short link');
        return readShlinkVisit(row, { zone, allowedBot: 'must be `true`, `false` or empty' }, sink);
      },
    }),
};

const clicks: ReadonlySet<string> = new Set(['valid_short_url', 'imported']);
