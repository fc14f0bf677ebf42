import type { Page, User } from '#schemas/catalog.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';

export type PageCatalog = Pick<CatalogAdmin, 'listPagesAfter' | 'listAgencyPages' | 'getPages'>;

/** Pages that a user may see, by path, after one of them. */
export function visiblePages(catalog: PageCatalog, user: User, after?: string): AsyncGenerator<Page> {
  return user.role === 'admin' ? allPages(catalog, after) : ownPages(catalog, user, after);
}

const batch = 100;

async function* allPages(catalog: PageCatalog, after: string | undefined): AsyncGenerator<Page> {
  let last = after;
  for (;;) {
    const found = await catalog.listPagesAfter(last, batch);
    yield* found;
    last = found.at(-1)?.path;
    if (found.length < batch || last === undefined) return;
  }
}

async function* ownPages(catalog: PageCatalog, user: User, after: string | undefined): AsyncGenerator<Page> {
  const paths = (await ownPaths(catalog, user)).filter((path) => after === undefined || path > after);
  for (let at = 0; at < paths.length; at += batch) {
    const found = await catalog.getPages(paths.slice(at, at + batch));
    yield* found.sort((a, b) => (a.path < b.path ? -1 : 1));
  }
}

async function ownPaths(catalog: PageCatalog, user: User): Promise<string[]> {
  const paths = user.role === 'creator' ? user.pages : await catalog.listAgencyPages(user.agency ?? '');
  return [...new Set(paths)].sort();
}
