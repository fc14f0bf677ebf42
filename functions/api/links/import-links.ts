import { readRows, type RowProblem, type RowsRead } from '#core/links/read-rows.ts';
import { type ImportResult, importLimits } from '#schemas/api/imports.ts';
import type { User } from '#schemas/catalog.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { maySee } from '../access.ts';
import { invalidRequest, tooLarge } from '../problem.ts';

export interface Importer {
  catalog: Pick<CatalogAdmin, 'getPages' | 'getLinks' | 'importLinks'>;
  ownHost: string;
  now: () => number;
}

export interface ImportRequest {
  csv: string;
  page?: string | undefined;
  replace: boolean;
  preview: boolean;
}

const sampled = 10;

/**
 * Writes the links of a CSV file; a refused row is named and the others are written.
 * @throws {Problem} 400 for no CSV, 413 for one that is too large: nothing of it is written
 */
export async function importLinks(importer: Importer, user: User, request: ImportRequest): Promise<ImportResult> {
  checkSize(Buffer.byteLength(request.csv), importLimits.bytes, 'bytes');
  const found = read(request, importer);
  checkSize(rowsOf(found), importLimits.rows, 'rows');
  const { links, problems, ignored } = found;
  const refusal = await evaluate(importer, user, links, request.replace);
  const accepted = links.filter((row) => refusal(row) === undefined);
  const refused: RowProblem[] = links.flatMap((row) => {
    const message = refusal(row);
    return message === undefined ? [] : [{ line: row.line, message }];
  });
  const { written, unwritten } = request.preview
    ? { written: accepted.length, unwritten: [] }
    : await importer.catalog.importLinks(accepted.map(({ link }) => link));
  const busy = accepted
    .filter(({ link }) => unwritten.includes(link.code))
    .map(({ line }) => ({ line, message: 'the table was too busy; import again' }));
  return {
    written,
    refused: [...problems, ...refused, ...busy].sort((a, b) => a.line - b.line),
    ignored,
    sample: accepted
      .slice(0, sampled)
      .map(({ line, link }) => ({ line, code: link.code, url: link.url, page: link.page })),
  };
}

const inParts = 'send the rest as further imports, each with the line of the columns';

function checkSize(found: number, most: number, unit: 'bytes' | 'rows'): void {
  if (found > most)
    throw tooLarge({ field: 'csv', value: `${found} ${unit}`, allowed: `at most ${most} ${unit}; ${inParts}` });
}

function read({ csv, page }: ImportRequest, { now, ownHost }: Importer): RowsRead {
  try {
    return readRows(csv, page, { now: now(), ownHost });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw invalidRequest([{ field: 'csv', value: csv.slice(0, 80), allowed: error.message }]);
  }
}

function rowsOf({ links, problems }: RowsRead): number {
  return links.length + new Set(problems.map(({ line }) => line)).size;
}

type Row = RowsRead['links'][number];

/** Why a row may not be written, by the row's page and by who has its code. */
async function evaluate({ catalog }: Importer, user: User, rows: readonly Row[], replace: boolean) {
  const pages = await catalog.getPages(rows.map(({ link }) => link.page));
  const visible = new Set(pages.filter((page) => maySee(user, page)).map(({ path }) => path));
  const existing = await catalog.getLinks(rows.map(({ link }) => link.code));
  const owners = new Map(existing.map(({ code, page }) => [code, page]));
  const theirs = await catalog.getPages([...owners.values()]);
  const replaceable = new Set(theirs.filter((page) => maySee(user, page)).map(({ path }) => path));
  return ({ link }: Row): string | undefined => {
    if (!visible.has(link.page)) return `page "${link.page}" is unknown, or not yours`;
    const owner = owners.get(link.code);
    if (owner === undefined) return undefined;
    if (!replace) return `the code "${link.code}" is taken; replace overwrites it`;
    return replaceable.has(owner) ? undefined : `the code "${link.code}" is taken`;
  };
}
