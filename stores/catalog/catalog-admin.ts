import { catalogKeys, listingKeys } from './catalog-keys.ts';
import { type Link, linkSchema, type Page, pageSchema, type User, userSchema } from '#schemas/catalog.ts';
import {
  type CatalogTable,
  type CatalogTableOptions,
  createCatalogTable,
  cursorAfter,
  type Item,
  type Listing,
  type ListOptions,
  parseItem,
  toItem,
} from '../dynamodb/catalog-table.ts';

/** What an import came to; `unwritten` lists the codes that the table did not take within the attempts. */
export interface ImportResult {
  written: number;
  unwritten: string[];
}

export type CatalogAdmin = ReturnType<typeof createCatalogAdmin>;

/**
 * The catalog for the API, the CLI and the canary: every item is checked by its schema on the way out. What a user may
 * ask for (codes, destinations) is evaluated by `core/links/new-link.ts` before it comes here.
 *
 * Every function may throw {@link StoreUnavailable}; reads throw {@link DamagedItem} too.
 */
export function createCatalogAdmin(options: CatalogTableOptions) {
  const table = createCatalogTable(options);
  return { ...createLinks(table), ...createPages(table), ...createUsers(table) };
}

// BatchWriteItem's own limit.
const batchSize = 25;

function createLinks(table: CatalogTable) {
  return {
    getLink: async (code: string): Promise<Link | undefined> => {
      const item = await table.get(catalogKeys.link(code));
      return item && parseItem(linkSchema, item);
    },
    /** @throws {AlreadyExists} where the code is taken; nothing is written then */
    createLink: (link: Link): Promise<void> => table.put(linkItem(link), { onlyNew: true }),
    putLink: (link: Link): Promise<void> => table.put(linkItem(link)),
    /** @returns false where the link is gone meanwhile */
    replaceLink: (link: Link): Promise<boolean> => table.replace(linkItem(link)),
    /** Those of the codes that exist. */
    getLinks: async (codes: readonly string[]): Promise<Link[]> => {
      const keys = [...new Set(codes)].map(catalogKeys.link);
      return (await table.getMany(keys)).map((item) => parseItem(linkSchema, item));
    },
    deleteLink: (code: string): Promise<void> => table.remove(catalogKeys.link(code)),
    /** Links of a page by code. */
    listLinksOfPage: async (path: string, options?: ListOptions): Promise<Listing<Link>> => {
      const { items, next } = await table.list(listingKeys.linksOfPage(path), options);
      return { rows: items.map((item) => parseItem(linkSchema, item)), next };
    },
    /** Links of a page by code, after one of them. */
    listLinksAfter: async (path: string, after: string | undefined, limit: number): Promise<Link[]> => {
      const cursor =
        after === undefined
          ? undefined
          : cursorAfter({ ...catalogKeys.link(after), ...listingKeys.linksOfPage(path, after) });
      const { items } = await table.list(listingKeys.linksOfPage(path), { limit, after: cursor });
      return items.map((item) => parseItem(linkSchema, item));
    },
    /** Writes links in batches, replacing those that exist. Of one code twice, the last stays. */
    importLinks: async (links: readonly Link[]): Promise<ImportResult> => {
      const latest = [...new Map(links.map((link) => [link.code, link])).values()];
      const unwritten: string[] = [];
      for (let start = 0; start < latest.length; start += batchSize) {
        const rest = await table.putBatch(latest.slice(start, start + batchSize).map(linkItem));
        unwritten.push(...rest.map((item) => item['code']?.S ?? ''));
      }
      return { written: latest.length - unwritten.length, unwritten };
    },
  };
}

function linkItem(link: Link): Item {
  return toItem({ ...link, ...catalogKeys.link(link.code), ...listingKeys.linksOfPage(link.page, link.code) });
}

