import { memoize } from '#core/memoize.ts';
import { describeFull } from '#core/links/link-code.ts';
import { type ImportField, importFields } from '#core/imports/fields.ts';
import { isZone } from '#core/ledger/time-range.ts';
import { type ImportPlan, planImport } from '#core/imports/plan-import.ts';
import { type ImportRow, type LinksRead, readLinks, type RowProblem } from '#core/imports/read-links.ts';
import { readTable } from '#core/imports/read-table.ts';
import { UnreadableFile } from '#core/imports/unreadable-file.ts';
import { importLimits, type ImportResult, type ParsedImport } from '#schemas/api/imports.ts';
import { type LinkInput, linkFields, type Page, type User } from '#schemas/catalog.ts';
import type { Campaigns } from '#stores/catalog/campaigns.ts';
import { type Addresses, listOwnHosts, toShortUrl } from '#schemas/settings/link-domains.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import type { StoredCode } from '#stores/catalog/link-codes.ts';
import { canSee } from '../access.ts';
import { invalidRequest, tooLarge } from '../problem.ts';
import { readUtmDefaults } from '../campaigns/find-campaigns.ts';
import { describeTaken } from './write-link.ts';

export interface Importer {
  catalog: Pick<CatalogAdmin, 'getPages' | 'getLink' | 'findCodes' | 'importLinks'>;
  campaigns: Pick<Campaigns, 'list'>;
  addresses: Addresses;
  ignoreCase: boolean;
  now: () => number;
}

const sampleSize = 10;

/**
 * Writes the links of a file. Refused rows are reported, and the others are written.
 * @throws {Problem} 400 for a file that cannot be read, or whose columns are not clear, 413 for one that is too large; then
 *   nothing is written
 */
export async function importFile(importer: Importer, user: User, request: ParsedImport): Promise<ImportResult> {
  const read = readRequest(request);
  const { catalog, addresses } = importer;
  const pages = new Map<string, Page>();
  const planned = await planImport<StoredCode>(read.links, {
    now: importer.now(),
    ownHosts: listOwnHosts(addresses),
    mainDomain: new URL(addresses.publicUrl).hostname,
    domains: addresses.domains,
    ignoreCase: importer.ignoreCase,
    page: request.page,
    replace: request.replace,
    findLink: catalog.getLink,
    findCodes: catalog.findCodes,
    openPages: async (links, stored) => {
      const paths = [...links.map(({ page }) => page), ...[...stored.values()].map(pageOf)];
      for (const page of await catalog.getPages(paths)) if (canSee(user, page)) pages.set(page.path, page);
      return (path) =>
        pages.has(path)
          ? { page: pages.get(path) }
          : { refused: `Page \`${path}\` not found, or you don't have access to it.` };
    },
    describeTaken: (code, found) => {
      if (found.kind === 'reserved') return describeTaken(user, code, pages.get(found.reservation.page));
      const isOwn = found.kind === 'link' && pages.has(found.link.page) && !request.replace;
      return `The code \`${code}\` is taken.${isOwn ? ' To replace the link, import with `replace`.' : ''}`;
    },
  });
  const { repeated, codes } = planned;
  const { accepted, refused } = await addUtmDefaults(importer, planned, pages);
  const links = accepted.map(({ link }) => link);
  const { written, busy, full } = request.preview
    ? { written: accepted.length, busy: [], full: [] }
    : await catalog.importLinks(links, codes);
  const unwritten = [
    ...describeRows(
      accepted,
      busy,
      () => 'It was changed by others, or the table was too busy. Import this row again.',
    ),
    ...describeRows(accepted, full, ({ page }) => describeFull(page)),
  ];
  return {
    rows: read.rows,
    written,
    repeated: read.repeated.length + repeated.length,
    refused: [...read.refused, ...refused, ...unwritten].sort((a, b) => a.line - b.line),
    ignored: read.columns.filter(({ field }) => field === null).map(({ name }) => name),
    sample: accepted.slice(0, sampleSize).map(({ line, link }) => ({
      line,
      code: link.code,
      shortUrl: toShortUrl(addresses, link),
      url: link.url,
      page: link.page,
    })),
  };
}

/** Pages and agencies whose campaigns are kept while a file is read. */
const ownersAtOnce = 100;

