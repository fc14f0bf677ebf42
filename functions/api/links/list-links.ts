import type { Link, User } from '#schemas/catalog.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { maySee } from '../access.ts';
import { formatCursor, parseCursor } from '../listing.ts';
import { type PageCatalog, visiblePages } from '../pages/visible-pages.ts';

export type LinkCatalog = PageCatalog & Pick<CatalogAdmin, 'listLinksAfter' | 'getPage'>;

export interface LinksRequest {
  /** Of one page that the caller may see, or of all of them. */
  page: string | undefined;
  search: string | undefined;
  cursor: string | undefined;
  limit: number;
}

/** Reads of one answer; a search that finds little goes on with the next cursor. */
const readsAtMost = 60;

/** Links of a page by code, read so many at a time. */
export const linksAtOnce = 500;

/** Links by page and code. `next` continues where this answer ends. */
export async function listLinks(
  catalog: LinkCatalog,
  user: User,
  request: LinksRequest,
): Promise<{ rows: Link[]; next: string | null }> {
  const { search, cursor, limit } = request;
  const [fromPath, fromCode] = parseCursor(cursor);
  const rows: Link[] = [];
  let reads = 0;
  for await (const path of pathsOf(catalog, user, request, fromPath)) {
    let after = path === fromPath ? fromCode : undefined;
    for (;;) {
      if (reads++ >= readsAtMost)
        return { rows, next: after === undefined ? formatCursor(path) : formatCursor(path, after) };
      const links = await catalog.listLinksAfter(path, after, limit);
      for (const link of links) {
        after = link.code;
        if (matches(link, search)) rows.push(link);
        if (rows.length === limit) return { rows, next: formatCursor(path, after) };
      }
      if (links.length < limit) break;
    }
  }
  return { rows, next: null };
}

/** Paths to read, the page of the cursor first. */
async function* pathsOf(
  catalog: LinkCatalog,
  user: User,
  request: LinksRequest,
  from?: string,
): AsyncGenerator<string> {
  if (request.page !== undefined) {
    yield request.page;
    return;
  }
  // A cursor may come from anywhere: its page is checked like any other.
  const first = from === undefined ? undefined : await catalog.getPage(from);
  if (first && maySee(user, first)) yield first.path;
  for await (const { path } of visiblePages(catalog, user, from)) yield path;
}

function matches({ code, title, url }: Link, search: string | undefined): boolean {
  const text = search?.toLowerCase();
  return text === undefined || [code, title ?? '', url].some((value) => value.toLowerCase().includes(text));
}

/** The first links of a page: all of them on nearly every page. */
export function linksOfPage(catalog: Pick<CatalogAdmin, 'listLinksAfter'>, path: string): Promise<Link[]> {
  return catalog.listLinksAfter(path, undefined, linksAtOnce);
}

/** Every link of a page, however many. */
export async function* everyLinkOf(catalog: Pick<CatalogAdmin, 'listLinksAfter'>, path: string): AsyncGenerator<Link> {
  let links: Link[] = [];
  do {
    links = await catalog.listLinksAfter(path, links.at(-1)?.code, linksAtOnce);
    yield* links;
  } while (links.length === linksAtOnce);
}
