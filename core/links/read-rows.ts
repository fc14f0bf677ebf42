import { checkLink, type LinkContext } from './new-link.ts';
import type { Link } from '#schemas/catalog.ts';
import { parseCsv } from '#schemas/api/csv.ts';

export interface RowProblem {
  line: number;
  message: string;
}
export interface RowsRead {
  links: { line: number; link: Link }[];
  problems: RowProblem[];
  /** Columns that mean nothing to a link. */
  ignored: string[];
}

type Field =
  | 'code'
  | 'url'
  | 'page'
  | 'title'
  | 'campaign'
  | 'status'
  | 'enabled'
  | 'startsAt'
  | 'expiresAt'
  | 'expiredUrl';

/** Column names by field, in lower case without blanks, dashes and underscores; those of Bitly's and Dub's exports too. */
const columnNames: Readonly<Record<Field, readonly string[]>> = {
  code: ['code', 'slug', 'key', 'shortlink', 'bitlink', 'backhalf'],
  url: ['url', 'destination', 'destinationurl', 'longurl', 'target'],
  page: ['page', 'pagepath'],
  title: ['title', 'name'],
  campaign: ['campaign', 'campaignid'],
  status: ['status', 'redirectstatus'],
  enabled: ['enabled', 'active'],
  startsAt: ['startsat'],
  expiresAt: ['expiresat'],
  expiredUrl: ['expiredurl'],
};

/**
 * The links of a CSV file whose first record names the columns; a row that is refused says why and leaves the others be.
 * @param page of rows without one
 * @throws {SyntaxError} when the file is no CSV, or has no `code` or no `url` column
 */
export function readRows(csv: string, page: string | undefined, context: LinkContext): RowsRead {
  const [head, ...records] = parseCsv(csv);
  const columns = head?.cells.map((column) => column.trim()) ?? [];
  const fields = columns.map(fieldOf);
  for (const field of ['code', 'url'] as const)
    if (!fields.includes(field))
      throw new SyntaxError(
        `no column is named ${columnNames[field].join(' or ')}; the first line has ${columns.join(', ') || 'nothing'}`,
      );
  const read: RowsRead = { links: [], problems: [], ignored: columns.filter((_, index) => !fields[index]) };
  const seen = new Map<string, number>();
  for (const { line, cells } of records) {
    const check = checkLink({ ...(page && { page }), ...inputOf(fields, cells) }, context);
    if (check.kind === 'refused') {
      read.problems.push(...check.problems.map(({ message }) => ({ line, message })));
      continue;
    }
    const repeated = repeatedCode(seen, check.link.code, line);
    if (repeated) read.problems.push({ line, message: repeated });
    else read.links.push({ line, link: check.link });
  }
  return read;
}

function fieldOf(column: string): Field | undefined {
  const plain = column.toLowerCase().replace(/[\s_-]/g, '');
  const entries = Object.entries(columnNames) as [Field, readonly string[]][];
  return entries.find(([, names]) => names.includes(plain))?.[0];
}

function inputOf(fields: readonly (Field | undefined)[], cells: readonly string[]): Partial<Record<Field, unknown>> {
  return Object.fromEntries(
    fields.flatMap((field, index) => {
      const text = cells[index]?.trim() ?? '';
      return field && text !== '' ? [[field, valueOf(field, text)]] : [];
    }),
  );
}

function valueOf(field: Field, text: string): unknown {
  if (field === 'code') return codeOf(text);
  if (field === 'status' && /^\d+$/.test(text)) return Number(text);
  if (field === 'enabled')
    return ({ true: true, false: false } as Readonly<Record<string, boolean>>)[text.toLowerCase()] ?? text;
  return text;
}

/** `https://bit.ly/3xYz` and `dub.sh/launch` are exported where a code is meant. */
function codeOf(text: string): string {
  return text.replace(/\/+$/, '').split('/').at(-1) ?? text;
}

/** The first mention of a code wins; a later one is a problem of its row. */
function repeatedCode(seen: Map<string, number>, code: string, line: number): string | undefined {
  const first = seen.get(code);
  if (first !== undefined) return `code "${code}" was already on line ${first}`;
  seen.set(code, line);
  return undefined;
}
