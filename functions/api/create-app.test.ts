import { handle, type LambdaEvent } from 'hono/aws-lambda';
import { hc } from 'hono/client';
import { decodeJwt, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ledgerSchema, problemSchema, statsSchema } from '#schemas/api.ts';
import { linkSchema, pageSchema } from '#schemas/catalog.ts';
import { createCatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { createReceivedStore } from '#stores/counters/received-counts.ts';
import { createRollupWriter } from '#stores/counters/rollup-writer.ts';
import { createStatsStore, type StatsStore } from '#stores/counters/stats.ts';
import { startDynamoDb, type TestDynamoDb } from '#test/dynamodb.ts';
import { apiDependencies } from '#test/api/api-deps.ts';
import { startIdentityProvider, testAudience, type TestIdentityProvider } from '#test/identity-provider.ts';
import { type AppType, createApp } from './create-app.ts';
import { createIdentify } from './identity.ts';
import { createSettledRollups } from '#stores/counters/settled-counters.ts';

let db: TestDynamoDb;
let identity: TestIdentityProvider;
let app: ReturnType<typeof createApp>;

function now(): number {
  return Date.parse('2026-11-22T07:30:00Z');
}
const backoff = { now, sleep: async () => undefined, random: () => 0.5 };
const instant = '2026-01-01T00:00:00Z';
function page(path: string, agency: string | null = null, timeZone = 'Europe/Vienna') {
  return pageSchema.parse({ path, title: path, agency, timeZone, createdAt: instant, updatedAt: instant });
}
function link(code: string, path: string) {
  return linkSchema.parse({
    id: code,
    code,
    page: path,
    url: 'https://example.org/',
    createdAt: instant,
    updatedAt: instant,
  });
}

async function seedCatalog(): Promise<void> {
  const catalog = createCatalogAdmin({ client: db.client, table: db.tables.catalog });
  for (const each of [page('/ada', 'north'), page('/bob', 'south'), page('/sydney', null, 'Australia/Sydney')])
    await catalog.createPage(each);
  for (const each of [link('k3x9', '/ada'), link('b0b', '/bob')]) await catalog.putLink(each);
  await catalog.createUser({ subject: 'root', email: null, role: 'admin', agency: null, pages: [] });
  await catalog.createUser({ subject: 'nora', email: 'nora@example.org', role: 'agency', agency: 'north', pages: [] });
  await catalog.createUser({ subject: 'ada', email: null, role: 'creator', agency: null, pages: ['/ada'] });
  await catalog.createUser({ subject: 'lone', email: null, role: 'agency', agency: null, pages: ['/ada'] });
}

function settled() {
  return createSettledRollups({ client: db.client, table: db.tables.rollups, now, hotDays: 90 });
}

async function seedRollups(): Promise<void> {
  const { client } = db;
  const table = db.tables.rollups;
  const writer = createRollupWriter({ client, table, backoff, hotDays: 90, markerDays: 40 });
  function at(entity: string, hour: string, add: Record<string, number>) {
    return { entity, hour, add };
  }
  const deltas = [
    at('link#k3x9', '2026-11-21T23+01:00', { clicks: 2, 'c.US': 2 }),
    at('link#k3x9', '2026-11-22T07+01:00', { clicks: 3, 'c.US': 1, 'c.DE': 1, 'd.mobile': 3, 'x.bot': 2 }),
    at('link#k3x9', '2026-11-22T08+01:00', { clicks: 1, 'r.social': 1 }),
    at('page#/ada', '2026-11-22T07+01:00', { views: 8, clicks: 4, 'vc.US': 8, 'c.US': 3, 'x.preview': 1 }),
    at('page#/ada', '2026-10-25T02+02:00', { views: 1 }),
    at('page#/ada', '2026-10-25T02+01:00', { views: 2 }),
    at('page#/bob', '2026-11-22T07+01:00', { views: 99 }),
  ];
  await writer.applyFiles(['raw/seed'], { count: async () => deltas, deadline: now() + 60_000 });
  const received = createReceivedStore({ client, table, backoff, hotDays: 90 });
  function count(entity: string, hour: string, requests: number) {
    return { entity, hour, count: requests };
  }
  const counts = [
    count('link#k3x9', '2026-11-21T23+01:00', 2),
    count('link#k3x9', '2026-11-22T07+01:00', 6),
    count('link#k3x9', '2026-11-22T08+01:00', 1),
  ];
  await received.setCounts('20261122T0600', counts, now() + 60_000);
  await received.advance(Date.parse('2026-11-22T07:15:00Z'));
}

beforeAll(async () => {
  [db, identity] = await Promise.all([startDynamoDb(), startIdentityProvider()]);
  await seedCatalog();
  await seedRollups();
  app = createApp(
    apiDependencies({ db, now, identify: createIdentify({ issuer: identity.issuer, audience: testAudience }) }),
  );
});
afterAll(async () => {
  await Promise.all([db.stop(), identity.stop()]);
});

async function get(path: string, subject = 'ada'): Promise<Response> {
  return app.request(`/api/v1/${path}`, { headers: { authorization: `Bearer ${await identity.token(subject)}` } });
}
async function stats(path: string, subject?: string) {
  return statsSchema.parse(await (await get(path, subject)).json());
}
async function ledger(path: string, subject?: string) {
  return ledgerSchema.parse(await (await get(path, subject)).json());
}
async function problem(answer: Response) {
  return problemSchema.parse(await answer.json());
}

describe('stats', () => {
  it('adds up the hours of the days asked for', async () => {
    const answer = await stats('links/k3x9/stats?from=2026-11-21&to=2026-11-22');
    expect(answer).toMatchObject({
      totals: { views: 0, clicks: 6, uniques: null, sessions: null, ctr: null },
      outcomes: { counted: 6, bot: 2, failed: 0 },
      received: 9,
      // The hour that is still open is in received, and not yet in lost.
      lost: 1,
      series: [
        { start: '2026-11-21', views: 0, clicks: 2 },
        { start: '2026-11-22', views: 0, clicks: 4 },
      ],
      freshness: {
        hot: '2026-11-22T07:30:00.000Z',
        seconds: 20,
        settledThrough: null,
        receivedThrough: '2026-11-22T07:15:00.000Z',
      },
      errors: [],
    });
  });

  it('breaks down with what has no value last, so that the rows add up to the totals', async () => {
    const { breakdowns } = await stats('links/k3x9/stats?from=2026-11-22');
    expect(breakdowns.country).toEqual([
      { value: 'DE', views: 0, clicks: 1 },
      { value: 'US', views: 0, clicks: 1 },
      { value: null, views: 0, clicks: 2 },
    ]);
    expect(breakdowns.device).toEqual([
      { value: 'mobile', views: 0, clicks: 3 },
      { value: null, views: 0, clicks: 1 },
    ]);
  });

  it('gives a page its views and its click-through rate', async () => {
    const { totals, breakdowns } = await stats('pages/ada/stats?from=2026-11-22');
    expect(totals).toMatchObject({ views: 8, clicks: 4, ctr: 0.5 });
    expect(breakdowns.country).toEqual([
      { value: 'US', views: 8, clicks: 3 },
      { value: null, views: 0, clicks: 1 },
    ]);
  });

  it('shows hours in order, empty ones too, until now', async () => {
    const { series } = await stats('links/k3x9/stats?interval=hour&from=2026-11-22');
    expect(series).toHaveLength(9);
    expect(series.at(0)).toMatchObject({ start: '2026-11-22T00:00:00+01:00', views: 0, clicks: 0 });
    expect(series.slice(-2).map(({ start, clicks }) => [start, clicks])).toEqual([
      ['2026-11-22T07:00:00+01:00', 3],
      ['2026-11-22T08:00:00+01:00', 1],
    ]);
  });

  it('shows hours in another zone, half an hour off if it must be', async () => {
    const { series } = await stats('links/k3x9/stats?interval=hour&tz=Asia/Kolkata&from=2026-11-22&to=2026-11-22');
    expect(series.filter(({ clicks }) => clicks > 0)).toMatchObject([
      { start: '2026-11-22T03:30:00+05:30', views: 0, clicks: 2 },
      { start: '2026-11-22T11:30:00+05:30', views: 0, clicks: 3 },
      { start: '2026-11-22T12:30:00+05:30', views: 0, clicks: 1 },
    ]);
  });

  it('has 25 hours on the day that the clock goes back, and one day of them', async () => {
    const { series } = await stats('pages/ada/stats?interval=hour&from=2026-10-25&to=2026-10-25');
    expect(series).toHaveLength(25);
    expect(series.filter(({ views }) => views > 0)).toMatchObject([
      { start: '2026-10-25T02:00:00+02:00', views: 1, clicks: 0 },
      { start: '2026-10-25T02:00:00+01:00', views: 2, clicks: 0 },
    ]);
    const days = await stats('pages/ada/stats?from=2026-10-25&to=2026-10-25');
    expect(days.series).toMatchObject([{ start: '2026-10-25', views: 3, clicks: 0 }]);
  });

  it('has 23 hours on the day that the clock goes forward', async () => {
    const spring = await stats('pages/ada/stats?interval=hour&from=2026-03-29&to=2026-03-29');
    expect(spring.series).toHaveLength(23);
    const sydney = await stats('pages/sydney/stats?interval=hour&from=2026-10-04&to=2026-10-04', 'root');
    expect(sydney.series).toHaveLength(23);
  });

  it('takes instants', async () => {
    const { totals } = await stats('links/k3x9/stats?from=2026-11-22T06:00:00Z&to=2026-11-22T08:00:00%2B01:00');
    expect(totals.clicks).toBe(3);
  });

  it('covers 30 days until today when no range is given', async () => {
    const { series, totals } = await stats('links/k3x9/stats');
    expect([series.length, series[0]?.start, series.at(-1)?.start]).toEqual([30, '2026-10-24', '2026-11-22']);
    expect(totals.clicks).toBe(6);
  });

  it('sums daily uniques and sessions over the settled dates that the range holds whole', async () => {
    for (const [date, visitors] of [
      ['2026-11-20', 5],
      ['2026-11-21', 7],
    ] as const)
      await settled().writeDays(
        [{ entity: 'page#/sydney', date, numbers: { visitors, sessions: visitors + 1 }, tops: {} }],
        '01B',
      );
    const midnightInSydney = Date.parse('2026-11-21T13:00:00Z');
    await settled().advance(midnightInSydney);
    const both = await stats('pages/sydney/stats?from=2026-11-20', 'root');
    expect(both.totals).toMatchObject({ uniques: 12, sessions: 14 });
    const one = await stats('pages/sydney/stats?from=2026-11-20T00:00:00Z', 'root');
    expect(one.totals).toMatchObject({ uniques: 7, sessions: 8 });
  });

  it('prefers settled numbers', async () => {
    const final = { views: 90, 'x.duplicate': 9 };
    await settled().writeFinals([{ entity: 'page#/bob', hour: '2026-11-22T07+01:00', final }], '01B');
    const { totals, outcomes } = await stats('pages/bob/stats?from=2026-11-22', 'root');
    expect([totals.views, outcomes.duplicate]).toEqual([90, 9]);
  });
});

describe('ledger', () => {
  it('accounts for what was received, by hour and in total', async () => {
    const answer = await ledger('links/k3x9/ledger?from=2026-11-21&to=2026-11-22');
    expect(answer).toMatchObject({ received: 9, outcomes: { counted: 6, bot: 2 }, lost: 1 });
    expect(answer.series.map(({ start, received, lost }) => [start, received, lost])).toEqual([
      ['2026-11-21T23:00:00+01:00', 2, 0],
      ['2026-11-22T07:00:00+01:00', 6, 1],
      ['2026-11-22T08:00:00+01:00', 1, 0],
    ]);
    expect(answer.meanings.prefetch).toContain('tap');
  });

  it('is there for pages, by day', async () => {
    const answer = await ledger('pages/ada/ledger?from=2026-11-21&interval=day');
    expect(answer.series).toMatchObject([{ start: '2026-11-22', outcomes: { counted: 12, preview: 1 } }]);
  });
});

describe('bad questions', () => {
  it.each([
    ['from=yesterday', 'from', 'yesterday'],
    ['from=2026-02-30', 'from', '2026-02-30'],
    ['to=2026-11-22T25:00:00Z', 'to', '2026-11-22T25:00:00Z'],
    ['from=2026-11-22&to=2026-11-20', 'to', '2026-11-20'],
    ['from=2020-01-01', 'from', '2020-01-01'],
    ['from=2026-10-01&to=2026-11-22&interval=hour', 'from', '2026-10-01'],
    ['interval=minute', 'interval', 'minute'],
    ['interval=hour&tz=Mars/Olympus', 'tz', 'Mars/Olympus'],
    ['interval=hour&tz=%2B05:00', 'tz', '+05:00'],
    ['interval=day&tz=Asia/Kolkata', 'tz', 'Asia/Kolkata'],
    ['town=Vienna', 'town', 'Vienna'],
  ])('%s names the field, the value and what is allowed', async (query, field, value) => {
    const answer = await get(`links/k3x9/stats?${query}`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([400, 'application/problem+json']);
    expect((await problem(answer)).errors).toEqual([{ field, value, allowed: expect.stringMatching(/\w/) }]);
  });

  it('allows exactly 31 days by hour, over a change of the clock too', async () => {
    expect((await get('links/k3x9/stats?from=2026-10-01&to=2026-10-31&interval=hour')).status).toBe(200);
    expect((await get('links/k3x9/stats?from=2026-10-01&to=2026-11-01&interval=hour')).status).toBe(400);
  });
});

describe('access', () => {
  const routes = ['links/k3x9/stats', 'links/k3x9/ledger', 'pages/ada/stats', 'pages/ada/ledger'];
  const foreign = ['links/b0b/stats', 'links/b0b/ledger', 'pages/bob/stats', 'pages/bob/ledger'];

  it.each([
    ['root', 200, 200],
    ['nora', 200, 404],
    ['ada', 200, 404],
    ['lone', 404, 404],
    ['stranger', 404, 404],
  ])('of %s to their own is %i and to another one is %i', async (subject, own, other) => {
    for (const route of routes) expect([route, (await get(route, subject)).status]).toEqual([route, own]);
    for (const route of foreign) expect([route, (await get(route, subject)).status]).toEqual([route, other]);
  });

  it.each([
    ['links/b0b/stats', 'links/none/stats', 'Link'],
    ['pages/bob/stats', 'pages/none/stats', 'Page'],
  ])('does not tell the foreign %s from the unknown %s', async (foreign, unknown, resource) => {
    const answers = await Promise.all([get(foreign), get(unknown)]);
    const bodies = await Promise.all(answers.map((answer) => answer.text()));
    expect(bodies[0]).toBe(bodies[1]);
    expect(problemSchema.parse(JSON.parse(bodies[0] ?? '')).detail).toBe(
      `${resource} not found, or you don't have access to it.`,
    );
  });

  it('says who one is', async () => {
    expect(await (await get('me', 'nora')).json()).toEqual({
      subject: 'nora',
      email: 'nora@example.org',
      role: 'agency',
      agency: 'north',
      pages: [],
    });
    expect((await get('me', 'stranger')).status).toBe(403);
  });
});

describe('tokens', () => {
  async function send(authorization: string | undefined): Promise<number> {
    return (await app.request('/api/v1/me', authorization === undefined ? {} : { headers: { authorization } })).status;
  }
  const seconds = Math.floor(Date.now() / 1000);

  it('are accepted by audience or by client id', async () => {
    expect(await send(`Bearer ${await identity.token('ada')}`)).toBe(200);
    expect(await send(`bearer ${await identity.token('ada', { aud: ['other', testAudience] })}`)).toBe(200);
    expect(await send(`Bearer ${await identity.token('ada', { aud: undefined, client_id: testAudience })}`)).toBe(200);
  });

  it.each([
    ['is missing', () => undefined],
    ['is of another scheme', () => 'Basic YWRhOmFkYQ=='],
    ['is no token', () => 'Bearer abc'],
    ['is for another audience', async () => `Bearer ${await identity.token('ada', { aud: 'other' })}`],
    ['is of another issuer', async () => `Bearer ${await identity.token('ada', { iss: 'https://evil.example' })}`],
    ['has expired', async () => `Bearer ${await identity.token('ada', { exp: seconds - 120 })}`],
    ['never expires', async () => `Bearer ${await identity.token('ada', { exp: undefined })}`],
    ['names nobody', async () => `Bearer ${await identity.token('ada', { sub: undefined })}`],
    ['is not signed', async () => `Bearer ${new UnsecuredJWT(decodeJwt(await identity.token('ada'))).encode()}`],
    [
      'is signed by someone with a shared secret',
      async () => {
        const token = new SignJWT(decodeJwt(await identity.token('ada'))).setProtectedHeader({ alg: 'HS256' });
        return `Bearer ${await token.sign(new TextEncoder().encode('a secret of thirty-two characters'))}`;
      },
    ],
    [
      'was altered',
      async () => {
        const [header, , signature] = (await identity.token('ada')).split('.');
        const [, payload] = (await identity.token('root')).split('.');
        return `Bearer ${header}.${payload}.${signature}`;
      },
    ],
  ])('a token that %s is refused', async (_, authorization) => {
    expect(await send(await authorization())).toBe(401);
  });

  it('cannot be evaluated while the issuer does not answer', async () => {
    const identify = createIdentify({ issuer: 'http://127.0.0.1:9', audience: testAudience });
    await expect(identify('Bearer a.b.c')).rejects.toMatchObject({ status: 503 });
  });
});

describe('the document', () => {
  it('is public', async () => {
    const answer = await app.request('/api/v1/openapi.json');
    expect(await answer.json()).toMatchObject({ openapi: '3.1.0', paths: { '/api/v1/me': { get: {} } } });
  });
});

describe('the typed client', () => {
  it('knows routes, parameters and answers', async () => {
    const client = hc<AppType>('http://localhost', {
      fetch: (input: string | URL | Request, init?: RequestInit) => app.request(input, init),
      headers: { authorization: `Bearer ${await identity.token('ada')}` },
    });
    const answer = await client.api.v1.links[':code'].stats.$get({
      param: { code: 'k3x9' },
      query: { from: '2026-11-22' },
    });
    expect(answer.ok && (await answer.json()).totals.clicks).toBe(4);
  });
});

describe('stores that fail', () => {
  function brokenApp(broken: Partial<StatsStore>) {
    const deps = apiDependencies({ db, now, identify: async () => ({ subject: 'ada', email: null }) });
    return createApp({ ...deps, stats: { ...deps.stats, ...broken } });
  }
  function ask(app: ReturnType<typeof createApp>, path: string) {
    return app.request(path, { headers: { authorization: 'Bearer a' } });
  }
  function missing() {
    return createStatsStore({ client: db.client, table: 'missing', freshnessSeconds: 20, now });
  }

  it('end as 503 with a hint to come back', async () => {
    const answer = await ask(brokenApp({ hours: missing().hours }), '/api/v1/links/k3x9/stats');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  });

  it('leave the counts when only their freshness is unknown', async () => {
    const app = brokenApp({ receivedThrough: missing().receivedThrough });
    const answer = statsSchema.parse(await (await ask(app, '/api/v1/links/k3x9/stats')).json());
    expect([answer.totals.clicks, answer.lost]).toEqual([6, null]);
    expect(answer.errors).toMatchObject([{ part: 'freshness' }]);
  });
});

describe('behind the HTTP API', () => {
  it('answers events of payload version 2', async () => {
    const path = '/api/v1/links/k3x9/stats';
    const event: LambdaEvent = {
      version: '2.0',
      routeKey: 'ANY /api/{proxy+}',
      rawPath: path,
      rawQueryString: 'from=2026-11-22&to=2026-11-22',
      headers: { authorization: `Bearer ${await identity.token('ada')}`, host: 'api.example' },
      body: null,
      isBase64Encoded: false,
      requestContext: {
        accountId: '1',
        apiId: 'a',
        authentication: null,
        authorizer: {},
        domainName: 'api.example',
        domainPrefix: 'api',
        http: { method: 'GET', path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
        requestId: 'r',
        routeKey: 'ANY /api/{proxy+}',
        stage: '$default',
        time: '22/Nov/2026:07:30:00 +0000',
        timeEpoch: now(),
      },
    };
    const answer = await handle(app)(event);
    expect(answer).toMatchObject({ statusCode: 200 });
    expect(statsSchema.parse(JSON.parse(answer.body)).totals.clicks).toBe(4);
  });
});
