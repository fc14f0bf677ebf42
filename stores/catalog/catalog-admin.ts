import { hashSubject } from '#core/settle/tombstone.ts';
import { settleKeys } from '../settle/settle-keys.ts';
import { catalogKeys, listingKeys } from './catalog-keys.ts';
import { type Link, type Page, pageSchema, type User, userSchema } from '#schemas/catalog.ts';
import { parseItem, toItem } from '../dynamodb/items.ts';
import { userKeys } from '#schemas/tables.ts';
import {
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
import { buildLinkItem, createLinkCodes, isUnchanged, parseLinkItem, parseLiveLink } from './link-codes.ts';

export interface CatalogOptions extends TableOptions {
  /** Makes the ids of new links unique. @default node:crypto */
  random?: (bytes: number) => Uint8Array;
}

export type CatalogAdmin = ReturnType<typeof createCatalogAdmin>;

/**
 * The catalog for the API, the CLI and the canary: every item is checked by its schema on the way out. What a user may
 * ask for (codes, destinations) is validated by `core/links/new-link.ts` first.
 *
 * Every function may throw {@link StoreUnavailable}; reads throw {@link DamagedItem} too.
 */
export function createCatalogAdmin({ random, ...options }: CatalogOptions) {
  const table = createTable(options);
  return { ...createLinks(table, random), ...createPages(table), ...createUsers(table) };
}

function createLinks(table: Table, random: CatalogOptions['random']) {
  return {
    ...createLinkCodes({ table, random }),
    /** Returns the link with a code or an alias. */
    getLink: async (code: string): Promise<Link | undefined> => {
      const item = await table.get(catalogKeys.link(code));
      return item && parseLiveLink(item);
    },
    /** Stores a link as it is. Returns false if its code is reserved since a link was deleted. */
    putLink: (link: Link): Promise<boolean> =>
      table.putIf(buildLinkItem(link), { expression: 'attribute_not_exists(#deletedAt)' }),
    /** Returns the links that exist, in no order, and each once. */
    getLinks: async (codes: readonly string[]): Promise<Link[]> => {
      const keys = [...new Set(codes)].map(catalogKeys.link);
      const links = (await table.batchGet(keys)).flatMap((item) => parseLiveLink(item) ?? []);
      return [...new Map(links.map((link) => [link.code, link])).values()];
    },
    /** Lists links of a page by code. */
    listLinksOfPage: async (path: string, options?: ListOptions): Promise<Listing<Link>> => {
      const { items, next } = await table.list(listingKeys.linksOfPage(path), options);
      return { rows: items.map(parseLinkItem), next };
    },
    /** Lists links of a page by code, after one of them. */
    listLinksAfter: async (path: string, after: string | undefined, limit: number): Promise<Link[]> => {
      const start =
        after === undefined ? undefined : { ...catalogKeys.link(after), ...listingKeys.linksOfPage(path, after) };
      const { items } = await table.list(listingKeys.linksOfPage(path), { limit, after: start });
      return items.map(parseLinkItem);
    },
  };
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
    /** Creates a page, unless its path is taken, or was erased: then all its events would be erased, too. */
    createPage: async (page: Page): Promise<'created' | 'taken' | 'erased'> => {
      const tombstone = settleKeys.tombstone(hashSubject({ kind: 'page', value: page.path }));
      const created = await table.transact([
        { kind: 'put', item: pageItem(page), condition: isNew },
        { kind: 'check', key: tombstone, condition: isNew },
        ...putMemberships(page),
      ]);
      if (created) return 'created';
      return (await getPage(page.path)) === undefined ? 'erased' : 'taken';
    },
    /** Replaces the page and its membership of an agency in one transaction. */
    putPage: async (page: Page): Promise<void> => {
      const agency = (await getPage(page.path))?.agency ?? null;
      const left = agency === null || agency === page.agency ? [] : [deleteMembership(agency, page.path)];
      await table.transact([{ kind: 'put', item: pageItem(page) }, ...putMemberships(page), ...left]);
    },
    /** Deletes the page, without its links and whatever else names it. */
    deletePage: async ({ path, agency }: Page): Promise<void> => {
      const left = agency === null ? [] : [deleteMembership(agency, path)];
      const keys = [catalogKeys.page(path), catalogKeys.linkCount(path)];
      await table.transact([...keys.map((key): Write => ({ kind: 'delete', key })), ...left]);
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
