import { catalogKeys, listingKeys } from './catalog-keys.ts';
import { type Link, linkSchema, type Page, pageSchema, type User, userSchema } from '#schemas/catalog.ts';
import { parseItem, toItem } from '../dynamodb/items.ts';
import { userKeys } from '#schemas/tables.ts';
import {
  type Condition,
  createTable,
  isNew,
  type Item,
  type Listing,
  type ListOptions,
  type Table,
  type TableOptions,
  type Write,
} from '../dynamodb/table.ts';
import { AlreadyExists } from '../errors.ts';

/** Result of an import; `unwritten` lists the codes that the table did not take within the attempts. */
export interface ImportResult {
  written: number;
  unwritten: string[];
}

export type CatalogAdmin = ReturnType<typeof createCatalogAdmin>;

/**
 * The catalog for the API, the CLI and the canary: every item is checked by its schema on the way out. What a user may
 * ask for (codes, destinations) is validated by `core/links/new-link.ts` first.
 *
 * Every function may throw {@link StoreUnavailable}; reads throw {@link DamagedItem} too.
 */
export function createCatalogAdmin(options: TableOptions) {
  const table = createTable(options);
  return { ...createLinks(table), ...createPages(table), ...createUsers(table) };
}

function createLinks(table: Table) {
  return {
    getLink: async (code: string): Promise<Link | undefined> => {
      const item = await table.get(catalogKeys.link(code));
      return item && parseItem(linkSchema, item);
    },
    /** @throws {AlreadyExists} when the code is taken; nothing is written */
    createLink: async (link: Link): Promise<void> => {
      if (!(await table.putIf(linkItem(link), isNew))) throw new AlreadyExists(`link ${link.code} exists already`);
    },
    putLink: (link: Link): Promise<void> => table.put(linkItem(link)),
    /** Returns false if the stored link is no longer `previous`. */
    replaceLink: (link: Link, previous: Link): Promise<boolean> => table.putIf(linkItem(link), isUnchanged(previous)),
    /** Returns the links that exist, in no order. */
    getLinks: async (codes: readonly string[]): Promise<Link[]> => {
      const keys = [...new Set(codes)].map(catalogKeys.link);
      return (await table.batchGet(keys)).map((item) => parseItem(linkSchema, item));
    },
    deleteLink: (code: string): Promise<void> => table.delete(catalogKeys.link(code)),
    /** Lists links of a page by code. */
    listLinksOfPage: async (path: string, options?: ListOptions): Promise<Listing<Link>> => {
      const { items, next } = await table.list(listingKeys.linksOfPage(path), options);
      return { rows: items.map((item) => parseItem(linkSchema, item)), next };
    },
    /** Lists links of a page by code, after one of them. */
    listLinksAfter: async (path: string, after: string | undefined, limit: number): Promise<Link[]> => {
      const start =
        after === undefined ? undefined : { ...catalogKeys.link(after), ...listingKeys.linksOfPage(path, after) };
      const { items } = await table.list(listingKeys.linksOfPage(path), { limit, after: start });
      return items.map((item) => parseItem(linkSchema, item));
    },
    /** Writes links in batches, replacing those that exist. If a code comes twice, the last one wins. */
    importLinks: async (links: readonly Link[]): Promise<ImportResult> => {
      const latest = [...new Map(links.map((link) => [link.code, link])).values()];
      const unwritten = (await table.batchPut(latest.map(linkItem))).map((item) => item['code']?.S ?? '');
      return { written: latest.length - unwritten.length, unwritten };
    },
  };
}

function linkItem(link: Link): Item {
  return toItem({ ...link, ...catalogKeys.link(link.code), ...listingKeys.linksOfPage(link.page, link.code) });
}

/** `updatedAt` is another in every version. */
function isUnchanged({ updatedAt }: { updatedAt: string }): Condition {
  return { expression: '#updatedAt = :updatedAt', values: { updatedAt } };
}

