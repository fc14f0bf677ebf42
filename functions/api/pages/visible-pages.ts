import type { Page, User } from '#schemas/catalog.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';

export type PageCatalog = Pick<CatalogAdmin, 'listPagesAfter' | 'listAgencyPages' | 'getPages'>;

/** Yields the pages that a user can see, by path. */
export function visiblePages(catalog: PageCatalog, user: User, after?: string): AsyncGenerator<Page> {
  return user.role === 'admin' ? allPages(catalog, after) : ownPages(catalog, user, after);
}

const pagesPerRead = 100;

async function* allPages(catalog: PageCatalog, after: string | undefined): AsyncGenerator<Page> {
  let last = after;
  for (;;) {
    const pages = await catalog.listPagesAfter(last, pagesPerRead);
    yield* pages;
    last = pages.at(-1)?.path;
    if (pages.length < pagesPerRead || last === undefined) return;
  }
}

async function* ownPages(catalog: PageCatalog, user: User, after: string | undefined): AsyncGenerator<Page> {
  const paths = (await listOwnPaths(catalog, user)).filter((path) => after === undefined || path > after);
  for (let at = 0; at < paths.length; at += pagesPerRead) {
    const pages = await catalog.getPages(paths.slice(at, at + pagesPerRead));
    yield* pages.sort((a, b) => (a.path < b.path ? -1 : 1));
  }
}

async function listOwnPaths(catalog: PageCatalog, user: User): Promise<string[]> {
  const paths = user.role === 'creator' ? user.pages : await catalog.listAgencyPages(user.agency ?? '');
  return [...new Set(paths)].sort();
}
