import { hash } from 'node:crypto';
import { cut } from '#core/cut.ts';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { canonicalAddress } from '#core/visitors/identity.ts';
import { type HmacKey, hmac64 } from '#core/visitors/hmac.ts';
import type { ImportedMeasure } from '#schemas/history/imported-counts.ts';
import { toolName } from '#schemas/history/tool-names.ts';
import type { RawRow, Refusal } from './history-row.ts';

/** A raw row that is accepted, between reading and writing: without line and address, with what identifies it. */
export interface StagedRow extends Omit<RawRow, 'grain' | 'line' | 'address' | 'nativeId' | 'visitor' | 'code'> {
  tool: string;
  /** Id of its link; missing for what belongs to the page alone. */
  link?: string;
  /** SHA-256 of page, tool and native id, or of page, tool and content, in hexadecimal. */
  key: string;
  /** Whether `key` is of a native id: two rows with one id are one event, two rows with one content are two. */
  isNative: boolean;
  /** Visitor id as a decimal. */
  visitor?: string;
}

/** Which link a code of the page leads to, and when its first event was that no import has brought. */
export interface KnownLink {
  id: string;
  code: string;
  /** Milliseconds since the epoch; up to when everything is settled, if it has none. */
  ownSince: number;
}

/** Returns the name under which the links of a page are found by their codes. */
export function linkName(code: string, { ignoreCase }: Pick<AdmissionOptions, 'ignoreCase'>): string {
  return ignoreCase ? code.toLowerCase() : code;
}

export interface AdmissionOptions {
  page: string;
  timeZone: string;
  /** Links of the page by code and alias; in lower case, if the stack ignores case. */
  links: ReadonlyMap<string, KnownLink>;
  ignoreCase: boolean;
  /** The same of views and custom events, which belong to no link. */
  ownSince: number;
  /** First local date that is not imported, in place of the first events of its own. */
  until: string | undefined;
  /** First UTC date that the lake can hold. */
  firstDate: string;
  /** Milliseconds since the epoch. */
  now: number;
  /** Makes visitor ids of addresses. */
  salt: HmacKey;
  /** Returns the tool whose imported counts of a measure are here already. @param link undefined for the page as a whole */
  findCounts: (link: string | undefined, date: string, measure: ImportedMeasure) => string | undefined;
}

export type Admission =
  | { kind: 'accepted'; row: StagedRow }
  | { kind: 'refused'; refusal: Refusal; unknownCode?: string };

/** Returns a function that decides about raw rows: does the page have the link, and is the time one that is imported? */
export function createAdmission(options: AdmissionOptions): (row: RawRow, tool: string) => Admission {
  const firstMoment = Date.parse(options.firstDate);
  function refuse(row: RawRow, column: string, value: string, reason: string): Admission {
    return { kind: 'refused', refusal: { line: row.line, column, value, reason } };
  }
  return (row, tool) => {
    const link = row.code === undefined ? undefined : options.links.get(linkName(row.code, options));
    if (row.code !== undefined && link === undefined) {
      const reason = 'is no link of the page. Import the links first';
      return {
        kind: 'refused',
        refusal: { line: row.line, column: 'code', value: row.code, reason },
        unknownCode: row.code,
      };
    }
    const moment = new Date(row.at).toISOString();
    if (row.at > options.now) return refuse(row, 'date', moment, 'is in the future');
    if (row.at < firstMoment)
      return refuse(row, 'date', moment, `is before ${options.firstDate}, the first date of the lake`);
    const overlap = findOverlap(row, link, options);
    if (overlap !== undefined) return refuse(row, 'date', moment, overlap);
    return { kind: 'accepted', row: stage(row, { tool, link, ...options }) };
  };
}

function findOverlap(
  row: RawRow,
  link: KnownLink | undefined,
  { timeZone, until, ownSince, findCounts }: AdmissionOptions,
): string | undefined {
  const { date } = localTimeOf(timeZone, row.at);
  if (until !== undefined) return date >= until ? `is on or after ${until}, where this import ends` : undefined;
  const since = link?.ownSince ?? ownSince;
  const whose = link === undefined ? 'the page' : `\`${link.code}\``;
  if (row.at >= since) return `overlaps: ${whose} is counted here since ${new Date(since).toISOString()}`;
  const measure = measureOf(row);
  if (measure === undefined) return undefined;
  // Clicks of the page as a whole are those of all its links.
  for (const each of link === undefined ? [undefined] : [link.id, undefined]) {
    const tool = findCounts(each, date, measure);
    if (tool !== undefined) {
      const counted = each === undefined ? 'the page' : whose;
      return `overlaps: ${measure} of ${counted} on ${date} are here already, as counts of ${toolName(tool)}`;
    }
  }
  return undefined;
}

/** Returns which counts a row is part of; none has custom events. */
export function measureOf({ kind }: Pick<RawRow, 'kind'>): ImportedMeasure | undefined {
  switch (kind) {
    case 'click':
      return 'clicks';
    case 'view':
      return 'views';
    case 'event':
      return undefined;
    default:
      return kind satisfies never;
  }
}

interface StageOptions extends Pick<AdmissionOptions, 'page' | 'timeZone' | 'salt'> {
  tool: string;
  link: KnownLink | undefined;
}

/** The address goes into a keyed hash and nowhere else: a hash of the content with it could be tried with all addresses. */
function stage(row: RawRow, { page, tool, link, timeZone, salt }: StageOptions): StagedRow {
  const { grain: _grain, line: _line, address, nativeId, visitor, code: _code, ...content } = row;
  const isNative = nativeId !== undefined;
  const { kind, at, url, name, userAgent, referrer } = content;
  // What every file of a tool has: the same visit in another of its formats is the same event.
  const told = JSON.stringify([kind, at, link?.id, url, name, userAgent, referrer]);
  const identity = isNative ? `id\u001f${kind}\u001f${nativeId}` : `row\u001f${told}`;
  const who =
    address === undefined
      ? visitor && `own\n${visitor}`
      : `address\n${canonicalAddress(address)}\n${row.userAgent ?? ''}`;
  const date = localTimeOf(timeZone, row.at).date;
  return {
    ...content,
    ...shorten(content),
    tool,
    ...(link !== undefined && { link: link.id }),
    key: hash('sha256', `${page}\u001f${tool}\u001f${identity}`),
    isNative,
    ...(who !== undefined && who !== '' && { visitor: String(hmac64(salt, `${date}\n${who}`.slice(0, 16_000))) }),
  };
}

const texts = ['url', 'title', 'name', 'userAgent', 'referrer', 'region', 'city', 'device', 'browser', 'os'] as const;

/** Characters of a text. An event keeps fewer; 20,000 rows with cells of a megabyte would not fit into memory. */
const longestText = 4_096;

function shorten(content: Pick<RawRow, (typeof texts)[number]>): Partial<Record<(typeof texts)[number], string>> {
  return Object.fromEntries(
    texts.flatMap((name) => {
      const text = content[name];
      return typeof text === 'string' && text.length > longestText ? [[name, cut(text, longestText)]] : [];
    }),
  );
}

/** Returns the 64 bits that identify the event of a row. @param number among the rows of the same key; the first is 0 */
export function eventIdOf({ key, isNative }: Pick<StagedRow, 'key' | 'isNative'>, number: number): bigint {
  const text = isNative || number === 0 ? key : hash('sha256', `${key}\u001f${number}`);
  return BigInt.asIntN(64, BigInt(`0x${text.slice(0, 16)}`));
}
