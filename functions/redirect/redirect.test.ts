import { describe, expect, it } from 'vitest';
import type { EdgeRequest } from '#core/edge/edge-request.ts';
import { plainLink, plainPage } from '#core/links/link.fixture.ts';
import type { Link } from '#schemas/catalog.ts';
import { clickMessageSchema } from '#schemas/click-message.ts';
import { createRedirect } from './redirect.ts';

const at = Date.parse('2026-11-22T07:00:00Z');
function get(path: string, changes: Partial<EdgeRequest> = {}): EdgeRequest {
  return {
    method: 'GET',
    path,
    query: '',
    at,
    headers: { 'user-agent': 'Mozilla/5.0', 'cloudfront-viewer-address': '203.0.113.7:46532' },
    replayed: false,
    ...changes,
  };
}

function setUp(link: Partial<Link> = {}) {
  const lines: string[] = [];
  const asked: string[] = [];
  let id = 0;
  const redirect = createRedirect({
    findLink: async (code) => {
      asked.push(code);
      if (code === 'down') throw new Error('catalog did not answer');
      return code === plainLink.code || code === '_canary' ? { ...plainLink, code, ...link } : undefined;
    },
    findPage: async (path) => (path === '/ada' ? { page: plainPage, links: [plainLink] } : undefined),
    nextId: () => String(++id),
    writeLine: (line) => void lines.push(line),
  });
  return { redirect, lines, asked };
}

describe('a link', () => {
  it('redirects with 302 and no-store, and makes the event that its request line announces', async () => {
    const { redirect, lines } = setUp();
    const { response, message } = await redirect(get('/k3x9', { query: 'utm_source=bio' }));
    expect(response.status).toBe(302);
    expect(response.headers).toMatchObject({ location: plainLink.url, 'cache-control': 'no-store' });
    expect(response.body.length).toBeGreaterThan(0);
    expect(clickMessageSchema.parse(message)).toEqual(message);
    expect(message).toMatchObject({
      id: '1',
      type: 'link_click',
      page: '/ada',
      link: 'k3x9',
      destination: plainLink.url,
      title: 'Spring sale',
      campaign: 'spring',
      outcome: null,
      query: 'utm_source=bio',
      address: '203.0.113.7',
      port: 46532,
    });
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { message: 'request', id: '1', at, page: '/ada', link: 'k3x9', campaign: 'spring' },
    ]);
  });

  it.each([
    [301, 'private, max-age=90'],
    [302, 'no-store'],
    [307, 'no-store'],
    [308, 'private, max-age=90'],
  ] as const)('answers %i with %s', async (status, cacheControl) => {
    const { response } = await setUp({ status }).redirect(get('/k3x9'));
    expect(response).toMatchObject({ status, headers: { 'cache-control': cacheControl } });
  });

  it.each([
    [{ enabled: false }, 404, 'disabled'],
    [{ startsAt: '2027-01-01T00:00:00Z' }, 404, 'disabled'],
    [{ expiresAt: '2026-01-01T00:00:00Z' }, 410, 'expired'],
    [{ url: 'javascript:alert(1)' }, 404, 'refused'],
  ])('%j answers %i, outcome %s', async (link, status, outcome) => {
    const { redirect, lines } = setUp(link);
    const { response, message } = await redirect(get('/k3x9'));
    expect(response).toMatchObject({ status, headers: { 'cache-control': 'no-store' } });
    expect(response.headers['location']).toBeUndefined();
    expect(message?.outcome).toBe(outcome);
    expect(lines).toHaveLength(1);
  });

  it('responds to a prefetch with 503, so that the tap comes back', async () => {
    const { response, message } = await setUp().redirect(get('/k3x9', { headers: { 'sec-purpose': 'prefetch' } }));
    expect(response).toMatchObject({ status: 503, headers: { 'cache-control': 'no-store' } });
    expect(message?.outcome).toBe('prefetch');
  });

  it.each(['POST', 'OPTIONS'])('answers %s with 405 and what is allowed', async (method) => {
    const { response, message } = await setUp().redirect(get('/k3x9', { method }));
    expect(response).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
    expect(message).toMatchObject({ outcome: 'refused', rule: `method.${method}`, method });
  });

  it('responds to HEAD with the headers of GET', async () => {
    const [head, seen] = await Promise.all([
      setUp().redirect(get('/k3x9', { method: 'HEAD' })),
      setUp().redirect(get('/k3x9')),
    ]);
    expect(head.response.headers).toEqual(seen.response.headers);
    expect(head.message).toMatchObject({ outcome: 'head', method: 'HEAD' });
  });

  it('tolerates a trailing slash', async () => {
    expect((await setUp().redirect(get('/k3x9/'))).response.status).toBe(302);
  });
});

describe('nothing', () => {
  it.each([
    '/K3X9',
    '/unknown',
    '/',
    '//',
    '/k3x9//',
    '/a/b',
    '/@nobody',
    '/@',
    '/@a/b',
    '/%6b3x9',
    '/k3x9.php',
    '/api',
    `/${'a'.repeat(65)}`,
  ])('%s is a small 404 that creates nothing', async (path) => {
    const { redirect, lines } = setUp();
    const { response, message } = await redirect(get(path));
    expect(response.status).toBe(404);
    expect(response.body.length).toBeLessThan(4_096);
    expect(message).toBeUndefined();
    expect(lines).toEqual([]);
  });

  it('looks up no reserved code but the canary', async () => {
    const { redirect, asked } = setUp();
    for (const path of ['/api', '/e', '/app', '/_local', '/favicon.ico', '/robots.txt']) await redirect(get(path));
    expect(asked).toEqual([]);
    expect((await redirect(get('/_canary'))).response.status).toBe(302);
  });

  it.each(['/robots.txt', '/favicon.ico'])('%s is answered from memory', async (path) => {
    expect((await setUp().redirect(get(path))).response.status).toBe(200);
  });

  it('is a 503 when the store does not answer: a metric, neither line nor event', async () => {
    const { redirect, lines } = setUp();
    const { response, message } = await redirect(get('/down'));
    expect(response).toMatchObject({ status: 503, headers: { 'retry-after': '5', 'cache-control': 'no-store' } });
    expect(message).toBeUndefined();
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ LookupFailed: 1 }, { message: 'lookup.failed' }]);
  });
});

describe('a link page', () => {
  it.each(['/@ada', '/@ada/', '/%40ada'])('%s is shown and is a view', async (path) => {
    const { redirect, lines } = setUp();
    const { response, message } = await redirect(get(path));
    expect(response).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
    expect(response.headers['content-security-policy']).toContain("default-src 'none'");
    expect(response.body).toContain('href="/k3x9"');
    expect(message).toMatchObject({
      type: 'page_view',
      page: '/ada',
      link: null,
      destination: null,
      title: 'Ada',
      outcome: null,
    });
    expect(clickMessageSchema.parse(message)).toEqual(message);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { message: 'request', id: message?.id, page: '/ada', link: null },
    ]);
  });

  it.each([
    ['HEAD', {}, 200, 'head'],
    ['GET', { 'sec-purpose': 'prefetch' }, 503, 'prefetch'],
    ['POST', {}, 405, 'refused'],
  ])('%s with %j is %i, outcome %s', async (method, headers, status, outcome) => {
    const { response, message } = await setUp().redirect(get('/@ada', { method, headers }));
    expect(response.status).toBe(status);
    expect(message?.outcome).toBe(outcome);
  });
});
