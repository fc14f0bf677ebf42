import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { formatIngestKey } from '#core/capture/ingest-key.ts';
import { plainPage } from '#core/links/link.fixture.ts';
import { type LocalStack, startLocalStack } from '#local/stack.ts';
import { entityKeys } from '#schemas/counters.ts';
import { ingestKeys } from '#test/capture/edge.ts';
import {
  browserHeaders,
  countReceived,
  hotNumbers,
  logLines,
  outcomesOf,
  type RawRow,
  rawRows,
  receivedOf,
  settledNumbers,
  storedTexts,
  temporaryDirectory,
} from './stack-facts.ts';

/** Attacks the paths of SDKs of a running stack. Every event ends by name, once, on the page that it was sent to. */

const { directory, remove } = temporaryDirectory();
const origin = 'https://ada.example';
const pages = ['/ada', '/bob'];
let stack: LocalStack;

beforeAll(async () => {
  stack = await startLocalStack({ dataDirectory: directory, port: 0, schedules: false, batchWindowSeconds: 0.3 });
  for (const path of pages) await stack.catalog.createPage({ ...plainPage, path, origins: [origin], ingestKeys });
});
afterAll(async () => {
  await stack.stop();
  remove();
});

function keyOf(page: string, letter = 's'): string {
  return formatIngestKey({ page, id: 'k'.repeat(16), secret: letter.repeat(43) });
}

const browser = { ...browserHeaders, origin };

interface Attack {
  path: string;
  body?: Buffer | string;
  /** Of a server. @default - of a browser on the page's own site */
  from?: Record<string, string>;
  headers?: Record<string, string>;
  method?: string;
}

async function send({ path, body, from = browser, headers = {}, method = 'POST' }: Attack): Promise<Response> {
  return fetch(`${stack.url}${path}`, {
    method,
    headers: { ...from, 'content-type': 'text/plain', ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : new Uint8Array(body) }),
  });
}

function posthog(...batch: unknown[]): string {
  return JSON.stringify({ api_key: 'any', batch });
}

/** Text that must be nowhere once it is stored: keys, addresses and ids. */
const secrets = ['eve4711@mail.example', keyOf('/ada').slice(-43), 'device-4711'];
const [email = '', , device = ''] = secrets;

const megabyte = 1_000_000;
const huge = 'x'.repeat(megabyte);
const server = { 'user-agent': 'posthog-node/5.70.0' };

