import type { Link, Page, User } from '#schemas/catalog.ts';
import type { CatalogAdmin } from '#stores/catalog-admin.ts';
import { forbidden, notFound } from './problem.ts';

/** Who may see what: every check of the API is here. Tokens prove who somebody is, roles come from the catalog. */
export interface Access {
  /** @throws {Problem} 403 for a subject that the catalog does not know */
  user: (subject: string) => Promise<User>;
  /** @throws {Problem} 404, for an unknown page and a foreign one alike */
  page: (subject: string, path: string) => Promise<Page>;
  /** The link, and its page. @throws {Problem} 404, for an unknown link and a foreign one alike */
  link: (subject: string, code: string) => Promise<{ link: Link; page: Page }>;
}

export type AccessCatalog = Pick<CatalogAdmin, 'getUser' | 'getPage' | 'getLink'>;

const maySee = (user: User, page: Page): boolean => {
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
};

export const createAccess = (catalog: AccessCatalog): Access => {
  const page = async (subject: string, path: string): Promise<Page> => {
    const [user, found] = await Promise.all([catalog.getUser(subject), catalog.getPage(path)]);
    if (user === undefined || found === undefined || !maySee(user, found)) throw notFound();
    return found;
  };
  return {
    page,
    user: async (subject) => {
      const user = await catalog.getUser(subject);
      if (user === undefined) throw forbidden('Nobody has invited this account yet.');
      return user;
    },
    link: async (subject, code) => {
      const link = await catalog.getLink(code);
      if (link === undefined) throw notFound();
      return { link, page: await page(subject, link.page) };
    },
  };
};
