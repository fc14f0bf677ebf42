import { isDeeper } from '#core/json-depth.ts';
import { codeOfAddress } from '../code-of-address.ts';
import { type CsvRow, hasColumns, readCsv } from '../csv-reading.ts';
import type { HistoryFormat } from '../format.ts';
import type { RowSink } from '../history-row.ts';
import { readMoment } from '../moments.ts';
import { parseCount, readCount, toUtcHour } from './count-cells.ts';
import { kuttCodes } from './link-totals.ts';
import { isRecord } from './whole-json.ts';

/** Columns that count by value. */
const parts = {
  br_chrome: ['browser', 'Chrome'],
  br_edge: ['browser', 'Edge'],
  br_firefox: ['browser', 'Firefox'],
  br_ie: ['browser', 'Internet Explorer'],
  br_opera: ['browser', 'Opera'],
  br_safari: ['browser', 'Safari'],
  br_other: ['browser', ''],
  os_android: ['os', 'Android'],
  os_ios: ['os', 'iOS'],
  os_linux: ['os', 'Linux'],
  os_macos: ['os', 'macOS'],
  os_windows: ['os', 'Windows'],
  os_other: ['os', ''],
} as const;

/** The table `visits` of Kutt's database: a row an hour and link. Source: docs/imports.md#kutt. */
export const kuttVisits: HistoryFormat = {
  name: 'kutt-visits',
  tool: 'kutt',
  title: 'the tables `visits` and `links` of Kutt (CSV, in one ZIP)',
  grain: 'counts',
  detects: (head) => hasColumns(head, ['link_id', 'total', 'br_chrome', 'created_at']),
  open: ({ zone, shared }, sink) => {
    const columns = {
      link: ['link_id'],
      at: ['created_at'],
      total: ['total'],
      countries: ['countries'],
      referrers: ['referrers'],
      ...Object.fromEntries(Object.keys(parts).map((name) => [name, [name]])),
    };
    return readCsv<string>({
      columns,
      required: ['link', 'at', 'total'],
      sink,
      onRow: (row) => readRow(row, { zone, codes: shared.get(kuttCodes) }, sink),
    });
  },
};

function readRow(
  row: CsvRow<string>,
  { zone, codes }: { zone: string | undefined; codes: unknown },
  sink: RowSink,
): void {
  if (!(codes instanceof Map))
    return row.refuse('link', 'is a number of the table `links`; put both tables into one ZIP');
  const address: unknown = codes.get(row.cell('link'));
  if (typeof address !== 'string') return row.refuse('link', 'is no `id` of the table `links`');
  const code = codeOfAddress(address);
  if ('reason' in code) return row.refuse('link', code.reason);
  const moment = readMoment(row.cell('at'), zone);
  if ('reason' in moment) return row.refuse('at', moment.reason);
  const clicks = readCount(row, 'total');
  if (clicks === undefined) return undefined;
  const divided: Record<string, Record<string, number>> = {};
  for (const [column, [list, value]] of Object.entries(parts))
    addTo(divided, list, value, parseCount(row.cell(column)));
  for (const [value, count] of readCounts(row.cell('countries'))) addTo(divided, 'country', toCountry(value), count);
  // Names in the database have no dots.
  for (const [value, count] of readCounts(row.cell('referrers')))
    addTo(divided, 'source', value === 'direct' ? '' : value.replaceAll('[dot]', '.'), count);
  return sink.row({
    grain: 'hour',
    line: row.line,
    code: code.code,
    at: toUtcHour(moment.at),
    clicks,
    adds: true,
    parts: divided,
  });
}

function addTo(divided: Record<string, Record<string, number>>, list: string, value: string, count = 0): void {
  if (count === 0) return;
  // A country named `__proto__` is a name like others.
  const values = (divided[list] ??= Object.create(null) as Record<string, number>);
  values[value] = (values[value] ?? 0) + count;
}

function toCountry(value: string): string {
  return /^[a-z]{2}$/i.test(value) ? value.toUpperCase() : '';
}

/** Reads `{"at": 3}`; nothing from any other text: the total is still right. */
function readCounts(text: string): [value: string, count: number][] {
  if (text.length > longestObject) return [];
  try {
    const value: unknown = JSON.parse(text);
    if (!isRecord(value) || isDeeper(value)) return [];
    return Object.entries(value).flatMap(([name, count]): [string, number][] =>
      typeof count === 'number' && Number.isInteger(count) && count >= 0 ? [[name, count]] : [],
    );
  } catch {
    return [];
  }
}

const longestObject = 100_000;
