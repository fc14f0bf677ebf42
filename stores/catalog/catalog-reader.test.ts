import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plainLink, plainPage } from '#core/links/link.fixture.ts';
import type { Link } from '#schemas/catalog.ts';
import { hashSubject } from '#core/settle/tombstone.ts';
import { createSettleState } from '../settle/settle-state.ts';
import { startDynamoDb, type TestDynamoDb } from '#test/dynamodb.ts';
import { type CatalogAdmin, createCatalogAdmin } from './catalog-admin.ts';
import { type CatalogReader, createCatalogReader, parseLink, parsePage } from './catalog-reader.ts';
import { DamagedItem, StoreUnavailable } from '../errors.ts';

let dynamo: TestDynamoDb;
let admin: CatalogAdmin;
let reader: CatalogReader;

beforeAll(async () => {
  dynamo = await startDynamoDb();
  const { client, tables } = dynamo;
  admin = createCatalogAdmin({ client, table: tables.catalog });
  reader = createCatalogReader({ client, table: tables.catalog });
});
afterAll(() => dynamo.stop());

const fullLink: Link = {
  ...plainLink,
  id: 'full~x81kd03f',
  code: 'full',
  page: '/full',
  status: 308,
  enabled: false,
  startsAt: '2026-11-01T00:00:00Z',
  expiresAt: '2026-12-01T00:00:00Z',
  expiredUrl: 'https://shop.example/over',
  clickLimit: 50,
  passwordHash: 'scrypt$…',
  deviceUrls: { ios: 'https://apps.example/' },
  countryUrls: { DE: 'https://shop.example/de' },
  passQuery: true,
  utm: { utm_source: 'bio' },
  variants: [{ url: 'https://shop.example/b', weight: 40 }],
  card: { title: 'Spring', description: 'Half price', image: 'https://shop.example/card.png' },
  tags: ['spring', 'bio'],
  archived: true,
  position: 3,
  listed: false,
  section: 'Shop',
  icon: true,
};

const deletedAt = '2026-11-22T07:00:00Z';

describe('links', () => {
  it('come back as they were written, for the API and for redirect', async () => {
    for (const link of [plainLink, fullLink]) {
      await admin.putLink(link);
      expect(await admin.getLink(link.code)).toEqual(link);
      expect(await reader.link(link.code)).toEqual(link);
    }
    expect(await reader.link('nothing')).toBeUndefined();
    expect(await reader.link('FULL')).toBeUndefined();
  });

  it('give away as many clicks as their limit says, also at the same time', async () => {
    const taken = await Promise.all(Array.from({ length: 12 }, () => reader.takeClick('limited~x81kd03f', 5)));
    expect(taken.filter(Boolean)).toHaveLength(5);
    expect(await reader.takeClick('limited~x81kd03f', 5)).toBe(false);
    expect(await reader.takeClick('limited~x81kd03f', 6)).toBe(true);
    expect(await reader.takeClick('other', 1)).toBe(true);
  });

  it('stay protected when a file replaces them', async () => {
    await admin.putLink({ ...plainLink, code: 'locked', passwordHash: 'scrypt$…' });
    expect(await admin.importLinks([{ ...plainLink, code: 'locked', title: 'New' }])).toMatchObject({ written: 1 });
    expect(await admin.getLink('locked')).toMatchObject({ title: 'New', passwordHash: 'scrypt$…' });
  });

  it('are created once', async () => {
    await admin.createLink({ ...plainLink, code: 'once' });
    const again = await admin.createLink({ ...plainLink, code: 'once', url: 'https://other.example/' });
    expect(again).toEqual({ kind: 'taken', code: 'once' });
    expect(await admin.getLink('once')).toMatchObject({ url: plainLink.url });
  });

  it('are replaced and deleted', async () => {
    const link = { ...plainLink, code: 'change', updatedAt: '2026-11-02T00:00:00Z' };
    await admin.putLink({ ...plainLink, code: 'change' });
    await admin.putLink({ ...link, title: null });
    expect(await reader.link('change')).toMatchObject({ title: null });
    expect(await admin.deleteLink({ ...plainLink, code: 'change' }, deletedAt)).toBe(false);
    expect(await admin.deleteLink(link, deletedAt)).toBe(true);
    expect(await reader.link('change')).toBeUndefined();
  });

  it('are imported in batches, and listed page by page', async () => {
    const links = Array.from({ length: 60 }, (_, n) => ({ ...plainLink, code: `n${n}`, page: '/import' }));
    expect(await admin.importLinks([...links, ...links.slice(0, 5)])).toEqual({ written: 60, busy: [], full: [] });
    const first = await admin.listLinksOfPage('/import', { limit: 40 });
    const second = await admin.listLinksOfPage('/import', { limit: 40, after: first.next });
    expect(second.next).toBeUndefined();
    expect([...first.rows, ...second.rows].map(({ code }) => code).toSorted()).toEqual(
      links.map(({ code }) => code).toSorted(),
    );
    expect(await reader.linksOfPage('/import')).toHaveLength(60);
    expect(await reader.linksOfPage('/impor')).toEqual([]);
  });

  it('name the damaged item, and redirect lives with what is left of it', async () => {
    const item = {
      pk: { S: 'link#odd' },
      sk: { S: 'link' },
      code: { S: 'odd' },
      page: { S: '/ada' },
      url: { S: 'https://a.example/' },
    };
    await dynamo.client.send(new PutItemCommand({ TableName: 'catalog', Item: { ...item, status: { S: 'x' } } }));
    await expect(admin.getLink('odd')).rejects.toThrow(DamagedItem);
    expect(await reader.link('odd')).toMatchObject({ url: 'https://a.example/', status: 302, enabled: true });
    expect(parseLink({ code: { S: 'odd' } })).toBeUndefined();
  });
});

