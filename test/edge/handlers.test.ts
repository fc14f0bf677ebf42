import type { handler as CollectHandler } from '#functions/collect/handler.ts';
import type { handler as RedirectHandler } from '#functions/redirect/handler.ts';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { plainLink, plainPage } from '#core/links/link.fixture.ts';
import type { Listening } from '#local/aws/listen.ts';
import { startTablesGate } from '#local/aws/tables-gate.ts';
import { unrestricted } from '#local/iam/access.ts';
import { createServiceFaults } from '#local/fault-injection/service-faults.ts';
import { awslambda, ResponseStream } from '#local/functions/response-stream.ts';
import type { StreamedAnswer } from '#local/functions/messages.ts';
import { createCatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { startDynamoDb, type TestDynamoDb } from '../dynamodb.ts';
import { type AwsDouble, startAwsDouble } from './aws-double.ts';

/** The handlers as Lambda starts them: from their environment, with their own clients. */
const secret = 'known to CloudFront';
const at = Date.parse('2026-11-22T07:00:00Z');
let dynamo: TestDynamoDb;
let aws: AwsDouble;
let gate: Listening;
const serviceFaults = createServiceFaults();
let redirect: typeof RedirectHandler;
let rejectionListeners: NodeJS.UnhandledRejectionListener[];
let collect: typeof CollectHandler;
const lines: Record<string, unknown>[] = [];
/** Links that the process has not looked up yet. */
const coldLinks = ['cold-throttled', 'cold-hanging'];

beforeAll(async () => {
  [dynamo, aws] = await Promise.all([startDynamoDb(), startAwsDouble(secret)]);
  gate = await startTablesGate({
    tablesUrl: dynamo.endpoint,
    services: { [dynamo.tables.catalog]: 'catalog' },
    access: unrestricted,
    tables: [],
    serviceFaults,
  });
  vi.useFakeTimers({ toFake: ['Date'], now: at, shouldAdvanceTime: true });
  const admin = createCatalogAdmin({ client: dynamo.client, table: dynamo.tables.catalog });
  await admin.createPage(plainPage);
  await admin.putLink(plainLink);
  for (const code of coldLinks) await admin.createLink({ ...plainLink, code });
  const variables = {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_DYNAMODB: gate.url,
    AWS_ENDPOINT_URL_SQS: aws.endpoint,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.endpoint,
    CATALOG_TABLE: dynamo.tables.catalog,
    CACHE_TABLE: dynamo.tables.cache,
    CLICK_QUEUE_URL: `${aws.endpoint}/1/clicks`,
    ORIGIN_SECRET_ARN: 'arn:aws:secretsmanager:us-east-1:111122223333:secret:origin',
    ORIGIN_SECRET: secret,
    ALLOW_REPLAY: 'false',
    IGNORE_CASE: 'false',
    HOME_URL: '/app/',
    LINK_DOMAINS: '[]',
    MAIN_DOMAIN: 'localhost',
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  vi.stubGlobal('awslambda', awslambda);
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    lines.push(JSON.parse(String(chunk)));
    return true;
  });
  const before = process.listeners('unhandledRejection');
  redirect = (await import('#functions/redirect/handler.ts')).handler;
  rejectionListeners = process.listeners('unhandledRejection').filter((listener) => !before.includes(listener));
  collect = (await import('#functions/collect/handler.ts')).handler;
});
afterAll(async () => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  aws.stop();
  await gate.stop();
  await dynamo.stop();
});
afterEach(() => {
  serviceFaults.set({ catalog: 'working' });
  aws.refuse = false;
  aws.messages.splice(0);
  lines.splice(0);
});

async function visit(rawPath: string, method = 'GET', originSecret = secret) {
  const { promise, resolve } = Promise.withResolvers<StreamedAnswer>();
  const headers = {
    'user-agent': 'Mozilla/5.0',
    'cloudfront-viewer-address': '203.0.113.7:46532',
    'x-origin-secret': originSecret,
  };
  const event = { rawPath, rawQueryString: '', headers, requestContext: { timeEpoch: at, http: { method } } };
  await redirect(event, new ResponseStream(resolve), {});
  const { metadata, body } = await promise;
  return { metadata, body: Buffer.from(body).toString() };
}

