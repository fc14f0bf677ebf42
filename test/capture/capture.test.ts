import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { captureLimits } from '#core/capture/decode-body.ts';
import { jsonLevels } from '#core/json-depth.ts';
import { refusedLimits } from '#core/edge/refused-limit.ts';
import { outcomeOfRule } from '#schemas/log-lines.ts';
import { ingestKey, startCapture } from './edge.ts';

const at = Date.parse('2026-11-28T14:00:00Z');
const origin = 'http://creator.test:18920';
const browser = {
  origin,
  'user-agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36',
  accept: '*/*',
  'accept-language': 'de-AT',
};

function setUp(path = '/e/ada/e/') {
  const capture = startCapture({ origins: [origin] });
  async function post(body: unknown, headers: Record<string, string> = browser) {
    const sent = { method: 'POST', path, headers, at };
    return capture.send({ ...sent, body: Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body)) });
  }
  /** Received events, by the lines that receipts count, and the outcomes of the others that are lines only. */
  function received(): number {
    return capture.lines.reduce((sum, { message, count }) => {
      return sum + (message === 'request' ? 1 : message === 'request.refused' ? Number(count) : 0);
    }, 0);
  }
  return { ...capture, post, received };
}

function event(id: number) {
  return {
    uuid: `id-${id}`,
    event: 'signup',
    properties: { n: id },
    timestamp: new Date(at).toISOString(),
  };
}
function batch(count: number) {
  return {
    api_key: 'k',
    batch: Array.from({ length: count }, (_each, index) => event(index)),
  };
}

const clickInside = {
  ...event(1),
  event: '$autocapture',
  timestamp: new Date(at - 3_600_000).toISOString(),
  properties: { $event_type: 'click', $external_click_url: `${origin}/inside` },
};

describe('each event is received once and has one outcome', () => {
  it.each([
    ['accepted', batch(3), browser, { counted: 3 }],
    ['of an unregistered origin', batch(3), { ...browser, origin: 'https://evil.example' }, { refused: 3 }],
    ['without an origin', batch(2), { 'user-agent': 'posthog-node/5.70.0' }, { refused: 2 }],
    ['that are no objects', { batch: [event(1), 7, null, 'x', [event(2)]] }, browser, { counted: 1, failed: 4 }],
    ['without a name', { batch: [{ properties: {} }, { event: '' }] }, browser, { failed: 2 }],
    ['past the limit', batch(captureLimits.events + 3), browser, { counted: captureLimits.events, refused: 3 }],
    ['an hour old, that stay on the site', { batch: [clickInside] }, browser, { refused: 1 }],
    ['two days old', { batch: [{ ...event(1), timestamp: '2026-11-26T14:00:00Z' }] }, browser, { refused: 1 }],
  ])('events %s', async (_name, body, headers, expected) => {
    const { post, received, lines } = setUp();
    const { rows } = await post(body, headers);
    const counts: Record<string, number> = {};
    for (const { outcome } of rows) counts[outcome] = (counts[outcome] ?? 0) + 1;
    expect(counts).toEqual(expected);
    expect(received()).toBe(rows.length);
    expect(lines.filter(({ message }) => message === 'request').map(({ id }) => id)).toEqual(
      rows.map(({ event_id }) => String(event_id)),
    );
    expect(lines.filter(({ message }) => message === 'request').map((line) => line['at'])).toEqual(
      rows.map(({ occurred_at }) => occurred_at),
    );
  });

  it('also if there are too many refused ones to keep', async () => {
    const { post, received, lines } = setUp();
    const { rows } = await post(batch(100), { ...browser, origin: 'https://evil.example' });
    expect(rows).toHaveLength(refusedLimits.perAddress);
    expect(received()).toBe(100);
    expect(lines.at(-1)).toEqual({
      message: 'request.refused',
      at,
      page: '/ada',
      rule: 'refused.origin',
      count: 100 - refusedLimits.perAddress,
      link: null,
    });
  });

  it('and a request line has the time under which the event is filed', async () => {
    const { post, lines } = setUp();
    const timestamp = at - 3 * 3_600_000;
    await post({ batch: [{ ...event(1), timestamp: new Date(timestamp).toISOString() }] });
    expect(lines).toMatchObject([{ message: 'request', at: timestamp, received: at }]);
  });
});

