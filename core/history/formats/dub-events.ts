import { emptyToNull } from '../cells.ts';
import { codeOfAddress } from '../code-of-address.ts';
import { readCountry } from '../countries.ts';
import { hasColumns, readCsv } from '../csv-reading.ts';
import type { HistoryFormat } from '../format.ts';
import { readMoment } from '../moments.ts';

/** Events as Dub exports them: `events-export-helpers.ts` and `api/events/export/route.ts` of dubinc/dub. */
export const dubEvents: HistoryFormat = {
  name: 'dub-events',
  tool: 'dub',
  title: 'Dub: events as CSV',
  grain: 'raw',
  detects: (head) =>
    hasColumns(head, ['Date', 'Link']) &&
    ['Event', 'Click ID', 'Referrer URL', 'Continent', 'Trigger', 'Device'].some((name) => hasColumns(head, [name])),
  open: ({ zone }, sink) =>
    readCsv({
      columns: {
        date: ['Date', 'Timestamp'],
        event: ['Event'],
        link: ['Link', 'Short link'],
        country: ['Country'],
        region: ['Region'],
        city: ['City'],
        device: ['Device'],
        browser: ['Browser'],
        os: ['OS'],
        referrer: ['Referrer'],
        referrerUrl: ['Referrer URL'],
        id: ['Click ID'],
      },
      required: ['date', 'link'],
      sink,
      onRow: (row) => {
        const event = plain(row.cell('event'));
        if (event !== '' && !/click|^link$|^qr/i.test(event))
          return row.refuse('event', 'is no click: leads and sales are not imported');
        const at = readMoment(plain(row.cell('date')), zone);
        if ('reason' in at) return row.refuse('date', at.reason);
        const code = codeOfAddress(plain(row.cell('link')));
        if ('reason' in code) return row.refuse('link', code.reason);
        const referrer = plain(row.cell('referrerUrl')) || plain(row.cell('referrer'));
        const id = plain(row.cell('id'));
        sink.row({
          grain: 'raw',
          line: row.line,
          kind: 'click',
          at: at.at,
          code: code.code,
          ...(id !== '' && { nativeId: id }),
          ...((row.has('referrer') || row.has('referrerUrl')) && { referrer: toAddress(referrer) }),
          country: readCountry(plain(row.cell('country')), sink),
          region: emptyToNull(plain(row.cell('region'))),
          city: emptyToNull(plain(row.cell('city'))),
          device: emptyToNull(plain(row.cell('device'))),
          browser: emptyToNull(plain(row.cell('browser'))),
          os: emptyToNull(plain(row.cell('os'))),
          // Dub counts no robots.
          bot: false,
        });
      },
    }),
};

/** An apostrophe keeps a spreadsheet from running the cell as a formula. */
function plain(cell: string): string {
  return /^'[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell;
}

function toAddress(referrer: string): string | null {
  if (emptyToNull(referrer) === null || /^\(?direct\)?$/i.test(referrer)) return null;
  return referrer.includes('://') ? referrer : `https://${referrer}`;
}
