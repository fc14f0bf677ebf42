import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plainLink } from '#core/links/link.fixture.ts';
import type { Link } from '#schemas/catalog.ts';
import { codeOfLinkId, linksOfPageLimit } from '#schemas/catalog-rules.ts';
import { startDynamoDb, type TestDynamoDb } from '#test/dynamodb.ts';
import { toItem } from '../dynamodb/items.ts';
import { createTable } from '../dynamodb/table.ts';
import { type CatalogAdmin, createCatalogAdmin } from './catalog-admin.ts';
import { catalogKeys, listingKeys } from './catalog-keys.ts';
import { createCatalogReader } from './catalog-reader.ts';

let dynamo: TestDynamoDb;
let admin: CatalogAdmin;
beforeAll(async () => {
  dynamo = await startDynamoDb();
  admin = createCatalogAdmin({ client: dynamo.client, table: dynamo.tables.catalog });
});
afterAll(() => dynamo.stop());

const deletedAt = '2026-11-22T07:00:00Z';

async function create(code: string, page: string): Promise<Link> {
  const creation = await admin.createLink({ ...plainLink, code, page });
  if (creation.kind !== 'created') throw new Error(`${code} is ${creation.kind}`);
  return creation.link;
}
async function remove(link: Link): Promise<void> {
  expect(await admin.deleteLink(link, deletedAt)).toBe(true);
}
async function countOf(page: string): Promise<number> {
  const table = createTable({ client: dynamo.client, table: dynamo.tables.catalog });
  return Number((await table.get(catalogKeys.linkCount(page)))?.['links']?.N);
}
async function setCount(page: string, links: number): Promise<void> {
  const table = createTable({ client: dynamo.client, table: dynamo.tables.catalog });
  await table.put(toItem({ ...catalogKeys.linkCount(page), links }));
}

describe('a link', () => {
  it('gets an id that begins with its code and that no other link has', async () => {
    const link = await create('first', '/a');
    expect(link.id).toMatch(/^first~[a-z0-9]{8}$/);
    expect(codeOfLinkId(link.id)).toBe('first');
    expect(await admin.getLink('first')).toEqual(link);
    expect((await create('second', '/a')).id.slice(-8)).not.toBe(link.id.slice(-8));
  });

  it('of an older stack has its code as id', async () => {
    const { id: _, ...old } = { ...plainLink, code: 'old', page: '/old' };
    const item = toItem({ ...old, ...catalogKeys.link('old'), ...listingKeys.linksOfPage('/old', 'old') });
    const { client, tables } = dynamo;
    await createTable({ client, table: tables.catalog }).put(item);
    const reader = createCatalogReader({ client, table: tables.catalog });
    for (const link of [
      await admin.getLink('old'),
      await reader.link('old'),
      (await admin.getLinks(['old']))[0],
      (await admin.listLinksAfter('/old', undefined, 10))[0],
    ])
      expect(link).toEqual({ ...old, id: 'old' });
    expect(await admin.listLinkIds('/old')).toEqual(['old']);
    // A new link of the page is counted with those that were there before.
    await create('new', '/old');
    expect(await countOf('/old')).toBe(2);
  });
});

describe('the code of a deleted link', () => {
  it('keeps nothing but its page and id, and is found by nobody', async () => {
    const link = await create('gone', '/b');
    await remove(link);
    const { client, tables } = dynamo;
    const item = await createTable({ client, table: tables.catalog }).get(catalogKeys.link('gone'));
    expect(Object.keys(item ?? {}).sort()).toEqual(['code', 'deletedAt', 'gpk', 'gsk', 'id', 'page', 'pk', 'sk']);
    expect(await admin.getLink('gone')).toBeUndefined();
    expect(await admin.getLinks(['gone'])).toEqual([]);
    expect(await admin.listLinksAfter('/b', undefined, 10)).toEqual([]);
    const reader = createCatalogReader({ client, table: tables.catalog });
    expect(await reader.link('gone')).toBeUndefined();
    expect(await reader.linksOfPage('/b')).toEqual([]);
    expect(await admin.listLinkIds('/b')).toEqual([link.id]);
  });

  it('is taken for other pages, and restored with its id on its own', async () => {
    const link = await create('kept', '/c');
    await remove(link);
    expect(await admin.createLink({ ...plainLink, code: 'kept', page: '/d' })).toEqual({
      kind: 'reserved',
      code: 'kept',
      page: '/c',
    });
    expect((await create('kept', '/c')).id).toBe(link.id);
    expect(await countOf('/c')).toBe(1);
  });

  it('is free once it was released, for a link with another id', async () => {
    const link = await create('freed', '/e');
    expect(await admin.releaseCode('freed')).toBeUndefined();
    await remove(link);
    expect(await admin.releaseCode('freed')).toEqual({ code: 'freed', id: link.id, page: '/e', deletedAt });
    expect(await admin.releaseCode('freed')).toBeUndefined();
    expect(await countOf('/e')).toBe(0);
    const next = await create('freed', '/f');
    expect(next.id).not.toBe(link.id);
  });

  it('is not overwritten by any other way of writing', async () => {
    const link = await create('safe', '/g');
    await remove(link);
    expect(await admin.replaceLink({ ...link, title: 'back' }, link)).toBe(false);
    expect(await admin.putLink(link)).toBe(false);
    expect(await admin.importLinks([{ ...plainLink, code: 'safe', page: '/h' }])).toEqual({
      written: 0,
      busy: ['safe'],
      full: [],
    });
    expect(await admin.getLink('safe')).toBeUndefined();
    expect(await countOf('/h')).toBe(0);
  });
});

