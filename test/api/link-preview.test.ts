import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createApp } from '#functions/api/create-app.ts';
import { problemSchema } from '#schemas/api.ts';
import { linkIconsSchema, linkPreviewSchema, mostIconHosts } from '#schemas/api/links.ts';
import { createWebPages } from '#stores/web/web-pages.ts';
import { startWorld, type World } from './world.ts';

let world: World;
let server: Server;
let port: number;
let requests = 0;

beforeAll(async () => {
  world = await startWorld();
  server = createServer((_request, response) => {
    requests += 1;
    response.writeHead(200, { 'content-type': 'text/html' }).end('<title>Spring sale: half price</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = z.object({ port: z.number() }).parse(server.address()).port;
});
afterAll(async () => {
  server.close();
  await world.stop();
});

/** Another instance, for which names lead to this machine. */
function openWeb(): World['app'] {
  const web = createWebPages({
    resolve: async () => ['127.0.0.1'],
    isAllowed: (address) => address === '127.0.0.1',
    isAllowedPort: () => true,
  });
  return createApp({ ...world.deps, web });
}

async function preview(url: string, app = openWeb()) {
  const response = await world.ask('ada', `link-preview?url=${encodeURIComponent(url)}`, { app });
  return linkPreviewSchema.parse(await response.json());
}

describe('a preview of a destination', () => {
  it('has its title, and codes that are free', async () => {
    const url = `http://shop.example:${port}/zoe`;
    expect(await preview(url)).toEqual({
      title: 'Spring sale: half price',
      description: null,
      image: null,
      picture: null,
      icon: null,
      codes: ['spring-sale', 'spring-sale-half', 'shop'],
      problem: null,
    });
    await world.ask('ada', 'links', { method: 'post', body: { page: '/ada', url, code: 'spring-sale' } });
    expect((await preview(url)).codes).toEqual(['spring-sale-half', 'shop', 'spring-sale-2']);
    // Reserved for a page, so taken for the others.
    await world.ask('ada', 'links/spring-sale', { method: 'delete' });
    expect((await preview(url)).codes).toEqual(['spring-sale-half', 'shop', 'spring-sale-2']);
  });

  it('says why a page cannot be read, and still has codes', async () => {
    const { problem, title, codes } = await preview('http://127.0.0.1/spring-news', world.app);
    expect({ problem, title, codes: codes[0] }).toEqual({
      problem: 'leads to an address that is not public',
      title: null,
      codes: 'spring-news',
    });
  });

  it('requests neither other schemes nor the stack itself, whose links would count a click', async () => {
    requests = 0;
    expect(await preview('mailto:ada@example.com')).toMatchObject({ title: null, problem: null });
    expect(await preview('https://go.example/k3x9')).toMatchObject({ title: null, problem: null });
    expect(requests).toBe(0);
  });

  it.each([
    '',
    'shop',
    'ftp://a.example/',
    'https://u:p@a.example/',
    'javascript:alert(1)',
    `https://a.example/${'x'.repeat(2031)}`,
  ])('refuses %.40s', async (url) => {
    const response = await world.ask('ada', `link-preview?url=${encodeURIComponent(url)}`);
    expect(response.status).toBe(400);
    expect(problemSchema.parse(await response.json()).errors).toMatchObject([{ field: 'url' }]);
  });

  it('is limited by caller', async () => {
    const app = createApp({ ...world.deps, webRate: async (caller) => caller !== 'user#ada' });
    const url = encodeURIComponent('https://a.example/');
    const refused = await world.ask('ada', `link-preview?url=${url}`, { app });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
  });
});

describe('icons of sites', () => {
  async function icons(hosts: readonly string[], app = openWeb()) {
    return world.ask('ada', `link-icons?hosts=${hosts.join(',')}`, { app });
  }

  it('are cached by host, also that there is none', async () => {
    const app = createApp({
      ...world.deps,
      web: {
        read: () => Promise.reject(new Error('no page is read')),
        icon: async (host) => {
          requests += 1;
          return host === 'shop.example' ? 'data:image/png;base64,AA==' : null;
        },
      },
    });
    requests = 0;
    const expected = [
      { host: 'shop.example', icon: 'data:image/png;base64,AA==' },
      { host: 'music.example', icon: null },
    ];
    for (let time = 0; time < 2; time++)
      expect(linkIconsSchema.parse(await (await icons(['shop.example', 'music.example'], app)).json()).rows).toEqual(
        expected,
      );
    expect(requests).toBe(2);
    const over = createApp({ ...world.deps, webRate: async () => false });
    expect(linkIconsSchema.parse(await (await icons(['new.example', 'shop.example'], over)).json()).rows).toEqual([
      { host: 'new.example', icon: null },
      { host: 'shop.example', icon: 'data:image/png;base64,AA==' },
    ]);
  });

  it('are those of at most 50 names', async () => {
    const names = Array.from({ length: mostIconHosts + 1 }, (_, n) => `h${n}.example`);
    const app = createApp({ ...world.deps, webRate: async () => false });
    expect((await icons(names.slice(1), app)).status).toBe(200);
    expect((await icons(names, app)).status).toBe(400);
    for (const bad of [
      '',
      'localhost',
      'a.example:8080',
      'a.example/x',
      'A.example',
      `${'a.'.repeat(127)}example`,
      '127.0.0.1,',
    ])
      expect((await icons([bad], app)).status, bad).toBe(400);
  });
});
