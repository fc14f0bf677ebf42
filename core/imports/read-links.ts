import { type ImportField, listFields } from './fields.ts';
import { type ColumnChoices, mapColumns, type Question } from './map-columns.ts';
import type { Table, TableRow } from './read-table.ts';
import { type LinkFields, readCell, readDomainOfAddress } from './to-input.ts';

/** A row of a file as a link that is not checked yet. */
export interface ImportRow {
  line: number;
  link: LinkFields;
}

/** Why a row is not imported. */
export interface RowProblem {
  line: number;
  /** Field of the link, such as `url`; null if it is the row as a whole. */
  field: string | null;
  /** Names the value, and what is allowed. */
  message: string;
}

export interface ColumnRead {
  name: string;
  /** Null: not imported. */
  field: ImportField | null;
  /** Rows that have a value in it. */
  filled: number;
  /** The first value. */
  sample: string;
}

export interface LinksRead {
  /** Name of the tool that has written the file, if it is known. */
  tool: string | null;
  columns: ColumnRead[];
  /** Nothing may be imported before they are answered. */
  questions: Question[];
  /** Of the file. Each is in `links`, or its line is in `refused` or `repeated`. */
  rows: number;
  links: ImportRow[];
  refused: RowProblem[];
  /** Lines of rows that say what an earlier row says. */
  repeated: number[];
  /** What the user should know about the file. */
  notes: string[];
}

export interface ReadOptions {
  /** What columns are, where their names do not say it. */
  choices?: ColumnChoices | undefined;
  /** IANA name of the zone of times that name none. */
  zone?: string | undefined;
}

/** Reads the rows of a file as links. What cannot be kept as it is, is refused or asked; nothing is changed or left out silently. */
export function readLinks(table: Table, { choices, zone }: ReadOptions = {}): LinksRead {
  const { tool, fields, questions } = mapColumns(table.columns, choices);
  const read: LinksRead = {
    tool: tool?.name ?? null,
    columns: describeColumns(table, fields),
    questions: [...questions],
    rows: table.rows.length,
    links: [],
    refused: [],
    repeated: [],
    notes: listNotes(table),
  };
  const seen = new Map<string, { line: number; link: string }>();
  for (const row of table.rows) {
    const found = readRow(row, fields, (field, cell) =>
      readCell(field, cell, { tool, zone, isForSpreadsheets: table.separator !== undefined }),
    );
    for (const column of found.unzoned) askForZone(read, table.columns[column] ?? '', row);
    const problems =
      found.problems.length > 0 ? found.problems : findRepeated(seen, { line: row.line, link: found.link });
    if (problems === 'repeated') read.repeated.push(row.line);
    else if (problems.length > 0) read.refused.push(...problems);
    else read.links.push({ line: row.line, link: found.link });
  }
  return read;
}

/** Returns what is in each column. */
function describeColumns({ columns, rows }: Table, fields: readonly (ImportField | undefined)[]): ColumnRead[] {
  return columns.map((name, index) => {
    const filled = rows.filter(({ cells }) => !isEmpty(cells[index]));
    return { name, field: fields[index] ?? null, filled: filled.length, sample: toSample(filled[0]?.cells[index]) };
  });
}

const longestSample = 80;

function toSample(cell: unknown): string {
  const text = typeof cell === 'string' ? cell : (JSON.stringify(cell) ?? '');
  return text.trim().slice(0, longestSample);
}

function isEmpty(cell: unknown): boolean {
  return cell === undefined || cell === null || (typeof cell === 'string' && cell.trim() === '');
}

function listNotes({ columns, rows, encoding, separator }: Table): string[] {
  const short = separator === undefined ? [] : rows.filter(({ cells }) => cells.length < columns.length);
  return [
    ...(encoding === 'Windows-1252'
      ? ['The file is not UTF-8 and was read as Windows-1252. Check letters such as é and ü in the preview.']
      : []),
    ...(short.length > 0
      ? [
          `Rows with fewer cells than the first line: ${short.length}, the first on line ${short[0]?.line}. Missing cells are empty.`,
        ]
      : []),
  ];
}