describe('an import', () => {
  it('keeps the id of a link that it replaces or restores, and gives another one to a link that moves', async () => {
    const replaced = await create('replaced', '/i');
    const restored = await create('restored', '/i');
    const moved = await create('moved', '/i');
    await remove(restored);
    const at = '2026-11-23T00:00:00Z';
    const rows = [replaced, restored, { ...moved, page: '/j' }].map((link) => ({
      ...link,
      title: 'new',
      updatedAt: at,
    }));
    expect(await admin.importLinks(rows)).toEqual({ written: 3, busy: [], full: [] });
    expect(await admin.getLink('replaced')).toMatchObject({ id: replaced.id, title: 'new' });
    expect(await admin.getLink('restored')).toMatchObject({ id: restored.id, title: 'new' });
    const there = await admin.getLink('moved');
    expect(there).toMatchObject({ page: '/j', title: 'new' });
    expect(there?.id).not.toBe(moved.id);
    expect([await countOf('/i'), await countOf('/j')]).toEqual([2, 1]);
  });

  it('does not replace what has changed since the caller looked', async () => {
    const link = await create('raced', '/k');
    const stored = await admin.findCodes(['raced', 'fresh']);
    expect(await admin.replaceLink({ ...link, title: 'other', updatedAt: '2026-11-24T00:00:00Z' }, link)).toBe(true);
    await create('fresh', '/l');
    const rows = ['raced', 'fresh'].map((code) => ({ ...plainLink, code, page: '/k' }));
    expect(await admin.importLinks(rows, stored)).toMatchObject({ written: 0, full: [] });
    expect(await admin.getLink('raced')).toMatchObject({ title: 'other' });
    expect(await admin.getLink('fresh')).toMatchObject({ page: '/l' });
    expect(await countOf('/k')).toBe(1);
  });
});

describe('the links of a page', () => {
  it('are limited, with deleted ones', async () => {
    await setCount('/full', linksOfPageLimit - 1);
    const last = await create('last', '/full');
    expect(await admin.createLink({ ...plainLink, code: 'beyond', page: '/full' })).toEqual({ kind: 'full' });
    await remove(last);
    expect(await admin.createLink({ ...plainLink, code: 'beyond', page: '/full' })).toEqual({ kind: 'full' });
    // A deleted link counts, so it can be restored.
    expect((await create('last', '/full')).id).toBe(last.id);
  });

  it('are limited in an import', async () => {
    await setCount('/bulk', linksOfPageLimit - 2);
    const rows = ['b1', 'b2', 'b3'].map((code) => ({ ...plainLink, code, page: '/bulk' }));
    expect(await admin.importLinks(rows)).toEqual({ written: 0, busy: [], full: ['b1', 'b2', 'b3'] });
    expect(await admin.importLinks(rows.slice(0, 2))).toEqual({ written: 2, busy: [], full: [] });
    expect(await countOf('/bulk')).toBe(linksOfPageLimit);
  });

  it('are counted once if they are created at the same time', async () => {
    const codes = Array.from({ length: 20 }, (_, n) => `same${n % 10}`);
    const created = await Promise.all(codes.map((code) => admin.createLink({ ...plainLink, code, page: '/busy' })));
    expect(created.filter(({ kind }) => kind === 'created')).toHaveLength(10);
    expect(await countOf('/busy')).toBe(10);
  });
});

