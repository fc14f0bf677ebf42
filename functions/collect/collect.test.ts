import { describe, expect, it } from 'vitest';
import { createRefusedLimit } from '#core/edge/refused-limit.ts';
import { hashPersonId, personHashPattern } from '#core/visitors/person-id.ts';
import type { Page } from '#schemas/catalog.ts';
import { plainPage } from '#core/links/link.fixture.ts';
import { clickMessageSchema } from '#schemas/click-message.ts';
import type { QueuedEvent } from '#stores/aws/sqs-click-queue.ts';
import { createCapture } from './capture.ts';
import { createCollect } from './collect.ts';
import { type CollectGatewayEvent, createHandleRequest } from './handle-request.ts';

const at = Date.parse('2026-11-22T07:00:00Z');
const secret = 'known to CloudFront';
const origin = 'https://ada.example';
const identitySecret = 'c'.repeat(43);

const trusted = {
  origin,
  'x-origin-secret': secret,
  'cloudfront-viewer-address': '203.0.113.7:46532',
  'user-agent': 'Mozilla/5.0',
};

function setUp(options: { identities?: Page['identities']; rateLeft?: number } = {}) {
  const lines: Record<string, unknown>[] = [];
  const sent: QueuedEvent[] = [];
  let id = 0;
  let { rateLeft = Infinity } = options;
  function writeLine(line: string) {
    return void lines.push(JSON.parse(line));
  }
  const deps = {
    findPage: async (path: string) => {
      if (path === '/down') throw new Error('catalog did not answer');
      return path === '/ada' ? { ...plainPage, identities: options.identities ?? 'none', identitySecret } : undefined;
    },
    originSecret: async () => secret,
    withinRate: async () => rateLeft-- > 0,
    keepsRefused: createRefusedLimit(),
    nextId: () => String(++id),
    send: async (event: QueuedEvent) => void sent.push(event),
    sendAll: async (events: readonly QueuedEvent[]) => void sent.push(...events),
    writeLine,
  };
  const handle = createHandleRequest({
    collect: createCollect(deps),
    capture: createCapture(deps),
    settled: async () => {},
    writeLine,
    allowReplay: false,
  });
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
      headers: { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' },
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
    expect(lines).toEqual([{ message: 'request', id: '1', at, page: '/ada', link: null }]);
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
    const { post, sent } = setUp({ identities: 'all' });
    await post({ ...view, ...body, consentedId: 'ada-1' }, headers);
    expect(sent).toMatchObject([{ privacy: true, session: null, consentedId: null }]);
  });

  it('takes a consented id only for a page that keeps ids, as a hash', async () => {
    for (const identities of ['none', 'identified', 'all'] as const) {
      const { post, sent } = setUp({ identities });
      await post({ ...view, consentedId: 'ada-1' });
      const hash = hashPersonId({ path: '/ada', identitySecret }, 'ada-1');
      expect(hash).toMatch(personHashPattern);
      expect(sent).toMatchObject([{ consentedId: identities === 'none' ? null : hash }]);
    }
  });

  it.each([
    [{ ...view, consentedId: 4711 }],
    [{ ...view, consentedId: { id: 'ada-4711' } }],
    ['{"page":"/ada","type":"page_view","consentedId":"ada-4711",'],
    ['[{"page":"/ada", "consentedId" : "ada-4711'],
  ])('forgets an id that cannot be read: %j', async (body) => {
    const { post, sent, lines } = setUp({ identities: 'all' });
    await post(body, { ...trusted, 'x-page': 'unused' });
    expect(sent).toHaveLength(1);
    expect(JSON.stringify([sent, lines])).not.toContain('4711');
  });
});