describe('redirect', () => {
  it('answers from the catalog, and the event is in the queue when it returns', async () => {
    const { metadata, body } = await visit('/k3x9');
    expect(metadata).toMatchObject({ statusCode: 302, headers: { location: plainLink.url } });
    expect(body).not.toBe('');
    expect(aws.messages).toMatchObject([{ type: 'link_click', link: 'k3x9', page: '/ada', address: '203.0.113.7' }]);
    expect(lines).toMatchObject([{ message: 'request', link: 'k3x9' }]);
  });

  // By default, Node would end the process, and the event of a broken response would be lost.
  it('survives a rejection that no one awaits, and reports it', () => {
    for (const listener of rejectionListeners) listener(new Error('socket hang up'), Promise.resolve());
    expect(lines).toEqual([{ message: 'rejection.unhandled', error: 'Error: socket hang up' }]);
  });

  it('refuses what did not come through CloudFront', async () => {
    expect((await visit('/k3x9', 'GET', 'guessed')).metadata).toMatchObject({ statusCode: 403 });
    expect([...aws.messages, ...lines]).toEqual([]);
  });

  it('shows the link page with the links of the index', async () => {
    const { metadata, body } = await visit('/@ada');
    expect(metadata).toMatchObject({ statusCode: 200 });
    expect(body).toContain('href="/k3x9"');
    expect(aws.messages).toMatchObject([{ type: 'page_view', page: '/ada' }]);
  });

  it('answers and logs the event when the queue is down', async () => {
    aws.refuse = true;
    expect((await visit('/k3x9')).metadata).toMatchObject({ statusCode: 302 });
    expect(lines.map(({ message }) => message)).toEqual(['request', 'click.unsent']);
    expect(JSON.parse(String(lines[1]?.['body']))).toMatchObject({ id: lines[0]?.['id'], link: 'k3x9' });
  });

  it('makes nothing of an unknown code', async () => {
    expect((await visit('/unknown')).metadata).toMatchObject({ statusCode: 404 });
    expect([...aws.messages, ...lines]).toEqual([]);
  });
});

describe('redirect, while the catalog is overloaded', () => {
  /** Visits and measures in milliseconds of real time until the response. */
  async function measure(path: string) {
    const startedAt = performance.now();
    const { metadata } = await visit(path);
    return { metadata, milliseconds: performance.now() - startedAt };
  }

  it.each(['hanging', 'throttled', 'failing'] as const)(
    'answers from memory, however old, while the catalog is %s',
    async (mode) => {
      await visit('/k3x9');
      vi.setSystemTime(Date.now() + 24 * 3_600_000);
      serviceFaults.set({ catalog: mode });
      for (let repeat = 0; repeat < 3; repeat++) {
        const { metadata, milliseconds } = await measure('/k3x9');
        expect(metadata).toMatchObject({ statusCode: 302 });
        expect(milliseconds).toBeLessThan(900);
      }
    },
  );

  it('follows a change of a link that it remembers once the catalog responds', async () => {
    const admin = createCatalogAdmin({ client: dynamo.client, table: dynamo.tables.catalog });
    await visit('/k3x9');
    vi.setSystemTime(Date.now() + 24 * 3_600_000);
    serviceFaults.set({ catalog: 'hanging' });
    await admin.putLink({ ...plainLink, enabled: false });
    expect((await visit('/k3x9')).metadata).toMatchObject({ statusCode: 302 });
    serviceFaults.set({ catalog: 'working' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    vi.setSystemTime(Date.now() + 10_000);
    expect((await visit('/k3x9')).metadata).toMatchObject({ statusCode: 404 });
    await admin.putLink(plainLink);
    vi.setSystemTime(Date.now() + 60_000);
    await visit('/k3x9');
  });

  it('keeps trying for a link that it does not remember, so that a short throttle costs no visitor', async () => {
    serviceFaults.set({ catalog: 'throttled' });
    setTimeout(() => serviceFaults.set({ catalog: 'working' }), 600);
    expect((await visit('/cold-throttled')).metadata).toMatchObject({ statusCode: 302 });
  });

  it('gives up within the time that a visitor waits', async () => {
    serviceFaults.set({ catalog: 'hanging' });
    const { metadata, milliseconds } = await measure('/cold-hanging');
    expect(metadata).toMatchObject({ statusCode: 503 });
    expect(milliseconds).toBeLessThan(3_000);
    expect(lines.map(({ message }) => message)).toContain('lookup.failed');
  });
});

describe('collect', () => {
  function post(headers: Record<string, string>) {
    return collect({
      rawPath: '/e',
      headers: { origin: 'https://ada.example', 'cloudfront-viewer-address': '203.0.113.7:46532', ...headers },
      body: JSON.stringify({ page: '/ada', type: 'page_view' }),
      requestContext: { timeEpoch: at, http: { method: 'POST' } },
    });
  }

  it('takes what comes through CloudFront', async () => {
    expect(await post({ 'x-origin-secret': secret })).toMatchObject({ statusCode: 204 });
    expect(aws.messages).toMatchObject([{ type: 'page_view', page: '/ada' }]);
    expect(lines).toMatchObject([{ message: 'request', page: '/ada' }]);
  });

  it('takes nothing that does not', async () => {
    expect(await post({ 'x-origin-secret': 'guessed' })).toMatchObject({ statusCode: 403 });
    expect(aws.messages).toEqual([]);
  });
});
