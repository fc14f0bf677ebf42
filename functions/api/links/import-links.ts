import { describeFull } from '#core/links/link-code.ts';
import { readRows, refuseLoops, type RowProblem, type RowsRead } from '#core/links/read-rows.ts';
import { type ImportResult, importLimits } from '#schemas/api/imports.ts';
import type { User } from '#schemas/catalog.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import type { StoredCode } from '#stores/catalog/link-codes.ts';
import { canSee } from '../access.ts';
import { invalidRequest, tooLarge } from '../problem.ts';
import { describeTaken } from './write-link.ts';

export interface Importer {
  catalog: Pick<CatalogAdmin, 'getPages' | 'getLink' | 'findCodes' | 'importLinks'>;
  ownHost: string;
  ignoreCase: boolean;
  now: () => number;
}

export interface ImportRequest {
  csv: string;
  page?: string | undefined;
  replace: boolean;
  preview: boolean;
}

const sampleSize = 10;

/**
 * Writes the links of a CSV file. Refused rows are reported, and the others are written.
 * @throws {Problem} 400 for invalid CSV, 413 for a file that is too large; then nothing is written
 */
export async function importCsv(importer: Importer, user: User, request: ImportRequest): Promise<ImportResult> {
  checkSize(Buffer.byteLength(request.csv), importLimits.bytes, 'bytes');
  const rows = readCsv(request, importer);
  checkSize(countRows(rows), importLimits.rows, 'rows');
  const read = await refuseLoops(rows, { ...importer, findLink: importer.catalog.getLink });
  const { links, problems, ignored } = read;
  const stored = await importer.catalog.findCodes(links.map(({ link }) => link.code));
  const refusalOf = await readRefusals(importer, user, links, { stored, replace: request.replace });
  const accepted = links.filter((row) => refusalOf(row) === undefined);
  const refused: RowProblem[] = links.flatMap((row) => {
    const message = refusalOf(row);
    return message === undefined ? [] : [{ line: row.line, message }];
  });
  const { written, busy, full } = request.preview
    ? { written: accepted.length, busy: [], full: [] }
    : await importer.catalog.importLinks(
        accepted.map(({ link }) => link),
        stored,
      );
  const unwritten = [
    ...describeRows(
      accepted,
      busy,
      () => 'It was changed by others, or the table was too busy. Import this row again.',
    ),
    ...describeRows(accepted, full, ({ page }) => describeFull(page)),
  ];
  return {
    written,
    refused: [...problems, ...refused, ...unwritten].sort((a, b) => a.line - b.line),
    ignored,
    sample: accepted
      .slice(0, sampleSize)
      .map(({ line, link }) => ({ line, code: link.code, url: link.url, page: link.page })),
  };
}

const inParts = 'send a larger file in parts, each with the header line';

function checkSize(size: number, limit: number, unit: 'bytes' | 'rows'): void {
  if (size > limit)
    throw tooLarge({ field: 'csv', value: `${size} ${unit}`, allowed: `at most ${limit} ${unit} (${inParts})` });
}

function readCsv({ csv, page }: ImportRequest, { now, ownHost, ignoreCase }: Importer): RowsRead {
  try {
    return readRows(csv, page, { now: now(), ownHost, ignoreCase });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const allowed = 'a CSV file with a header line and the columns `code` and `url`';
    throw invalidRequest([{ field: 'csv', value: csv.slice(0, 80), allowed }], `Invalid CSV: ${error.message}`);
  }
}

function countRows({ links, problems }: RowsRead): number {
  return links.length + new Set(problems.map(({ line }) => line)).size;
}

type Row = RowsRead['links'][number];

interface Codes {
  stored: ReadonlyMap<string, StoredCode>;
  replace: boolean;
}

/** Returns a function that says why the user may not write a row; undefined if they may. */
async function readRefusals({ catalog }: Importer, user: User, rows: readonly Row[], { stored, replace }: Codes) {
  const paths = [...rows.map(({ link }) => link.page), ...[...stored.values()].map(pageOf)];
  const pages = new Map((await catalog.getPages(paths)).map((page) => [page.path, page]));
  function isVisible(path: string): boolean {
    const page = pages.get(path);
    return page !== undefined && canSee(user, page);
  }
  return ({ link }: Row): string | undefined => {
    if (!isVisible(link.page)) return `Page \`${link.page}\` not found, or you don't have access to it.`;
    const found = stored.get(link.code);
    if (found === undefined) return undefined;
    if (found.kind === 'reserved')
      return found.reservation.page === link.page
        ? undefined
        : describeTaken(user, link.code, pages.get(found.reservation.page));
    if (found.kind === 'alias') return `The code \`${link.code}\` is an alias of \`${found.link.code}\`.`;
    if (!replace) return `The code \`${link.code}\` is taken. To replace the link, import with \`replace\`.`;
    return isVisible(found.link.page) ? undefined : describeTaken(user, link.code, undefined);
  };
}

function pageOf(stored: StoredCode): string {
  return stored.kind === 'reserved' ? stored.reservation.page : stored.link.page;
}

function describeRows(rows: readonly Row[], codes: readonly string[], describe: (link: Row['link']) => string) {
  const described = new Set(codes);
  return rows
    .filter(({ link }) => described.has(link.code))
    .map(({ line, link }): RowProblem => ({ line, message: describe(link) }));
}
