import { describe, expect, it } from 'vitest';
import { plainPage } from '#core/links/link.fixture.ts';
import { clickMessageSchema } from '#schemas/click-message.ts';
import type { QueuedEvent } from '#stores/aws/sqs-click-queue.ts';
import { createCollect } from './collect.ts';
import { type CollectGatewayEvent, createHandleRequest } from './handle-request.ts';

const at = Date.parse('2026-11-22T07:00:00Z');
const secret = 'known to CloudFront';
const origin = 'https://ada.example';
const trusted = {
  origin,
  'x-origin-secret': secret,
  'cloudfront-viewer-address': '203.0.113.7:46532',
  'user-agent': 'Mozilla/5.0',
};

function setUp(options: { consentedIds?: boolean; rateLeft?: number } = {}) {
  const lines: Record<string, unknown>[] = [];
  const sent: QueuedEvent[] = [];
  let id = 0;
  let { rateLeft = Infinity } = options;
  function writeLine(line: string) {
    return void lines.push(JSON.parse(line));
  }
  const collect = createCollect({
    findPage: async (path) => {
      if (path === '/down') throw new Error('catalog did not answer');
      return path === '/ada' ? { ...plainPage, consentedIds: options.consentedIds ?? false } : undefined;
    },
    originSecret: async () => secret,
    withinRate: async () => rateLeft-- > 0,
    nextId: () => String(++id),
    send: async (event) => void sent.push(event),
    writeLine,
  });
  const handle = createHandleRequest({ collect, settled: async () => {}, writeLine, allowReplay: false });
  function request(changes: Partial<CollectGatewayEvent> & { method?: string } = {}) {
    const { method = 'POST', ...rest } = changes;
    return handle({ rawPath: '/e', headers: trusted, requestContext: { timeEpoch: at, http: { method } }, ...rest });
  }
  function post(body: unknown, headers: Record<string, string> = trusted) {
    return request({ headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
  }
  return { request, post, lines, sent };
}

const view = {
  page: '/ada',
  type: 'page_view',
  url: 'https://ada.example/pricing?utm_source=bio#top',
  referrer: 'https://search.example/',
  title: 'Pricing',
  session: '123',
};

describe('an accepted event', () => {
  it('is a message with its request line, answered 204', async () => {
    const { post, lines, sent } = setUp();
    const answer = await post(view);
    expect(answer).toMatchObject({
      statusCode: 204,
      headers: { 'access-control-allow-origin': origin, vary: 'origin' },
    });
    expect(sent).toHaveLength(1);
    expect(clickMessageSchema.parse(sent[0])).toEqual(sent[0]);
    expect(sent[0]).toMatchObject({
      id: '1',
      type: 'page_view',
      page: '/ada',
      title: 'Pricing',
      query: 'utm_source=bio',
      session: '123',
      headers: { referrer: 'https://search.example/', userAgent: 'Mozilla/5.0' },
      address: '203.0.113.7',
      occurredAt: at,
      outcome: null,
      properties: { url: 'https://ada.example/pricing' },
    });
    expect(lines).toEqual([{ message: 'request', id: '1', at, page: '/ada', link: null, campaign: null }]);
  });

  it('may be an outbound click or a custom event', async () => {
    const { post, sent } = setUp();
    await post({ page: '/ada', type: 'link_click', destination: 'https://shop.example/x', title: 'Shop' });
    await post({ page: '/ada', type: 'custom', name: 'signup', properties: { plan: 'pro', seats: 2, trial: false } });
    expect(sent).toMatchObject([
      { type: 'link_click', destination: 'https://shop.example/x', link: null },
      { type: 'custom', properties: { name: 'signup', properties: { plan: 'pro', seats: 2, trial: false } } },
    ]);
  });

  it('may come encoded, with its page in the query', async () => {
    const { request, sent } = setUp();
    const body = Buffer.from(JSON.stringify({ type: 'page_view', title: '☕' })).toString('base64');
    expect(await request({ body, isBase64Encoded: true, rawQueryString: 'p=%2Fada' })).toMatchObject({
      statusCode: 204,
    });
    expect(sent).toMatchObject([{ page: '/ada', title: '☕' }]);
  });

  it('has the page that its body names, not one that a property names', async () => {
    const { post, sent } = setUp();
    await post({ properties: { page: '/bob' }, page: '/ada', type: 'page_view' });
    expect(sent).toMatchObject([{ page: '/ada' }]);
  });

  it('is cut where it is too long', async () => {
    const { post, sent } = setUp();
    await post({ ...view, title: 'x'.repeat(1_000), referrer: `https://r.example/${'x'.repeat(9_000)}` });
    const message = clickMessageSchema.parse(sent[0]);
    expect(message.title).toHaveLength(300);
    expect(message.headers.referrer).toHaveLength(4_096);
  });
});

describe('privacy', () => {
  it.each([
    [{ ...trusted, 'sec-gpc': '1' }, {}],
    [trusted, { privacy: true }],
  ])('drops session and id whatever was sent', async (headers, body) => {
    const { post, sent } = setUp({ consentedIds: true });
    await post({ ...view, ...body, consentedId: 'ada-1' }, headers);
    expect(sent).toMatchObject([{ privacy: true, session: null, consentedId: null }]);
  });

  it('takes a consented id only for a page that opted in', async () => {
    for (const [consentedIds, expected] of [
      [true, 'ada-1'],
      [false, null],
    ] as const) {
      const { post, sent } = setUp({ consentedIds });
      await post({ ...view, consentedId: 'ada-1' });
      expect(sent).toMatchObject([{ consentedId: expected }]);
    }
  });
});

describe('a refusal for a registered page is an event', () => {
  const large = JSON.stringify({ ...view, title: 'x'.repeat(20_000) });

  it.each([
    [
      'origin',
      403,
      'refused.origin',
      { headers: { ...trusted, origin: 'https://evil.example' }, body: JSON.stringify(view) },
    ],
    ['no origin', 403, 'refused.origin', { headers: { 'x-origin-secret': secret }, body: JSON.stringify(view) }],
    ['opaque origin', 403, 'refused.origin', { headers: { ...trusted, origin: 'null' }, body: JSON.stringify(view) }],
    ['size', 413, 'refused.size', { body: large }],
    ['size by query', 413, 'refused.size', { body: 'x'.repeat(20_000), rawQueryString: 'p=/ada' }],
  ])('%s', async (_name, statusCode, rule, changes) => {
    const { request, lines, sent } = setUp();
    const answer = await request(changes);
    expect(answer.statusCode).toBe(statusCode);
    expect(sent).toMatchObject([{ page: '/ada', outcome: 'refused', rule }]);
    expect(clickMessageSchema.parse(sent[0])).toEqual(sent[0]);
    expect(lines).toMatchObject([{ message: 'request', id: sent[0]?.id, page: '/ada' }]);
  });

  it('by rate', async () => {
    const { post, sent } = setUp({ rateLeft: 1 });
    expect((await post(view)).statusCode).toBe(204);
    expect(await post(view)).toMatchObject({ statusCode: 429, headers: { 'retry-after': '60' } });
    expect(sent).toMatchObject([{ outcome: null }, { outcome: 'refused', rule: 'refused.rate' }]);
  });
});

describe('strangers create nothing but a count', () => {
  it.each([
    ['secret', 403, { headers: { origin }, body: JSON.stringify(view) }],
    ['secret', 403, { headers: { ...trusted, 'x-origin-secret': `${secret}!` }, body: JSON.stringify(view) }],
    ['page', 404, { body: JSON.stringify({ ...view, page: '/nobody' }) }],
    ['page', 404, { body: 'no JSON' }],
    ['page', 404, { body: '' }],
    ['page', 404, { body: '[]' }],
    ['page', 404, { body: 'x'.repeat(20_000) }],
    ['path', 404, { rawPath: '/elsewhere' }],
    ['method', 405, { method: 'GET' }],
  ])('%s: %i', async (reason, statusCode, changes) => {
    const { request, lines, sent } = setUp();
    expect((await request(changes)).statusCode).toBe(statusCode);
    expect(sent).toEqual([]);
    expect(lines).toMatchObject([{ CollectRefused: 1, Reason: reason }]);
  });

  it('is a 503 and a metric when the catalog does not answer', async () => {
    const { post, lines, sent } = setUp();
    expect(await post({ ...view, page: '/down' })).toMatchObject({ statusCode: 503 });
    expect(sent).toEqual([]);
    expect(lines[0]).toMatchObject({ LookupFailed: 1 });
  });
});

describe('a bad event is answered by the name of its field, and fails in enrich by the same', () => {
  it.each([
    [{ ...view, type: 'banana' }, 'type', 'type'],
    [{ ...view, type: undefined }, 'type', 'type'],
    [{ ...view, title: 5 }, 'title', 'title'],
    [{ ...view, url: 5 }, 'url', 'query'],
    [{ ...view, referrer: {} }, 'referrer', 'headers'],
    [{ ...view, session: 5 }, 'session', 'session'],
    [{ ...view, occurredAt: 'yesterday' }, 'occurredAt', 'occurredAt'],
    [{ ...view, privacy: 'yes' }, 'privacy', 'privacy'],
    [{ ...view, type: 'custom' }, 'name', 'properties'],
    [{ ...view, type: 'custom', name: null }, 'name', 'properties'],
    [{ ...view, type: 'custom', name: 7 }, 'name', 'properties'],
    [{ ...view, properties: { deep: { er: 1 } } }, 'properties', 'properties'],
    [
      { ...view, properties: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`p${n}`, n])) },
      'properties',
      'properties',
    ],
    [
      { ...view, properties: Object.fromEntries(Array.from({ length: 6 }, (_, n) => [`p${n}`, 'x'.repeat(1_000)])) },
      'properties',
      'properties',
    ],
    ['{"page":"/ada","type":', 'body', 'properties'],
  ])('%j', async (body, field, failing) => {
    const { post, lines, sent } = setUp();
    const answer = await post(body);
    expect(answer.statusCode).toBe(400);
    expect(JSON.parse(answer.body ?? '')).toMatchObject({ error: { field, rule: `invalid.${field}` } });
    expect(sent).toMatchObject([{ page: '/ada', outcome: null }]);
    expect(lines).toMatchObject([{ message: 'request', id: sent[0]?.id }]);
    // Through JSON, as the queue carries it.
    const parsed = clickMessageSchema.safeParse(JSON.parse(JSON.stringify(sent[0])));
    expect(parsed.error?.issues[0]?.path[0]).toBe(failing);
  });
});