describe('an alias', () => {
  it('that an import keeps is counted once, although its file does not name it', async () => {
    const link = await createWith('retained', ['retained-2'], '/kept');
    for (const title of ['one', 'two']) {
      const stored = await admin.findCodes(['retained']);
      expect(await admin.importLinks([{ ...link, title }], stored)).toMatchObject({ written: 1 });
    }
    expect(await countOf('/kept')).toBe(2);
  });

  async function createWith(code: string, aliases: string[], page: string): Promise<Link> {
    const creation = await admin.createLink({ ...plainLink, code, aliases, page });
    if (creation.kind !== 'created') throw new Error(`${code} is ${creation.kind}`);
    return creation.link;
  }
  function later(link: Link, changes: Partial<Link>): Link {
    return { ...link, updatedAt: new Date(Date.parse(link.updatedAt) + 1).toISOString(), ...changes };
  }

  it('leads to its link with one read, and is in no list', async () => {
    const link = await createWith('sale', ['sale-1', 'sale-2'], '/alias');
    const { client, tables } = dynamo;
    const reader = createCatalogReader({ client, table: tables.catalog });
    for (const code of ['sale', 'sale-1', 'sale-2']) {
      expect(await reader.link(code)).toEqual(link);
      expect(await admin.getLink(code)).toEqual(link);
    }
    expect(await admin.getLinks(['sale', 'sale-1'])).toEqual([link]);
    expect(await reader.linksOfPage('/alias')).toEqual([link]);
    expect(await countOf('/alias')).toBe(3);
  });

  it('changes with its link, and is reserved for the page once the link no longer has it', async () => {
    const link = await createWith('main', ['past', 'stays'], '/changes');
    const changed = later(link, { url: 'https://shop.example/new', aliases: ['stays', 'added'] });
    expect(await admin.replaceLink(changed, link)).toBe(true);
    for (const code of ['main', 'stays', 'added']) expect(await admin.getLink(code)).toEqual(changed);
    expect(await admin.getLink('past')).toBeUndefined();
    expect(await admin.createLink({ ...plainLink, code: 'past', page: '/other' })).toMatchObject({ kind: 'reserved' });
    expect(await countOf('/changes')).toBe(4);
    // As a link, it starts a history of its own.
    const own = await create('past', '/changes');
    expect(own.id).toBe(link.id.replace('main', 'past'));
    expect(await countOf('/changes')).toBe(4);
  });

  it('is refused as a whole if the code is taken, by a link or an alias', async () => {
    const link = await createWith('first-link', ['first-alias'], '/taken');
    const second = await create('second-link', '/taken');
    for (const code of ['first-link', 'first-alias']) {
      const input = { ...plainLink, code: 'third-link', aliases: [code], page: '/taken' };
      expect(await admin.createLink(input)).toEqual({ kind: 'taken', code });
      expect(await admin.createLink({ ...plainLink, code, page: '/taken' })).toEqual({ kind: 'taken', code });
      expect(await admin.importLinks([input])).toEqual({ written: 0, busy: ['third-link'], full: [] });
      expect(await admin.replaceLink(later(second, { aliases: [code] }), second)).toBe(false);
    }
    expect(await admin.getLink('third-link')).toBeUndefined();
    expect(await admin.getLink('first-alias')).toEqual(link);
    expect(await countOf('/taken')).toBe(3);
  });

  it('is reserved when its link is deleted, and comes back with it', async () => {
    const link = await createWith('whole', ['part'], '/deleted');
    await remove(link);
    expect(await admin.findCodes(['whole', 'part'])).toEqual(
      new Map([
        ['whole', { kind: 'reserved', reservation: { code: 'whole', id: link.id, page: '/deleted', deletedAt } }],
        [
          'part',
          {
            kind: 'reserved',
            reservation: { code: 'part', id: link.id.replace('whole', 'part'), page: '/deleted', deletedAt },
          },
        ],
      ]),
    );
    expect((await createWith('whole', ['part'], '/deleted')).id).toBe(link.id);
    expect(await countOf('/deleted')).toBe(2);
  });

  it('is imported: added to a link, and moved with it to another page', async () => {
    const link = await create('import-main', '/from');
    const added = later(link, { aliases: ['import-alias'] });
    expect(await admin.importLinks([added])).toMatchObject({ written: 1 });
    expect(await admin.getLink('import-alias')).toEqual(added);
    expect(await countOf('/from')).toBe(2);
    expect(await admin.importLinks([later(added, { page: '/to' })])).toMatchObject({ written: 1 });
    const moved = await admin.getLink('import-alias');
    expect(moved).toMatchObject({ code: 'import-main', page: '/to' });
    expect(moved?.id).not.toBe(link.id);
    expect([await countOf('/from'), await countOf('/to')]).toEqual([0, 2]);
  });

  it('counts for the page, also where links were never counted', async () => {
    await setCount('/aliases-full', linksOfPageLimit - 1);
    const input = { ...plainLink, code: 'too-many', aliases: ['too-many-2'], page: '/aliases-full' };
    expect(await admin.createLink(input)).toEqual({ kind: 'full' });
    expect(await admin.importLinks([input])).toEqual({ written: 0, busy: [], full: ['too-many'] });
    const { client, tables } = dynamo;
    await createWith('uncounted', ['uncounted-2'], '/uncounted');
    await createTable({ client, table: tables.catalog }).delete(catalogKeys.linkCount('/uncounted'));
    await create('counted', '/uncounted');
    expect(await countOf('/uncounted')).toBe(3);
  });
});
