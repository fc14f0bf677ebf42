import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createApp } from '#functions/api/create-app.ts';
import type { ApiDeps } from '#functions/api/deps.ts';
import type { Identify } from '#functions/api/identity.ts';
import type { AwsClients } from '#functions/api/compose.ts';
import { linkSchema, pageSchema } from '#schemas/catalog.ts';
import { createCatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { createRollupWriter } from '#stores/counters/rollup-writer.ts';
import { apiDependencies } from './api-deps.ts';
import { startDynamoDb, type TestDynamoDb } from '#test/dynamodb.ts';

/** 08:30 in Vienna. */
export const now = Date.parse('2026-11-22T07:30:00Z');

/** Users by name. Their tokens are their subjects. */
export const subjects = {
  admin: 'root',
  agency: 'nora',
  creator: 'ada',
  'other agency': 'sam',
  'other creator': 'bob',
  stranger: 'eve',
} as const;

export interface World {
  db: TestDynamoDb;
  deps: ApiDeps;
  app: ReturnType<typeof createApp>;
  /** Another instance over the same tables, with empty caches. */
  again: (changes: {
    client?: DynamoDBClient;
    clients?: Partial<AwsClients>;
    pool?: { id: string; endpoint: string };
    now?: () => number;
    privateDestinations?: string;
  }) => World['app'];
  /** Sends a request as one of the users, or with the given `authorization`. */
  ask: (as: string, path: string, options?: AskOptions) => Promise<Response>;
  stop: () => Promise<void>;
}

export interface AskOptions {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
  app?: World['app'];
}

/** In these tests a token is its subject; create-app.test.ts tests tokens. */
const identify: Identify = async (token) => ({
  subject: token,
  email: token.startsWith('mail-') ? `${token.slice('mail-'.length)}@example.org` : null,
});

/** Starts the API over a new database with page /ada of agency north, its link k3x9, and users with and without access. */
export async function startWorld(): Promise<World> {
  const db = await startDynamoDb();
  await seedCatalog(db);
  await seedRollups(db);
  const deps = apiDependencies({ db, now: () => now, identify });
  const app = createApp(deps);
  return {
    db,
    deps,
    app,
    again: ({ now: clock = () => now, ...changes }) =>
      createApp(apiDependencies({ db, now: clock, identify, ...changes })),
    ask: async (as, path, { method = 'GET', body, headers = {}, app: other = app } = {}) =>
      other.request(`/api/v1/${path}`, {
        method: method.toUpperCase(),
        headers: {
          ...(as !== '' && { authorization: as.includes(' ') ? as : `Bearer ${as}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    stop: () => db.stop(),
  };
}

const instant = '2026-01-01T00:00:00Z';

async function seedCatalog({ client, tables }: TestDynamoDb): Promise<void> {
  const catalog = createCatalogAdmin({ client, table: tables.catalog });
  function page(path: string, agency: string) {
    return pageSchema.parse({
      path,
      title: path,
      agency,
      timeZone: 'Europe/Vienna',
      createdAt: instant,
      updatedAt: instant,
    });
  }
  function link(code: string, path: string) {
    return linkSchema.parse({
      id: code,
      code,
      page: path,
      campaign: 'spring',
      url: `https://example.org/${code}`,
      createdAt: instant,
      updatedAt: instant,
    });
  }
  await catalog.createPage(page('/ada', 'north'));
  await catalog.createPage(page('/zoe', 'west'));
  for (const each of [link('k3x9', '/ada'), link('gone', '/zoe'), link('zoe', '/zoe')]) await catalog.putLink(each);
  const user = { email: null, agency: null, pages: [] };
  await catalog.createUser({ ...user, subject: subjects.admin, role: 'admin' });
  await catalog.createUser({ ...user, subject: subjects.agency, role: 'agency', agency: 'north' });
  await catalog.createUser({ ...user, subject: subjects.creator, role: 'creator', pages: ['/ada'] });
  await catalog.createUser({ ...user, subject: subjects['other agency'], role: 'agency', agency: 'south' });
  await catalog.createUser({ ...user, subject: subjects['other creator'], role: 'creator', pages: ['/bob'] });
  await catalog.createUser({ ...user, subject: 'lone', role: 'creator' });
}

async function seedRollups({ client, tables }: TestDynamoDb): Promise<void> {
  const backoff = { now: () => now, sleep: async () => undefined, random: () => 0.5 };
  const writer = createRollupWriter({ client, table: tables.rollups, backoff, hotDays: 90, markerDays: 40 });
  function at(entity: string, hour: string, add: Record<string, number>) {
    return { entity, hour, add };
  }
  const deltas = [
    at('page#/ada', '2026-11-22T08+01:00', { views: 8, clicks: 4, 'vc.US': 8, 'c.US': 3, 'vm.29': 2, 'm.30': 1 }),
    at('link#k3x9', '2026-11-22T08+01:00', { clicks: 4, 'c.US': 3 }),
  ];
  await writer.applyFiles(['raw/seed'], { count: async () => deltas, deadline: now + 60_000 });
}
