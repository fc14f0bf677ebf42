import { describe, expect, it } from 'vitest';
import { plainLink, plainPage } from '#core/links/link.fixture.ts';
import type { User } from '#schemas/catalog.ts';
import { findLinks } from './links/list-links.ts';
import { findPages } from './pages/list-pages.ts';
import { findPeople } from './pages/list-people.ts';

const admin: User = { subject: 'root', email: null, role: 'admin', agency: null, pages: [] };

function after<Row>(rows: readonly Row[], key: (row: Row) => string, last: string | undefined, limit: number): Row[] {
  return rows.filter((row) => last === undefined || key(row) > last).slice(0, limit);
}

/** A catalog with many pages, of which only the last has a link, or with one page of many links. */
function createCatalog({ pages: pageCount, links: linkCount }: { pages: number; links: number }) {
  const pages = Array.from({ length: pageCount }, (_, at) => ({
    ...plainPage,
    path: `/p${String(at).padStart(5, '0')}`,
  }));
  const last = pages.at(-1)?.path ?? '';
  const links = Array.from({ length: linkCount }, (_, at) => ({
    ...plainLink,
    page: last,
    code: `l${String(at).padStart(5, '0')}`,
  }));
  let looked = 0;
  function seen<Row>(rows: Row[]): Row[] {
    looked += rows.length;
    return rows;
  }
  return {
    takeLooked: () => [looked, (looked = 0)][0] ?? 0,
    listPagesAfter: async (path: string | undefined, limit: number) => after(pages, (page) => page.path, path, limit),
    listAgencyPages: async () => pages.map(({ path }) => path),
    getPages: async (paths: readonly string[]) => pages.filter(({ path }) => paths.includes(path)),
    getPage: async (path: string) => pages.find((page) => page.path === path),
    listLinksAfter: async (path: string, code: string | undefined, limit: number) =>
      seen(path === last ? after(links, (link) => link.code, code, limit) : []),
  };
}

type Listing = { rows: object[]; next: string | null };

async function follow(read: (cursor: string | undefined) => Promise<Listing>) {
  const responses: Listing[] = [];
  let cursor: string | undefined;
  do {
    const response = await read(cursor);
    responses.push(response);
    cursor = response.next ?? undefined;
  } while (cursor !== undefined);
  return { responses, rows: responses.flatMap(({ rows }) => rows) };
}

describe('a search', () => {
  it.each([admin, { ...admin, role: 'agency' as const, agency: 'north' }])(
    'finds the last of many pages, some at a time',
    async (user) => {
      const catalog = createCatalog({ pages: 2500, links: 0 });
      const { responses, rows } = await follow((cursor) =>
        findPages(catalog, user, { search: 'p02499', cursor, limit: 10 }),
      );
      expect(rows).toMatchObject([{ path: '/p02499' }]);
      expect(responses).toHaveLength(3);
    },
  );

  it('finds the people of a page among many users: its creators and the users of its agency', async () => {
    const users = Array.from(
      { length: 2500 },
      (_, at): User => ({ ...admin, subject: `u${String(at).padStart(5, '0')}` }),
    );
    users[7] = { ...admin, subject: 'u00007', email: 'office@example.org', role: 'agency', agency: 'north' };
    users[8] = { ...admin, subject: 'u00008', role: 'agency', agency: 'south' };
    users[2400] = { ...admin, subject: 'u02400', email: 'ada@example.org', role: 'creator', pages: [plainPage.path] };
    users[2401] = { ...admin, subject: 'u02401', role: 'creator', pages: ['/other'] };
    const catalog = {
      listUsersAfter: async (subject: string | undefined, limit: number) =>
        after(users, (user) => user.subject, subject, limit),
    };
    const page = { ...plainPage, agency: 'north' };
    const { responses, rows } = await follow((cursor) => findPeople(catalog, page, { cursor, limit: 10 }));
    expect(rows).toEqual([
      { email: 'office@example.org', role: 'agency' },
      { email: 'ada@example.org', role: 'creator' },
    ]);
    expect(responses).toHaveLength(3);
  });

  it('finds the last of many links, and the only link of many pages', async () => {
    const request = { page: undefined, filters: { search: 'l04999', archived: 'exclude' as const }, limit: 1 };
    const many = createCatalog({ pages: 1, links: 5000 });
    const { responses, rows } = await follow(async (cursor) => {
      const response = await findLinks(many, admin, { ...request, cursor });
      expect(many.takeLooked()).toBeLessThanOrEqual(1100);
      return response;
    });
    expect(rows).toMatchObject([{ code: 'l04999' }]);
    expect(responses.length).toBeLessThanOrEqual(6);
    const sparse = createCatalog({ pages: 150, links: 1 });
    const only = await follow((cursor) =>
      findLinks(sparse, admin, { ...request, filters: { search: 'l0', archived: 'exclude' }, cursor }),
    );
    expect(only.rows).toHaveLength(1);
  });
});

it.each([5, 6, 7])('a list of 6 rows, %i at a time, has a cursor only if there is more', async (limit) => {
  const catalog = createCatalog({ pages: 6, links: 6 });
  const pages = await follow((cursor) => findPages(catalog, admin, { search: undefined, cursor, limit }));
  const links = await follow((cursor) =>
    findLinks(catalog, admin, { page: undefined, filters: { archived: 'exclude' }, cursor, limit }),
  );
  for (const { responses, rows } of [pages, links]) {
    expect(rows).toHaveLength(6);
    expect(responses).toHaveLength(limit < 6 ? 2 : 1);
  }
});
