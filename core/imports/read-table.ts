import { isDeeper } from '#core/json-depth.ts';
import { decodeText, type Encoding } from './decode-text.ts';
import { type DelimitedReading, readDelimited, type Separator } from './delimited.ts';
import { toPlainName } from './fields.ts';
import { UnreadableFile } from './unreadable-file.ts';

/** The rows of a file, before it is known what its columns mean. */
export interface Table {
  /** Names as in the file; a repeated one has its number: `title (2)`. */
  columns: string[];
  rows: TableRow[];
  encoding: Encoding;
  /** Undefined for JSON. */
  separator: Separator | undefined;
}

export interface TableRow {
  /** Line on which the row starts; of JSON, the number of the entry. */
  line: number;
  /** By column. Texts of a file with separators, values of JSON; missing ones are undefined. */
  cells: unknown[];
  /** Cells beyond the last column. */
  extra?: string[];
}

/** All rows of a file are in memory while it is read. */
export const tableLimits = { bytes: 100_000_000, rows: 100_000 } as const;

export interface TableReading {
  /** @throws {UnreadableFile} */
  push: (bytes: Uint8Array) => void;
  /** @throws {UnreadableFile} */
  end: () => Table;
}

/**
 * Reads a file as it arrives: values with separators and a line of names, a JSON array of objects (also as `links`, `data` or
 * `urls` of an object), or a JSON object a line.
 *
 * @example
 * const reading = readTable();
 * for await (const bytes of file) reading.push(bytes);
 * const { columns, rows } = reading.end();
 */
export function readTable(): TableReading {
  const decoding = decodeText();
  const rows: TableRow[] = [];
  let columns: string[] | undefined;
  let size = 0;
  let json: string[] | undefined;
  let delimited: DelimitedReading | undefined;

  function addRow(row: TableRow): void {
    if (rows.length >= tableLimits.rows)
      throw new UnreadableFile(`the file has more than ${tableLimits.rows} rows; split it`);
    rows.push(row);
  }
  function addRecord({ line, cells }: { line: number; cells: string[] }): void {
    if (columns === undefined) {
      columns = nameColumns(cells);
      return;
    }
    const extra = cells.slice(columns.length).filter((cell) => cell.trim() !== '');
    addRow({ line, cells: cells.slice(0, columns.length), ...(extra.length > 0 && { extra }) });
  }
  function take(text: string): void {
    if (text === '') return;
    if (json === undefined && delimited === undefined) {
      if (/^\s*[[{]/.test(text)) json = [];
      else delimited = readDelimited(addRecord);
    }
    json?.push(text);
    delimited?.push(text);
  }

  return {
    push: (bytes) => {
      size += bytes.length;
      if (size > tableLimits.bytes)
        throw new UnreadableFile(`the file has more than ${tableLimits.bytes} bytes; split it`);
      take(decoding.push(bytes));
    },
    end: () => {
      take(decoding.end());
      delimited?.end();
      if (json !== undefined) columns = addEntries(json.join(''), addRow);
      return { columns: columns ?? [], rows, encoding: decoding.encoding(), separator: delimited?.separator() };
    },
  };
}

function nameColumns(cells: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return cells.map((cell) => {
    const name = cell.trim();
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name} (${count})`;
  });
}

/** Adds the entries of a JSON text, and returns the names of their fields in order of appearance. */
function addEntries(text: string, addRow: (row: TableRow) => void): string[] {
  const columns = new Map<string, number>();
  for (const { line, entry } of readEntries(text)) {
    if (!isObject(entry)) throw new UnreadableFile(`entry ${line} is not an object`);
    const cells: unknown[] = [];
    for (const [name, value] of flatten(entry)) {
      const at = columns.get(name) ?? columns.size;
      columns.set(name, at);
      cells[at] = value;
    }
    addRow({ line, cells });
  }
  return [...columns.keys()];
}

function readEntries(text: string): { line: number; entry: unknown }[] {
  try {
    const entries = findEntries(JSON.parse(text));
    return entries.map((entry, index) => ({ line: index + 1, entry }));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    const lines = text.split('\n').map((each, index) => ({ line: index + 1, text: each.trim() }));
    if (!lines.every((each) => each.text === '' || /^\{.*\}$/.test(each.text)))
      throw new UnreadableFile(`the file is not valid JSON: ${cause.message}`, { cause });
    return lines
      .filter((each) => each.text !== '')
      .map(({ line, text: entry }) => ({ line, entry: parseLine(entry, line) }));
  }
}

function parseLine(text: string, line: number): unknown {
  try {
    const entry: unknown = JSON.parse(text);
    return entry;
  } catch (cause) {
    throw new UnreadableFile(`line ${line} is not valid JSON`, { cause });
  }
}

/** Where the APIs of tools have their entries. */
const wrappers = ['links', 'data', 'rows', 'urls', 'shortUrls', 'result'];

/** Returns the entries: of an array, of an object in which the API of a tool wraps one, or the object itself. */
function findEntries(value: unknown): unknown[] {
  if (isDeeper(value)) throw new UnreadableFile('the JSON is nested too deeply');
  if (Array.isArray(value)) return value;
  if (!isObject(value)) throw new UnreadableFile('the JSON is neither an array nor an object');
  const wrapped = wrappers.map((name) => value[name]).find((inner) => typeof inner === 'object' && inner !== null);
  if (wrapped === undefined) return [value];
  // YOURLS names each link: `{ links: { link_1: {…} } }`.
  const named = isObject(wrapped) && Object.values(wrapped);
  return named && named.length > 0 && named.every(isObject) ? named : findEntries(wrapped);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Fields whose value is an object. Others are columns of their own: `meta.validUntil`. */
const objectFields = ['deviceurls', 'countryurls', 'geo', 'utm', 'card'];

function flatten(entry: Record<string, unknown>): [name: string, value: unknown][] {
  return Object.entries(entry).flatMap(([name, value]): [string, unknown][] =>
    isObject(value) && !objectFields.includes(toPlainName(name))
      ? Object.entries(value).map(([inner, each]) => [`${name}.${inner}`, each])
      : [[name, value]],
  );
}