describe('pages and users', () => {
  it('come back as they were written', async () => {
    const ingestKeys = [{ id: 'k1', label: 'Server', hash: 'ab', createdAt: '2026-11-01T00:00:00.000Z' }];
    const page = {
      ...plainPage,
      path: '/full',
      agency: 'north',
      identities: 'all',
      identitiesSince: '2026-11-02T00:00:00.000Z',
      identitySecret: 's'.repeat(43),
      ingestKeys,
    } as const;
    await admin.createPage(page);
    expect(await admin.createPage(page)).toBe('taken');
    expect(await admin.getPage('/full')).toEqual(page);
    expect(await reader.page('/full')).toEqual(page);
    expect(await reader.page('/nobody')).toBeUndefined();
  });

  it('keep no ids of people without a secret, as pages of an older version have none', async () => {
    await admin.createPage({ ...plainPage, path: '/older', identities: 'identified' });
    expect(await reader.page('/older')).toMatchObject({ identities: 'none' });
  });

  it('move between agencies', async () => {
    const page = { ...plainPage, path: '/mover', agency: 'east' };
    await admin.createPage(page);
    expect(await admin.listAgencyPages('east')).toEqual(['/mover']);
    await admin.putPage({ ...page, agency: 'west' });
    expect(await admin.listAgencyPages('east')).toEqual([]);
    expect(await admin.listAgencyPages('west')).toEqual(['/mover']);
  });

  it('are not created with a path that was erased', async () => {
    const state = createSettleState({ client: dynamo.client, table: dynamo.tables.catalog, now: Date.now });
    await state.putTombstone({ hash: hashSubject({ kind: 'page', value: '/erased' }), kind: 'page', createdAt: 1 });
    expect(await admin.createPage({ ...plainPage, path: '/erased', agency: 'east' })).toBe('erased');
    expect(await admin.getPage('/erased')).toBeUndefined();
    expect(await admin.listAgencyPages('east')).toEqual([]);
  });

  it('have a design, of which redirect reads only what it can show', async () => {
    const design = {
      picture: 'data:image/png;base64,AA==',
      accent: '#7c3aed',
      theme: 'dark' as const,
      sections: ['A', 'B'],
    };
    await admin.putPage({ ...plainPage, path: '/design', design });
    expect((await admin.getPage('/design'))?.design).toEqual(design);
    expect((await reader.page('/design'))?.design).toEqual(design);
    const damaged = { picture: { S: 'https://a.example/x.png' }, accent: { S: '}body{' }, theme: { S: 'x' } };
    const item = { path: { S: '/x' }, title: { S: 'X' }, design: { M: damaged } };
    expect(parsePage(item)?.design).toEqual({ picture: null, accent: null, theme: 'system', sections: [] });
  });

  it('are listed', async () => {
    await admin.putPage({ ...plainPage, path: '/listed' });
    expect((await admin.listPages()).rows.map(({ path }) => path)).toContain('/listed');
    expect((await admin.listPages({ after: 'nonsense', limit: 1 })).rows).toHaveLength(1);
    const user = { subject: 'ada', email: 'ada@a.example', role: 'creator', agency: null, pages: ['/ada'] } as const;
    await admin.createUser({ ...user, pages: ['/ada'] });
    expect(await admin.getUser('ada')).toEqual(user);
    expect((await admin.listUsers()).rows).toEqual([user]);
    await admin.deleteUser('ada');
    expect(await admin.getUser('ada')).toBeUndefined();
  });
});

it('says that the store is unavailable, with its cause', async () => {
  const gone = createCatalogReader({ client: dynamo.client, table: 'no-such-table' });
  await expect(gone.link('a')).rejects.toThrow(StoreUnavailable);
  await expect(gone.linksOfPage('/a')).rejects.toMatchObject({ name: 'StoreUnavailable', cause: expect.any(Error) });
});
