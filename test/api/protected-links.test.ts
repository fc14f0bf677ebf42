import { afterAll, beforeAll, expect, it } from 'vitest';
import { hasUnlock } from '#core/links/unlock.ts';
import { createApp } from '#functions/api/create-app.ts';
import { ownerLimits } from '#functions/api/limits.ts';
import { passwordLength } from '#schemas/catalog-rules.ts';
import { now, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const password = 'open-sesame';
const body = { page: '/ada', url: 'https://a.example/', code: 'cave', password };

function submit(form: Record<string, string>, { code = 'cave', app = world.app } = {}) {
  return app.request(`/api/v1/links/${code}/unlock`, { method: 'POST', body: new URLSearchParams(form) });
}

async function passwordHashOf(code: string): Promise<string> {
  return (await world.deps.catalog.getLink(code))?.passwordHash ?? '';
}

it('store a hash of the password, which no response holds', async () => {
  const headers = { 'idempotency-key': 'a-random-key' };
  const created = await world.ask('ada', 'links', { method: 'post', body, headers });
  expect(created.status).toBe(201);
  const hash = await passwordHashOf('cave');
  expect(hash).toMatch(/^scrypt\$/);
  const responses = [created, await world.ask('ada', 'links', { method: 'post', body, headers })];
  for (const path of ['links/cave', 'links?page=/ada', 'links/cave/dashboard'])
    responses.push(await world.ask('ada', path));
  responses.push(await world.ask('ada', 'links/cave', { method: 'patch', body: { title: 'Cave' } }));
  for (const response of responses) {
    const text = await response.text();
    expect(text).not.toContain(password);
    expect(text).not.toContain(hash.split('$').at(-1));
    expect(text).not.toContain('passwordHash');
  }
  expect(await (await world.ask('ada', 'links/cave')).json()).toMatchObject({ protected: true, title: 'Cave' });
  expect(await passwordHashOf('cave')).toBe(hash);
});

it('lead back to the link with a proof and the query of the visitor', async () => {
  const response = await submit({ password, query: 'utm_source=bio&ref=a b#c\r\nset-cookie: x&_unlock=1.x' });
  expect(response.status).toBe(303);
  const location = new URL(response.headers.get('location') ?? '', 'https://go.example');
  expect([location.origin, location.pathname, location.hash]).toEqual(['https://go.example', '/cave', '']);
  expect(location.search).toMatch(/^\?utm_source=bio&ref=a%20b%23cset-cookie:%20x&_unlock=\d+\.[\w-]{43}$/);
  const link = { id: (await world.deps.catalog.getLink('cave'))?.id ?? '', passwordHash: await passwordHashOf('cave') };
  expect(hasUnlock(link, location.search.slice(1), now)).toBe(true);
});

it('show the page again for a wrong password, without what was typed', async () => {
  const response = await submit({ password: 'open-barley', query: '"><script>' });
  expect(response.status).toBe(403);
  expect(response.headers.get('content-security-policy')).toMatch(/default-src 'none'/);
  const text = await response.text();
  expect(text).toContain('Wrong password.');
  expect(text).toContain('value="&quot;&gt;&lt;script&gt;"');
  expect(text).not.toContain('open-barley');
  expect(text).not.toContain('a.example');
});

it('are found as written if the stack ignores capitals, and else in lower case', async () => {
  await world.ask('ada', 'links', { method: 'post', body: { ...body, code: 'Crypt' } });
  const app = createApp({ ...world.deps, ignoreCase: true });
  for (const [code, found] of [
    ['Crypt', /^\/Crypt\?/],
    ['CAVE', /^\/cave\?/],
  ] as const) {
    const response = await submit({ password }, { code, app });
    expect(response.headers.get('location')).toMatch(found);
  }
});

it.each([
  [{ password: '' }, 'cave', 400],
  [{ password: 'p'.repeat(passwordLength.max + 1) }, 'cave', 400],
  [{ password, query: 'q'.repeat(20_001) }, 'cave', 413],
  [{ password }, 'none', 404],
  [{ password }, 'a.b', 404],
])('refuse %# with its status', async (form, code, status) => {
  expect((await submit(form, { code })).status).toBe(status);
});

it('keep the right password from being tried above the limit', async () => {
  const app = createApp({ ...world.deps, unlockRate: async () => false });
  const response = await submit({ password }, { app });
  expect([response.status, await response.text()]).toEqual([429, expect.stringContaining('Too many attempts')]);
  let allowed = 0;
  for (let at = 0; at <= ownerLimits.unlocksAMinute; at++) allowed += (await world.deps.unlockRate('unlock#x')) ? 1 : 0;
  expect(allowed).toBe(ownerLimits.unlocksAMinute);
});

it.each([passwordLength.min - 1, passwordLength.max + 1])(
  'refuse a new password of %i characters, without repeating it',
  async (length) => {
    const short = 'z'.repeat(length);
    const response = await world.ask('ada', 'links/cave', { method: 'patch', body: { password: short } });
    expect(response.status).toBe(400);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ errors: [{ field: 'password', value: null }] });
    expect(text).not.toContain(short);
  },
);

it('are open once the password is removed', async () => {
  await world.ask('ada', 'links/cave', { method: 'patch', body: { password: null } });
  expect(await (await world.ask('ada', 'links/cave')).json()).toMatchObject({ protected: false });
  const response = await submit({ password });
  expect([response.status, response.headers.get('location')]).toEqual([303, '/cave']);
});
