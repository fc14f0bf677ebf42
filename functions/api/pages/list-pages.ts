import type { Page, User } from '#schemas/catalog.ts';
import { formatCursor, parseCursor } from '../listing.ts';
import { type PageCatalog, visiblePages } from './visible-pages.ts';

export interface PagesRequest {
  search: string | undefined;
  cursor: string | undefined;
  limit: number;
}

/**
 * Pages that one response looks at: 1 s of reads, or 10 s if each is as large as it may be. A search that has to look at
 * more continues with the next cursor, even if it has found less than `limit`.
 */
const maxLooked = 1000;

/** Returns the pages that a user can see, by path. */
export async function findPages(
  catalog: PageCatalog,
  user: User,
  { search, cursor, limit }: PagesRequest,
): Promise<{ rows: Page[]; next: string | null }> {
  let [last] = parseCursor(cursor);
  let looked = 0;
  const rows: Page[] = [];
  for await (const page of visiblePages(catalog, user, last)) {
    const found = matches(page, search);
    if (looked++ >= maxLooked || (found && rows.length === limit))
      return { rows, next: last === undefined ? null : formatCursor(last) };
    if (found) rows.push(page);
    last = page.path;
  }
  return { rows, next: null };
}

function matches({ path, title }: Page, search: string | undefined): boolean {
  const text = search?.toLowerCase();
  return text === undefined || path.toLowerCase().includes(text) || title.toLowerCase().includes(text);
}
