import { emptyToNull } from '../cells.ts';
import { readCountry } from '../countries.ts';
import { hasColumns, readCsv } from '../csv-reading.ts';
import type { HistoryFormat } from '../format.ts';
import { readMoment } from '../moments.ts';
import { linkCodePattern } from '#schemas/catalog-rules.ts';

/** The table `yourls_log` as CSV: YOURLS, `functions-install.php`. Its times are in the zone of its server and name none. */
export const yourls: HistoryFormat = {
  name: 'yourls',
  tool: 'yourls',
  title: 'YOURLS: the table yourls_log as CSV, with column names',
  grain: 'raw',
  detects: (head) => hasColumns(head, ['click_time', 'shorturl', 'referrer', 'user_agent']),
  open: ({ zone }, sink) =>
    readCsv({
      columns: {
        id: ['click_id'],
        date: ['click_time'],
        code: ['shorturl'],
        referrer: ['referrer'],
        userAgent: ['user_agent'],
        address: ['ip_address'],
        country: ['country_code'],
      },
      required: ['date', 'code'],
      sink,
      onRow: (row) => {
        const at = readMoment(row.cell('date'), zone);
        if ('reason' in at) return row.refuse('date', at.reason);
        const code = row.cell('code');
        if (!linkCodePattern.test(code)) return row.refuse('code', 'must be up to 64 letters, digits, `-` and `_`');
        const [id, address, referrer] = [row.cell('id'), row.cell('address'), row.cell('referrer')];
        sink.row({
          grain: 'raw',
          line: row.line,
          kind: 'click',
          at: at.at,
          code,
          // The numbers of two installations may be the same.
          ...(id !== '' && { nativeId: `${id} ${row.cell('date')} ${code}` }),
          ...(row.has('userAgent') && { userAgent: emptyToNull(row.cell('userAgent')) }),
          ...(row.has('referrer') && { referrer: referrer === 'direct' ? null : emptyToNull(referrer) }),
          country: readCountry(row.cell('country'), sink),
          ...(emptyToNull(address) !== null && { address }),
        });
      },
    }),
};
