import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { plainPage } from '#core/links/link.fixture.ts';
import { type LocalStack, startLocalStack } from '#local/stack.ts';
import { replayHeaders } from '#schemas/edge-headers.ts';
import { recentEventsSchema } from '#schemas/api/recent-events.ts';
import { entityKeys } from '#schemas/counters.ts';
import { parseEventRow } from '#schemas/event.ts';
import { expectedFile, shownRow, site, toSent, withKey } from '#test/capture/contract.ts';
import { ingestKeys } from '#test/capture/edge.ts';
import { readRecording, recordingNames } from '#test/capture/recording.ts';
import {
  announcedIds,
  click,
  countReceived,
  hotNumbers,
  outcomesOf,
  type RawRow,
  rawRows,
  receivedOf,
  settledNumbers,
  settledRows,
  storedTexts,
  temporaryDirectory,
} from './stack-facts.ts';

/** Replays what the real packages sent through the synthesized stack. */

const { directory, remove } = temporaryDirectory();
let stack: LocalStack;

beforeAll(async () => {
  const options = { dataDirectory: directory, port: 0, schedules: false, batchWindowSeconds: 0.3 };
  stack = await startLocalStack({ ...options, allowReplay: true });
});
afterAll(async () => {
  await stack.stop();
  remove();
});

const resultSchema = z.object({
  request: z.string(),
  status: z.number(),
  body: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  rows: z.array(z.record(z.string(), z.unknown())).default([]),
});

function expectedOf(name: string) {
  return z.array(resultSchema).parse(JSON.parse(readFileSync(expectedFile(name), 'utf8')));
}

function eventRowOf(row: RawRow) {
  const times = { occurred_at: Number(row['occurred_at']), received_at: Number(row['received_at']) };
  return parseEventRow({ ...row, ...times });
}

/** Reads the body as the function writes it: a picture in base64. */
async function textOf(response: Response): Promise<string> {
  const isPicture = response.headers.get('content-type') === 'image/gif';
  return isPicture ? Buffer.from(await response.arrayBuffer()).toString('base64') : response.text();
}

/** Leaves out what the edge decides, such as the country, and ids: those of events without an own id are random. */
function comparable({ country: _country, keys: _keys, event_id: _id, ...row }: Record<string, unknown>): string {
  return JSON.stringify(row);
}

/** Ids that derive from an SDK's own id; in this process, random ones are counted from 1. */
function ownIds(rows: readonly Record<string, unknown>[]): string[] {
  return rows.map(({ event_id }) => String(event_id)).filter((id) => id.length > 8);
}

