import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '#functions/api/create-app.ts';
import { hashSubject } from '#core/settle/tombstone.ts';
import { type Ledger, ledgerSchema, problemSchema, statsSchema } from '#schemas/api.ts';
import { dashboardSchema } from '#schemas/api/dashboard.ts';
import { importResultSchema } from '#schemas/api/imports.ts';
import { createdKeySchema } from '#schemas/api/users.ts';
import { linkViewSchema } from '#schemas/api/links.ts';
import { catalogKeys, listingKeys } from '#stores/catalog/catalog-keys.ts';
import { createSettleState } from '#stores/settle/settle-state.ts';
import { now, startWorld, type World } from './world.ts';

/** Page /ada belongs to agency north, page /sam to agency south. */
let world: World;
beforeAll(async () => {
  world = await startWorld();
  expect((await post('sam', 'pages', { path: '/sam', title: 'Sam', timeZone: 'Europe/Vienna' })).status).toBe(201);
});
afterAll(() => world.stop());

function post(as: string, path: string, body: unknown, app = world.app): Promise<Response> {
  return world.ask(as, path, { method: 'post', body, app });
}
function remove(as: string, path: string): Promise<Response> {
  return world.ask(as, path, { method: 'delete' });
}
function create(as: string, code: string, page: string, app = world.app): Promise<Response> {
  return post(as, 'links', { code, page, url: 'https://sam.example/' }, app);
}
async function detailOf(response: Response): Promise<string> {
  return problemSchema.parse(await response.json()).detail;
}

function events({ outcomes, received }: Ledger): number {
  return Object.values(outcomes).reduce((sum, count) => sum + count, 0) + (received ?? 0);
}

const today = 'from=2026-11-22&to=2026-11-22';

/** Everything that the API says about the traffic of a link. */
async function trafficOf(as: string, code: string) {
  async function read(path: string): Promise<unknown> {
    return (await world.ask(as, `links/${code}/${path}`)).json();
  }
  const stats = statsSchema.parse(await read(`stats?${today}`));
  const ledger = ledgerSchema.parse(await read(`ledger?${today}`));
  const dashboard = dashboardSchema.parse(await read(`dashboard?${today}`));
  return {
    clicks: stats.totals.clicks,
    countries: stats.breakdowns.country.length,
    ledger: events(ledger),
    dashboard: dashboard.current?.totals.clicks,
  };
}

/** Stores the link as a stack did before links had ids. Its events and counters have the code. */
async function storeOldLink(): Promise<void> {
  const at = '2026-01-01T00:00:00Z';
  const link = { code: 'k3x9', page: '/ada', url: 'https://example.org/k3x9', campaign: 'spring', status: 302 };
  const item = { ...link, createdAt: at, updatedAt: at, enabled: true };
  await world.db.client.send(
    new PutItemCommand({
      TableName: world.db.tables.catalog,
      Item: marshall({ ...item, ...catalogKeys.link('k3x9'), ...listingKeys.linksOfPage('/ada', 'k3x9') }),
    }),
  );
}