describe('retries have one id and one time', () => {
  const hour = 3_600_000;
  const happened = at - 30_000;

  it.each([
    ['right', 0],
    ['6 minutes fast', 6 * 60_000],
    ['a day slow', -24 * hour],
    ['59 minutes fast', 59 * 60_000],
  ])('of a browser whose clock is %s', async (_name, error) => {
    const capture = startCapture({ origins: [origin] });
    const tries = [0, 25 * 60_000, 70 * 60_000, 23 * hour];
    const rows = [];
    for (const [index, later] of tries.entries()) {
      const received = at + later;
      // A request takes up to 3 seconds.
      const sent_at = new Date(received - index * 1_000 + error).toISOString();
      const timestamp = new Date(happened + error).toISOString();
      const body = Buffer.from(JSON.stringify({ batch: [{ ...event(1), timestamp }], sent_at }));
      rows.push(
        ...(await capture.send({ method: 'POST', path: '/e/ada/e/', headers: browser, body, at: received })).rows,
      );
    }
    expect(rows.map(({ outcome }) => outcome)).toEqual(tries.map(() => 'counted'));
    expect(new Set(rows.map(({ event_id }) => event_id)).size).toBe(1);
    expect(new Set(rows.map(({ occurred_at }) => occurred_at)).size).toBe(1);
    expect(Math.abs((rows[0]?.occurred_at ?? 0) - happened)).toBeLessThanOrEqual(60_000);
    expect(rows.every(({ repeat_key }) => repeat_key === null)).toBe(true);
  });

  it('of a server, whose time of sending is that of the first try', async () => {
    const capture = startCapture();
    const body = {
      api_key: ingestKey,
      batch: [{ ...event(1), timestamp: new Date(happened).toISOString() }],
      sent_at: new Date(at).toISOString(),
    };
    const times = [];
    for (const later of [0, 70 * 60_000, 3 * 24 * hour]) {
      const sent = { method: 'POST', path: '/e/ada/batch/', headers: {}, at: at + later };
      times.push(
        ...(await capture.send({ ...sent, body: Buffer.from(JSON.stringify(body)) })).rows.map(
          (row) => row.occurred_at,
        ),
      );
    }
    expect(times).toEqual([happened, happened, happened]);
  });

  it.each([
    [29 * 24 * hour, 'counted'],
    [29 * 24 * hour + 1, 'refused'],
  ])('of a server %i ms later: %s', async (later, outcome) => {
    const { post } = setUp('/e/ada/batch/');
    const old = { api_key: ingestKey, batch: [{ event: 'x', timestamp: new Date(at - later).toISOString() }] };
    expect((await post(old, {})).rows.map((row) => row.outcome)).toEqual([outcome]);
  });
});

