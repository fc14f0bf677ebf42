import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linkViewSchema } from '#schemas/api/links.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

describe('changes of the same resource', () => {
  const settings = {
    timeZone: 'Europe/Vienna',
    origins: [],
    identities: 'none',
    alerts: {
      enabled: true,
      method: 'default',
      sensitivity: 'normal',
      recipients: [],
      quietHours: null,
      kinds: [],
      goal: null,
      badDays: [],
    },
  };
  it.each([
    ['links/k3x9', 'patch', { position: 1 }, { position: 2 }],
    ['pages/ada', 'patch', { title: 'Mine' }, { title: 'Theirs' }],
    ['pages/ada/settings', 'put', { ...settings, timeZone: 'Asia/Tokyo' }, settings],
  ] as const)('refuse to change %s if someone else has', async (path, method, mine, theirs) => {
    const first = await world.ask('ada', path);
    const etag = first.headers.get('etag') ?? '';
    const changed = await world.ask('ada', path, { method, body: theirs, headers: { 'if-match': etag } });
    const late = await world.ask('ada', path, { method, body: mine, headers: { 'if-match': etag } });
    expect([changed.status, late.status]).toEqual([200, 412]);
    expect(await late.json()).toMatchObject({ type: 'urn:hopcount:problem:precondition-failed' });
    const now = await world.ask('ada', path);
    expect(now.headers.get('etag')).toBe(changed.headers.get('etag'));
    expect(await now.json()).toMatchObject(theirs);
    // CloudFront makes the tag of a compressed response weak.
    const weak = { 'if-match': `W/${now.headers.get('etag')}` };
    expect((await world.ask('ada', path, { method, body: theirs, headers: weak })).status).toBe(200);
  });

  it('refuse to replace the white label of an agency if someone else has, and lose no first one', async () => {
    const path = 'agencies/north/brand';
    const plain = { name: null, logo: null, accent: null, poweredBy: true };
    function put(name: string, etag: string) {
      const headers = { 'if-match': etag };
      return world.ask('nora', path, { method: 'put', body: { ...plain, name }, headers });
    }
    const none = (await world.ask('nora', path)).headers.get('etag') ?? '';
    const first = await Promise.all(['North', 'Nord'].map((name) => put(name, none)));
    expect(first.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412]);
    const stored = first.find(({ status }) => status === 200)?.headers.get('etag') ?? '';
    expect((await world.ask('nora', path)).headers.get('etag')).toBe(stored);
    const later = await Promise.all(['Norden', 'Northern'].map((name) => put(name, stored)));
    expect(later.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412]);
    expect((await put('Late', stored)).status).toBe(412);
    expect((await world.ask('nora', path, { method: 'put', body: plain })).status).toBe(200);
  });

  it('refuse to change a user or to delete a link if someone else has changed it', async () => {
    const headers = { 'if-match': '"0"' };
    expect((await world.ask('root', 'users/lone', { method: 'patch', body: { pages: [] }, headers })).status).toBe(412);
    expect((await world.ask('root', 'users/lone', { method: 'delete', headers })).status).toBe(412);
    expect((await world.ask('ada', 'links/k3x9', { method: 'delete', headers })).status).toBe(412);
    expect((await world.ask('ada', 'links/k3x9')).status).toBe(200);
  });

  it('store the order of one of two editors who moved the same links, and refuse the other', async () => {
    const codes = ['first', 'second', 'third', 'fourth'];
    for (const code of codes) {
      const body = { page: '/ada', code, url: 'https://shop.example/' };
      await world.ask('ada', 'links', { method: 'post', body });
    }
    for (let round = 0; round < 3; round++) {
      const etag = (await world.ask('ada', 'pages/ada')).headers.get('etag') ?? '';
      const orders = [codes, codes.toReversed()];
      const answers = await Promise.all(
        orders.map((order) =>
          world.ask('ada', 'pages/ada', { method: 'patch', body: { order }, headers: { 'if-match': etag } }),
        ),
      );
      const statuses = answers.map(({ status }) => status);
      expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 412]);
      const links = await Promise.all(
        (orders[statuses.indexOf(200)] ?? []).map((code) => world.ask('ada', `links/${code}`)),
      );
      const positions = await Promise.all(links.map(async (link) => linkViewSchema.parse(await link.json()).position));
      expect(positions).toEqual([0, 1, 2, 3]);
    }
  });

  it('lose no change of two at the same time', async () => {
    const changes = [{ listed: false }, { position: 3 }, { passQuery: true }];
    const answers = await Promise.all(changes.map((body) => world.ask('ada', 'links/k3x9', { method: 'patch', body })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await (await world.ask('ada', 'links/k3x9')).json()).toMatchObject(Object.assign({}, ...changes));
    const pageChanges = [{ title: 'At once' }, { description: 'At once' }];
    await Promise.all(pageChanges.map((body) => world.ask('ada', 'pages/ada', { method: 'patch', body })));
    expect(await (await world.ask('ada', 'pages/ada')).json()).toMatchObject(Object.assign({}, ...pageChanges));
  });
});