interface RowRead {
  link: LinkFields;
  problems: RowProblem[];
  /** Columns with a time that names no zone. */
  unzoned: number[];
}

function readRow(
  { line, cells, extra }: TableRow,
  fields: readonly (ImportField | undefined)[],
  read: (field: ImportField, cell: unknown) => ReturnType<typeof readCell>,
): RowRead {
  const row: RowRead = { link: {}, problems: [], unzoned: [] };
  if (extra)
    row.problems.push({
      line,
      field: null,
      message: `The row has more cells than the first line: \`${extra[0]?.slice(0, longestSample)}\` belongs to no column. Put values with a separator in quotes.`,
    });
  for (const [index, field] of fields.entries()) {
    if (field === undefined || isEmpty(cells[index])) continue;
    const cell = read(field, cells[index]);
    if (cell.kind === 'value') setField(row.link, field, cell.value);
    else if (cell.kind === 'no-zone') row.unzoned.push(index);
    else row.problems.push({ line, field, message: `\`${field}\`: ${cell.message}.` });
  }
  setDomain(row.link, cells[fields.indexOf('code')]);
  useAliasAsCode(row.link);
  return row;
}

/** A column says the domain, or else the address of the link. */
function setDomain(link: LinkFields, code: unknown): void {
  const domain = link['domain'] ?? readDomainOfAddress(code);
  if (domain !== undefined) link['domain'] = domain;
}

/** Sets `deviceUrls.ios` within `deviceUrls`, and adds to lists. */
function setField(link: LinkFields, field: ImportField, value: unknown): void {
  if (value === undefined) return;
  const [name = field, inner] = field.split('.');
  if (inner !== undefined) {
    const outer = link[name];
    link[name] = { ...(typeof outer === 'object' ? outer : {}), [inner]: value };
  } else if (listFields.includes(field)) link[name] = [...toList(link[name]), ...toList(value)];
  else if (field === 'disabled') link['enabled'] = value;
  else link[name] = value;
}

function toList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The first alias is the code of a link without one. An alias that is the code, or comes twice, says nothing more. */
function useAliasAsCode(link: LinkFields): void {
  const aliases = new Set(toList(link['aliases']));
  const code = link['code'] ?? [...aliases][0];
  if (code === undefined) return;
  link['code'] = code;
  aliases.delete(code);
  if (aliases.size > 0) link['aliases'] = [...aliases];
  else delete link['aliases'];
}

/** A row that is equal to an earlier one is repeated; one that only shares a code with it is refused. */
function findRepeated(
  seen: Map<string, { line: number; link: string }>,
  { line, link }: ImportRow,
): 'repeated' | RowProblem[] {
  const codes = [link['code'], ...toList(link['aliases'])].filter((code) => typeof code === 'string');
  const text = JSON.stringify({ ...link, domain: undefined });
  const first = codes.map((code) => ({ code, earlier: seen.get(code) })).find(({ earlier }) => earlier !== undefined);
  if (first?.earlier === undefined) {
    for (const code of codes) seen.set(code, { line, link: text });
    return [];
  }
  const { code, earlier } = first;
  if (earlier.link === text) return 'repeated';
  return [
    { line, field: 'code', message: `\`code\`: \`${code}\` is already on line ${earlier.line}, for another link.` },
  ];
}

function askForZone(read: LinksRead, column: string, { line, cells }: TableRow): void {
  if (read.questions.some(({ about }) => about === 'zone')) return;
  const example = toSample(cells[read.columns.findIndex(({ name }) => name === column)]);
  read.questions.push({
    about: 'zone',
    message: `Times in the column \`${column}\` name no time zone (line ${line}: \`${example}\`). Choose the zone in which they were written.`,
  });
}
