import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createApp } from '#functions/api/create-app.ts';
import type { LinkDomain } from '#schemas/settings/link-domains.ts';
import { startWorld, type World } from './world.ts';

const domains: LinkDomain[] = [
  { name: 'go.north.example', agency: 'north', page: null, serves: 'own' },
  { name: 'go.west.example', agency: 'west', page: null, serves: 'own' },
  { name: 'go.open.example', agency: null, page: null, serves: 'own' },
];

let world: World;
let app: World['app'];
beforeAll(async () => {
  world = await startWorld();
  app = createApp({ ...world.deps, addresses: { publicUrl: 'https://go.example', domains } });
});
afterAll(() => world.stop());

async function ask(as: string, path: string, method = 'get', body?: unknown) {
  const response = await world.ask(as, path, { app, method, body });
  return { status: response.status, body: await response.json() };
}

const url = 'https://a.example/';
let code = 0;
beforeEach(() => {
  code += 1;
});

async function create(fields: object = {}) {
  return ask('ada', 'links', 'post', { page: '/ada', url, code: `link-${code}`, ...fields });
}

describe('a page', () => {
  it('names the domains that it may use: its agency’s, and those without one', async () => {
    expect((await ask('ada', 'pages/ada')).body).toMatchObject({
      domain: null,
      url: 'https://go.example/@ada',
      domains: ['go.north.example', 'go.open.example'],
    });
    const listed = (await ask('ada', 'pages')).body.rows[0];
    expect(listed).toMatchObject({ url: 'https://go.example/@ada' });
    expect(listed).not.toHaveProperty('domains');
  });

  it('gets no domain of another agency, or one that is unknown', async () => {
    for (const domain of ['go.west.example', 'evil.example', 'GO.NORTH.EXAMPLE', ''])
      expect(await ask('ada', 'pages/ada', 'patch', { domain })).toMatchObject({
        status: 400,
        body: {
          errors: [{ field: 'domain', value: domain, allowed: 'one of null, `go.north.example`, `go.open.example`' }],
        },
      });
    expect((await ask('ada', 'pages/ada', 'patch', { domain: 'x'.repeat(254) })).status).toBe(400);
    expect((await ask('ada', 'pages/ada')).body.domain).toBeNull();
  });

  it('gives its domain to new links, but not to those that exist', async () => {
    const before = (await create()).body;
    expect(before).toMatchObject({ domain: null, shortUrl: `https://go.example/link-${code}` });
    const changed = await ask('ada', 'pages/ada', 'patch', { domain: 'go.north.example' });
    expect(changed.body).toMatchObject({ domain: 'go.north.example', url: 'https://go.north.example/@ada' });
    code += 1;
    expect((await create()).body).toMatchObject({ shortUrl: `https://go.north.example/link-${code}` });
    code += 1;
    expect((await create({ domain: null })).body).toMatchObject({ shortUrl: `https://go.example/link-${code}` });
    expect((await ask('ada', `links/${before.code}`)).body.domain).toBeNull();
    await ask('ada', 'pages/ada', 'patch', { domain: null });
  });
});

describe('texts for visitors', () => {
  it('are kept as plain text with line breaks, up to 500 characters', async () => {
    const texts = { closed: 'Bis Mai.\n<b>🌸</b>', unknown: 'ا'.repeat(500) };
    expect((await ask('ada', 'pages/ada', 'patch', { texts })).body.texts).toEqual(texts);
    expect((await ask('ada', 'pages', 'get')).body.rows[0]).not.toHaveProperty('texts');
    for (const closed of ['x'.repeat(501), 'a\u0007b', 'a\rb', '  '])
      expect(await ask('ada', 'pages/ada', 'patch', { texts: { closed } })).toMatchObject({
        status: 400,
        body: { errors: [{ field: 'texts.closed' }] },
      });
    const cleared = await ask('ada', 'pages/ada', 'patch', { texts: { closed: null } });
    expect(cleared.body.texts).toEqual({ closed: null, unknown: null });
  });
});

describe('a link', () => {
  it('is refused with a domain of another agency', async () => {
    expect(await create({ domain: 'go.west.example' })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'domain', value: 'go.west.example' }] },
    });
    await create();
    const change = await ask('ada', `links/link-${code}`, 'patch', { domain: 'go.west.example' });
    expect(change.status).toBe(400);
  });

  it('keeps a domain that is gone, at the address of the stack, until it gets another', async () => {
    await create({ domain: 'go.north.example' });
    const later = createApp({ ...world.deps, addresses: { publicUrl: 'https://go.example', domains: [] } });
    async function patch(body: object) {
      return (await world.ask('ada', `links/link-${code}`, { app: later, method: 'patch', body })).json();
    }
    expect(await patch({ title: 'Spring' })).toMatchObject({
      title: 'Spring',
      domain: 'go.north.example',
      shortUrl: `https://go.example/link-${code}`,
    });
    expect(await patch({ domain: null })).toMatchObject({ domain: null });
  });

  it('leads to no address of the stack that leads back', async () => {
    const loop = await create({ url: `https://go.open.example/link-${code}` });
    expect(loop).toMatchObject({ status: 400, body: { errors: [{ field: 'url' }] } });
  });
});

it('an import keeps the domains of its addresses that are the stack’s', async () => {
  await ask('ada', 'pages/ada', 'patch', { domain: 'go.open.example' });
  const csv = [
    'link,long url',
    `https://go.north.example/i-1,${url}`,
    `https://go.example/i-2,${url}`,
    `https://bit.ly/i-3,${url}`,
    `https://go.west.example/i-4,${url}`,
  ].join('\n');
  const body = { csv, page: '/ada', map: { link: 'code' } };
  const imported = (await ask('ada', 'imports', 'post', body)).body;
  expect(imported.sample.map(({ shortUrl }: { shortUrl: string }) => shortUrl)).toEqual([
    'https://go.north.example/i-1',
    'https://go.example/i-2',
    'https://go.open.example/i-3',
  ]);
  expect(imported.refused).toMatchObject([{ line: 5, field: 'domain' }]);
  expect((await ask('ada', 'imports', 'post', body)).body).toMatchObject({ written: 0, repeated: 3 });
  // A file that names no domain of the stack moves no link.
  const moved = { csv: `code,url\ni-1,${url}new`, page: '/ada', replace: true };
  expect((await ask('ada', 'imports', 'post', moved)).body.sample[0]).toMatchObject({
    shortUrl: 'https://go.north.example/i-1',
  });
  await ask('ada', 'pages/ada', 'patch', { domain: null });
});
