import { findLoop, type LoopContext } from './loop.ts';
import { checkLink, describeLoop, type LinkContext } from './new-link.ts';
import type { LinkInput } from '#schemas/catalog.ts';
import { parseCsv } from '#schemas/api/csv.ts';

export interface RowProblem {
  line: number;
  message: string;
}
export interface RowsRead {
  links: { line: number; link: LinkInput }[];
  problems: RowProblem[];
  /** Columns that links do not have. */
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
  | 'expiredUrl'
  | 'clickLimit'
  | 'tags'
  | 'archived'
  | 'listed'
  | 'section'
  | 'icon'
  | 'passQuery'
  | 'position'
  | (typeof jsonFields)[number];

/** Fields whose cells are JSON, as the dashboard exports them. */
const jsonFields = ['deviceUrls', 'countryUrls', 'utm', 'variants', 'card'] as const;

/** Column names by field, in lower case without spaces, dashes and underscores. Includes those of Bitly and Dub exports. */
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
  expiredUrl: ['expiredurl', 'expirationurl'],
  clickLimit: ['clicklimit', 'maxclicks', 'clickslimit'],
  tags: ['tags'],
  archived: ['archived'],
  listed: ['listed'],
  section: ['section'],
  icon: ['icon'],
  passQuery: ['passquery'],
  position: ['position'],
  deviceUrls: ['deviceurls'],
  countryUrls: ['countryurls'],
  utm: ['utm'],
  variants: ['variants'],
  card: ['card'],
};

/**
 * Reads links from a CSV file with a header line. Reports every refused row; the others are not affected.
 * @param page of rows without a page
 * @throws {SyntaxError} if the file is not CSV, or has no `code` or `url` column
 */
export function readRows(csv: string, page: string | undefined, context: LinkContext): RowsRead {
  const [head, ...records] = parseCsv(csv);
  const columns = head?.cells.map((column) => column.trim()) ?? [];
  const fields = columns.map(findField);
  for (const field of ['code', 'url'] as const)
    if (!fields.includes(field))
      throw new SyntaxError(
        `no column is named ${columnNames[field].join(' or ')}; the first line has ${columns.join(', ') || 'nothing'}`,
      );
  const read: RowsRead = { links: [], problems: [], ignored: columns.filter((_, index) => !fields[index]) };
  const seen = new Map<string, number>();
  for (const { line, cells } of records) {
    if (hasPassword(columns, cells)) {
      read.problems.push({
        line,
        message: 'A file cannot set a `password`. Import the link without it, then set one.',
      });
      continue;
    }
    const check = checkLink({ ...(page && { page }), ...toInput(fields, cells) }, context);
    if (check.kind === 'refused') {
      read.problems.push(...check.problems.map(({ message }) => ({ line, message })));
      continue;
    }
    const repeated = checkRepeated(seen, check.link.code, line);
    if (repeated) read.problems.push({ line, message: repeated });
    else read.links.push({ line, link: check.link });
  }
  return read;
}

/** Refuses the rows that lead back to themselves, through other rows or existing links. */
export async function refuseLoops(read: RowsRead, context: LoopContext): Promise<RowsRead> {
  const rows = new Map(read.links.map(({ link }) => [link.code, link]));
  const findLink: LoopContext['findLink'] = async (code) => rows.get(code) ?? context.findLink(code);
  const links: RowsRead['links'] = [];
  const problems = [...read.problems];
  for (const row of read.links) {
    const loop = await findLoop(row.link, { ...context, findLink });
    if (loop === undefined) links.push(row);
    else problems.push({ line: row.line, message: describeLoop(loop).message });
  }
  return { ...read, links, problems };
}

/** Without this check, a link that was protected elsewhere would be open here. */
function hasPassword(columns: readonly string[], cells: readonly string[]): boolean {
  return columns.some((column, index) => column.toLowerCase() === 'password' && (cells[index] ?? '').trim() !== '');
}

function findField(column: string): Field | undefined {
  const plain = column.toLowerCase().replace(/[\s_-]/g, '');
  const entries = Object.entries(columnNames) as [Field, readonly string[]][];
  return entries.find(([, names]) => names.includes(plain))?.[0];
}

function toInput(fields: readonly (Field | undefined)[], cells: readonly string[]): Partial<Record<Field, unknown>> {
  return Object.fromEntries(
    fields.flatMap((field, index) => {
      const text = cells[index]?.trim() ?? '';
      return field && text !== '' ? [[field, toValue(field, text)]] : [];
    }),
  );
}

function toValue(field: Field, text: string): unknown {
  if (field === 'code') return toCode(text);
  if (numbers.includes(field) && /^-?\d{1,9}$/.test(text)) return Number(text);
  if (truths.includes(field))
    return ({ true: true, false: false } as Readonly<Record<string, boolean>>)[text.toLowerCase()] ?? text;
  // Bitly and Dub separate tags by commas.
  if (field === 'tags') return text.split(',').filter((tag) => tag.trim() !== '');
  return jsonFields.some((each) => each === field) ? parseJson(text) : text;
}

const numbers: readonly Field[] = ['status', 'position', 'clickLimit'];
const truths: readonly Field[] = ['enabled', 'archived', 'listed', 'icon', 'passQuery'];

/** Returns the text itself if it is not JSON, so that the check of the link names the field and the value. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Bitly and Dub export whole links: `https://bit.ly/3xYz`, `dub.sh/launch`. */
function toCode(text: string): string {
  return text.replace(/\/+$/, '').split('/').at(-1) ?? text;
}

/** The first row with a code is accepted, later ones are refused. */
function checkRepeated(seen: Map<string, number>, code: string, line: number): string | undefined {
  const first = seen.get(code);
  if (first !== undefined) return `The code \`${code}\` is already on line ${first}.`;
  seen.set(code, line);
  return undefined;
}
