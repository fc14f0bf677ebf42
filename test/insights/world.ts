import { AthenaClient } from '@aws-sdk/client-athena';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { settle } from '#jobs/settle/settle.ts';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { type Page, pageSchema, type User } from '#schemas/catalog.ts';
import type { EventRow } from '#schemas/event.ts';
import { createCatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { eventRow } from '#test/raw-file.ts';
import { startLakeWorld } from '#test/api/lake-world.ts';

/** Thursday after the events of the specification; all is settled through the 25th. */
export const insightsNow = Date.parse('2026-11-26T10:00:00Z');

export type InsightsWorld = Awaited<ReturnType<typeof startInsightsWorld>>;

const instant = '2026-10-01T00:00:00Z';
const keepsIds = { identities: 'identified', identitySecret: 'secret', identitiesSince: instant } as const;

let events = 1_000_000n;

/** A view of an event's page by a person. @param at instant, or local date of Vienna at noon */
export function seen(page: string, person: string | null, at: string, changes: Partial<EventRow> = {}): EventRow {
  events += 2n;
  const occurred = Date.parse(at.length === 10 ? `${at}T11:00:00Z` : at);
  const local = localTimeOf('Europe/Vienna', occurred);
  return eventRow({
    event_id: events,
    event_type: 'page_view',
    page_path: page,
    link_id: null,
    visitor_id: events,
    occurred_at: occurred,
    received_at: occurred,
    local_date: local.date,
    local_hour: local.hour,
    consented_id: person,
    ...changes,
  });
}

const nowhere = {
  endpoint: 'http://127.0.0.1:9',
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};

/** A client for which one table does not respond. */
function without(endpoint: string, table: string): DynamoDBClient {
  const client = new DynamoDBClient({ ...nowhere, endpoint });
  client.middlewareStack.add(
    (next) => async (args) => {
      if (JSON.stringify(args.input).includes(`"${table}"`)) throw new Error(`${table} is switched off`);
      return next(args);
    },
    { step: 'initialize' },
  );
  return client;
}

/** The API over a lake in which pages keep ids. The caller `creator` has all of them, and `ada` is an admin. */
export async function startInsightsWorld(paths: readonly string[]) {
  const world = await startLakeWorld();
  const { settled } = world;
  const catalog = createCatalogAdmin({ client: settled.db.client, table: 'api-catalog' });
  async function addPage(path: string, changes: Partial<Page> = keepsIds) {
    const page = { path, title: path, timeZone: 'Europe/Vienna', createdAt: instant, updatedAt: instant };
    await catalog.createPage(pageSchema.parse({ ...page, ...changes }));
  }
  async function changePage(path: string, changes: Partial<Page>) {
    const page = await catalog.getPage(path);
    if (!page || !(await catalog.replacePage({ ...page, ...changes }, page))) throw new Error(`${path} did not change`);
  }
  let queries = 0;
  settled.lake.athena.middlewareStack.add(
    (next) => (args) => {
      if ('WorkGroup' in args.input && args.input.WorkGroup === 'interactive') queries++;
      return next(args);
    },
    { step: 'initialize' },
  );
  for (const path of paths) await addPage(path);
  const creator: User = { subject: 'creator', email: null, role: 'creator', agency: null, pages: [...paths] };
  await catalog.createUser(creator);
  return {
    ...world,
    addPage,
    changePage,
    /** Queries that the API has sent to the lake. */
    queries: () => queries,
    settleAt: (time = insightsNow) => settle(settled.deps, { time }),
    app: world.again({ now: () => insightsNow }),
    /** The API without one of its stores. */
    failing: (store: 'lake' | 'counters') =>
      world.again({
        now: () => insightsNow,
        ...(store === 'lake'
          ? { clients: { athena: new AthenaClient({ ...nowhere, maxAttempts: 1 }) } }
          : { client: without(settled.db.endpoint, world.tables.rollups) }),
      }),
    /** Asks as a user at this moment, with empty caches. */
    askAs: (
      subject: string,
      path: string,
      { now = insightsNow, method = 'GET', body }: { now?: number; method?: string; body?: unknown } = {},
    ) =>
      world.again({ now: () => now }).request(`/api/v1/${path}`, {
        method,
        headers: {
          authorization: `Bearer ${subject}`,
          'cache-control': 'no-cache',
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
  };
}
