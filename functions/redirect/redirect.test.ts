import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fc } from '#test/property.ts';
import type { EdgeRequest } from '#core/edge/edge-request.ts';
import { createRefusedLimit } from '#core/edge/refused-limit.ts';
import { plainLink, plainPage } from '#core/links/link.fixture.ts';
import type { Link, VisitorTexts } from '#schemas/catalog.ts';
import type { LinkDomain } from '#schemas/settings/link-domains.ts';
import { clickMessageSchema } from '#schemas/click-message.ts';
import { createUnlock } from '#core/links/unlock.ts';
import { createServedDomains } from '#core/links/served-domains.ts';
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

const browser = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

interface SetUp {
  ignoreCase?: boolean;
  homeUrl?: string;
  takeClick?: (id: string, limit: number) => Promise<boolean>;
}

function setUp(link: Partial<Link> = {}, { ignoreCase = false, homeUrl, takeClick = async () => true }: SetUp = {}) {
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
    takeClick,
    keepsRefused: createRefusedLimit(),
    nextId: () => String(++id),
    writeLine: (line) => void lines.push(line),
    askedDomain: createServedDomains({ domains: [], main: 'go.example' }),
    ignoreCase,
    homeUrl,
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
      { message: 'request', id: '1', at, page: '/ada', link: 'k3x9' },
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
    // Its visitor finds the page that it belongs to.
    expect(response.body).toContain(`<a href="/@ada">`);
    expect(message?.outcome).toBe(outcome);
    expect(lines).toHaveLength(1);
  });

  it('answers a messenger with the card, which enrich counts as a preview', async () => {
    const card = { title: 'Half price', description: 'Until Friday', image: 'https://shop.example/card.png' };
    const { redirect } = setUp({ card });
    const { response, message } = await redirect(
      get('/k3x9', { headers: { 'user-agent': 'Slackbot-LinkExpanding 1.0' } }),
    );
    expect(response).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
    expect(response.headers['location']).toBeUndefined();
    expect(response.body).toContain('<meta property="og:title" content="Half price">');
    expect(message).toMatchObject({ outcome: null, destination: plainLink.url });
  });

  it('records the destination of the visitor’s half of a split test', async () => {
    const { redirect } = setUp({ variants: [{ url: 'https://shop.example/b', weight: 50 }] });
    const seen = new Set<string>();
    for (let n = 0; n < 50; n++) {
      const { response, message } = await redirect(
        get('/k3x9', { headers: { 'cloudfront-viewer-address': `198.51.100.${n}:1024` } }),
      );
      expect(message?.destination).toBe(response.headers['location']);
      seen.add(`${message?.variant} ${message?.destination}`);
      expect(clickMessageSchema.parse(message)).toEqual(message);
    }
    expect([...seen].sort()).toEqual([`A ${plainLink.url}`, 'B https://shop.example/b']);
  });

  it('asks for the password of a protected link, and tells nothing about its destination', async () => {
    const { redirect } = setUp({ passwordHash: 'scrypt$…', passQuery: true });
    const { response, message } = await redirect(get('/k3x9', { query: 'utm_source="bio&_unlock=1.x' }));
    expect(response).toMatchObject({
      status: 200,
      headers: { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
    });
    expect(response.headers['location']).toBeUndefined();
    expect(response.headers['content-security-policy']).not.toContain('form-action');
    expect(response.body).toContain('<form method="post" action="/api/v1/links/k3x9/unlock">');
    expect(response.body).toContain('name="query" value="utm_source=&quot;bio">');
    expect(JSON.stringify(response)).not.toContain('shop.example');
    expect(message).toMatchObject({ outcome: 'refused', rule: 'link.password' });
  });

  it('redirects with a proof of the password, which goes no further', async () => {
    const link = { id: 'k3x9', passwordHash: 'scrypt$…' };
    const { redirect, lines } = setUp({ ...link, passQuery: true });
    const proof = createUnlock(link, at);
    const { response, message } = await redirect(get('/k3x9', { query: `utm_source=bio&_unlock=${proof}&ref=a` }));
    expect(response).toMatchObject({ status: 302, headers: { location: `${plainLink.url}?utm_source=bio&ref=a` } });
    expect(message).toMatchObject({ outcome: null, destination: plainLink.url, query: 'utm_source=bio' });
    expect(JSON.stringify([message, lines])).not.toContain(proof);
  });

  it('is expired once its clicks are used up; programs, HEAD and prefetches use up none', async () => {
    let left = 2;
    async function takeClick(id: string, limit: number): Promise<boolean> {
      return id === 'k3x9' && limit === 2 && left-- > 0;
    }
    const { redirect } = setUp({ clickLimit: 2, expiredUrl: 'https://shop.example/over' }, { takeClick });
    const outcomes: unknown[] = [];
    for (const request of [
      get('/k3x9', { method: 'HEAD' }),
      get('/k3x9', { headers: { 'user-agent': 'Googlebot/2.1' } }),
      get('/k3x9', { headers: { 'user-agent': 'WhatsApp/2.23.20.0' } }),
      get('/k3x9', { headers: {} }),
      get('/k3x9', { headers: { 'user-agent': browser, 'sec-purpose': 'prefetch' } }),
      ...[1, 2, 3].map(() => get('/k3x9', { headers: { 'user-agent': browser } })),
    ]) {
      const { response, message } = await redirect(request);
      outcomes.push([response.status, message?.outcome, message?.rule]);
    }
    expect(outcomes).toEqual([
      [302, 'head', 'method.HEAD'],
      [302, null, null],
      [302, null, null],
      [302, null, null],
      [503, 'prefetch', 'header.sec-purpose'],
      [302, null, null],
      [302, null, null],
      [302, 'expired', 'link.click-limit-destination'],
    ]);
    expect(left).toBe(-1);
  });

  it('is stored with the destination for expired links once its clicks are used up, also with passed parameters', async () => {
    const link = { clickLimit: 1, passQuery: true, expiredUrl: 'https://shop.example/over' };
    const { redirect } = setUp(link, { takeClick: async () => false });
    const { message } = await redirect(get('/k3x9', { query: 'ref=a', headers: { 'user-agent': browser } }));
    expect(message).toMatchObject({ outcome: 'expired', destination: 'https://shop.example/over' });
  });

  it('redirects if its limit cannot be read, and says so', async () => {
    const takeClick = { takeClick: () => Promise.reject(new Error('no response within 250 ms')) };
    const { redirect, lines } = setUp({ clickLimit: 1 }, takeClick);
    const { response, message } = await redirect(get('/k3x9', { headers: { 'user-agent': browser } }));
    expect([response.status, message?.outcome]).toEqual([302, null]);
    expect(lines.map((line) => JSON.parse(line).message)).toEqual(['click-limit.unread', 'request']);
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

describe('a link with something added by accident', () => {
  const tails = '. , ) ] ! ? : ; " \' ` … 。 ， ） 」 » ” > | \\ * / //'.split(' ');
  const others = [
    '%20',
    '%0A',
    '%0D%0A',
    '%09',
    '%C2%A0',
    '%E2%80%8B',
    '%EF%BB%BF',
    '%2520',
    '&amp;utm_source=x',
    '&fbclid=1',
  ];
  const more = [
    '%3Futm_source=mail',
    '%22%3Ehere%3C/a%3E',
    '%20and%20more',
    '&quot;',
    ').',
    '%E2%80%9D.',
    '-',
    '_',
    '._',
    '%EF%B8%8F',
  ];
  it.each([
    ...tails.flatMap((tail) => [`/k3x9${tail}`, `/k3x9${encodeURIComponent(tail)}`]),
    ...[...others, ...more].map((tail) => `/k3x9${tail}`),
    '//k3x9',
    '///k3x9/',
    '/%20k3x9',
    '/%22k3x9%22',
    '/(k3x9)',
    '/%E2%80%8Bk3x9',
    '/k3%C2%ADx9',
    '/%6b3x9',
    '/%256b3x9',
    '/k3x%39',
    '/%EF%BD%8B3x9',
  ])('%s opens the link', async (path) => {
    const { redirect, asked } = setUp();
    const { response, message } = await redirect(get(path));
    expect(response).toMatchObject({ status: 302, headers: { location: plainLink.url } });
    expect(message).toMatchObject({ link: 'k3x9', outcome: null, properties: null });
    expect(asked.length).toBeLessThanOrEqual(3);
  });

  it.each(['a-b', 'a_b'])('opens /%s when its hyphen became a dash', async (code) => {
    const redirect = createRedirect({
      findLink: async (asked) => (asked === 'a-b' ? { ...plainLink, code: asked } : undefined),
      findPage: async () => undefined,
      takeClick: async () => true,
      keepsRefused: () => true,
      nextId: () => '1',
      writeLine: () => undefined,
      askedDomain: createServedDomains({ domains: [], main: 'go.example' }),
      ignoreCase: false,
      homeUrl: undefined,
    });
    const { response } = await redirect(get(`/${encodeURIComponent(code.replace('-', '–'))}`));
    expect(response.status).toBe(code === 'a-b' ? 302 : 404);
  });

  it.each(['/@ada.', '/@ada)', '/@ada%20', '//@ada', '/@%61da', '/@ada&amp;x=1'])('%s shows the page', async (path) => {
    expect((await setUp().redirect(get(path))).message).toMatchObject({ type: 'page_view', page: '/ada' });
  });

  it('costs a hit no lookup more', async () => {
    const { redirect, asked } = setUp();
    await redirect(get('/k3x9'));
    expect(asked).toEqual(['k3x9']);
  });
});

describe('capitals', () => {
  it.each(['/K3X9', '/K3x9.', '//K3X9)'])('%s opens the link where the stack ignores case', async (path) => {
    const { redirect, asked } = setUp({}, { ignoreCase: true });
    expect((await redirect(get(path))).message).toMatchObject({ link: 'k3x9', outcome: null });
    expect(asked.length).toBeLessThanOrEqual(3);
  });

  it('finds a link as it is written first', async () => {
    const { redirect, asked } = setUp({}, { ignoreCase: true });
    await redirect(get('/SALE'));
    expect(asked).toEqual(['SALE', 'sale']);
  });
});

describe('many refused requests', () => {
  it.each([
    ['POSTs to a link', get('/k3x9', { method: 'POST' }), 405, 'method.POST', 'k3x9'],
    ['DELETEs of a page', get('/@ada', { method: 'DELETE' }), 405, 'method.DELETE', null],
    ['misspelled codes', get('/K3X9'), 404, 'link.unknown', 'k3x9'],
  ])('%s: 60 a minute of an address are events, the others lines', async (_name, request, status, rule, link) => {
    const { redirect, lines } = setUp();
    const answers = await Promise.all(Array.from({ length: 100 }, () => redirect(request)));
    expect(new Set(answers.map(({ response }) => response.status))).toEqual(new Set([status]));
    expect(answers.filter(({ message }) => message !== undefined)).toHaveLength(60);
    const parsed = lines.map((line) => z.looseObject({ message: z.string() }).parse(JSON.parse(line)));
    expect(parsed.filter(({ message }) => message === 'request')).toHaveLength(60);
    expect(parsed.slice(60)).toEqual(
      Array.from({ length: 40 }, () => ({
        message: 'request.refused',
        at,
        rule,
        count: 1,
        page: '/ada',
        link,
      })),
    );
  });

  it('never limits what redirects', async () => {
    const { redirect, lines } = setUp();
    for (const method of ['POST', 'GET', 'HEAD'])
      for (let n = 0; n < 100; n += 1) await redirect(get('/k3x9', { method }));
    const kept = lines.filter((line) => line.includes('"message":"request"'));
    expect(kept).toHaveLength(60 + 100 + 100);
  });
});

describe("a visitor's parameters", () => {
  const query = 'email=bob%40mail.example&utm_source=bio&gclid=Cj0';

  it.each([
    [{}, 'https://shop.example/'],
    [{ utm: { utm_medium: 'social' } }, 'https://shop.example/?utm_medium=social'],
    [{ deviceUrls: { desktop: 'https://shop.example/desktop' } }, 'https://shop.example/desktop'],
  ])('are passed on, but are not part of the event: %j', async (changes, destination) => {
    const { redirect } = setUp({ url: 'https://shop.example/', passQuery: true, ...changes });
    const { response, message } = await redirect(get('/k3x9', { query }));
    expect(response.headers['location']).toContain(query);
    expect(message).toMatchObject({ destination, query: 'utm_source=bio&gclid=' });
    expect(JSON.stringify(message)).not.toContain('bob');
  });

  it.each([
    '/K3X9&email=bob@mail.example',
    '/K3x9/bob%40mail.example',
    '/K3x9.html%3Femail=bob%2540mail.example',
    '/K3x9/bob@m%C3%BCnchen.example',
    // Cut at 200 characters.
    `/K3x9/${'x/'.repeat(91)}bob@mail.example`,
  ])('in the path %s of a near miss are not part of the event either', async (path) => {
    const { message } = await setUp().redirect(get(path));
    expect(JSON.stringify(message)).not.toContain('bob');
  });
});

describe('a code close to that of a link', () => {
  it.each(['/K3X9', '/K3x9.', '/k3x9.php', '/k3x9/more', '/K3x9.Visit'])(
    '%s is a 404 that is counted',
    async (path) => {
      const { redirect, lines, asked } = setUp();
      const { response, message } = await redirect(get(path));
      expect(response.status).toBe(404);
      expect(message).toMatchObject({ page: '/ada', link: 'k3x9', destination: null, outcome: 'refused' });
      expect(message).toMatchObject({ rule: 'link.unknown', properties: { requested: path } });
      expect(clickMessageSchema.parse(message)).toEqual(message);
      expect(lines.map((line) => JSON.parse(line))).toMatchObject([
        { message: 'request', id: message?.id, link: 'k3x9' },
      ]);
      expect(asked.length).toBeLessThanOrEqual(4);
    },
  );

  it.each([
    ['HEAD', {}, 'head', 'method.HEAD'],
    ['POST', {}, 'refused', 'method.POST'],
    ['GET', { 'sec-purpose': 'prefetch' }, 'prefetch', 'header.sec-purpose'],
  ])('is decided by the method and the purpose first: %s %j is %s', async (method, headers, outcome, rule) => {
    const { response, message } = await setUp().redirect(get('/K3X9', { method, headers }));
    expect(response.status).toBe(404);
    expect(message).toMatchObject({ outcome, rule });
  });
});

describe('a miss', () => {
  it('costs at most four lookups, whatever the path', async () => {
    const characters = fc.constantFrom(
      ...'aZ9-_.~%2041/&?#;:()@"'.split(''),
      '–',
      '\u200b',
      'é',
      '。',
      '%E2%80%8B',
      '%25',
    );
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: characters, maxLength: 600 }), async (path) => {
        const { redirect, asked } = setUp();
        await redirect(get(`/${path}`));
        expect(asked.length).toBeLessThanOrEqual(4);
      }),
    );
  });

  it('of a lower-case code costs one lookup', async () => {
    const { redirect, asked } = setUp();
    await redirect(get('/wordpress'));
    expect(asked).toEqual(['wordpress']);
  });
});

