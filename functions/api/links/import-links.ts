import { readRows, refuseLoops, type RowProblem, type RowsRead } from '#core/links/read-rows.ts';
import { type ImportResult, importLimits } from '#schemas/api/imports.ts';
import type { User } from '#schemas/catalog.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { canSee } from '../access.ts';
import { invalidRequest, tooLarge } from '../problem.ts';

export interface Importer {
  catalog: Pick<CatalogAdmin, 'getPages' | 'getLink' | 'getLinks' | 'importLinks'>;
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
  const refusalOf = await readRefusals(importer, user, links, request.replace);
  const accepted = links.filter((row) => refusalOf(row) === undefined);
  const refused: RowProblem[] = links.flatMap((row) => {
    const message = refusalOf(row);
    return message === undefined ? [] : [{ line: row.line, message }];
  });
  const { written, unwritten } = request.preview
    ? { written: accepted.length, unwritten: [] }
    : await importer.catalog.importLinks(accepted.map(({ link }) => link));
  const busy = accepted
    .filter(({ link }) => unwritten.includes(link.code))
    .map(({ line }) => ({ line, message: 'The table was too busy. Import this row again.' }));
  return {
    written,
    refused: [...problems, ...refused, ...busy].sort((a, b) => a.line - b.line),
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

/** Returns a function that says why the user may not write a row; undefined if they may. */
async function readRefusals({ catalog }: Importer, user: User, rows: readonly Row[], replace: boolean) {
  const pages = await catalog.getPages(rows.map(({ link }) => link.page));
  const visible = new Set(pages.filter((page) => canSee(user, page)).map(({ path }) => path));
  const existing = await catalog.getLinks(rows.map(({ link }) => link.code));
  const pageOfCode = new Map(existing.map(({ code, page }) => [code, page]));
  const theirPages = await catalog.getPages([...pageOfCode.values()]);
  const replaceable = new Set(theirPages.filter((page) => canSee(user, page)).map(({ path }) => path));
  return ({ link }: Row): string | undefined => {
    if (!visible.has(link.page)) return `Page \`${link.page}\` not found, or you don't have access to it.`;
    const page = pageOfCode.get(link.code);
    if (page === undefined) return undefined;
    if (!replace) return `The code \`${link.code}\` is taken. To replace the link, import with \`replace\`.`;
    return replaceable.has(page) ? undefined : `The code \`${link.code}\` is taken.`;
  };
}