describe('recordings', () => {
  const recordings = recordingNames.map((name) => ({ name, requests: readRecording(name).requests }));
  const origins = new Set([
    site,
    ...recordings.flatMap(({ requests }) => requests.flatMap(({ headers }) => headers['origin'] ?? [])),
  ]);

  beforeAll(async () => {
    await stack.catalog.createPage({ ...plainPage, timeZone: 'Europe/Vienna', origins: [...origins], ingestKeys });
  });

  it.each(recordings)('$name gets the responses that its SDK needs', async ({ name, requests }) => {
    const isServer = requests.every(({ headers }) => headers['origin'] === undefined);
    for (const [index, request] of requests.entries()) {
      const { method, path, query, headers, body, at } = toSent(isServer ? withKey(request) : request);
      const response = await fetch(`${stack.url}${path}${query === '' ? '' : `?${query}`}`, {
        method,
        headers: { ...headers, [replayHeaders.time]: String(at) },
        ...(body.length > 0 && { body: new Uint8Array(body) }),
      });
      const expected = expectedOf(name)[index];
      expect(response.status, expected?.request).toBe(expected?.status);
      if (expected?.body !== undefined) expect(await textOf(response)).toBe(expected.body);
      for (const [header, value] of Object.entries(expected?.headers ?? {}))
        expect(response.headers.get(header), header).toBe(value);
    }
  });

  it('are rows, one for each event', async () => {
    const expected = recordings.flatMap(({ name }) => expectedOf(name).flatMap(({ rows }) => rows));
    const rows = await vi.waitFor(
      async () => {
        const found = (await rawRows(stack)).filter((row) => row.page_path === '/ada');
        expect(found).toHaveLength(expected.length);
        return found;
      },
      { timeout: 60_000, interval: 1_000 },
    );
    expect(rows.map((row) => comparable(shownRow(eventRowOf(row)))).toSorted()).toEqual(
      expected.map(comparable).toSorted(),
    );
    expect(rows.map(({ event_id }) => String(event_id))).toEqual(expect.arrayContaining(ownIds(expected)));
  });

  it('are received once each', async () => {
    const page = entityKeys.page('/ada');
    const rows = (await rawRows(stack)).filter((row) => row.page_path === '/ada');
    expect((await announcedIds(stack)).toSorted()).toEqual(rows.map(({ event_id }) => String(event_id)).toSorted());
    await vi.waitFor(
      async () => {
        await countReceived(stack);
        expect(await receivedOf(stack, page)).toBe(rows.length);
        expect(outcomesOf(await hotNumbers(stack, page))).toBe(rows.length);
      },
      { timeout: 60_000, interval: 1_000 },
    );
  });

  it('count once each when their hours have settled, however often they were sent', async () => {
    await settle(Date.now());
    const rows = (await settledRows(stack)).filter((row) => row.page_path === '/ada');
    const own = new Set(ownIds(recordings.flatMap(({ name }) => expectedOf(name).flatMap((each) => each.rows))));
    const copies = Map.groupBy(
      rows.filter(({ event_id }) => own.has(String(event_id))),
      ({ event_id }) => event_id,
    );
    expect(copies.size).toBe(own.size);
    for (const [id, sent] of copies)
      expect(sent.filter(({ outcome }) => outcome !== 'duplicate').length, String(id)).toBe(1);
    const settled = await settledNumbers(stack, entityKeys.page('/ada'));
    expect(outcomesOf(settled)).toBe(rows.length);
    expect(settled['x.duplicate']).toBeGreaterThanOrEqual([...copies.values()].flat().length - own.size);
  });
});

it('counts what an SDK sends again twice until its hour settles, and says so', async () => {
  const origin = 'https://copies.example';
  await stack.catalog.createPage({ ...plainPage, path: '/copies', origins: [origin] });
  const body = JSON.stringify({
    api_key: 'any',
    batch: [
      {
        uuid: '01a12a0c-92b5-7d15-8f0a-3f4d6c1e9b7a',
        event: '$pageview',
        properties: { $current_url: `${origin}/`, token: 'any' },
        timestamp: new Date().toISOString(),
      },
    ],
  });
  async function send(from: string) {
    const headers = { 'content-type': 'text/plain', origin: from };
    return click(`${stack.url}/e/copies/e/`, { method: 'POST', headers, body });
  }
  // Enrich looks every two seconds who watches.
  await vi.waitFor(
    async () => {
      await send('https://unknown.example');
      const [refused] = await readRecent('copies');
      expect(refused).toMatchObject({ sdk: 'posthog', outcome: 'refused', rule: 'refused.origin', repeated: false });
    },
    { timeout: 30_000, interval: 500 },
  );
  expect((await send(origin)).status).toBe(200);
  expect((await send(origin)).status).toBe(200);
  await stack.idle(60_000);
  const shown = (await readRecent('copies')).filter(({ outcome }) => outcome === 'counted');
  expect(shown).toMatchObject([
    { type: 'page_view', sdk: 'posthog', repeated: true },
    { type: 'page_view', sdk: 'posthog', repeated: false },
  ]);
  const page = entityKeys.page('/copies');
  expect(await hotNumbers(stack, page)).toMatchObject({ views: 2 });
  await settle(Date.now() + 2 * 3_600_000);
  expect(await settledNumbers(stack, page)).toMatchObject({ views: 1, 'x.duplicate': 1 });
});