/** Gives new links what their campaigns add, as those that are made one by one. A link that is replaced has what the file says. */
async function addUtmDefaults(
  { campaigns }: Importer,
  { accepted, refused, codes }: ImportPlan<StoredCode>,
  pages: ReadonlyMap<string, Page>,
): Promise<Pick<ImportPlan<StoredCode>, 'accepted' | 'refused'>> {
  const list = memoize(ownersAtOnce, campaigns.list);
  const plan: Pick<ImportPlan<StoredCode>, 'accepted' | 'refused'> = { accepted: [], refused: [...refused] };
  for (const { line, link } of accepted) {
    const isNew = codes.get(link.code)?.kind !== 'link';
    const agency = pages.get(link.page)?.agency ?? null;
    const defaults = isNew ? await readUtmDefaults({ list }, { ...link, agency }) : {};
    const utm = linkFields.utm.safeParse({ ...defaults, ...link.utm });
    if (utm.success) plan.accepted.push({ line, link: { ...link, utm: utm.data } });
    else
      plan.refused.push({
        line,
        field: 'utm',
        message: 'The defaults of its campaign and its own do not fit together.',
      });
  }
  return plan;
}

const inParts = 'send a larger file in parts, each with the header line';

/** @throws {Problem} 400, 413 */
function readRequest({ csv, links, map = {}, zone }: ParsedImport): LinksRead {
  if (links !== undefined && csv === undefined) return toRead(links.map(({ line, ...link }) => ({ line, link })));
  if (csv === undefined || links !== undefined)
    throw invalidRequest([{ field: 'csv', value: null, allowed: 'text, unless there are `links`' }]);
  checkSize(Buffer.byteLength(csv), importLimits.bytes, 'bytes');
  if (zone !== undefined && !isZone(zone))
    throw invalidRequest([{ field: 'zone', value: zone, allowed: 'a time zone such as Europe/Vienna' }]);
  const read = readText(csv, { choices: Object.fromEntries(Object.entries(map).map(toChoice)), zone });
  checkSize(read.rows, importLimits.rows, 'rows');
  const [question] = read.questions;
  if (question === undefined) return read;
  const field = question.about === 'zone' ? 'zone' : 'csv';
  const allowed = question.about === 'zone' ? 'a time zone' : 'a file whose columns are clear, with `map`';
  throw invalidRequest([{ field, value: null, allowed }], question.message);
}

/** Links that a caller has read from a file. Each is checked like any other row. */
function toRead(links: ImportRow[]): LinksRead {
  return { tool: null, columns: [], questions: [], rows: links.length, links, refused: [], repeated: [], notes: [] };
}

function checkSize(size: number, limit: number, unit: 'bytes' | 'rows'): void {
  if (size > limit)
    throw tooLarge({ field: 'csv', value: `${size} ${unit}`, allowed: `at most ${limit} ${unit} (${inParts})` });
}

/** @throws {Problem} 400 for an unknown field */
function toChoice([column, name]: [string, string]): [string, ImportField | 'ignore'] {
  const field = (['ignore', ...importFields] as const).find((each) => each === name);
  if (field === undefined)
    throw invalidRequest([
      { field: `map.${column}`, value: name, allowed: `one of ignore, ${importFields.join(', ')}` },
    ]);
  return [column, field];
}

/** @throws {Problem} 400 */
function readText(csv: string, options: Parameters<typeof readLinks>[1]): LinksRead {
  try {
    const reading = readTable();
    reading.push(Buffer.from(csv, 'utf8'));
    return readLinks(reading.end(), options);
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    const allowed = 'CSV with a header line, or JSON';
    throw invalidRequest([{ field: 'csv', value: csv.slice(0, 80), allowed }], `Invalid CSV: ${error.message}.`);
  }
}

function pageOf(stored: StoredCode): string {
  return stored.kind === 'reserved' ? stored.reservation.page : stored.link.page;
}

type Row = ImportPlan<StoredCode>['accepted'][number];

function describeRows(rows: readonly Row[], codes: readonly string[], describe: (link: LinkInput) => string) {
  const described = new Set(codes);
  return rows
    .filter(({ link }) => described.has(link.code))
    .map(({ line, link }): RowProblem => ({ line, field: null, message: describe(link) }));
}