describe('servers', () => {
  const agent = { 'user-agent': 'posthog-node/5.70.0', 'accept-language': '*', accept: '*/*' };
  function keyed(key: string) {
    return { ...batch(1), api_key: key };
  }
  const person = { $ip: '198.51.100.9', $raw_user_agent: browser['user-agent'], $browser_language: 'fr-FR' };

  it('are no robots, and say nothing about the person', async () => {
    const { rows } = await setUp('/e/ada/batch/').post(keyed(ingestKey), agent);
    expect(rows).toMatchObject([
      { outcome: 'counted', visitor_id: null, country: null, browser: null, device_type: null, language: null },
    ]);
  });

  it('may say who the person is', async () => {
    const body = { api_key: ingestKey, batch: [{ event: 'x', properties: person }] };
    const { rows, messages } = await setUp('/e/ada/batch/').post(body, agent);
    expect(rows).toMatchObject([{ outcome: 'counted', browser: 'Chrome', language: 'fr-FR' }]);
    expect(rows[0]?.visitor_id).not.toBeNull();
    expect(messages).toMatchObject([{ address: '198.51.100.9', port: null, country: null, asn: null }]);
  });

  it('a browser may not', async () => {
    const { messages } = await setUp().post({ api_key: ingestKey, batch: [{ event: 'x', properties: person }] });
    expect(messages).toMatchObject([{ address: '203.0.113.7', country: 'AT', headers: { acceptLanguage: 'de-AT' } }]);
  });

  it.each([
    ['with no address', '0.0.0.0'],
    ['with something else', 'not an address'],
  ])('%s', async (_name, $ip) => {
    const body = { api_key: ingestKey, batch: [{ event: 'x', properties: { $ip } }] };
    expect((await setUp('/e/ada/batch/').post(body, agent)).rows).toMatchObject([
      { outcome: 'counted', visitor_id: null },
    ]);
  });

  it.each([
    ['revoked', ingestKey.replace('kkkk', 'xxxx')],
    ['wrong', ingestKey.replace('ssss', 'xxxx')],
    ["another page's", ingestKey.replace('_ada_', '_bob_')],
  ])('a key that is %s is refused', async (_name, key) => {
    const { response, rows } = await setUp('/e/ada/batch/').post(keyed(key), agent);
    expect(response.statusCode).toBe(403);
    expect(rows).toMatchObject([{ outcome: 'refused', outcome_rule: 'refused.key', page_path: '/ada' }]);
  });

  it('a browser cannot use a key', async () => {
    const { rows } = await setUp().post(keyed(ingestKey), { ...browser, origin: 'https://evil.example' });
    expect(rows).toMatchObject([{ outcome: 'refused', outcome_rule: 'refused.origin' }]);
  });

  it('get a 413 for a batch that they can halve, of which nothing is counted', async () => {
    const { post, received } = setUp('/e/ada/batch/');
    const { response } = await post({ ...batch(captureLimits.events + 1), api_key: ingestKey }, agent);
    expect([response.statusCode, received()]).toEqual([413, 0]);
    await post({ ...batch(captureLimits.events), api_key: ingestKey }, agent);
    expect(received()).toBe(captureLimits.events);
  });

  it('get a 413 for a body that is too large to read its key, too', async () => {
    const { post, received } = setUp('/e/ada/batch/');
    const large = { event: 'x', properties: { text: 'x'.repeat(captureLimits.bytes) } };
    const { response } = await post({ batch: [large], api_key: ingestKey }, agent);
    expect([response.statusCode, received()]).toEqual([413, 0]);
  });

  it('may send to /v1/batch: the key names the page', async () => {
    const { post } = setUp('/v1/batch');
    const call = { type: 'track', event: 'x', messageId: 'm1', timestamp: new Date(at).toISOString() };
    const authorization = `Basic ${btoa(`${ingestKey}:`)}`;
    expect((await post({ batch: [call] }, { authorization })).rows).toMatchObject([
      { outcome: 'counted', page_path: '/ada' },
    ]);
    expect((await post({ batch: [call], writeKey: ingestKey }, {})).rows).toHaveLength(1);
    expect((await post({ batch: [call] }, {})).response.statusCode).toBe(404);
  });
});