it('keeps people as hashes that no two pages share, and nothing else of them', async () => {
  const person = 'ada.lovelace4711@mail.example';
  const origin = 'https://people.example';
  const paths = ['/one', '/two'];
  for (const path of paths) {
    const identitySecret = Buffer.alloc(32, path).toString('base64url');
    await stack.catalog.createPage({ ...plainPage, path, origins: [origin], identities: 'all', identitySecret });
    const calls = [
      { type: 'page', anonymousId: 'device-lovelace4711' },
      {
        type: 'identify',
        userId: person,
        anonymousId: 'device-lovelace4711',
        traits: { email: person, phone: 'lovelace4711' },
      },
      { type: 'track', event: 'signup', userId: person, anonymousId: 'device-lovelace4711' },
      // It cannot be read.
      { type: 'track', userId: person, anonymousId: 'device-lovelace4711' },
    ].map((call, index) => ({ ...call, messageId: `m${index}`, context: { traits: { email: person } } }));
    const headers = { 'content-type': 'text/plain', origin };
    for (const body of [JSON.stringify({ batch: calls }), JSON.stringify({ batch: calls }).slice(0, -20)])
      await click(`${stack.url}/e${path}/v1/batch`, { method: 'POST', headers, body });
    await click(`${stack.url}/e`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ page: path, type: 'page_view', consentedId: { id: person } }),
    });
  }
  await stack.idle(60_000);
  const rows = (await rawRows(stack)).filter(({ page_path }) => paths.includes(page_path ?? ''));
  const summaries = paths.map((path) =>
    rows
      .filter(({ page_path }) => page_path === path)
      .map(({ outcome, consented_id, anonymous_id }) =>
        [outcome, consented_id !== null, anonymous_id !== null].join(' '),
      )
      .toSorted(),
  );
  expect(summaries[0]).toEqual([
    'counted true false',
    'counted true true',
    'failed false false',
    'failed false false',
    'failed false false',
    'identify true true',
  ]);
  expect(summaries[1]).toEqual(summaries[0]);
  const [one, two] = paths.map(
    (path) =>
      new Set(
        rows.filter(({ page_path }) => page_path === path).flatMap((row) => [row['consented_id'], row['anonymous_id']]),
      ),
  );
  expect([...(one ?? [])].filter((id) => id !== null && two?.has(id))).toEqual([]);
  for (const [place, text] of await storedTexts(stack, directory))
    expect(text.includes('lovelace4711'), place).toBe(false);

  const erased = rows.find(({ page_path, outcome }) => page_path === '/one' && outcome === 'identify')?.[
    'consented_id'
  ];
  const time = new Date(Date.now() + 2 * 3_600_000).toISOString();
  await stack.invoke(stack.outputs.SettleFunction, { time });
  const subject = { kind: 'consented', value: erased };
  const receipt = await stack.invoke(stack.outputs.EraseFunction, { time, subject });
  expect(receipt).toMatchObject({ pending: [], failed: [] });
  expect(await settledNumbers(stack, entityKeys.page('/one'))).toEqual({ 'x.failed': 3 });
});

/** Settles all hours that have closed by then. A run has a budget of time. */
async function settle(now: number): Promise<void> {
  const time = new Date(now).toISOString();
  await vi.waitFor(
    async () => expect(await stack.invoke(stack.outputs.SettleFunction, { time })).toMatchObject({ state: 'done' }),
    { timeout: 300_000, interval: 100 },
  );
}

async function readRecent(page: string) {
  const { token } = z
    .object({ token: z.string() })
    .parse(await (await fetch(`${stack.url}/_local/token?as=admin`)).json());
  const headers = { authorization: `Bearer ${token}` };
  const { text } = await click(`${stack.url}/api/v1/pages/${page}/recent-events`, { headers });
  return recentEventsSchema.parse(JSON.parse(text)).events;
}
