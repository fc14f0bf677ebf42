import type { Page, User } from '#schemas/catalog.ts';
import { parseCursor, toListing } from '../listing.ts';
import { type PageCatalog, visiblePages } from './visible-pages.ts';

export interface PagesRequest {
  search: string | undefined;
  cursor: string | undefined;
  limit: number;
}

/** Returns the pages that a user can see, by path. */
export async function findPages(catalog: PageCatalog, user: User, { search, cursor, limit }: PagesRequest) {
  const [after] = parseCursor(cursor);
  const found: Page[] = [];
  for await (const page of visiblePages(catalog, user, after)) {
    if (matches(page, search)) found.push(page);
    if (found.length > limit) break;
  }
  return toListing(found, limit, ({ path }) => path);
}

function matches({ path, title }: Page, search: string | undefined): boolean {
  const text = search?.toLowerCase();
  return text === undefined || path.toLowerCase().includes(text) || title.toLowerCase().includes(text);
}