describe('nothing', () => {
  it.each([
    '/unknown',
    '/unknown.',
    '/',
    '//',
    '/.',
    '/%',
    '/%zz',
    '/%ff',
    '/a/b',
    '/@nobody',
    '/@',
    '/@a/b',
    '/@ada/x',
    '/api.',
    '//api/v1',
    '/api',
    `/${'a'.repeat(65)}`,
    '//evil.example',
    '/\\evil.example',
    '/%2F%2Fevil.example',
    '/%5Cevil.example',
    '/https://evil.example/',
    '/%0D%0ALocation:%20https://evil.example',
  ])('%s is a small 404 that creates nothing', async (path) => {
    const { redirect, lines } = setUp();
    const { response, message } = await redirect(get(path));
    expect(response.status).toBe(404);
    expect(response.headers).not.toHaveProperty('location');
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

  it.each(['/app/', 'https://ada.example/'])('the bare domain leads to %s, and is no event', async (homeUrl) => {
    const { redirect, asked } = setUp({}, { homeUrl });
    const { response, message } = await redirect(get('/'));
    expect(response).toMatchObject({ status: 302, headers: { location: homeUrl } });
    // Without a byte, Lambda's streaming drops status and headers.
    expect(response.body).not.toBe('');
    expect(message).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it.each(['/robots.txt', '/favicon.ico'])('%s is answered from memory', async (path) => {
    expect((await setUp().redirect(get(path))).response.status).toBe(200);
  });

  it('is a 503 when the store does not respond: counted for the stack, without an event', async () => {
    const { redirect, lines } = setUp();
    const { response, message } = await redirect(get('/down'));
    expect(response).toMatchObject({ status: 503, headers: { 'retry-after': '5', 'cache-control': 'no-store' } });
    expect(message).toBeUndefined();
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { LookupFailed: 1 },
      { message: 'lookup.failed' },
      { message: 'request.refused', at, rule: 'lookup.failed', count: 1, page: null, link: null, campaign: null },
    ]);
  });
});

describe('on a stack of several domains', () => {
  const domains: LinkDomain[] = [
    { name: 'go.acme.example', agency: 'acme', page: '/ada', serves: 'own' },
    { name: 'go.other.example', agency: null, page: null, serves: 'own' },
  ];
  const named = { ...plainLink, code: 'named', id: 'named', domain: 'go.acme.example' };

  function setUpDomains({ texts, changes = {} }: { texts?: VisitorTexts; changes?: Partial<Link> } = {}) {
    const lines: string[] = [];
    const page = { ...plainPage, domain: 'go.acme.example', ...(texts && { texts }) };
    const links = [plainLink, { ...named, ...changes }];
    const redirect = createRedirect({
      findLink: async (code) => links.find((link) => link.code === code),
      findPage: async (path) => (path === '/ada' ? { page, links } : undefined),
      takeClick: async () => true,
      keepsRefused: createRefusedLimit(),
      nextId: () => '1',
      writeLine: (line) => void lines.push(line),
      askedDomain: createServedDomains({ domains, main: 'go.example' }),
      ignoreCase: false,
      homeUrl: '/app/',
    });
    function ask(host: string, path: string, changes: Partial<EdgeRequest> = {}) {
      const hints = `host=${encodeURIComponent(host)}&sec-ch-ua-mobile=%3F1`;
      return redirect(get(path, { ...changes, headers: { 'user-agent': browser, 'x-client-hints': hints } }));
    }
    return { ask, lines };
  }

  it('a link answers at its domain only; elsewhere as if it did not exist, refused on its ledger', async () => {
    const { ask, lines } = setUpDomains();
    const there = await ask('go.acme.example', '/named');
    expect(there.response.status).toBe(302);
    expect(there.message).toMatchObject({ link: 'named', outcome: null, headers: { hints: 'sec-ch-ua-mobile=%3F1' } });
    for (const host of ['go.example', 'd1.cloudfront.net', 'go.other.example']) {
      const { response, message } = await ask(host, '/named');
      expect(response).toEqual((await ask(host, '/nothing-at-all')).response);
      expect(message).toMatchObject({
        page: '/ada',
        link: 'named',
        outcome: 'refused',
        rule: 'link.domain',
        properties: { requested: `${host}/named` },
      });
      expect(clickMessageSchema.parse(message)).toEqual(message);
    }
    // One line for each event, and none for the unknown code.
    expect(lines).toHaveLength(4);
  });

  it('a link without a domain is not shown at those of others, and neither is a code close to it', async () => {
    const { ask } = setUpDomains();
    expect((await ask('go.example', '/k3x9')).response.status).toBe(302);
    expect(await ask('go.acme.example', '/k3x9')).toMatchObject({
      response: { status: 404 },
      message: { rule: 'link.domain' },
    });
    expect((await ask('go.acme.example', '/K3X9')).message).toBeUndefined();
    expect((await ask('go.example', '/K3X9')).message).toMatchObject({ rule: 'link.unknown' });
    expect((await ask('go.acme.example', '/k3x9)')).response.status).toBe(404);
  });

  it.each([
    ['HEAD', {}, 'head', 'method.HEAD'],
    ['POST', {}, 'refused', 'method.POST'],
  ])('a %s at another domain has one outcome, too: %s', async (method, changes, outcome, rule) => {
    const { ask } = setUpDomains();
    const { response, message } = await ask('go.example', '/named', { method, ...changes });
    expect(response.status).toBe(404);
    expect(message).toMatchObject({ outcome, rule });
  });

  it('a link page is shown at its domain and at that of the stack, and leads to each link at its own', async () => {
    const { ask } = setUpDomains();
    const own = (await ask('go.acme.example:8787', '/@ada')).response;
    expect(own.body).toContain('href="//go.example:8787/k3x9"');
    expect(own.body).toContain('href="/named"');
    const main = (await ask('go.example', '/@ada')).response;
    expect(main.body).toContain('href="/k3x9"');
    expect(main.body).toContain('href="//go.acme.example/named"');
    expect((await ask('go.other.example', '/@ada')).response.status).toBe(404);
  });

  it('an unknown code at a domain shows the text of its page, escaped; elsewhere there is none', async () => {
    const { ask } = setUpDomains({ texts: { closed: null, unknown: '<b>שלום</b>\nsecond line & more' } });
    const { response } = await ask('go.acme.example', '/nothing-at-all');
    expect(response.status).toBe(404);
    expect(response.body).toContain('<p class="own" dir="auto">&lt;b&gt;שלום&lt;/b&gt;\nsecond line &amp; more</p>');
    expect(response.body).toContain('href="/@ada"');
    expect(response.body).not.toMatch(/<script|style=/);
    expect((await ask('go.acme.example', '/k3x9')).response).toEqual(response);
    for (const host of ['go.example', 'go.other.example'])
      expect((await ask(host, '/nothing-at-all')).response.body).not.toMatch(/class="own"|href=/);
  });

  it('a closed link shows the text of its page, and leads to it at its domain', async () => {
    const { ask } = setUpDomains({ texts: { closed: 'Until May.', unknown: null }, changes: { enabled: false } });
    const { response, message } = await ask('go.acme.example', '/named');
    expect(response.body).toContain('<p class="own" dir="auto">Until May.</p>');
    expect(response.body).toContain('href="/@ada"');
    expect(message).toMatchObject({ outcome: 'disabled', rule: 'link.disabled' });
    const plain = setUpDomains({ changes: { enabled: false } });
    expect((await plain.ask('go.acme.example', '/named')).response.body).toContain('Its owner has switched it off.');
  });

  it('a bare domain leads to its page or nowhere, and that of the stack to its home', async () => {
    const { ask } = setUpDomains();
    expect((await ask('go.acme.example', '/')).response.headers['location']).toBe('/@ada');
    expect((await ask('go.other.example', '/')).response.status).toBe(404);
    expect((await ask('go.example', '/')).response.headers['location']).toBe('/app/');
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
