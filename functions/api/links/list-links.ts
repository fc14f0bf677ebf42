import { type Link, normalizeTag, type User } from '#schemas/catalog.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { canSee } from '../access.ts';
import { formatCursor, parseCursor } from '../listing.ts';
import { type PageCatalog, visiblePages } from '../pages/visible-pages.ts';

export type LinkCatalog = PageCatalog & Pick<CatalogAdmin, 'listLinksAfter' | 'getPage'>;

export interface LinkFilters {
  search?: string | undefined;
  tag?: string | undefined;
  campaign?: string | undefined;
  archived: 'exclude' | 'include' | 'only';
}

export interface LinksRequest {
  /** A page that the user can see; undefined for all of them. */
  page: string | undefined;
  filters: LinkFilters;
  cursor: string | undefined;
  limit: number;
}

/**
 * Reads and links per response: 1 s, or 10 s if each link is as large as it may be. A search that needs more continues
 * with the next cursor, even if it has found less than `limit`.
 */
const maxReads = 60;
const maxLooked = 1000;
const linksPerSearch = 100;

/** Returns links by page and code. */
export async function findLinks(
  catalog: LinkCatalog,
  user: User,
  request: LinksRequest,
): Promise<{ rows: Link[]; next: string | null }> {
  const { cursor, limit } = request;
  const matches = createMatch(request.filters);
  const { search, tag, campaign } = request.filters;
  const isSearch = [search, tag, campaign].some((value) => value !== undefined);
  const [fromPath, fromCode] = parseCursor(cursor);
  const rows: Link[] = [];
  let reads = 0;
  let looked = 0;
  for await (const path of listPaths(catalog, user, request, fromPath)) {
    let after = path === fromPath ? fromCode : undefined;
    function next(): string {
      return after === undefined ? formatCursor(path) : formatCursor(path, after);
    }
    for (;;) {
      if (reads++ >= maxReads || looked >= maxLooked) return { rows, next: next() };
      const wanted = isSearch ? linksPerSearch : limit + 1 - rows.length;
      const links = await catalog.listLinksAfter(path, after, wanted);
      looked += links.length;
      for (const link of links) {
        const found = matches(link);
        if (found && rows.length === limit) return { rows, next: next() };
        if (found) rows.push(link);
        after = link.code;
      }
      if (links.length < wanted) break;
    }
  }
  return { rows, next: null };
}

/** Yields the paths to read, starting with the page of the cursor. */
async function* listPaths(
  catalog: LinkCatalog,
  user: User,
  request: LinksRequest,
  from?: string,
): AsyncGenerator<string> {
  if (request.page !== undefined) {
    yield request.page;
    return;
  }
  // Callers can forge a cursor, so access to its page is checked as well.
  const first = from === undefined ? undefined : await catalog.getPage(from);
  if (first && canSee(user, first)) yield first.path;
  for await (const { path } of visiblePages(catalog, user, from)) yield path;
}

function createMatch({ search, tag, campaign, archived }: LinkFilters): (link: Link) => boolean {
  const text = search?.toLowerCase();
  const wantedTag = tag === undefined ? undefined : normalizeTag(tag);
  return (link) =>
    (archived === 'include' || link.archived === (archived === 'only')) &&
    (wantedTag === undefined || link.tags.includes(wantedTag)) &&
    (campaign === undefined || link.campaign === campaign) &&
    (text === undefined ||
      [link.code, ...link.aliases, link.title ?? '', link.url].some((value) => value.toLowerCase().includes(text)));
}

/** Links of a page per read. Nearly every page has fewer. */
const linksPerRead = 500;

/** Links of a page that one report considers. */
export const mostLinksRead = 2_000;

/** Returns the first {@link mostLinksRead} links of a page. */
export async function readFirstLinks(catalog: Pick<CatalogAdmin, 'listLinksAfter'>, path: string): Promise<Link[]> {
  const links: Link[] = [];
  for await (const link of readAllLinks(catalog, path)) {
    links.push(link);
    if (links.length === mostLinksRead) break;
  }
  return links;
}

/** Yields every link of a page. */
export async function* readAllLinks(catalog: Pick<CatalogAdmin, 'listLinksAfter'>, path: string): AsyncGenerator<Link> {
  let links: Link[] = [];
  do {
    links = await catalog.listLinksAfter(path, links.at(-1)?.code, linksPerRead);
    yield* links;
  } while (links.length === linksPerRead);
}
