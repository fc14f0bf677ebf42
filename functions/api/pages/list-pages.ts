import type { Page, User } from '#schemas/catalog.ts';
import { canaryCode, scratchPageTitle } from '#schemas/catalog-rules.ts';
import { formatCursor, maxLooked, parseCursor, searchListing } from '../listing.ts';
import { type PageCatalog, visiblePages } from './visible-pages.ts';

export interface PagesRequest {
  search: string | undefined;
  cursor: string | undefined;
  limit: number;
}

/** Returns the pages that a user can see, by path. */
export async function findPages(
  catalog: PageCatalog,
  user: User,
  { search, cursor, limit }: PagesRequest,
): Promise<{ rows: Page[]; next: string | null }> {
  const [last] = parseCursor(cursor);
  return searchListing(
    visiblePages(catalog, user, last),
    { limit, last },
    { keyOf: ({ path }) => path, matches: (page) => matches(page, search) },
  );
}

/** Returns pages that a user can see, by path, without those of the stack itself. */
export async function findOwnPages(
  catalog: PageCatalog,
  user: User,
  { cursor, limit }: Omit<PagesRequest, 'search'>,
): Promise<{ rows: Page[]; next: string | null }> {
  const [after] = parseCursor(cursor);
  const rows: Page[] = [];
  let looked = 0;
  for await (const page of visiblePages(catalog, user, after)) {
    const last = rows.at(-1);
    if (last !== undefined && (rows.length === limit || looked++ >= maxLooked))
      return { rows, next: formatCursor(last.path) };
    if (!isInternal(page)) rows.push(page);
  }
  return { rows, next: null };
}

/** Returns true for the canary's page, and for what `hopcount verify` left behind. */
function isInternal({ path, title }: Page): boolean {
  return path === `/${canaryCode}` || title === scratchPageTitle;
}

function matches({ path, title }: Page, search: string | undefined): boolean {
  const text = search?.toLowerCase();
  return text === undefined || path.toLowerCase().includes(text) || title.toLowerCase().includes(text);
}
