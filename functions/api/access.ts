import type { Link, Page, User } from '#schemas/catalog.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import type { Principal } from './principal.ts';
import { forbidden, notFound } from './problem.ts';

/** Who may see what: every check of the API is here. Tokens prove who somebody is, roles come from the catalog. */
export interface Access {
  /** @throws {Problem} 403 for a subject that the catalog does not know, and for a share */
  user: (principal: Principal) => User;
  /** @throws {Problem} 403 for whoever is no admin */
  admin: (principal: Principal) => User;
  /** A page and all that belongs to it. @throws {Problem} 404, for an unknown page and a foreign one alike */
  page: (principal: Principal, path: string) => Promise<Page>;
  /** A page's numbers: also what a share opens. @throws {Problem} 404, for an unknown page and a foreign one alike */
  numbers: (principal: Principal, path: string) => Promise<Page>;
  /** The link, and its page. @throws {Problem} 404, for an unknown link and a foreign one alike */
  link: (principal: Principal, code: string) => Promise<{ link: Link; page: Page }>;
  /** An agency's dashboard. @throws {Problem} 404, for an unknown agency and a foreign one alike */
  agency: (principal: Principal, id: string) => Promise<void>;
}

export type AccessCatalog = Pick<CatalogAdmin, 'getPage' | 'getLink'>;

export function createAccess(catalog: AccessCatalog): Access {
  async function knownPage(path: string): Promise<Page> {
    const page = await catalog.getPage(path);
    if (page === undefined) throw notFound();
    return page;
  }
  async function page(principal: Principal, path: string): Promise<Page> {
    const user = userOf(principal);
    const found = await knownPage(path);
    if (user === undefined || !maySee(user, found)) throw notFound();
    return found;
  }
  function user(principal: Principal): User {
    if (principal.kind === 'share') throw forbidden('A share opens the numbers of its page, and nothing else.');
    if (principal.user === undefined) throw forbidden('Nobody has invited this account yet.');
    return principal.user;
  }
  return {
    user,
    admin: (principal) => {
      const found = user(principal);
      if (found.role !== 'admin') throw forbidden('This is for admins.');
      return found;
    },
    page,
    numbers: async (principal, path) => {
      if (principal.kind !== 'share') return page(principal, path);
      if (principal.share.page !== path) throw notFound();
      return knownPage(path);
    },
    link: async (principal, code) => {
      const link = await catalog.getLink(code);
      if (link === undefined) throw notFound();
      return { link, page: await page(principal, link.page) };
    },
    agency: async (principal, id) => {
      const found = userOf(principal);
      if (found === undefined || !maySeeAgency(found, id)) throw notFound();
    },
  };
}

function userOf(principal: Principal): User | undefined {
  return principal.kind === 'share' ? undefined : principal.user;
}

export function maySee(user: User, page: Page): boolean {
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

function maySeeAgency(user: User, id: string): boolean {
  return user.role === 'admin' || (user.role === 'agency' && user.agency === id);
}