/** What is sent to page /ada: the status, and the rule of each event. */
const attacks: readonly (readonly [name: string, attack: Attack, status: number, rules: readonly string[]])[] = [
  [
    '101 events',
    {
      path: '/e/ada/e/',
      body: posthog(...Array.from({ length: 101 }, (_, at) => ({ event: `e${at}`, uuid: `u${at}` }))),
    },
    200,
    [...Array.from({ length: 100 }, () => 'counted'), 'refused.size'],
  ],
  [
    'one key twice',
    { path: '/e/ada/e/', body: '{"event":"first","event":"second","uuid":"dup","uuid":"dup2"}' },
    200,
    ['counted'],
  ],
  [
    'keys of prototypes',
    {
      path: '/e/ada/e/',
      body: '{"event":"__proto__","uuid":"p1","properties":{"__proto__":{"outcome":"bot"},"constructor":{"prototype":{"admin":true}},"hasOwnProperty":1}}',
    },
    200,
    ['counted'],
  ],
  ['an id of a megabyte', { path: '/e/ada/e/', body: posthog({ event: 'a', uuid: huge }) }, 200, ['counted']],
  [
    'a session, title and address of a megabyte',
    {
      path: '/e/ada/e/',
      body: gzipSync(
        posthog({
          event: '$pageview',
          uuid: 'big',
          properties: {
            $session_id: huge.slice(0, 300_000),
            title: huge.slice(0, 300_000),
            $current_url: `${origin}/${huge.slice(0, 300_000)}`,
          },
        }),
      ),
    },
    413,
    ['refused.size'],
  ],
  [
    'the same without compression',
    {
      path: '/e/ada/e/',
      body: posthog({
        event: '$pageview',
        uuid: 'big',
        properties: {
          $session_id: huge.slice(0, 300_000),
          title: huge.slice(0, 300_000),
          $current_url: `${origin}/${huge.slice(0, 300_000)}`,
        },
      }),
    },
    200,
    ['counted'],
  ],
  ['UTF-16', { path: '/e/ada/e/', body: Buffer.from('\ufeff{"event":"x"}', 'utf16le') }, 400, ['invalid.properties']],
  [
    'half a character',
    { path: '/e/ada/e/', body: '{"event":"\\ud83d","uuid":"half","properties":{"\\udead":"\\ud83d"}}' },
    200,
    ['counted'],
  ],
  ['gzip in gzip', { path: '/e/ada/e/', body: gzipSync(gzipSync('{"event":"x"}')) }, 400, ['invalid.properties']],
  [
    'two gzip members',
    { path: '/e/ada/e/', body: Buffer.concat([gzipSync('{"event":"x",'), gzipSync('"uuid":"members"}')]) },
    200,
    ['counted'],
  ],
  [
    'brotli',
    { path: '/e/ada/e/', body: brotliCompressSync('{"event":"x"}'), headers: { 'content-encoding': 'br' } },
    400,
    ['invalid.properties'],
  ],
  [
    'deflate',
    { path: '/e/ada/e/', body: deflateSync('{"event":"x"}'), headers: { 'content-encoding': 'deflate, gzip' } },
    400,
    ['invalid.properties'],
  ],
  [
    'a bomb in base64',
    {
      path: '/e/ada/track/',
      body: `data=${encodeURIComponent(gzipSync(Buffer.alloc(50_000_000, 0x20)).toString('base64'))}`,
    },
    413,
    ['refused.size'],
  ],
  [
    'a list of everything',
    { path: '/e/ada/e/', body: posthog(null, true, 7, 'text', [], {}, { event: [] }, { event: { $ne: '' } }) },
    200,
    Array.from({ length: 8 }, () => 'invalid.properties'),
  ],
  [
    'a person in what cannot be read',
    {
      path: '/e/ada/e/',
      body: posthog(
        [{ event: 'x', distinct_id: device, properties: { to: email }, api_key: keyOf('/ada') }],
        `${email} ${keyOf('/ada')}`,
      ),
    },
    200,
    ['invalid.properties', 'invalid.properties'],
  ],
  [
    'the same in a query',
    {
      path: `/e/ada/track?data=${Buffer.from(`{"event":"x","properties":{"distinct_id":"${device}","to":"${email}"}`).toString('base64')}`,
      method: 'GET',
    },
    200,
    ['invalid.properties'],
  ],
  [
    'the same in a text',
    {
      path: '/e/ada/com.snowplowanalytics.snowplow/tp2',
      body: JSON.stringify({ data: [{ e: 'ue', ue_pr: `{"user_id":"${device}", "to":"${email}"` }] }),
    },
    200,
    ['invalid.properties'],
  ],
  [
    "another page's key",
    {
      path: '/e/ada/batch/',
      body: JSON.stringify({ api_key: keyOf('/bob'), batch: [{ event: 'x' }] }),
      from: server,
    },
    403,
    ['refused.key'],
  ],
  [
    'a key that was guessed',
    {
      path: '/e/ada/batch/',
      body: JSON.stringify({ api_key: keyOf('/ada', 'x'), batch: [{ event: 'x' }] }),
      from: server,
    },
    403,
    ['refused.key'],
  ],
  [
    'a key in a browser of another site',
    {
      path: '/e/ada/e/',
      body: JSON.stringify({ api_key: keyOf('/ada'), batch: [{ event: 'x' }] }),
      headers: { origin: 'https://evil.example' },
    },
    403,
    ['refused.origin'],
  ],
  [
    'an address with a zone of a megabyte',
    {
      path: '/e/ada/batch/',
      body: JSON.stringify({
        api_key: keyOf('/ada'),
        batch: [{ event: 'zone', uuid: 'zone', properties: { $ip: `fe80::1%${huge}` } }],
      }),
      from: server,
    },
    200,
    ['counted'],
  ],
  ...[
    'null',
    'https://ada.example.evil.example',
    'https://evil.example/https://ada.example',
    'http://ada.example',
    'https://ada.example:444',
    'https://ada.example@evil.example',
    'https://аda.example',
  ].map(
    (forged) =>
      [
        `the origin ${forged}`,
        { path: '/e/ada/e/', body: posthog({ event: 'x' }), headers: { origin: encodeURI(forged) } },
        403,
        ['refused.origin'],
      ] as const,
  ),
  [
    'headers of CloudFront and of the stack',
    {
      path: '/e/ada/e/',
      body: posthog({ event: 'forged', uuid: 'forged' }),
      headers: {
        origin: 'https://evil.example',
        'x-origin-secret': 'guess',
        'x-sdk-headers': `authorization=Basic ${btoa(`${keyOf('/ada')}:`)}`,
        'cloudfront-viewer-address': '192.0.2.66:1',
        'cloudfront-viewer-country': 'XX',
        'x-replay-ip': '192.0.2.66',
        'x-replay-time': '0',
        'x-replay-page': '/bob',
      },
    },
    403,
    ['refused.origin'],
  ],
  [
    'times beyond the ends of time',
    {
      path: '/e/ada/e/',
      body: JSON.stringify({
        sent_at: 8.64e15,
        batch: [
          { event: 't1', uuid: 't1', timestamp: -8.64e15 },
          { event: 't2', uuid: 't2', timestamp: 8.64e15 },
          { event: 't3', uuid: 't3', timestamp: '+275760-09-13T00:00:00.000Z' },
        ],
      }),
    },
    200,
    ['counted', 'counted', 'counted'],
  ],
  [
    'amounts beyond all',
    {
      path: '/e/ada/v1/t',
      body: JSON.stringify({
        type: 'track',
        event: 'Order Completed',
        messageId: 'rich',
        properties: { revenue: 1e308, currency: 'EUR' },
      }),
    },
    200,
    ['counted'],
  ],
];

/** Requests that make no event, with the status of their response. */
const emptyHanded: readonly (readonly [name: string, attack: Attack, status: number])[] = [
  ['a page that does not exist', { path: '/e/nobody/e/', body: posthog({ event: 'x' }) }, 404],
  ['a path that climbs', { path: '/e/ada/..%2fbob/e/', body: posthog({ event: 'x' }) }, 404],
  ['an encoded page', { path: '/e/%61da/e/', body: posthog({ event: 'x' }) }, 404],
  ['a page with a null byte', { path: '/e/ada%00/e/', body: posthog({ event: 'x' }) }, 404],
  ['PUT', { path: '/e/ada/e/', method: 'PUT', body: posthog({ event: 'x' }) }, 404],
  [
    'a batch without a page',
    { path: '/v1/batch', body: '{"batch":[{"type":"track","event":"x"}]}', headers: { authorization: 'Basic !!!' } },
    404,
  ],
];

it.each(attacks)('%s', async (_name, attack, status) => {
  const response = await send(attack);
  const text = await response.text();
  expect(response.status, text).toBe(status);
  expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
});

it.each(emptyHanded)('%s makes no event', async (_name, attack, status) => {
  const response = await send(attack);
  expect(response.status, await response.text()).toBe(status);
});

it('a preflight grants names, to the origin that asks, and no cookie', async () => {
  const response = await send({
    path: '/e/ada/v1/t',
    method: 'OPTIONS',
    headers: { origin: 'https://evil.example', 'access-control-request-headers': 'authorization,x y,<script>' },
  });
  expect(response.status).toBe(204);
  expect(response.headers.get('access-control-allow-headers')).toBe('authorization');
  expect(response.headers.get('access-control-allow-origin')).toBe('https://evil.example');
  expect(response.headers.get('set-cookie')).toBeNull();
});

describe('on the wire', () => {
  function request(lines: readonly string[], body: string): string {
    return [`POST /e/ada/e/ HTTP/1.1`, 'Host: go.example', `Origin: ${origin}`, ...lines, '', body].join('\r\n');
  }
  const body = posthog({ event: 'smuggled', uuid: 'smuggled' });

  it.each([
    ['two lengths', request([`Content-Length: ${body.length}`, 'Content-Length: 3'], body)],
    ['a length and chunks', request(['Content-Length: 3', 'Transfer-Encoding: chunked'], `1\r\n{\r\n0\r\n\r\n${body}`)],
    ['a header within a header', request(['X-Write-Key: a\nAuthorization: Basic b', 'Content-Length: 3'], body)],
  ])('%s are refused as a whole', async (_name, text) => {
    expect(await exchange([text])).toMatch(/^HTTP\/1\.1 4\d\d /);
  });

  it('a body that never ends makes no event', async () => {
    await exchange([request(['Content-Length: 5000'], '{"event":'), '"slow"'], 300);
  });

  /** Writes parts to a connection of its own, and returns what it receives until it ends. */
  async function exchange(parts: readonly string[], patienceMs = 5_000): Promise<string> {
    const socket = connect(Number(new URL(stack.url).port), '127.0.0.1');
    let received = '';
    socket.on('data', (data) => (received += data.toString()));
    socket.on('error', () => undefined);
    for (const part of parts) {
      socket.write(part);
      await sleep(20);
    }
    await Promise.race([once(socket, 'close'), sleep(patienceMs)]);
    socket.destroy();
    return received;
  }
});

it('the same id of two tenants is two events, and a replay of one is one', async () => {
  const body = posthog({ event: 'shared', uuid: 'shared' });
  for (const path of ['/e/ada/e/', '/e/bob/e/', '/e/ada/e/']) expect((await send({ path, body })).status).toBe(200);
});

describe('when all are stored', () => {
  let rows: RawRow[];

  beforeAll(async () => {
    const expected = attacks.flatMap(([, , , rules]) => rules).length + 3;
    rows = await vi.waitFor(
      async () => {
        await stack.idle(60_000);
        const found = (await rawRows(stack)).filter(({ page_path }) => pages.includes(page_path ?? ''));
        expect(found.map(({ outcome_rule }) => outcome_rule)).toHaveLength(expected);
        return found;
      },
      { timeout: 120_000, interval: 1_000 },
    );
    await countReceived(stack);
  });

  it('each event has the outcome that names what was wrong', () => {
    const expected = [...attacks.flatMap(([, , , rules]) => rules), 'counted', 'counted', 'counted'];
    expect(tally(rows.map(({ outcome_rule }) => outcome_rule))).toEqual(tally(expected));
  });

  it('received is the sum of the outcomes, of each page', async () => {
    for (const page of pages) {
      const entity = entityKeys.page(page);
      const own = rows.filter(({ page_path }) => page_path === page).length;
      expect(outcomesOf(await hotNumbers(stack, entity)), page).toBe(own);
      expect(await receivedOf(stack, entity), page).toBe(own);
    }
    const unsent = await logLines(stack, stack.outputs.CollectLogGroup, '{ $.message = "click.unsent" }');
    expect(unsent).toEqual([]);
  });

  it('nobody has forged an address, a country or a time', () => {
    expect(rows.filter(({ country }) => country === 'XX')).toEqual([]);
    for (const { received_at: at } of rows) expect(Number(at)).toBeGreaterThan(Date.parse('2026-01-01'));
  });

  it('nothing of a person and no key is stored', async () => {
    for (const [place, text] of await storedTexts(stack, directory))
      expect(
        secrets.filter((secret) => text.includes(secret)),
        place,
      ).toEqual([]);
  });

  it('the copies are found when the hour settles', async () => {
    await stack.invoke(stack.outputs.SettleFunction, { time: new Date(Date.now() + 2 * 3_600_000).toISOString() });
    const ada = await settledNumbers(stack, entityKeys.page('/ada'));
    expect(ada['x.duplicate']).toBe(1);
    expect(outcomesOf(ada)).toBe(rows.filter(({ page_path }) => page_path === '/ada').length);
  });
});

function tally(values: readonly string[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(values, (value) => value)].map(([value, all]) => [value, all.length]));
}
