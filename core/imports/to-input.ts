import type { ImportField } from './fields.ts';
import { parseTime } from './parse-time.ts';
import type { Tool } from './tools.ts';

/** Fields of a link as `checkLink` takes them. */
export type LinkFields = Record<string, unknown>;

export type CellRead = { kind: 'value'; value: unknown } | { kind: 'problem'; message: string } | { kind: 'no-zone' };

export interface CellContext {
  tool: Tool | undefined;
  /** IANA name of the zone of times that name none. */
  zone: string | undefined;
  /** Whether a spreadsheet could have opened the file, so that the tool has guarded formulas. */
  isForSpreadsheets: boolean;
}

/** Reads a cell that is not empty as the value of its field. What cannot be kept as it is, is a problem. */
export function readCell(field: ImportField, cell: unknown, { tool, zone, isForSpreadsheets }: CellContext): CellRead {
  const text = toText(cell, isForSpreadsheets ? tool?.guardsFormulas : undefined);
  if (typeof text === 'string' && text.includes('\uFFFD'))
    return problem(`a character was lost before the file was saved; got \`${shorten(text)}\``);
  switch (field) {
    case 'domain':
      return readDomain(text);
    case 'code':
      return typeof text === 'string' ? readCode(text) : notText(text);
    case 'aliases':
      return readAliases(text);
    case 'tags':
      return readTags(text, tool);
    case 'createdAt':
    case 'startsAt':
    case 'expiresAt':
      return typeof text === 'string' ? readTime(text, zone) : notText(text);
    case 'archived':
    case 'enabled':
    case 'disabled':
    case 'listed':
    case 'icon':
    case 'passQuery':
      return readTruth(text, field === 'disabled');
    case 'status':
    case 'position':
    case 'clickLimit':
      return value(typeof text === 'string' && /^-?\d{1,9}$/.test(text) ? Number(text) : text);
    case 'deviceUrls':
    case 'countryUrls':
    case 'utm':
    case 'variants':
    case 'card':
      return value(typeof text === 'string' ? parseJson(text) : text);
    case 'password':
      return isNo(text)
        ? value(undefined)
        : problem('a file cannot set a password; import the link without it, then set one');
    case 'url':
    case 'page':
    case 'title':
    case 'campaign':
    case 'section':
    case 'expiredUrl':
    case 'deviceUrls.ios':
    case 'deviceUrls.android':
    case 'deviceUrls.mobile':
    case 'deviceUrls.desktop':
    case 'utm.utm_source':
    case 'utm.utm_medium':
    case 'utm.utm_campaign':
    case 'utm.utm_term':
    case 'utm.utm_content':
      return typeof text === 'string' ? value(text) : notText(text);
    default:
      return field satisfies never;
  }
}

/** Returns the cell as text if it is text, a number or a truth value. */
function toText(cell: unknown, guard: keyof typeof guards | undefined): unknown {
  if (typeof cell === 'number' || typeof cell === 'boolean') return String(cell);
  if (typeof cell !== 'string') return cell;
  const text = cell.trim();
  return guard === undefined ? text : text.replace(guards[guard], '');
}

/** Apostrophes that an export has added. */
const guards = {
  start: /^'(?='*[=+\-@＝＋－＠\t\r\n])/,
  within: /(?:^|(?<=[;\t\r\n]))'(?='*[=+\-@＝＋－＠])|^'(?=[\t\r\n])/g,
} as const;

function value(found: unknown): CellRead {
  return { kind: 'value', value: found };
}

function problem(message: string): CellRead {
  return { kind: 'problem', message };
}

function notText(found: unknown): CellRead {
  return problem(`must be text; got \`${shorten(JSON.stringify(found) ?? '')}\``);
}