function createPages(table: CatalogTable) {
  async function getPage(path: string): Promise<Page | undefined> {
    const item = await table.get(catalogKeys.page(path));
    return item && parseItem(pageSchema, item);
  }
  function memberships({ agency, path }: Page): Item[] {
    return agency === null ? [] : [membershipItem(agency, path)];
  }

  return {
    getPage,
    /** @throws {AlreadyExists} where the path is taken; nothing is written then */
    createPage: (page: Page): Promise<void> => table.change({ create: [pageItem(page)], put: memberships(page) }),
    /** The page and its membership of an agency change together. */
    putPage: async (page: Page): Promise<void> => {
      const agency = (await getPage(page.path))?.agency ?? null;
      const left = agency === null || agency === page.agency ? [] : [catalogKeys.agencyPage(agency, page.path)];
      await table.change({ put: [pageItem(page), ...memberships(page)], remove: left });
    },
    /** Those of the paths that exist. */
    getPages: async (paths: readonly string[]): Promise<Page[]> => {
      const keys = [...new Set(paths)].map(catalogKeys.page);
      return (await table.getMany(keys)).map((item) => parseItem(pageSchema, item));
    },
    /** Pages by path, after one of them. */
    listPagesAfter: async (after: string | undefined, limit: number): Promise<Page[]> => {
      const cursor =
        after === undefined ? undefined : cursorAfter({ ...catalogKeys.page(after), ...listingKeys.pages(after) });
      const { items } = await table.list(listingKeys.pages(), { limit, after: cursor });
      return items.map((item) => parseItem(pageSchema, item));
    },
    /** Its links stay: they keep redirecting until they are deleted. */
    deletePage: async (path: string): Promise<void> => {
      const agency = (await getPage(path))?.agency ?? null;
      const membership = agency === null ? [] : [catalogKeys.agencyPage(agency, path)];
      await table.change({ remove: [catalogKeys.page(path), ...membership] });
    },
    listPages: async (options?: ListOptions): Promise<Listing<Page>> => {
      const { items, next } = await table.list(listingKeys.pages(), options);
      return { rows: items.map((item) => parseItem(pageSchema, item)), next };
    },
    /** Paths of an agency's pages. */
    listAgencyPages: async (agency: string): Promise<string[]> => {
      const items = await table.listPartition(catalogKeys.agencyPage(agency, ''));
      return items.flatMap(({ path }) => path?.S ?? []);
    },
  };
}

function membershipItem(agency: string, path: string): Item {
  return toItem({ ...catalogKeys.agencyPage(agency, path), path });
}

function pageItem(page: Page): Item {
  return toItem({ ...page, ...catalogKeys.page(page.path), ...listingKeys.pages(page.path) });
}

function createUsers(table: CatalogTable) {
  return {
    getUser: async (subject: string): Promise<User | undefined> => {
      const item = await table.get(catalogKeys.user(subject));
      return item && parseItem(userSchema, item);
    },
    /** @throws {AlreadyExists} where the subject is known; nothing is written then */
    createUser: (user: User): Promise<void> => table.put(userItem(user), { onlyNew: true }),
    putUser: (user: User): Promise<void> => table.put(userItem(user)),
    /** @returns false where the user is gone meanwhile */
    replaceUser: (user: User): Promise<boolean> => table.replace(userItem(user)),
    deleteUser: (subject: string): Promise<void> => table.remove(catalogKeys.user(subject)),
    /** Users by subject, after one of them. */
    listUsersAfter: async (after: string | undefined, limit: number): Promise<User[]> => {
      const cursor =
        after === undefined ? undefined : cursorAfter({ ...catalogKeys.user(after), ...listingKeys.users(after) });
      const { items } = await table.list(listingKeys.users(), { limit, after: cursor });
      return items.map((item) => parseItem(userSchema, item));
    },
    listUsers: async (options?: ListOptions): Promise<Listing<User>> => {
      const { items, next } = await table.list(listingKeys.users(), options);
      return { rows: items.map((item) => parseItem(userSchema, item)), next };
    },
  };
}

function userItem(user: User): Item {
  return toItem({ ...user, ...catalogKeys.user(user.subject), ...listingKeys.users(user.subject) });
}