describe('hostile bodies end by name', () => {
  let deep: unknown = 'x';
  for (let level = 0; level < jsonLevels - 5; level += 1) deep = { deep };

  it.each([
    ['text', Buffer.from('hello'), 400, 'failed', 'invalid.body'],
    ['nothing', Buffer.alloc(0), 200, 'failed', 'invalid.body'],
    ['invalid UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 400, 'failed', 'invalid.body'],
    ['gzip that is cut', gzipSync('{}').subarray(0, 12), 400, 'failed', 'invalid.body'],
    ['a bomb', gzipSync(Buffer.alloc(5_000_000, 0x20)), 413, 'refused', 'refused.size'],
    ['nested deeply', Buffer.from('['.repeat(400_000) + ']'.repeat(400_000)), 400, 'failed', 'invalid.body'],
    ['two megabytes', Buffer.alloc(2_000_000, 0x20), 413, 'refused', 'refused.size'],
  ])('%s', async (_name, body, status, outcome, rule) => {
    const { post, received } = setUp();
    const { response, rows } = await post(body);
    expect(response.statusCode).toBe(status);
    expect(rows.map((row) => row.outcome)).toEqual([outcome]);
    expect(outcomeOfRule(rule)).toBe(outcome);
    expect(rows[0]?.outcome_rule).toMatch(outcome === 'failed' ? /^invalid\./ : /^refused\.size$/);
    expect(received()).toBe(1);
  });

  it.each([
    ['nested', { deep }],
    ['with the wrong types', { $current_url: 7, $referrer: {}, title: [], $session_id: null, $ip: true }],
    ['with names of prototypes', JSON.parse('{"__proto__":{"a":1},"constructor":{"b":2},"toString":"x"}')],
  ])('properties that are %s make no event fail', async (_name, properties) => {
    const { post } = setUp();
    const { rows } = await post({
      batch: [
        { event: 'signup', properties },
        { event: '$pageview', properties },
      ],
    });
    expect(rows.map(({ outcome }) => outcome)).toEqual(['counted', 'counted']);
  });

  it('hundreds of thousands of events are counted, without a look at each', async () => {
    const { post, received, lines } = setUp();
    const { rows } = await post(Buffer.from(`[${'{},'.repeat(99_999)}{}]`));
    expect([rows.length, received()]).toEqual([refusedLimits.perAddress, 100_000]);
    expect(lines.at(-1)).toMatchObject({ rule: 'refused.size', count: 99_900 });
    const [next] = (await post({ event: 'x' })).rows;
    expect(Number(next?.event_id)).toBeLessThan(1_000);
  });

  it('times that are none are the time of receipt', async () => {
    const { post } = setUp();
    const times = ['yesterday', -1, 1e308, null, {}, '+099999-01-01T00:00:00Z'];
    const { rows } = await post({ batch: times.map((timestamp) => ({ event: 'x', timestamp })), sent_at: 'never' });
    expect(rows.map(({ outcome, occurred_at }) => [outcome, occurred_at])).toEqual(times.map(() => ['counted', at]));
  });
});

describe('SDKs that nest and share', () => {
  it('Mixpanel and OpenPanel send to one path, told apart by a header', async () => {
    const { post } = setUp('/e/ada/track');
    const both = { event: 'a', properties: {}, type: 'track', payload: { name: 'b' } };
    const mixpanel = await post(both);
    const openpanel = await post(both, { ...browser, 'openpanel-client-id': 'any' });
    expect([mixpanel.response.statusCode, mixpanel.response.body]).toEqual([200, '1']);
    expect([openpanel.response.statusCode, openpanel.response.body]).toEqual([202, '{}']);
    expect([...mixpanel.rows, ...openpanel.rows].map(({ properties }) => JSON.parse(properties ?? '').name)).toEqual([
      'a',
      'b',
    ]);
  });

  it.each([
    ['no JSON', 'hello'],
    ['nested deeply', `{"data":${'['.repeat(50_000)}${']'.repeat(50_000)}}`],
    ['missing', undefined],
  ])("Snowplow's JSON in a text that is %s fails alone", async (_name, ue_pr) => {
    const { post } = setUp('/e/ada/com.snowplowanalytics.snowplow/tp2');
    const { response, rows } = await post({ data: [{ e: 'ue', ue_pr }, { e: 'pv' }] });
    expect(response.statusCode).toBe(200);
    expect(rows.map(({ outcome }) => outcome)).toEqual(['failed', 'counted']);
  });

  it.each(['', 'hello', btoa('{'), btoa('7')])("Mixpanel's query `data=%s` is an event that fails", async (data) => {
    const { send } = startCapture({ origins: [origin] });
    const query = new URLSearchParams({ data }).toString();
    const { rows } = await send({ method: 'GET', path: '/e/ada/track', query, headers: browser, at });
    expect(rows).toMatchObject([{ outcome: 'failed' }]);
  });

  it('Matomo reads the time of an event from those who have a key', async () => {
    const { send } = startCapture({ origins: [origin] });
    const event = { e_c: 'a', e_a: 'b', cdt: '2026-11-28 10:00:00' };
    const times = [];
    for (const [headers, idsite] of [
      [browser, '1'],
      [{}, ingestKey],
    ] as const) {
      const query = new URLSearchParams({ ...event, idsite }).toString();
      const { rows } = await send({ method: 'GET', path: '/e/ada/matomo.php', query, headers, at });
      times.push(...rows.map(({ occurred_at }) => occurred_at));
    }
    expect(times).toEqual([at, Date.parse('2026-11-28T10:00:00Z')]);
  });
});

it.each([
  ['Gr%C3%BC%C3%9Fe%20%26%20mehr', 'Grüße & mehr'],
  ['Grüße & mehr', 'Grüße & mehr'],
  ['100% of %zz', '100% of %zz'],
])('the title %s of Umami is %s', async (title, expected) => {
  const { post } = setUp('/e/ada/api/send');
  const { rows } = await post({ type: 'event', payload: { website: 'w', url: '/', title } });
  expect(rows).toMatchObject([{ event_type: 'page_view', link_title: expected }]);
});

describe('what SDKs are told', () => {
  it.each([
    ['/e/bob/e/', 404, 'refused.page'],
    ['/e/ada/unknown', 404, 'refused.path'],
    ['/e/ada/', 404, 'refused.path'],
    ['/e/ada/../bob/e/', 404, 'refused.path'],
    ['/e//e/', 404, 'refused.path'],
  ])('%s does not exist', async (path, status, rule) => {
    const { post, lines } = setUp(path);
    const { response, rows } = await post(batch(1));
    expect([response.statusCode, JSON.parse(response.body ?? '').error.rule]).toEqual([status, rule]);
    expect(rows).toEqual([]);
    expect(lines).toEqual([{ message: 'collect.dropped', at, reason: rule.replace('refused.', ''), count: 1 }]);
  });

  it('an unregistered origin gets the registered ones', async () => {
    const { response } = await setUp().post(batch(1), { ...browser, origin: 'https://evil.example' });
    expect(response.statusCode).toBe(403);
    expect(response.headers['access-control-allow-origin']).toBe('https://evil.example');
    expect(response.body).toContain(`registered: ${origin}`);
  });

  it('nothing that ends a RudderStack application', async () => {
    const call = { type: 'track', event: 'x', messageId: 'm1', originalTimestamp: new Date(at).toISOString() };
    for (const path of ['/e/ada/v1/batch', '/e/bob/v1/batch']) {
      const { response } = await setUp(path).post({ batch: [call] }, {});
      expect(response).toMatchObject({ statusCode: 200, body: '{"success":true}' });
    }
  });

  it('success, also for events that are too many within a minute', async () => {
    const { post } = setUp();
    const { response } = await post(batch(captureLimits.events + 1));
    expect(response).toMatchObject({ statusCode: 200, body: '{"status":"Ok"}' });
  });

  it('only names of headers in a preflight', async () => {
    const { send } = setUp();
    const { response } = await send({
      method: 'OPTIONS',
      path: '/e/ada/v1/t',
      headers: { origin, 'access-control-request-headers': 'authorization, x-new,evil\r\nheader, a:b,' },
      at,
    });
    expect(response.headers['access-control-allow-headers']).toBe('authorization, x-new');
  });
});

it('e-mail addresses are in no row and no line, also if they are cut there', async () => {
  const { post, lines } = setUp('/e/ada/v1/b');
  const address = 'ada@mail.example';
  const event = `${'x'.repeat(54)} ${address}`;
  const { messages } = await post({
    batch: [
      { type: 'track', event, properties: { to: `${'x'.repeat(1_018)} ${address}`, [event]: 1 } },
      { type: address },
      { type: event },
    ],
  });
  expect(messages).toHaveLength(1);
  expect(JSON.stringify([messages, lines])).not.toContain('ada@');
});

it.each([
  ['an e-mail address in gzip that is cut', gzipSync(`{"to":"ada@mail.example"} ${'x'.repeat(200)}`).subarray(0, -9)],
  ['base64 of bytes', Buffer.from(`data=${Buffer.from('\xff ada@mail.example', 'latin1').toString('base64')}`)],
  ['a key', Buffer.from(`{"api_key":"${ingestKey}", "batch":`)],
])('%s is not kept of a body that cannot be read', async (_name, body) => {
  const { post } = setUp();
  const { rows, messages } = await post(body);
  expect(rows.map(({ outcome }) => outcome)).toEqual(['failed']);
  const text = JSON.stringify(messages);
  expect(text).not.toContain('s'.repeat(43));
  expect(text).not.toContain(body.toString('base64').slice(0, 20));
  expect(text).not.toContain(body.toString('latin1').slice(5, 25));
});

it('privacy signals leave no visitor, session or city, although SDKs ignore them', async () => {
  for (const signal of [{ 'sec-gpc': '1' }, { dnt: '1' }]) {
    const { post } = setUp();
    const { rows } = await post(
      { batch: [{ event: '$pageview', properties: { $session_id: 's1', distinct_id: 'ada@example.com' } }] },
      { ...browser, ...signal },
    );
    expect(rows).toMatchObject([
      { outcome: 'counted', visitor_id: null, session_id: null, city: null, consented_id: null },
    ]);
  }
});

it('the same id is one event on a page, and not on another or of another SDK', async () => {
  const ids = [];
  for (const path of ['/e/ada/e/', '/e/ada/v1/t']) {
    const { post } = setUp(path);
    const same = { uuid: 'a', messageId: 'a', event: 'x', type: 'track' };
    for (let index = 0; index < 2; index += 1) ids.push((await post(same)).rows[0]?.event_id);
  }
  expect(ids[0]).toBe(ids[1]);
  expect(ids[2]).toBe(ids[3]);
  expect(ids[0]).not.toBe(ids[2]);
});