function shorten(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

const codeAllowed = 'must be 1 to 64 of the characters A-Z a-z 0-9 _ -';

/** Returns the domain of a cell that is the address of a link. */
export function readDomainOfAddress(cell: unknown): string | undefined {
  return typeof cell === 'string' ? splitAddress(cell.trim()).host?.replace(/:\d+$/, '') : undefined;
}

function readDomain(found: unknown): CellRead {
  return typeof found === 'string' ? value(readDomainOfAddress(found) ?? found.toLowerCase()) : notText(found);
}

/** Splits `https://bit.ly/3xYz` and `dub.sh/launch`; a text that is no address is a path. */
function splitAddress(text: string): { host: string | undefined; path: string } {
  const [, address] = /^[a-z][a-z0-9+.-]*:\/\/(.*)$/i.exec(text) ?? [];
  const [host = '', ...path] = (address ?? text).split('/');
  const isAddress = address !== undefined || (path.length > 0 && /[.:]/.test(host));
  return isAddress ? { host: host.toLowerCase(), path: path.join('/') } : { host: undefined, path: text };
}

/**
 * Reads a code, or an address of a link: `https://bit.ly/3xYz`, `dub.sh/launch`. The code is kept as it is, or refused: printed
 * links would lead nowhere.
 */
function readCode(text: string): CellRead {
  const { host, path } = splitAddress(text);
  // With an apostrophe, a code such as 007 is text in a spreadsheet.
  const code = host === undefined ? path.replace(/^'?\/?|\/$/g, '') : path.replace(/\/$/, '');
  if (host !== undefined && code === '')
    return problem(`the root of a domain cannot be a link; got \`${shorten(text)}\``);
  return /^[A-Za-z0-9_-]{1,64}$/.test(code) ? value(code) : problem(`${codeAllowed}; got \`${shorten(text)}\``);
}

function readAliases(found: unknown): CellRead {
  const texts = typeof found === 'string' ? found.split(/[\s,;|]+/) : found;
  if (!isTexts(texts)) return notText(found);
  const codes: unknown[] = [];
  for (const text of texts.filter((each) => each !== '')) {
    const read = readCode(text);
    if (read.kind !== 'value') return read;
    codes.push(read.value);
  }
  return value(codes);
}

/** Tags are names, or objects with one as in the API of Dub and Rebrandly. */
function readTags(found: unknown, tool: Tool | undefined): CellRead {
  const tags =
    typeof found === 'string'
      ? found.split(tool?.tagSeparator ?? ',')
      : Array.isArray(found)
        ? found.map((tag: unknown) => (typeof tag === 'object' && tag !== null && 'name' in tag ? tag.name : tag))
        : found;
  return isTexts(tags) ? value(tags.filter((tag) => tag.trim() !== '')) : notText(found);
}

function isTexts(found: unknown): found is string[] {
  return Array.isArray(found) && found.every((each) => typeof each === 'string');
}

function readTime(text: string, zone: string | undefined): CellRead {
  const time = parseTime(text, zone);
  switch (time.kind) {
    case 'time':
      return value(time.text);
    case 'no-zone':
      return { kind: 'no-zone' };
    case 'invalid':
      return problem(`must be a time such as 2026-11-22T07:00:00Z; got \`${shorten(text)}\``);
    default:
      return time satisfies never;
  }
}

const truths: ReadonlyMap<string, boolean> = new Map([
  ...['true', 'yes', '1', 'on', 't', 'y'].map((text) => [text, true] as const),
  ...['false', 'no', '0', 'off', 'f', 'n'].map((text) => [text, false] as const),
]);

function readTruth(found: unknown, isReversed: boolean): CellRead {
  const truth = typeof found === 'string' ? truths.get(found.toLowerCase()) : undefined;
  return truth === undefined
    ? problem(`must be true or false; got \`${shorten(String(found))}\``)
    : value(truth !== isReversed);
}

function isNo(found: unknown): boolean {
  return typeof found === 'string' && (truths.get(found.toLowerCase()) === false || found === '');
}

/** Returns the text itself if it is not JSON, so that the check of the link names the field and the value. */
function parseJson(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    return parsed;
  } catch {
    return text;
  }
}