it('a deeply nested body is an event that cannot be read', async () => {
  const { request, lines, sent } = setUp();
  const body = `{"page":"/ada","type":"custom","name":"x","properties":${'['.repeat(7_000)}${']'.repeat(7_000)}}`;
  const batch = `[${body}]`;
  for (const text of [body, batch])
    expect((await request({ body: text, rawQueryString: 'p=%2Fada' })).statusCode).not.toBe(503);
  expect(lines.filter(({ message }) => message !== 'request')).toEqual([]);
  expect(sent).toHaveLength(2);
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

describe('many events that are not accepted', () => {
  const elsewhere = { ...trusted, origin: 'https://evil.example' };

  it.each([
    ['another origin', view, elsewhere, 403, 'refused.origin'],
    ['an invalid field', { ...view, title: 5 }, trusted, 400, 'invalid.title'],
    ['a time long ago', { ...view, occurredAt: 1 }, trusted, 400, 'time.too-old'],
    ['a click inside the site', { ...view, type: 'link_click', destination: origin }, trusted, 204, 'link.own-site'],
  ])('%s: 60 a minute of an address are events, the others lines', async (_name, body, headers, status, rule) => {
    const { post, lines, sent } = setUp();
    for (let n = 0; n < 100; n += 1) expect((await post(body, headers)).statusCode).toBe(status);
    expect(sent).toHaveLength(60);
    expect(lines.filter(({ message }) => message === 'request')).toHaveLength(60);
    expect(lines.slice(60)).toEqual(
      Array.from({ length: 40 }, () => ({
        message: 'request.refused',
        at,
        rule,
        count: 1,
        page: '/ada',
        link: null,
      })),
    );
  });

  it('past the rate, the rest of a flood from one address is lines', async () => {
    const { post, sent } = setUp({ rateLeft: 100 });
    for (let n = 0; n < 300; n += 1) await post(view);
    expect(sent.filter(({ outcome }) => outcome === null)).toHaveLength(100);
    expect(sent.filter(({ rule }) => rule === 'refused.rate')).toHaveLength(60);
  });

  it('of a batch get one line per page and rule', async () => {
    const { post, lines, sent } = setUp();
    const batch = Array.from({ length: 50 }, (_, n) => (n % 2 ? { ...view, title: 5 } : { ...view, session: 5 }));
    for (let n = 0; n < 3; n += 1) await post(batch);
    expect(sent).toHaveLength(60);
    expect(lines.filter(({ message }) => message === 'request.refused')).toMatchObject([
      { rule: 'invalid.session', count: 20 },
      { rule: 'invalid.title', count: 20 },
      { rule: 'invalid.session', count: 25 },
      { rule: 'invalid.title', count: 25 },
    ]);
  });

  it('leave what is accepted alone', async () => {
    const { post, sent } = setUp();
    for (let n = 0; n < 100; n += 1) await post(view, elsewhere);
    for (let n = 0; n < 100; n += 1) await post(view);
    expect(sent.filter(({ outcome }) => outcome === null)).toHaveLength(100);
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
    expect(lines).toMatchObject([{ message: 'collect.dropped', reason, count: 1 }]);
  });

  it('get a 503 that is counted for the stack when the catalog does not respond', async () => {
    const { post, lines, sent } = setUp();
    expect(await post({ ...view, page: '/down' })).toMatchObject({ statusCode: 503 });
    expect(sent).toEqual([]);
    expect(lines).toMatchObject([
      { LookupFailed: 1 },
      { message: 'lookup.failed' },
      { message: 'request.refused', rule: 'lookup.failed', count: 1, page: null, link: null },
    ]);
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
  it.each([origin, 'https://evil.example'])('from %s is granted and creates nothing', async (asking) => {
    const { request, lines, sent } = setUp();
    const answer = await request({ method: 'OPTIONS', headers: { ...trusted, origin: asking } });
    expect(answer.statusCode).toBe(204);
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type',
    });
    expect([...lines, ...sent]).toEqual([]);
  });
});

describe('every response can be read by any page, errors included', () => {
  it.each([
    [204, {}],
    [400, { body: '{}', rawQueryString: 'p=/ada' }],
    [403, { headers: { ...trusted, origin: 'https://evil.example' } }],
    [403, { headers: {} }],
    [404, { rawPath: '/elsewhere' }],
    [405, { method: 'GET' }],
    [413, { body: 'x'.repeat(20_000), rawQueryString: 'p=/ada' }],
    [503, { body: JSON.stringify({ ...view, page: '/down' }) }],
  ])('%i', async (statusCode, changes) => {
    const { request } = setUp();
    expect(await request({ body: JSON.stringify(view), ...changes })).toMatchObject({
      statusCode,
      headers: { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' },
    });
  });
});

describe('an event is filed under one time, in its row and in its request line', () => {
  const day = 24 * 3_600_000;

  it.each([
    ['missing', undefined, at],
    ['three hours old', at - 3 * 3_600_000, at - 3 * 3_600_000],
    ['24 hours old', at - day, at - day],
    ['a millisecond ahead', at + 1, at],
    ['a year ahead', at + 365 * day, at],
    ['with a fraction', at - 0.5, at - 1],
  ])('%s', async (_name, occurredAt, filed) => {
    const { post, lines, sent } = setUp();
    expect((await post({ ...view, occurredAt })).statusCode).toBe(204);
    expect(sent).toMatchObject([{ occurredAt: filed, receivedAt: at, outcome: null }]);
    expect(lines).toMatchObject([{ message: 'request', at: filed }]);
  });

  it.each([
    ['5 minutes slow: taken as right', at - 1_000, at - 5 * 60_000, at - 1_000],
    ['more than 5 minutes slow', at - day - 61_000, at - day - 60_000, at - 1_000],
    ['a year fast', at + 365 * day - 1_000, at + 365 * day, at - 1_000],
  ])('by a clock that is %s', async (_name, occurredAt, sentAt, filed) => {
    const { post, sent } = setUp();
    expect((await post({ ...view, occurredAt, sentAt })).statusCode).toBe(204);
    expect(sent).toMatchObject([{ occurredAt: filed, outcome: null }]);
  });

  it('is refused a millisecond past 24 hours, and filed under its receipt', async () => {
    const { post, lines, sent } = setUp();
    const answer = await post({ ...view, occurredAt: at - day - 1 });
    expect(answer.statusCode).toBe(400);
    expect(JSON.parse(answer.body ?? '')).toMatchObject({
      error: { rule: 'time.too-old', field: 'occurredAt', allowed: 'at most 24 hours before receipt' },
    });
    expect(sent).toMatchObject([{ occurredAt: at, outcome: 'refused', rule: 'time.too-old' }]);
    expect(lines).toMatchObject([{ message: 'request', at }]);
  });

  it('is its receipt if its time is invalid', async () => {
    const { post, lines } = setUp();
    expect((await post({ ...view, occurredAt: -5 })).statusCode).toBe(400);
    expect(lines).toMatchObject([{ at }]);
  });
});

describe('an event with an id of its client', () => {
  const own = { ...view, id: '0123456789abcdef' };

  it('has the same event id each time it is sent, and another on another page', async () => {
    const { post, lines, sent } = setUp();
    await post(own);
    await post(own);
    await post({ ...own, id: '0123456789abcdeg' });
    expect(sent[0]).toMatchObject({ ownId: true, id: expect.stringMatching(/^-?\d+$/) });
    expect(sent[1]?.id).toBe(sent[0]?.id);
    expect(sent[2]?.id).not.toBe(sent[0]?.id);
    expect(lines.map(({ id }) => id)).toEqual(sent.map(({ id }) => id));
    expect(clickMessageSchema.parse(sent[0])).toEqual(sent[0]);
  });

  it('keeps its id free while it is refused, so that its retry can count', async () => {
    const { post, sent } = setUp({ rateLeft: 0 });
    await post(own);
    expect(sent).toMatchObject([{ id: '1', outcome: 'refused' }]);
  });

  it.each(['0123456789abcde', 'x'.repeat(65), 'with spaces in it', 7])('%j is no id', async (id) => {
    const { post } = setUp();
    const answer = await post({ ...view, id });
    expect(answer.statusCode).toBe(400);
    expect(JSON.parse(answer.body ?? '')).toMatchObject({ error: { field: 'id', rule: 'invalid.id' } });
  });
});

describe('the address of a view', () => {
  it.each([
    ['https://ada.example/app?code=1#/pricing?coupon=1', undefined, 'https://ada.example/app', ''],
    ['https://ada.example/app?code=1&utm_id=7#/pricing?c=1', true, 'https://ada.example/app#/pricing', 'utm_id=7'],
    ['https://ada.example/app', true, 'https://ada.example/app', ''],
    ['https://ada.example/app#access_token=s3cret&state=1', true, 'https://ada.example/app#access_token', ''],
    ['https://ada.example/app#/reset&code=s3cret', true, 'https://ada.example/app#/reset', ''],
    ['https://ada.example/u/bob%40example.com/', false, 'https://ada.example/u/[email]/', ''],
  ])('%s, hash routes %s', async (url, hash, address, query) => {
    const { post, sent } = setUp();
    await post({ ...view, url, hash });
    expect(sent).toMatchObject([{ properties: { url: address }, query }]);
  });

  it('differs by its query, of which only 16 bits of a hash are kept', async () => {
    const { post, sent } = setUp();
    for (const query of ['?p=1', '?p=2', '?p=1', ''])
      await post({ ...view, url: `https://ada.example/app${query}`, properties: null });
    const hashes = sent.map((message) => clickMessageSchema.parse(message).queryHash);
    expect(hashes).toEqual([expect.stringMatching(/^[\da-f]{4}$/), expect.any(String), hashes[0], undefined]);
    expect(hashes[1]).not.toBe(hashes[0]);
  });
});

describe('an e-mail address', () => {
  const address = 'bob@mail.example';
  it.each([
    { ...view, title: `Inbox of ${address}` },
    { ...view, url: `https://ada.example/${encodeURIComponent(address)}?utm_term=${address}&to=${address}#${address}` },
    { ...view, url: `https://ada.example/#/${address}`, hash: true },
    { ...view, referrer: `https://mail.example/${address}?to=${address}` },
    { page: '/ada', type: 'link_click', destination: `https://shop.example/?to=${address}` },
    { page: '/ada', type: 'custom', name: address, properties: { [address]: 1, to: address } },
    { ...view, type: `for ${address}` },
    { ...view, title: { to: address } },
    `{"page":"/ada", ${address}`,
    // Texts are cut after it was redacted, not inside it.
    `{"page":"/ada", ${'x,'.repeat(490)}${address}`,
    { ...view, referrer: `https://a.example/${'x/'.repeat(2035)}${address}` },
    { ...view, url: 'https://ada.example/bob@münchen.example' },
  ])('is not in the message: %j', async (body) => {
    const { post, sent } = setUp();
    await post(body);
    expect(sent).toHaveLength(1);
    expect(JSON.stringify(sent)).not.toContain('bob');
  });
});

describe('a click on a link', () => {
  it.each([
    ['https://shop.example/', null],
    ['https://ada.example/inside', 'link.own-site'],
    ['https://ADA.example:443/inside', 'link.own-site'],
    ['https://ada.example.evil.example/', null],
    ['no URL', null],
  ])('to %s has the rule %s', async (destination, rule) => {
    const { post, sent } = setUp();
    expect((await post({ page: '/ada', type: 'link_click', destination })).statusCode).toBe(204);
    expect(sent).toMatchObject([{ outcome: rule && 'refused', rule }]);
  });
});

it('events that a client gave up are a log line, and a property of the next event', async () => {
  const { post, lines, sent } = setUp();
  await post({ ...view, dropped: 12 });
  expect(lines).toMatchObject([{ message: 'client.dropped', count: 12 }, { message: 'request' }]);
  expect(sent).toMatchObject([{ properties: { dropped: 12 } }]);
});

describe('a batch', () => {
  const stranger = { ...view, page: '/nobody' };

  it('is one request line and one message per event, in order', async () => {
    const { post, lines, sent } = setUp();
    const titles = Array.from({ length: 50 }, (_, n) => `Page ${n}`);
    expect((await post(titles.map((title) => ({ ...view, title })))).statusCode).toBe(204);
    expect(sent.map(({ title }) => title)).toEqual(titles);
    expect(lines.map(({ id }) => id)).toEqual(sent.map(({ id }) => id));
  });

  it('names each event that was not accepted, and accepts the others', async () => {
    const { post, lines, sent } = setUp();
    const large = { ...view, title: 'x'.repeat(20_000) };
    const answer = await post([view, { ...view, type: 'banana' }, 'text', stranger, large, view]);
    expect(answer.statusCode).toBe(207);
    expect(JSON.parse(answer.body ?? '')).toEqual({
      accepted: 2,
      retry: [],
      retryAfter: 60,
      errors: [
        {
          index: 1,
          status: 400,
          rule: 'invalid.type',
          field: 'type',
          value: '"banana"',
          allowed: 'one of link_click, page_view, custom',
          message: '`type` must be one of link_click, page_view, custom; got `"banana"`.',
        },
        expect.objectContaining({ index: 2, status: 404, rule: 'refused.page' }),
        expect.objectContaining({ index: 3, status: 404, rule: 'refused.page' }),
        expect.objectContaining({ index: 4, status: 413, rule: 'refused.size' }),
      ],
    });
    expect(sent).toMatchObject([
      { type: 'page_view', outcome: null },
      { type: 'banana' },
      { outcome: 'refused', rule: 'refused.size' },
      { type: 'page_view', outcome: null },
    ]);
    expect(lines.filter(({ message }) => message === 'request').map(({ id }) => id)).toEqual(sent.map(({ id }) => id));
    expect(lines.filter(({ reason }) => reason === 'page')).toMatchObject([{ message: 'collect.dropped', count: 2 }]);
  });

  it('is counted against the rate event by event', async () => {
    const { post, sent } = setUp({ rateLeft: 2 });
    const answer = await post([view, view, view]);
    expect(JSON.parse(answer.body ?? '')).toMatchObject({
      accepted: 2,
      retry: [2],
      errors: [{ index: 2, status: 429 }],
    });
    expect(sent).toMatchObject([{ outcome: null }, { outcome: null }, { outcome: 'refused', rule: 'refused.rate' }]);
  });

  it.each([
    ['of 51 events', JSON.stringify(Array.from({ length: 51 }, () => view))],
    ['of 65,537 bytes', JSON.stringify([{ ...view, title: 'x' }]).padEnd(65_537)],
  ])('%s is refused as one event', async (_name, body) => {
    const { request, lines, sent } = setUp();
    expect((await request({ body, rawQueryString: 'p=/ada' })).statusCode).toBe(413);
    expect(sent).toMatchObject([{ outcome: 'refused', rule: 'refused.size' }]);
    expect(lines).toHaveLength(1);
  });

  it('of 65,536 bytes is accepted', async () => {
    const { request, sent } = setUp();
    const body = JSON.stringify([{ ...view, title: 'x' }]).padEnd(65_536);
    expect((await request({ body })).statusCode).toBe(204);
    expect(sent).toHaveLength(1);
  });

  it('accepts nothing while the catalog is unavailable, so that all of it can be sent again', async () => {
    const { post, sent } = setUp();
    expect((await post([view, { ...view, page: '/down' }])).statusCode).toBe(503);
    expect(sent).toEqual([]);
  });
});
