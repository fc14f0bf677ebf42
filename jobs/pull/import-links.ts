import { planImport } from '#core/imports/plan-import.ts';
import { type LinksRead, readLinks } from '#core/imports/read-links.ts';
import { readTable } from '#core/imports/read-table.ts';
import { describeFull, describeReserved } from '#core/links/link-code.ts';
import type { OwnLinks } from '#core/links/destination.ts';
import type { LinkCounts, RefusedLink } from '#schemas/history/pull.ts';
import type { LinkDomain } from '#schemas/settings/link-domains.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import type { StoredCode } from '#stores/catalog/link-codes.ts';

export interface LinkImporter extends OwnLinks {
  catalog: Pick<CatalogAdmin, 'getPages' | 'getLink' | 'findCodes' | 'importLinks'>;
  mainDomain: string;
  domains: readonly LinkDomain[];
  now: () => number;
}

/** What became of links. `rows = accepted + repeated + refused`. */
export interface LinksImported {
  counts: LinkCounts;
  refused: RefusedLink[];
}

/**
 * Imports links as the API of a tool returns them, like those of a file. Existing links are never overwritten.
 * @param preview writes nothing
 * @throws {StoreUnavailable}
 */
export async function importLinks(
  importer: LinkImporter,
  page: string,
  entries: readonly unknown[],
  { preview }: { preview: boolean },
): Promise<LinksImported> {
  if (entries.length === 0) return { counts: { rows: 0, accepted: 0, repeated: 0, refused: 0 }, refused: [] };
  const read = readEntries(entries);
  const { catalog } = importer;
  const [found] = await catalog.getPages([page]);
  const plan = await planImport<StoredCode>(read.links, {
    ...importer,
    now: importer.now(),
    page,
    replace: false,
    findLink: catalog.getLink,
    findCodes: catalog.findCodes,
    openPages: async () => (path) =>
      path === page && found !== undefined ? { page: found } : { refused: `Page \`${path}\` not found.` },
    describeTaken: (code, taken) =>
      taken.kind === 'reserved'
        ? describeReserved(code, taken.reservation.page)
        : `The code \`${code}\` is taken by another link.`,
  });
  const links = plan.accepted.map(({ link }) => link);
  const { busy, full } = preview ? nothing : await catalog.importLinks(links, plan.codes);
  const unwritten = plan.accepted.flatMap(({ line, link: { code } }) => {
    if (full.includes(code)) return [{ line, message: describeFull(page) }];
    return busy.includes(code) ? [{ line, message: 'It was changed by others at the same time. Pull again.' }] : [];
  });
  const refused = [...read.refused, ...plan.refused, ...unwritten];
  const counts = {
    rows: read.rows,
    accepted: links.length - unwritten.length,
    repeated: read.repeated.length + plan.repeated.length,
    refused: new Set(refused.map(({ line }) => line)).size,
  };
  return { counts, refused: refused.map(({ line, message }) => ({ link: nameOf(entries[line - 1]), message })) };
}

const nothing: Awaited<ReturnType<CatalogAdmin['importLinks']>> = { written: 0, busy: [], full: [] };

/** Reads entries as a file of the tool. What a question asks cannot be answered here: such links are refused. */
function readEntries(entries: readonly unknown[]): LinksRead {
  const reading = readTable();
  reading.push(Buffer.from(JSON.stringify(entries), 'utf8'));
  const read = readLinks(reading.end(), { zone: 'UTC' });
  const [question] = read.questions;
  if (question === undefined) return read;
  const refused = entries.map((_, at) => ({ line: at + 1, field: null, message: question.message }));
  return { ...read, links: [], repeated: [], refused };
}

/** Where tools say what a link is called. */
const names = ['link', 'shortLink', 'shortUrl', 'id'] as const;

function nameOf(entry: unknown): string {
  const fields: Readonly<Record<string, unknown>> = Object.fromEntries(Object.entries(entry ?? {}));
  const name = names.map((each) => fields[each]).find((value) => typeof value === 'string');
  return typeof name === 'string' ? name.slice(0, 300) : '';
}
