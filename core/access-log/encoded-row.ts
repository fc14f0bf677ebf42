import type { LogLine } from './log-format.ts';
import { readUtcTime } from './times.ts';
import { toRequest } from './to-request.ts';

/** Values with the column names of the W3C extended format. */
export interface EncodedRow {
  columns: readonly string[];
  cells: readonly (string | undefined)[];
  /** How the log writes characters that it cannot have in a value. */
  encoding: 'cloudfront' | 'plus';
}

type Cell = string | null | undefined;

/** Names of columns without signs, by field; the first that a row has counts. */
const names = {
  address: ['cip'],
  method: ['csmethod'],
  path: ['csuristem'],
  query: ['csuriquery'],
  referrer: ['csreferer'],
  userAgent: ['csuseragent'],
  // In a standard log of CloudFront, `cs(Host)` is the distribution; in a real-time log, `x-host-header` is.
  host: ['xhostheader', 'cshost'],
} as const;

/** Reads a row whose columns are known by name. A dash is a value that the request did not have. */
export function readEncodedRow({ columns, cells, encoding }: EncodedRow): LogLine {
  const values = new Map(columns.map((name, index) => [toPlainName(name), cells[index]]));
  function read(candidates: readonly string[]): Cell {
    const name = candidates.find((each) => values.has(each));
    const value = name === undefined ? undefined : values.get(name);
    return value === '-' || value === '' ? null : value;
  }
  const clock = readClock(read);
  const { target, header, referrer } = decoders[encoding];
  return toRequest({
    address: read(names.address),
    clock,
    time: clock === undefined ? Number.NaN : readMoment(clock),
    method: read(names.method),
    target: map(read(names.path), target),
    query: map(read(names.query), encoding === 'plus' ? (text) => text : target),
    referrer: map(read(names.referrer), referrer),
    userAgent: map(read(names.userAgent), header),
    host: read(names.host),
  });
}

/** Strips signs: `cs(User-Agent)` of a standard log is `cs-user-agent` in a real-time log. */
export function toPlainName(column: string): string {
  return column.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function map(cell: Cell, change: (text: string) => string): Cell {
  return typeof cell === 'string' ? change(cell) : cell;
}

function readClock(read: (candidates: readonly string[]) => Cell): string | undefined {
  const [date, time] = [read(['date']), read(['time'])];
  return date && time ? `${date}T${time}` : (read(['timestampms', 'timestamp']) ?? undefined);
}

/** Of a moment without letters, the number of digits before the point tells seconds from milliseconds. */
function readMoment(clock: string): number {
  const [, seconds, rest = '', fraction = ''] = /^(\d{9,10})(\d{3})?(?:\.(\d{1,6}))?$/.exec(clock) ?? [];
  if (seconds === undefined) return readUtcTime(clock);
  return Number(`${seconds}${rest || fraction.slice(0, 3).padEnd(3, '0')}`);
}

/**
 * CloudFront writes the percent sign of an encoded character as `%25`, and other characters encoded. IIS writes spaces as
 * plus signs, in addresses, too, which it has decoded.
 */
const decoders = {
  cloudfront: { target: decodePercent, referrer: decodePercent, header: (text) => decodeAll(decodePercent(text)) },
  plus: { target: encodeSpaces, referrer: (text) => text, header: (text) => text.replaceAll('+', ' ') },
} as const satisfies Record<EncodedRow['encoding'], Record<'target' | 'referrer' | 'header', (text: string) => string>>;

function decodePercent(text: string): string {
  return text.replace(/%25(?=[0-9A-Fa-f]{2})/g, '%').replaceAll(/%7E/gi, '~');
}

function decodeAll(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function encodeSpaces(text: string): string {
  return text
    .replaceAll('+', '%20')
    .replace(/%(?![0-9A-Fa-f]{2})/g, '%25')
    .replaceAll('?', '%3F')
    .replaceAll('#', '%23');
}
