import type { Link, Page, User } from '#schemas/catalog.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import type { Principal } from './principal.ts';
import { forbidden, notFound } from './problem.ts';

/**
 * The access checks of the API. A token proves who the caller is; their role comes from the catalog. A page, link or
 * agency that the caller may not see is the same 404 as one that does not exist.
 */
export interface Access {
  /** @throws {Problem} 403 for share links, and accounts that are not invited */
  user: (principal: Principal) => User;
  /** @throws {Problem} 403 for other roles */
  admin: (principal: Principal) => User;
  /** Returns a page for reading and changing it. @throws {Problem} 404 */
  page: (principal: Principal, path: string) => Promise<Page>;
  /** Returns a page for reading its statistics, which its share links may too. @throws {Problem} 404 */
  statistics: (principal: Principal, path: string) => Promise<Page>;
  /** @throws {Problem} 404 */
  link: (principal: Principal, code: string) => Promise<{ link: Link; page: Page }>;
  /** @throws {Problem} 404 */
  agency: (principal: Principal, id: string) => Promise<void>;
}

export type AccessCatalog = Pick<CatalogAdmin, 'getPage' | 'getLink'>;

export function createAccess(catalog: AccessCatalog): Access {
  async function page(principal: Principal, path: string): Promise<Page> {
    const found = await catalog.getPage(path);
    const user = findUser(principal);
    if (found === undefined || user === undefined || !canSee(user, found)) throw notFound('Page');
    return found;
  }
  return {
    user: requireUser,
    admin: (principal) => {
      const user = requireUser(principal);
      if (user.role !== 'admin') throw forbidden('Only admins can do this.');
      return user;
    },
    page,
    statistics: async (principal, path) => {
      if (principal.kind !== 'share') return page(principal, path);
      const found = principal.share.page === path ? await catalog.getPage(path) : undefined;
      if (found === undefined) throw notFound('Page');
      return found;
    },
    link: async (principal, code) => {
      const link = await catalog.getLink(code);
      const found = link && (await catalog.getPage(link.page));
      const user = findUser(principal);
      if (!link || !found || !user || !canSee(user, found)) throw notFound('Link');
      return { link, page: found };
    },
    agency: async (principal, id) => {
      const user = findUser(principal);
      if (user === undefined || !canSeeAgency(user, id)) throw notFound('Agency');
    },
  };
}

function findUser(principal: Principal): User | undefined {
  return principal.kind === 'share' ? undefined : principal.user;
}

function requireUser(principal: Principal): User {
  if (principal.kind === 'share') throw forbidden('A share link can only read the statistics of its page.');
  if (principal.user === undefined) throw forbidden('This account has no access. Ask an admin to invite you.');
  return principal.user;
}

export function canSee(user: User, page: Page): boolean {
  switch (user.role) {
    case 'admin':
      return true;
    case 'agency':
      return user.agency !== null && user.agency === page.agency;
    case 'creator':
      return user.pages.includes(page.path);
    default:
      return user.role satisfies never;
  }
}

function canSeeAgency(user: User, id: string): boolean {
  return user.role === 'admin' || (user.role === 'agency' && user.agency === id);
}
