import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { DeleteItemCommand, DynamoDBClient, GetItemCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { Command } from '#cli/command.ts';
import { command as rebuild } from '#cli/commands/rebuild.ts';
import { command as restore } from '#cli/commands/restore.ts';
import { command as settle } from '#cli/commands/settle.ts';
import { importHistory } from '#cli/history/import-history.ts';
import { refusedLimits } from '#core/edge/refused-limit.ts';
import { sumOutcomes } from '#core/ledger/outcomes.ts';
import { ledgerSchema } from '#schemas/api.ts';
import { exportsSchema } from '#schemas/api/exports.ts';
import { linkSchema } from '#schemas/catalog.ts';
import { entityKeys } from '#schemas/counters.ts';
import { type LocalStack, startLocalStack } from '#local/stack.ts';
import { readImportedMonths } from '#stores/counters/imported-counts.ts';
import { readDayNumbers } from '#stores/counters/settled-days.ts';
import { createTable as createStored, type Item, keyOf } from '#stores/dynamodb/table.ts';
import { createTable } from '#test/dynamodb.ts';
import {
  announcedIds,
  browserHeaders,
  click,
  countReceived,
  hotNumbers,
  linkEntity,
  outcomesOf,
  rawRows,
  receivedOf,
  storedTexts,
  temporaryDirectory,
} from './stack-facts.ts';

/** Sends requests through the synthesized stack and checks the numbers. */

const { directory, remove } = temporaryDirectory();
let stack: LocalStack;

beforeAll(async () => {
  stack = await startLocalStack({ dataDirectory: directory, port: 0, schedules: false, batchWindowSeconds: 0.3 });
});
afterAll(async () => {
  await stack.stop();
  remove();
});

function now(): string {
  return new Date().toISOString();
}

function event(body: unknown): { method: string; body: string; headers: Record<string, string> } {
  return {
    method: 'POST',
    headers: { 'content-type': 'text/plain', origin: 'http://localhost:8787' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
}

/** Runs `count` times, eight at once. */
async function sideBySide(count: number, run: () => Promise<void>): Promise<void> {
  let left = count;
  async function work(): Promise<void> {
    while (left-- > 0) await run();
  }
  await Promise.all(Array.from({ length: 8 }, work));
}

/** Returns the rows and events of the lake, the events that were announced, and the ledger of the demo page. */
async function account() {
  const { token } = z
    .object({ token: z.string() })
    .parse(await (await fetch(`${stack.url}/_local/token?as=creator&for=/demo`)).json());
  const headers = { authorization: `Bearer ${token}`, 'cache-control': 'no-cache' };
  const answer = await click(`${stack.url}/api/v1/pages/demo/ledger`, { headers });
  const { received, outcomes, notKept } = ledgerSchema.parse(JSON.parse(answer.text));
  const rows = await rawRows(stack);
  const events = new Set(rows.map(({ event_id }) => event_id)).size;
  const announced = (await announcedIds(stack)).length;
  return {
    events,
    again: rows.length - events,
    announced,
    ledger: { received: received ?? 0, outcomes, notKept },
  };
}

/** Runs a command, eight hours from now, and returns what it prints. */
async function hopcount(command: Command, ...words: string[]): Promise<string> {
  const lines: string[] = [];
  const code = await command.run('', words, {
    stdin: process.stdin,
    print: (line) => void lines.push(line),
    note: () => undefined,
    progress: () => undefined,
    environment: { HOPCOUNT_DATA: directory },
    now: () => Date.now() + 8 * 3_600_000,
    catchInterrupt: () => new AbortController().signal,
  });
  expect(code, lines.join('\n')).toBe(0);
  return lines.join('\n');
}

/** Imports a file into the demo page. */
function importFile(name: string, lines: readonly string[], ...options: string[]): Promise<string> {
  const file = path.join(directory, name);
  writeFileSync(file, lines.join('\n'));
  return hopcount(importHistory, file, '--page', '/demo', ...options);
}

/** Returns what was imported: events in the days of the page and a link, and counts. */
async function readHistory(client: DynamoDBClient) {
  const table = { client, table: stack.outputs.RollupsTable };
  const [page, link] = [entityKeys.page('/demo'), await linkEntity(stack, 'parquet')];
  return {
    page: await readDayNumbers(table, page, '2024-01-01', '2024-12-31'),
    link: await readDayNumbers(table, link, '2024-01-01', '2024-12-31'),
    counts: (await readImportedMonths(table, page, '2023-01', '2023-12')).map(({ month, counts }) => [
      month,
      Object.values(counts.imports).map(({ days }) => days),
    ]),
  };
}

async function scanTable(client: DynamoDBClient, name: string): Promise<Item[]> {
  const items: Item[] = [];
  for await (const page of paginateScan({ client }, { TableName: name })) items.push(...(page.Items ?? []));
  return items;
}

describe('the local stack', () => {
  it('redirects, and counts each request as one outcome', async () => {
    const clicks = await Promise.all(Array.from({ length: 12 }, () => click(`${stack.url}/duckdb?utm_source=test`)));
    expect(clicks.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 302));
    expect(clicks[0]?.headers.get('location')).toBe('https://duckdb.org/docs/');

    expect((await click(`${stack.url}/duckdb`, { method: 'HEAD' })).status).toBe(302);
    expect((await click(`${stack.url}/duckdb`, { headers: { 'sec-purpose': 'prefetch' } })).status).toBe(503);
    expect((await click(`${stack.url}/duckdb`, { headers: { 'x-moz': 'prefetch' } })).status).toBe(503);
    expect((await click(`${stack.url}/duckdb`, { method: 'DELETE' })).status).toBe(405);
    expect((await click(`${stack.url}/duckdb`, { headers: { 'user-agent': 'Googlebot/2.1' } })).status).toBe(302);
    expect((await click(`${stack.url}/no-such-link`)).status).toBe(404);
    for (const path of ['/duckdb.', '//duckdb', '/duckdb%20', '/%64uckdb)'])
      expect((await click(stack.url + path)).headers.get('location'), path).toBe('https://duckdb.org/docs/');
    expect((await click(`${stack.url}/DuckDB`)).status).toBe(404);
    expect((await stack.idle()).idle).toBe(true);

    const link = await hotNumbers(stack, await linkEntity(stack, 'duckdb'));
    expect(link).toMatchObject({ clicks: 16, 'x.head': 1, 'x.prefetch': 2, 'x.refused': 2, 'x.bot': 1 });
    expect(outcomesOf(link)).toBe(22);
  });

  it('counts a view of the link page and events of the tracker', async () => {
    const page = await click(`${stack.url}/@demo`);
    expect(page.status).toBe(200);
    expect(page.text).toContain('href="/duckdb"');
    const seen = { page: '/demo', type: 'page_view', url: 'http://localhost:8787/', referrer: '' };
    expect((await click(`${stack.url}/e?p=%2Fdemo`, event(seen))).status).toBeLessThan(300);
    expect((await stack.idle()).idle).toBe(true);
    expect(await hotNumbers(stack, entityKeys.page('/demo'))).toMatchObject({ views: 2 });
  });

  it('keeps a malformed event as failed, without affecting others', async () => {
    await click(`${stack.url}/e?p=%2Fdemo`, event('no json'));
    await click(`${stack.url}/aws`);
    expect((await stack.idle()).idle).toBe(true);
    expect(await hotNumbers(stack, entityKeys.page('/demo'))).toMatchObject({ 'x.failed': 1 });
    expect(await hotNumbers(stack, await linkEntity(stack, 'aws'))).toMatchObject({ clicks: 1 });
  });

  it('ignores addresses that the viewer claims', async () => {
    const spoofed = {
      'x-forwarded-for': '203.0.113.9',
      'cloudfront-viewer-address': '203.0.113.9:1',
      'cloudfront-viewer-country': 'AU',
      'x-replay-ip': '203.0.113.9',
      'x-replay-time': '2020-01-01T00:00:00Z',
    };
    await click(`${stack.url}/spring`);
    await click(`${stack.url}/spring`, { headers: spoofed });
    expect((await stack.idle()).idle).toBe(true);
    const rows = (await rawRows(stack)).filter(({ link_id }) => link_id?.startsWith('spring~'));
    expect(rows.map(({ outcome }) => outcome)).toEqual(['counted', 'counted']);
    expect(new Set(rows.map(({ visitor_id }) => visitor_id)).size).toBe(1);
    expect(rows.map(({ country }) => country ?? null)).toEqual([null, null]);
  });

  it('has an exact ledger', async () => {
    await countReceived(stack);
    const totals = await hotNumbers(stack, entityKeys.stack);
    const announced = await announcedIds(stack);
    const rows = await rawRows(stack);
    expect(outcomesOf(totals)).toBe(announced.length);
    expect(await receivedOf(stack, entityKeys.stack)).toBe(announced.length);
    expect(new Set(rows.map(({ event_id }) => String(event_id)))).toEqual(new Set(announced));
  });

  it('keeps few events of a flood of refused requests, and accounts for all of them', async () => {
    const posts = 1_000;
    const batches = 80;
    const foreign = event(Array.from({ length: 50 }, () => ({ page: '/demo', type: 'page_view' })));
    const fromElsewhere = { ...foreign, headers: { ...foreign.headers, origin: 'https://evil.example' } };
    const flood = posts + 50 * batches;
    const before = await account();
    // Refused requests of the tests before may be of the same minute.
    const share = refusedLimits.perAddress - before.ledger.outcomes.refused;
    const start = Date.now();
    await sideBySide(posts, async () =>
      expect((await click(`${stack.url}/parquet`, { method: 'POST' })).status).toBe(405),
    );
    await sideBySide(batches, async () => expect((await click(`${stack.url}/e`, fromElsewhere)).status).toBe(207));
    const minutes = Math.floor(Date.now() / 60_000) - Math.floor(start / 60_000) + 1;
    expect((await stack.idle(120_000)).idle).toBe(true);
    // Twice, as the next run counts the window again.
    await countReceived(stack);
    await countReceived(stack);
    const after = await account();

    // From one address: of each of the two functions, four environments keep their share of a minute.
    const kept = after.announced - before.announced;
    expect(kept).toBeLessThanOrEqual(2 * 4 * refusedLimits.perAddress * minutes);
    expect(kept).toBeGreaterThanOrEqual(2 * share);
    expect(after.events - before.events).toBe(kept);
    // Rows of redelivered messages count twice until the hour settles.
    expect(after.ledger.received - before.ledger.received).toBe(flood);
    expect(after.ledger.outcomes.refused - before.ledger.outcomes.refused).toBe(flood + after.again - before.again);
    expect(sumOutcomes(after.ledger.outcomes)).toBe(after.ledger.received + after.again);
    const { 'method.POST': links = 0, 'refused.origin': origins = 0 } = after.ledger.notKept;
    expect(links + origins + kept).toBe(flood);
    expect(links).toBeLessThanOrEqual(posts - share);
    expect(origins).toBeLessThanOrEqual(50 * batches - share);
  }, 180_000);

  it('requires a token of its own issuer for the API', async () => {
    const { token } = z
      .object({ token: z.string() })
      .parse(await (await fetch(`${stack.url}/_local/token?as=creator&for=/demo`)).json());
    const stats = `${stack.url}/api/v1/links/duckdb/stats`;
    expect((await click(stats)).status).toBe(401);
    const answer = await click(stats, { headers: { authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({ totals: { clicks: 16 } });
  });

  it('answers no request to the HTTP API that did not come through the distribution', async () => {
    const [api] = stack.model.httpApis;
    const functionNames = new Set(api?.routes.map(({ functionName }) => functionName));
    expect(functionNames.size).toBe(3);
    const requestContext = { timeEpoch: Date.now(), http: { method: 'GET', path: '/api/v1/openapi.json' } };
    for (const name of functionNames)
      for (const headers of [undefined, {}, { 'x-origin-secret': 'guessed' }]) {
        const event = { version: '2.0', rawPath: '/api/v1/openapi.json', rawQueryString: '', headers, requestContext };
        expect(await stack.invoke(name, event), name).toMatchObject({ statusCode: 403 });
      }
  });

  it('signs a user in: chooser, code with PKCE, token signed with published keys', async () => {
    const issuer = stack.outputs.IdentityIssuer;
    const audience = stack.outputs.IdentityAudience;
    const { authorization_endpoint, token_endpoint, jwks_uri } = z
      .object({ authorization_endpoint: z.string(), token_endpoint: z.string(), jwks_uri: z.string() })
      .parse(await (await fetch(`${issuer}/.well-known/openid-configuration`)).json());
    const verifier = 'a-verifier-of-at-least-forty-three-characters-long';
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    const redirectUri = `${stack.url}/app/`;
    const authorization = new URLSearchParams({
      response_type: 'code',
      client_id: audience,
      redirect_uri: redirectUri,
      scope: 'openid email',
      state: 'state-1',
      code_challenge: challenge,
      code_challenge_method: 'S256',
    });
    const chooser = await click(`${authorization_endpoint}?${authorization}`);
    expect(chooser.text).toContain('Continue as creator');
    expect(chooser.text).toContain(`name="state" value="state-1"`);

    const chosen = await click(`${authorization_endpoint}?${authorization}&as=creator&for=/demo`);
    const back = new URL(chosen.headers.get('location') ?? '');
    expect(back.searchParams.get('state')).toBe('state-1');
    const exchanged = await fetch(token_endpoint, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code: back.searchParams.get('code') ?? '',
        client_id: audience,
        redirect_uri: redirectUri,
        code_verifier: verifier,
      }),
    });
    const { id_token } = z.object({ id_token: z.string() }).parse(await exchanged.json());
    const { payload } = await jwtVerify(id_token, createRemoteJWKSet(new URL(jwks_uri)), { issuer, audience });
    expect(payload.sub).toBe('creator-demo');
    const me = await click(`${stack.url}/api/v1/me`, { headers: { authorization: `Bearer ${id_token}` } });
    expect(me.status).toBe(200);
  });

  it('serves the tracker from the bucket, compressed', async () => {
    const response = await fetch(`${stack.url}/t.js`, { headers: { ...browserHeaders, 'accept-encoding': 'br' } });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('javascript');
    expect(response.headers.get('content-encoding')).toBe('br');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    expect(await response.text()).toContain('sendBeacon');
  });

  it.each([
    ['the tracker', '/t.js', { method: 'GET' }, 200],
    ['an accepted event', '/e?p=%2Fdemo', { method: 'POST', body: '{"type":"page_view"}' }, 204],
    ['an invalid event', '/e?p=%2Fdemo', { method: 'POST', body: '{}' }, 400],
    ['a method without a route', '/e', { method: 'PUT' }, 404],
    ['a preflight', '/e', { method: 'OPTIONS' }, 204],
  ])('lets any site read and load %s', async (_name, path, init, status) => {
    const origin = 'http://localhost:8787';
    const response = await fetch(`${stack.url}${path}`, { ...init, headers: { ...browserHeaders, origin } });
    expect(response.status).toBe(status);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
  });

  it('counts a batch event by event, and files an event from the future under its receipt', async () => {
    expect((await stack.idle()).idle).toBe(true);
    const views = (await hotNumbers(stack, entityKeys.page('/demo')))['views'] ?? 0;
    const view = { page: '/demo', type: 'page_view', url: 'http://localhost:8787/', title: 'Batch' };
    const batch = [
      { ...view, id: 'the-id-of-a-view' },
      { ...view, occurredAt: Date.now() + 86_400_000 },
      { page: '/demo' },
    ];
    const response = await fetch(`${stack.url}/e`, {
      ...event(batch),
      headers: { ...browserHeaders, ...event(batch).headers },
    });
    expect(response.status).toBe(207);
    expect(await response.json()).toMatchObject({ accepted: 2, errors: [{ index: 2, field: 'type' }] });
    expect((await stack.idle()).idle).toBe(true);
    expect((await hotNumbers(stack, entityKeys.page('/demo')))['views']).toBe(views + 2);
    const rows = (await rawRows(stack)).filter(({ link_title }) => link_title === 'Batch');
    expect(rows.map(({ occurred_at, received_at }) => Number(occurred_at) === Number(received_at))).toEqual([
      true,
      true,
    ]);
    expect(rows.filter(({ repeat_key }) => repeat_key === null || repeat_key === undefined)).toHaveLength(1);
  });

  it("stores nothing of a visitor's query: no object, item, log line or export contains it", async () => {
    const [name, token] = ['hostile.visitor', 'token-of-the-visitor'];
    const query = `email=${name}%40mail.example&token=${token}&utm_content=${name}@mail.example&gclid=${token}`;
    const link = { id: 'passing', code: 'passing', page: '/demo', url: 'https://example.com/?size=m', passQuery: true };
    await stack.catalog.putLink(linkSchema.parse({ ...link, createdAt: now(), updatedAt: now() }));
    async function sendAll(): Promise<void> {
      const headers = { referer: `https://mail.example/${name}@mail.example?${query}` };
      const clicked = await click(`${stack.url}/passing?${query}`, { headers });
      expect(clicked.headers.get('location')).toBe(`https://example.com/?size=m&${query}`);
      for (const path of [`/duckdb?${query}`, `/DuckDB&${query}`, `/DuckDB/${name}@mail.example`, `/@demo?${query}`])
        await click(stack.url + path, { headers });
      const url = `http://localhost:8787/u/${name}%40mail.example?${query}#${query}`;
      const view = { page: '/demo', type: 'page_view', url, referrer: headers.referer, title: `${name}@mail.example` };
      for (const body of [
        view,
        { ...view, type: 'link_click', destination: `https://shop.example/?to=${name}@mail.example` },
        { ...view, type: 'custom', name: 'signup', properties: { email: `${name}@mail.example` } },
        { ...view, title: { email: `${name}@mail.example` } },
        `{"page":"/demo", ${name}@mail.example`,
      ])
        await click(`${stack.url}/e?${query}`, event(body));
    }
    await sendAll();
    stack.serviceFaults.set({ clicks: 'failing' });
    await sendAll();
    stack.serviceFaults.set({ clicks: 'working' });
    expect((await stack.idle()).idle).toBe(true);
    const later = new Date(Date.now() + 8 * 3_600_000);
    await stack.invoke(stack.outputs.SettleFunction, { time: later.toISOString() });

    const signedIn = await (await fetch(`${stack.url}/_local/token?as=creator&for=/demo`)).json();
    const authorization = `Bearer ${z.object({ token: z.string() }).parse(signedIn).token}`;
    const exportsUrl = `${stack.url}/api/v1/exports`;
    const date = now().slice(0, 10);
    const body = JSON.stringify({ page: '/demo', from: date, to: date, format: 'csv' });
    const headers = { authorization, 'content-type': 'application/json' };
    expect((await fetch(exportsUrl, { method: 'POST', headers, body })).status).toBe(202);
    await vi.waitFor(
      async () => {
        const { rows } = exportsSchema.parse(await (await fetch(`${exportsUrl}?page=%2Fdemo`, { headers })).json());
        expect(rows).toMatchObject([{ state: 'done' }]);
        expect(rows[0]?.rows).toBeGreaterThan(0);
      },
      { timeout: 60_000, interval: 500 },
    );

    const texts = await storedTexts(stack, directory);
    const places = [...texts.keys()];
    for (const kind of [/^raw\//, /^failed\//, /^settled\/events\//, /^exports\//, /^logs\//])
      expect(places.filter((place) => kind.test(place)).length, String(kind)).toBeGreaterThan(0);
    expect([...texts.values()].some((text) => text.includes('click.unsent'))).toBe(true);
    const found = [...texts].filter(([, text]) => text.includes(name) || text.includes(token));
    expect(found.map(([place]) => place)).toEqual([]);
    const stored = (await rawRows(stack)).filter(({ link_id: code }) => code === 'passing');
    // The second click is stored too if redirect tries again after the queue is back.
    expect(stored.length).toBeGreaterThan(0);
    for (const row of stored)
      expect(row).toMatchObject({ destination_url: 'https://example.com/?size=m', utm_content: '[email]' });
  });

  it('lets a function do what its role allows, and nothing else', async () => {
    const { errors } = await stack.snapshot();
    expect(errors.filter(({ message }) => message.startsWith('AccessDenied'))).toEqual([]);

    const name = stack.model.functions.find(({ description }) => description.includes('/redirect/'))?.name ?? '';
    const credentials = { accessKeyId: name, secretAccessKey: 'local' };
    const tables = new DynamoDBClient({ ...stack.clientOptions('dynamodb'), credentials });
    const queues = new SQSClient({ ...stack.clientOptions('sqs'), credentials });
    const objects = new S3Client({ ...stack.clientOptions('s3'), credentials, forcePathStyle: true });
    const page = { TableName: stack.outputs.CatalogTable, Key: { pk: { S: 'page#/demo' }, sk: { S: 'page' } } };
    expect((await tables.send(new GetItemCommand(page))).$metadata.httpStatusCode).toBe(200);
    await expect(tables.send(new DeleteItemCommand(page))).rejects.toMatchObject({ name: 'AccessDeniedException' });
    const user = { ...page, Key: { ...page.Key, pk: { S: 'user#a' } } };
    await expect(tables.send(new GetItemCommand(user))).rejects.toMatchObject({ name: 'AccessDeniedException' });
    const receive = new ReceiveMessageCommand({ QueueUrl: stack.outputs.ClickQueueUrl });
    await expect(queues.send(receive)).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
    const read = new GetObjectCommand({ Bucket: stack.outputs.LakeBucket, Key: 'raw/a' });
    await expect(objects.send(read)).rejects.toMatchObject({
      name: 'AccessDenied',
      $metadata: { httpStatusCode: 403 },
    });
    for (const client of [tables, queues, objects]) client.destroy();
  });

  // docs/operations.md describes this for AWS, where the copy is what DynamoDB restores.
  it('is restored after the loss of both tables: links redirect, and the ledger is the same', async () => {
    const link = { id: 'spare', code: 'spare', page: '/demo', url: 'https://example.com/spare' };
    await stack.catalog.putLink(linkSchema.parse({ ...link, createdAt: now(), updatedAt: now() }));
    await click(`${stack.url}/parquet`);
    const log = ['click_id,click_time,shorturl,referrer,user_agent,ip_address,country_code'];
    for (let day = 1; day <= 3; day++)
      log.push(`${day},2024-03-0${day} 10:00:00,parquet,direct,${browserHeaders['user-agent'].replace(',', '')},,AT`);
    expect(await importFile('yourls.csv', log, '--zone', 'UTC')).toContain('3 rows = 3 accepted');
    const days = ['date,visitors,pageviews', '2023-03-05,4,10', '2023-04-05,5,20'];
    expect(await importFile('imported_visitors.csv', days)).toContain('2 rows = 2 accepted');
    expect((await stack.idle()).idle).toBe(true);
    await countReceived(stack);
    await hopcount(settle);
    const before = await account();
    const client = new DynamoDBClient(stack.clientOptions('dynamodb'));
    const imported = await readHistory(client);
    expect(imported.link.map(({ date, numbers }) => [date, numbers['clicks'], numbers['imported']])).toEqual([
      ['2024-03-01', 1, 1],
      ['2024-03-02', 1, 1],
      ['2024-03-03', 1, 1],
    ]);

    const { CatalogTable, RollupsTable } = stack.outputs;
    await createTable(client, 'rollups-as-it-was', true);
    await createStored({ client, table: 'rollups-as-it-was' }).batchPut(await scanTable(client, RollupsTable));
    await createTable(client, 'catalog-as-it-was', true);
    await createStored({ client, table: 'catalog-as-it-was' }).batchPut(await scanTable(client, CatalogTable));
    for (const name of [CatalogTable, RollupsTable])
      for (const item of await scanTable(client, name)) await createStored({ client, table: name }).delete(keyOf(item));
    expect(await scanTable(client, CatalogTable)).toEqual([]);

    expect(await hopcount(restore, '--from', 'catalog-as-it-was')).toMatch(/^link# +\d+ +0 +0 +0$/m);
    expect((await click(`${stack.url}/spare`, { method: 'HEAD' })).headers.get('location')).toBe(link.url);
    expect(await scanTable(client, CatalogTable)).toHaveLength((await scanTable(client, 'catalog-as-it-was')).length);

    expect((await stack.idle()).idle).toBe(true);
    await hopcount(rebuild);
    expect((await stack.idle()).idle).toBe(true);
    await countReceived(stack);
    const { ledger } = await account();
    // The lake has imported events. Counts are in the table alone, which has a copy only with `settledDays`.
    expect(await readHistory(client)).toEqual({ ...imported, counts: [] });
    expect(await importFile('imported_visitors.csv', days)).toContain('2 rows = 2 accepted');
    expect(await readHistory(client)).toEqual(imported);
    await hopcount(restore, '--from', 'rollups-as-it-was', '--into', 'rollups', '--only', 'page#/demo', '--replace');
    expect(await readHistory(client)).toEqual(imported);
    const { head } = before.ledger.outcomes;
    expect(ledger).toEqual({
      ...before.ledger,
      received: before.ledger.received + 1,
      outcomes: { ...before.ledger.outcomes, head: head + 1 },
    });
    client.destroy();
  }, 180_000);

  it('has written no custom metric so far: AWS bills one for each hour in which it is not zero', async () => {
    expect((await stack.snapshot()).metrics).toEqual([]);
  });

  it('shows its status to this machine only', async () => {
    const status = await fetch(`${stack.url}/_local/`);
    expect(await status.text()).toContain('functions/redirect/handler.ts');
    const rebound = await fetch(`http://127.0.0.1:${new URL(stack.url).port}/_local/`, {
      headers: { 'sec-fetch-site': 'cross-site' },
    });
    expect(rebound.status).toBe(403);
    const foreign = await fetch(`${stack.url}/_local/invoke`, {
      method: 'POST',
      headers: { origin: 'https://evil.example' },
      body: '{}',
    });
    expect(foreign.status).toBe(403);
  });
});
