import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { createApp } from '#functions/api/create-app.ts';
import { createExportHandler } from '#functions/export/export.ts';
import { settle } from '#jobs/settle/settle.ts';
import type { EventRow } from '#schemas/event.ts';
import { linkSchema, pageSchema } from '#schemas/catalog.ts';
import { createCatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { createMetricList } from '#stores/catalog/page-metrics.ts';
import { createTable } from '#test/dynamodb.ts';
import { startWorld as startSettleWorld, type World as SettleWorld } from '#test/lake/settle-world.ts';
import { eventRow } from '#test/raw-file.ts';
import { apiDependencies, type TestApiOptions } from './api-deps.ts';

/** Noon on the day after the events. */
export const lakeNow = Date.parse('2026-11-23T12:00:00Z');

const instant = '2026-01-01T00:00:00Z';

export interface LakeWorld {
  settle: () => Promise<unknown>;
  settled: SettleWorld;
  app: ReturnType<typeof createApp>;
  /** Another instance over the same tables, with empty caches. */
  again: (changes: Partial<Pick<TestApiOptions, 'client' | 'clients' | 'now'>>) => LakeWorld['app'];
  /** Sends a request as the page's creator. */
  ask: (
    path: string,
    options?: { method?: string; body?: unknown; headers?: Record<string, string>; app?: LakeWorld['app'] },
  ) => Promise<Response>;
  tables: { catalog: string; rollups: string; cache: string };
  stop: () => Promise<void>;
}

/** Ids of two links with the code `spare`: a deleted one of /zed, of an older stack, and one of /bob. */
const reused = { before: 'spare', now: 'spare~x81kd03f' };

/** Starts the API over events that were written, counted and settled. */
export async function startLakeWorld(): Promise<LakeWorld> {
  const settled = await startSettleWorld(['Europe/Vienna']);
  const { db, lake } = settled;
  const tables = { ...settled.tables, cache: 'api-cache' };
  await createTable(db.client, tables.cache);
  const catalogTable = 'api-catalog';
  // Settle has its own catalog, apart from what users save.
  const deps = { ...settled.deps, metrics: createMetricList({ client: db.client, table: catalogTable }) };
  await createTable(db.client, catalogTable, true);
  const catalog = createCatalogAdmin({ client: db.client, table: catalogTable });
  const stamps = { createdAt: instant, updatedAt: instant };
  await catalog.createPage(
    pageSchema.parse({ path: '/ada', title: 'Ada', agency: 'north', timeZone: 'Europe/Vienna', ...stamps }),
  );
  await catalog.putLink(
    linkSchema.parse({ id: 'k3x9', code: 'k3x9', page: '/ada', url: 'https://example.org/', ...stamps }),
  );
  const bob = { page: '/bob', url: 'https://example.org/', ...stamps };
  for (const path of ['/zed', '/bob', '/shop'])
    await catalog.createPage(pageSchema.parse({ path, title: path, timeZone: 'Europe/Vienna', ...stamps }));
  await catalog.putLink(linkSchema.parse({ id: reused.now, code: 'spare', ...bob }));
  await catalog.putLink(linkSchema.parse({ id: 'offer', code: 'offer', ...bob, page: '/shop' }));
  await catalog.createUser({ subject: 'ada', email: null, role: 'admin', agency: null, pages: [] });
  await settled.write(rows());
  function settleNow() {
    return settle(deps, { time: lakeNow });
  }
  await settleNow();
  const exporting = createExportHandler(deps);
  const server = await startLambda(exporting);
  const lambda = new LambdaClient({
    endpoint: `http://127.0.0.1:${portOf(server)}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  async function identify(token: string) {
    return { subject: token, email: null };
  }
  const again: LakeWorld['again'] = (changes) => {
    const clients = { athena: lake.athena, s3: lake.s3, lambda, ...changes.clients };
    const wired = apiDependencies({
      db: {
        ...db,
        tables: {
          ...tables,
          catalog: catalogTable,
        },
      },
      now: () => lakeNow,
      identify,
      ...changes,
      clients,
    });
    // In these tests, settle has a separate catalog for its rules.
    return createApp({ ...wired, rules: deps.state });
  };
  const app = again({});
  return {
    settle: settleNow,
    settled,
    app,
    again,
    tables,
    ask: async (path, { method = 'GET', body, headers = {}, app: other = app } = {}) =>
      other.request(`/api/v1/${path}`, {
        method: method.toUpperCase(),
        headers: {
          authorization: 'Bearer ada',
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await settled.stop();
    },
  };
}

const view: Partial<EventRow> = { event_type: 'page_view', link_id: null };

const vienna: Partial<EventRow> = { country: 'AT', city: 'Wien', referrer_host: 'news.example', utm_source: 'bio' };

const crawler: Partial<EventRow> = {
  outcome: 'bot',
  outcome_rule: 'bot.user-agent',
  bot_name: 'Crawler',
  country: 'DE',
};

const misspelled: Partial<EventRow> = {
  outcome: 'refused',
  outcome_rule: 'link.unknown',
  properties: '{"requested":"/K3X9"}',
};

/**
 * 3 views and 2 clicks in Vienna, 1 view and 1 click in the US, 2 views and 1 click by a crawler, and a misspelled code;
 * 3 clicks of /zed, and a view, a click and a bot of /bob; what happens in /shop.
 */
function rows(): EventRow[] {
  return [
    ...[view, view, view, {}, { campaign_id: 'spring' }].map((type) => event({ ...vienna, ...type })),
    ...[view, {}].map(event),
    ...[view, view, {}].map((type) => event({ ...crawler, ...type })),
    event(misspelled),
    ...[{}, {}, {}].map(() => event({ page_path: '/zed', link_id: reused.before })),
    event({ ...view, page_path: '/bob' }),
    ...[{}, { outcome: 'bot' as const }].map((type) => event({ page_path: '/bob', link_id: reused.now, ...type })),
    ...shopRows(),
  ];
}

/**
 * Four visitors: the first follows the link, signs up, buys and gives it back; the second only buys, the third only looks; the
 * fourth follows the link and buys in another visit. A server reports a sale of nobody, and a crawler one more.
 */
function shopRows(): EventRow[] {
  const shop = { page_path: '/shop', country: 'AT' };
  function click(visitor: bigint, minute: number): EventRow {
    return event({ ...shop, link_id: 'offer', visitor_id: visitor, ...at(minute) });
  }
  function custom(visitor: bigint | null, minute: number, changes: Partial<EventRow>): EventRow {
    return event({ ...shop, event_type: 'custom', link_id: null, visitor_id: visitor, ...at(minute), ...changes });
  }
  function sale(minor: bigint, currency = 'EUR'): Partial<EventRow> {
    return { event_name: 'purchase', conversion: minor < 0n ? 'refund' : 'sale', value_minor: minor, currency };
  }
  return [
    click(901n, 0),
    custom(901n, 5, { event_name: 'Signed\tUp', conversion: 'lead' }),
    custom(901n, 10, sale(2000n)),
    custom(901n, 20, sale(-2000n)),
    custom(902n, 10, { ...sale(3000n), country: 'US' }),
    event({ ...shop, ...view, visitor_id: 903n, ...at(10) }),
    click(904n, 0),
    custom(904n, 45, sale(1000n)),
    custom(null, 10, sale(500n, 'USD')),
    custom(905n, 10, { ...sale(9900n), ...crawler }),
    custom(902n, 11, { event_name: 'video played' }),
  ];
}

function at(minute: number): Pick<EventRow, 'occurred_at' | 'received_at'> {
  const occurred = Date.parse('2026-11-22T06:00:00Z') + minute * 60_000;
  return { occurred_at: occurred, received_at: occurred };
}

let events = 100n;

/** Creates an event of the page after 07:00 in Vienna on the 22nd, each a minute later. */
function event(changes: Partial<EventRow>): EventRow {
  events += 1n;
  const occurred = Date.parse('2026-11-22T06:00:00Z') + Number(events - 100n) * 60_000;
  return eventRow({
    event_id: events * 2n,
    visitor_id: events,
    occurred_at: occurred,
    received_at: occurred,
    ...changes,
  });
}

/** Lambda's Invoke. It waits for an export, so that tests need not poll, and starts no other function. */
async function startLambda(exporting: (payload: unknown) => Promise<unknown>) {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (!request.url?.includes('/functions/export/')) return response.writeHead(202).end();
      return void exporting(JSON.parse(Buffer.concat(chunks).toString('utf8'))).then(
        () => response.writeHead(202).end(),
        () => response.writeHead(500).end(),
      );
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}