describe('the pixel', () => {
  const pixel = { rawPath: '/e.gif', method: 'GET', rawQueryString: 'p=/ada&t=Home' };
  const { origin: _, ...withoutOrigin } = trusted;

  it('is a view of the page that it stands on', async () => {
    const { request, sent } = setUp();
    const answer = await request({
      ...pixel,
      headers: { ...withoutOrigin, referer: 'https://ada.example/home?utm_source=x' },
    });
    expect(answer).toMatchObject({ statusCode: 200, isBase64Encoded: true, headers: { 'content-type': 'image/gif' } });
    expect(
      Buffer.from(answer.body ?? '', 'base64')
        .subarray(0, 6)
        .toString(),
    ).toBe('GIF89a');
    expect(sent).toMatchObject([
      { type: 'page_view', page: '/ada', title: 'Home', query: 'utm_source=x', headers: { referrer: null } },
    ]);
  });

  it('is refused elsewhere', async () => {
    const { request, sent } = setUp();
    expect(await request({ ...pixel, headers: { ...withoutOrigin, referer: 'https://evil.example/' } })).toMatchObject({
      statusCode: 403,
    });
    expect(sent).toMatchObject([{ outcome: 'refused', rule: 'refused.origin' }]);
  });
});

describe('a preflight', () => {
  it.each([
    ['p=/ada', origin, origin],
    ['p=/ada', 'https://evil.example', undefined],
    ['p=/nobody', origin, undefined],
    ['', origin, undefined],
  ])('for %s from %s grants %s and creates nothing', async (rawQueryString, asking, granted) => {
    const { request, lines, sent } = setUp();
    const answer = await request({ method: 'OPTIONS', rawQueryString, headers: { ...trusted, origin: asking } });
    expect(answer.statusCode).toBe(204);
    expect(answer.headers['access-control-allow-origin']).toBe(granted);
    expect([...lines, ...sent]).toEqual([]);
  });
});
