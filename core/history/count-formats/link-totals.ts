import { toPlainName } from '#core/imports/fields.ts';
import { readTable, type Table, type TableRow } from '#core/imports/read-table.ts';
import { findTool, type Tool, tools } from '#core/imports/tools.ts';
import type { HistoryFormatName } from '#schemas/history/history-formats.ts';
import { codeOfAddress } from '../code-of-address.ts';
import type { FileHead, HistoryFormat, ReadingOptions } from '../format.ts';
import type { RowSink } from '../history-row.ts';
import { allowedCount, parseCount } from './count-cells.ts';

interface TotalsFile {
  tool: string;
  clicks: readonly string[];
}

/** Formats of lists of links, by name. */
export const linkTotals = {
  'bitly-links': createFormat('bitly-links', 'Bitly', ['clicks', 'totalclicks', 'engagements', 'totalengagements']),
  'dub-links': createFormat('dub-links', 'Dub', ['clicks']),
  'shlink-links': createFormat('shlink-links', 'Shlink', ['visits', 'visitscount', 'visitssummary.total']),
  'yourls-links': createFormat('yourls-links', 'YOURLS', ['clicks']),
  'kutt-links': createFormat('kutt-links', 'Kutt', ['visitcount']),
  'rebrandly-links': createFormat('rebrandly-links', 'Rebrandly', ['clicks', 'totalclicks']),
} as const;

/**
 * Returns a reader of lists of links whose columns say how often each was clicked, of all time and without dates: the same files
 * of which the import of links takes the links. Sources: docs/imports.md.
 * @param tool in `core/imports/tools.ts`
 * @param clicks columns that all say how often a link was clicked, in their plain spelling; the first that the file has is read
 */
function createFormat(name: HistoryFormatName, tool: string, clicks: readonly string[]): HistoryFormat {
  return {
    name,
    tool: tool.toLowerCase(),
    title: `a list of links of ${tool} with their clicks`,
    grain: 'counts',
    // Rows of visits name links by the numbers that this list has.
    order: () => -1,
    detects: (head) => isOf(readHead(head), { tool, clicks }),
    open: (options, sink) => {
      const reading = readTable();
      const encoder = new TextEncoder();
      return {
        push: (text) => reading.push(encoder.encode(text)),
        end: () => readLinks(reading.end(), { tool, clicks }, options, sink),
      };
    },
  };
}

/** Name under which readers of Kutt's visits find the codes of links by their numbers. */
export const kuttCodes = 'kutt links';

/** Returns the plain names of the columns: of CSV from the first line, of JSON from the first entry. */
function readHead({ text }: FileHead): string[] {
  if (/^\s*[[{]/.test(text)) {
    const names = [...text.slice(0, 5_000).matchAll(/"([^"\\]{1,60})"\s*:/g)].map(([, name = '']) => toPlainName(name));
    // `{ visitsSummary: { total } }` is the column `visitsSummary.total`.
    return names.includes('visitssummary') ? [...names, 'visitssummary.total'] : names;
  }
  const reading = readTable();
  try {
    reading.push(new TextEncoder().encode(`${/^\uFEFF?[^\r\n]*/.exec(text)?.[0] ?? ''}\n`));
    return reading.end().columns.map(toPlainName);
  } catch {
    return [];
  }
}

function isOf(names: readonly string[], { tool, clicks }: TotalsFile): boolean {
  return findTool(names)?.name === tool && clicks.some((name) => names.includes(name));
}

function readLinks(
  { columns, rows }: Table,
  { tool: name, clicks }: TotalsFile,
  options: ReadingOptions,
  sink: RowSink,
): void {
  const names = columns.map(toPlainName);
  const tool = tools.find((each) => each.name === name);
  const [code, count] = [placeOf(names, tool?.codes ?? []), placeOf(names, clicks)];
  const used = new Set([code, count]);
  for (const [at, column] of columns.entries()) if (!used.has(at)) sink.ignore(column);
  for (const row of rows) readLink(row, { tool, code, count }, columns, sink);
  if (name === 'Kutt') options.shared.set(kuttCodes, numbersOf(rows, placeOf(names, ['id']), code));
}

function placeOf(names: readonly string[], wanted: readonly string[]): number {
  return wanted.map((name) => names.indexOf(name)).find((at) => at >= 0) ?? -1;
}

interface Places {
  tool: Tool | undefined;
  code: number;
  count: number;
}

function readLink({ line, cells }: TableRow, places: Places, columns: readonly string[], sink: RowSink): void {
  const address = toText(cells[places.code]).replace(places.tool?.guardsFormulas ? /^'/ : /^$/, '');
  const code = codeOfAddress(address);
  if ('reason' in code)
    return sink.refuse({ line, column: columns[places.code] ?? 'code', value: address, reason: code.reason });
  const text = toText(cells[places.count]);
  // A link without clicks may have an empty cell.
  const clicks = parseCount(text === '' ? '0' : text);
  if (clicks === undefined)
    return sink.refuse({ line, column: columns[places.count] ?? 'clicks', value: text, reason: allowedCount });
  return sink.row({ grain: 'total', line, code: code.code, at: null, clicks });
}

function toText(cell: unknown): string {
  return typeof cell === 'string' || typeof cell === 'number' ? String(cell).trim() : '';
}

/** Returns the codes of links by the numbers that their database has given them. */
function numbersOf(rows: readonly TableRow[], id: number, code: number): ReadonlyMap<string, string> {
  return new Map(id < 0 ? [] : rows.map(({ cells }) => [toText(cells[id]), toText(cells[code])]));
}
