import { createServer, type Server } from 'node:http';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isPublicAddress } from '#core/alerts/public-address.ts';
import { createWebPages } from './web-pages.ts';

let server: Server;
let port: number;
const requests: string[] = [];

const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);
const page = '<title>Spring</title><meta property="og:image" content="https://shop.example/card">';
const html = { 'content-type': 'text/html; charset=utf-8' };

const answers: Readonly<Record<string, [number, Record<string, string>, Buffer | string]>> = {
  page: [200, html, `${page}<link rel=icon href=/icon>`],
  gzip: [200, { ...html, 'content-encoding': 'gzip' }, gzipSync(page)],
  brotli: [200, { ...html, 'content-encoding': 'br' }, brotliCompressSync(page)],
  broken: [200, { ...html, 'content-encoding': 'gzip' }, 'not gzip'],
  // 100 MB from 100 KB.
  bomb: [
    200,
    { ...html, 'content-encoding': 'gzip' },
    gzipSync(Buffer.concat([Buffer.from('<title>Bomb</title>'), Buffer.alloc(100_000_000, ' ')])),
  ],
  long: [200, html, `<title>Long</title>${' '.repeat(5_000_000)}`],
  late: [200, html, `${' '.repeat(600_000)}<title>Too late</title>`],
  pdf: [200, { 'content-type': 'application/pdf' }, '<title>No page</title>'],
  missing: [404, html, '<title>Not found</title>'],
  forbidden: [403, html, '<title>Robots</title>'],
  icon: [200, { 'content-type': 'text/plain' }, pixel],
  'favicon.ico': [200, { 'content-type': 'image/x-icon' }, '<svg onload=alert(1)>'],
  loop: [302, { location: '/loop' }, ''],
};

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push(path);
    if (path === '/silent') return;
    if (path === '/endless') {
      response.writeHead(200, html).write('<title>Endless</title>');
      return;
    }
    if (path.startsWith('/to/')) {
      response.writeHead(302, { location: decodeURIComponent(path.slice(4)) }).end();
      return;
    }
    const [status, headers, body] = answers[path.slice(1)] ?? [404, {}, ''];
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Treats this machine's loopback address as public. */
const options: Parameters<typeof createWebPages>[0] = {
  resolve: async (host) => {
    if (host === 'shop.example') return ['127.0.0.1'];
    if (host === 'inside.example') return ['10.0.0.7'];
    if (host === 'both.example') return ['127.0.0.1', '169.254.169.254'];
    throw Object.assign(new Error(host), { code: 'ENOTFOUND' });
  },
  isAllowed: (address) => address === '127.0.0.1' || isPublicAddress(address),
  isAllowedPort: (each) => each === '' || each === String(port),
  timeout: 30_000,
  total: 60_000,
};
const web = createWebPages(options);

function at(path: string, host = 'shop.example'): string {
  return `http://${host}:${port}/${path}`;
}

async function titleOf(path: string) {
  const result = await web.read(at(path));
  return result.kind === 'page' ? result.page.title : result.reason;
}

describe('a page of another site', () => {
  it('has a title, a card and an icon, as data that loads nothing', async () => {
    expect(await web.read(at('page'))).toEqual({
      kind: 'page',
      page: {
        title: 'Spring',
        description: null,
        image: 'https://shop.example/card',
        icon: `data:image/png;base64,${pixel.toString('base64')}`,
        picture: null,
      },
    });
  });

  it.each([
    ['gzip', 'Spring'],
    ['brotli', 'Spring'],
    ['bomb', 'Bomb'],
    ['long', 'Long'],
    ['late', null],
    ['pdf', null],
    ['broken', 'cannot be reached'],
    ['missing', 'returns HTTP 404'],
    ['forbidden', 'returns HTTP 403'],
    ['loop', 'redirects more than 5 times'],
    [`to/${encodeURIComponent('/page')}`, 'Spring'],
    [`to/${encodeURIComponent('ftp://shop.example/')}`, 'leads to ftp:'],
  ])('/%s: %s', async (path, expected) => {
    expect(await titleOf(path)).toBe(expected);
  });

  it('is not read from addresses that are not public, not even after a redirect', async () => {
    for (const inside of [
      'http://169.254.169.254/latest/meta-data/',
      'http://127.0.0.2/',
      'http://[::1]/',
      'http://[::ffff:10.0.0.1]/',
      'http://2130706434/',
      at('page', 'inside.example'),
      at('page', 'both.example'),
    ]) {
      const every = createWebPages({ ...options, isAllowedPort: () => true });
      const reason = 'leads to an address that is not public';
      requests.length = 0;
      expect(await every.read(inside), inside).toEqual({ kind: 'failed', reason });
      expect(requests).toEqual([]);
      expect(await every.read(at(`to/${encodeURIComponent(inside)}`)), inside).toEqual({ kind: 'failed', reason });
      expect(requests).toHaveLength(1);
    }
  });

  it('is connected to at the address that was checked, if a name has another one a moment later', async () => {
    let lookups = 0;
    const rebinding = createWebPages({
      ...options,
      resolve: async () => (lookups++ === 0 ? ['127.0.0.1'] : ['127.0.0.9']),
    });
    requests.length = 0;
    expect(await rebinding.read(at('pdf'))).toMatchObject({ kind: 'page' });
    expect(requests[0]).toBe('/pdf');
    const first = lookups;
    expect(await rebinding.read(at('pdf'))).toEqual({
      kind: 'failed',
      reason: 'leads to an address that is not public',
    });
    expect(lookups).toBe(first + 1);
  });

  it('is requested at the ports of the web only', async () => {
    const { isAllowedPort: _any, ...usual } = options;
    expect(await createWebPages(usual).read(at('page'))).toEqual({ kind: 'failed', reason: `has the port ${port}` });
  });

  it('is given up after a time, also if its body does not end', async () => {
    const hasty = createWebPages({ ...options, timeout: 200 });
    const reason = 'does not respond within 0.2 s';
    expect(await hasty.read(at('silent'))).toEqual({ kind: 'failed', reason });
    expect(await hasty.read(at('endless'))).toEqual({ kind: 'failed', reason });
    const total = createWebPages({ ...options, total: 100 });
    expect(await total.read(at('silent'))).toEqual({ kind: 'failed', reason: 'does not respond within 0.1 s' });
  });

  it('has no icon that is no picture, whatever its type says', async () => {
    const result = await web.read(at('pdf'));
    expect(result.kind === 'page' && result.page.icon).toBeNull();
    expect(await web.icon('nowhere.example')).toBeNull();
  });
});