describe('the code of a deleted link', () => {
  const counted = { clicks: 4, countries: 2, ledger: 4, dashboard: 4 };
  const nothing = { clicks: 0, countries: 0, ledger: 0, dashboard: 0 };

  it('goes to another owner only when an admin has released it, without the numbers of the former one', async () => {
    await storeOldLink();
    // Fills the response cache, too.
    expect(await trafficOf('ada', 'k3x9')).toEqual(counted);
    expect((await remove('ada', 'links/k3x9')).status).toBe(204);
    expect((await world.ask('ada', 'links/k3x9')).status).toBe(404);

    const refused = await create('sam', 'k3x9', '/sam');
    expect(refused.status).toBe(409);
    expect(await detailOf(refused)).toBe('The code `k3x9` is taken.');
    expect((await remove('sam', 'links/k3x9/reservation')).status).toBe(403);
    expect((await remove('ada', 'links/k3x9/reservation')).status).toBe(403);

    const key = await post('root', 'keys', { label: 'links', scopes: ['links'] });
    const { secret } = createdKeySchema.parse(await key.json());
    expect((await remove(`Bearer ${secret}`, 'links/k3x9/reservation')).status).toBe(403);

    expect(await detailOf(await create('root', 'k3x9', '/sam'))).toBe(
      'The code `k3x9` is reserved for the page `/ada`, whose link was deleted. Create the link there, or release it with `hopcount links release k3x9` or `DELETE /links/k3x9/reservation`.',
    );
    expect((await remove('root', 'links/k3x9/reservation')).status).toBe(204);
    expect((await remove('root', 'links/k3x9/reservation')).status).toBe(404);

    const created = linkViewSchema.parse(await (await create('sam', 'k3x9', '/sam')).json());
    expect(created.id).toMatch(/^k3x9~[a-z0-9]{8}$/);
    expect(await trafficOf('sam', 'k3x9')).toEqual(nothing);
    expect((await world.ask('ada', 'links/k3x9/stats')).status).toBe(404);
    // The page of the deleted link keeps its own numbers.
    const page = statsSchema.parse(await (await world.ask('ada', `pages/ada/stats?${today}`)).json());
    expect(page.totals).toMatchObject({ views: 8, clicks: 4 });
    expect((await world.ask('ada', 'campaigns/spring/metrics')).status).toBe(404);
    await remove('sam', 'links/k3x9');
    await remove('root', 'links/k3x9/reservation');
  });

  it('continues the history on its own page', async () => {
    await storeOldLink();
    await remove('nora', 'links/k3x9');
    const again = await create('ada', 'k3x9', '/ada');
    expect(again.status).toBe(201);
    expect(linkViewSchema.parse(await again.json()).id).toBe('k3x9');
    expect(await trafficOf('ada', 'k3x9')).toEqual(counted);
  });

  it('cannot be taken by an import', async () => {
    await storeOldLink();
    await remove('ada', 'links/k3x9');
    const csv = 'code,url\nk3x9,https://sam.example/\nfree,https://sam.example/';
    const imported = await post('sam', 'imports', { csv, page: '/sam', replace: true });
    expect(importResultSchema.parse(await imported.json())).toMatchObject({
      written: 1,
      refused: [{ line: 2, message: 'The code `k3x9` is taken.' }],
    });
    const restored = await post('ada', 'imports', { csv: csv.split('\nfree')[0], page: '/ada', replace: false });
    expect(importResultSchema.parse(await restored.json())).toMatchObject({ written: 1, refused: [] });
    expect(linkViewSchema.parse(await (await world.ask('ada', 'links/k3x9')).json()).id).toBe('k3x9');
  });

  it('is the same in capitals where the stack ignores them', async () => {
    const app = createApp({ ...world.deps, ignoreCase: true });
    expect((await create('ada', 'Poster', '/ada', app)).status).toBe(201);
    expect((await remove('ada', 'links/poster')).status).toBe(204);
    expect((await create('sam', 'POSTER', '/sam', app)).status).toBe(409);
    expect(linkViewSchema.parse(await (await create('ada', 'pOSTER', '/ada', app)).json()).code).toBe('poster');
  });

  it('is not a field that a caller can set', async () => {
    for (const field of ['id', 'deletedAt']) {
      const body = { code: 'own-id', page: '/sam', url: 'https://sam.example/', [field]: 'k3x9' };
      expect((await post('sam', 'links', body)).status).toBe(400);
      const change = await world.ask('ada', 'links/k3x9', { method: 'patch', body: { [field]: 'other' } });
      expect(change.status).toBe(400);
    }
  });

  it('gets another id if an admin moves the link to another page', async () => {
    const csv = 'code,url,page\nk3x9,https://sam.example/,/sam';
    const moved = await post('root', 'imports', { csv, replace: true });
    expect(importResultSchema.parse(await moved.json())).toMatchObject({ written: 1 });
    expect(await trafficOf('sam', 'k3x9')).toEqual(nothing);
  });
});

describe('the path of an erased page', () => {
  it('cannot be used again, by anyone', async () => {
    const { client, tables } = world.db;
    const state = createSettleState({ client, table: tables.catalog, now: () => now });
    await state.putTombstone({ hash: hashSubject({ kind: 'page', value: '/zoe' }), kind: 'page', createdAt: now });
    // Its operator removes the page by hand; the API has no route for it.
    const { pk, sk } = catalogKeys.page('/zoe');
    await client.send(new DeleteItemCommand({ TableName: tables.catalog, Key: marshall({ pk, sk }) }));
    for (const person of ['root', 'sam']) {
      const answer = await post(person, 'pages', { path: '/zoe', title: 'Zoe' });
      expect(answer.status).toBe(409);
      expect(await detailOf(answer)).toContain('was erased');
    }
  });
});

describe('the pages of a user', () => {
  it('exist: nobody becomes the creator of a page that is created later', async () => {
    const body = { email: 'early@example.org', role: 'creator', pages: ['/ada', '/later'] };
    expect((await post('root', 'users', body)).status).toBe(400);
    const change = await world.ask('root', 'users/lone', { method: 'patch', body: { pages: ['/later'] } });
    expect(change.status).toBe(400);
    expect(await detailOf(change)).toContain('`pages`');
    // What an older version has stored can stay.
    const kept = await world.ask('root', 'users/bob', { method: 'patch', body: { pages: ['/bob', '/ada'] } });
    expect(kept.status).toBe(200);
  });
});