function createPages(table: Table) {
  async function getPage(path: string): Promise<Page | undefined> {
    const item = await table.get(catalogKeys.page(path));
    return item && parseItem(pageSchema, item);
  }
  function putMemberships({ agency, path }: Page): Write[] {
    return agency === null ? [] : [{ kind: 'put', item: membershipItem(agency, path) }];
  }
  function deleteMembership(agency: string, path: string): Write {
    return { kind: 'delete', key: catalogKeys.agencyPage(agency, path) };
  }

  return {
    getPage,
    /** @throws {AlreadyExists} when the path is taken; nothing is written */
    createPage: async (page: Page): Promise<void> => {
      const created = await table.transact([
        { kind: 'put', item: pageItem(page), condition: isNew },
        ...putMemberships(page),
      ]);
      if (!created) throw new AlreadyExists(`page ${page.path} exists already`);
    },
    /** Replaces the page and its membership of an agency in one transaction. */
    putPage: async (page: Page): Promise<void> => {
      const agency = (await getPage(page.path))?.agency ?? null;
      const left = agency === null || agency === page.agency ? [] : [deleteMembership(agency, page.path)];
      await table.transact([{ kind: 'put', item: pageItem(page) }, ...putMemberships(page), ...left]);
    },
    /** Returns the pages that exist, in no order. */
    getPages: async (paths: readonly string[]): Promise<Page[]> => {
      const keys = [...new Set(paths)].map(catalogKeys.page);
      return (await table.batchGet(keys)).map((item) => parseItem(pageSchema, item));
    },
    /** Lists pages by path, after one of them. */
    listPagesAfter: async (after: string | undefined, limit: number): Promise<Page[]> => {
      const start = after === undefined ? undefined : { ...catalogKeys.page(after), ...listingKeys.pages(after) };
      const { items } = await table.list(listingKeys.pages(), { limit, after: start });
      return items.map((item) => parseItem(pageSchema, item));
    },
    /** Replaces the page and its membership of an agency. Returns false if the stored page is no longer `previous`. */
    replacePage: (page: Page, previous: Page): Promise<boolean> => {
      const left =
        previous.agency === null || previous.agency === page.agency
          ? []
          : [deleteMembership(previous.agency, page.path)];
      return table.transact([
        { kind: 'put', item: pageItem(page), condition: isUnchanged(previous) },
        ...putMemberships(page),
        ...left,
      ]);
    },
    /** Deletes the page only: its links keep redirecting until they are deleted. */
    deletePage: async (path: string): Promise<void> => {
      const agency = (await getPage(path))?.agency ?? null;
      const membership = agency === null ? [] : [deleteMembership(agency, path)];
      await table.transact([{ kind: 'delete', key: catalogKeys.page(path) }, ...membership]);
    },
    listPages: async (options?: ListOptions): Promise<Listing<Page>> => {
      const { items, next } = await table.list(listingKeys.pages(), options);
      return { rows: items.map((item) => parseItem(pageSchema, item)), next };
    },
    /** Lists the paths of an agency's pages. */
    listAgencyPages: async (agency: string): Promise<string[]> => {
      const { pk, sk: prefix } = catalogKeys.agencyPage(agency, '');
      const items = await table.query({ pk, prefix });
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

function createUsers(table: Table) {
  return {
    getUser: async (subject: string): Promise<User | undefined> => {
      const item = await table.get(catalogKeys.user(subject));
      return item && parseItem(userSchema, item);
    },
    /** @throws {AlreadyExists} when the subject has a user; nothing is written */
    createUser: async (user: User): Promise<void> => {
      if (!(await table.putIf(userItem(user), isNew))) throw new AlreadyExists(`user ${user.subject} exists already`);
    },
    putUser: (user: User): Promise<void> => table.put(userItem(user)),
    /** Returns false if the stored user is no longer `previous`. */
    replaceUser: (user: User, { role, agency, pages }: User): Promise<boolean> =>
      table.putIf(userItem(user), {
        expression: '#role = :role AND #agency = :agency AND #pages = :pages',
        values: { role, agency, pages },
      }),
    deleteUser: (subject: string): Promise<void> => table.delete(catalogKeys.user(subject)),
    /** Lists users by subject, after one of them. */
    listUsersAfter: async (after: string | undefined, limit: number): Promise<User[]> => {
      const start = after === undefined ? undefined : { ...catalogKeys.user(after), ...listingKeys.users(after) };
      const { items } = await table.list(listingKeys.users(), { limit, after: start });
      return items.map((item) => parseItem(userSchema, item));
    },
    listUsers: async (options?: ListOptions): Promise<Listing<User>> => {
      const { items, next } = await table.list(listingKeys.users(), options);
      return { rows: items.map((item) => parseItem(userSchema, item)), next };
    },
  };
}

function userItem(user: User): Item {
  return toItem({ ...user, ...userKeys(user.subject) });
}
