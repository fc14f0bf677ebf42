import { type LogFormat, type ReadLine, unusable } from './log-format.ts';
import { readEncodedRow } from './encoded-row.ts';

/** Fields in the order in which CloudFront writes those that a configuration selects. Newer ones follow them. */
const allColumns =
  `timestamp c-ip s-ip time-to-first-byte sc-status sc-bytes cs-method cs-protocol cs-host cs-uri-stem cs-bytes
x-edge-location x-edge-request-id x-host-header time-taken cs-protocol-version c-ip-version cs-user-agent cs-referer cs-cookie
cs-uri-query x-edge-response-result-type x-forwarded-for ssl-protocol ssl-cipher x-edge-result-type fle-encrypted-fields
fle-status sc-content-type sc-content-len sc-range-start sc-range-end c-port x-edge-detailed-result-type c-country
cs-accept-encoding cs-accept cache-behavior-path-pattern cs-headers cs-header-names cs-headers-count`.split(/\s+/);

export const realtimeFormat: LogFormat = {
  name: 'CloudFront real-time log',
  columns: {
    address: 'c-ip',
    time: 'timestamp',
    method: 'cs-method',
    path: 'cs-uri-stem',
    query: 'cs-uri-stem',
    referrer: 'cs-referer',
    userAgent: 'cs-user-agent',
    host: 'cs-host',
  },
  open: (given) => openRealtime(given),
};

function openRealtime(given: readonly string[] | undefined): ReadLine {
  return (line) => {
    const cells = line.split('\t');
    if (!/^\d{9,10}(?:\.\d{1,6})?$/.test(cells[0] ?? '')) return unusable('it does not begin with a time since 1970');
    if (given === undefined && cells.length < allColumns.length)
      return unusable(
        `it has fewer columns than the ${allColumns.length} of all fields; name them with \`--columns\``,
        `${cells.length}`,
      );
    if (given !== undefined && cells.length !== given.length)
      return unusable(
        'the number of its columns is not that of `--columns`',
        `${cells.length} instead of ${given.length}`,
      );
    const columns = given ?? allColumns;
    // Here, `x-host-header` is the name of the distribution.
    const shown = columns.map((name) => (name === 'x-host-header' ? 'distribution' : name));
    return readEncodedRow({ columns: shown, cells, encoding: 'cloudfront' });
  };
}
