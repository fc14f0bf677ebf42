import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { createApp } from '#functions/api/create-app.ts';
import type { ApiDeps } from '#functions/api/deps.ts';
import type { Incident, PageForecast } from '#schemas/alerts.ts';
import { createdShareSchema } from '#schemas/api/shares.ts';
import { routeCases } from './routes.ts';
import { startWorld, subjects, type World } from './world.ts';

/**
 * Adds a secret field to every record that a store returns, and to every object within it. No response and no log line
 * may contain it.
 */
const secret = 'a-stored-field-that-no-view-lists';

let world: World;
let app: ReturnType<typeof createApp>;
let share: string;
const logged: unknown[] = [];
const touched = new Set<string>();

beforeAll(async () => {
  world = await startWorld();
  app = createApp(withSecrets({ ...world.deps, ...stubs() }));
  const answer = await ask('root', 'shares', 'post', { page: '/ada', expiresAt: '2026-12-01T00:00:00Z' });
  share = `Share ${createdShareSchema.parse(await answer.json()).token}`;
  await ask('root', 'users', 'post', { email: 'grace@example.org', role: 'admin' });
  await ask('ada', 'keys', 'post', { label: 'ci', scopes: ['read'] });
  await ask('ada', 'exports', 'post', { page: '/ada', from: '2026-11-01', to: '2026-11-02', format: 'csv' });
  await ask('root', 'erasures', 'post', { kind: 'page', value: '/none' });
  await ask('ada', 'pages/ada/reclassify', 'post', { field: 'country', value: 'US', outcome: 'bot' });
});
afterAll(() => world.stop());

function ask(as: string, path: string, method = 'get', body?: unknown): Promise<Response> {
  return world.ask(as, path, { method, body, app });
}

const people = [...Object.values(subjects), 'share'];
const cases = people.flatMap((as) => routeCases.map((route) => [route.method, route.url, as, route.body] as const));

it.each(cases)('%s %s as %s shows no private field', async (method, url, as, body) => {
  const answer = await ask(as === 'share' ? share : as, url, method, body);
  expect(await answer.text()).not.toContain(secret);
});

it('shows exports, erasures and rules without it', async () => {
  const rows = z.object({ rows: z.array(z.looseObject({ id: z.string() })).min(1) });
  for (const [as, path] of [
    ['ada', 'exports?page=/ada'],
    ['root', 'erasures'],
    ['ada', 'pages/ada/reclassify'],
    ['ada', 'pages/ada/anomalies'],
    ['ada', 'keys'],
    ['ada', 'shares?page=/ada'],
    ['ada', 'pages/ada/annotations'],
    ['ada', 'pages/ada/segments'],
    ['ada', 'pages/ada/metrics'],
    ['ada', 'pages/ada/funnels'],
    ['ada', 'channels?page=/ada'],
    ['ada', 'campaigns?page=/ada'],
    ['root', 'users'],
    ['ada', 'links?page=/ada'],
  ] as const) {
    const text = await (await ask(as, path)).text();
    expect(text, path).not.toContain(secret);
    if (path !== 'users' && !path.startsWith('links'))
      expect(rows.parse(JSON.parse(text)).rows.length, path).toBeGreaterThan(0);
  }
  const forecast = await (await ask('ada', 'pages/ada/forecast')).text();
  expect([forecast.includes('"pace":{"month":"2026-11"'), forecast.includes(secret)]).toEqual([true, false]);
});

it('adds it to the records of every kind', () => {
  expect([...touched].sort()).toEqual(expect.arrayContaining(stores.toSorted()));
});

it('is in no log line', async () => {
  const broken = createApp({
    ...withSecrets({ ...world.deps, ...stubs() }),
    stats: { ...world.deps.stats, hours: () => Promise.reject(new Error('broken')) },
  });
  await world.ask('ada', 'pages/ada/stats', { app: broken });
  const token = share.replace('Share ', '');
  await world.ask('', `shares/${token}/dashboard?parts=nothing`, { app: broken });
  expect(logged.length).toBeGreaterThan(0);
  expect(JSON.stringify(logged)).not.toContain(secret);
  expect(JSON.stringify(logged)).not.toContain(token);
});

const stores = [
  'catalog',
  'invitations',
  'keys',
  'shares',
  'annotations',
  'segments',
  'metrics',
  'funnels',
  'channels',
  'campaigns',
  'jobs',
  'rules',
  'detection',
  'runner',
] as const;

/** Adds the secret to everything that these stores return. */
function withSecrets(deps: ApiDeps): ApiDeps {
  const changed = Object.fromEntries(stores.map((name) => [name, tainted(name, deps[name])]));
  return { ...deps, ...changed, log: { error: (...line) => void logged.push(line) } };
}

function tainted(name: string, store: object): unknown {
  return Object.fromEntries(
    Object.entries(store).map(([operation, run]: [string, unknown]) => [
      operation,
      typeof run === 'function'
        ? async (...input: unknown[]) => {
            const found: unknown = await run(...input);
            if (typeof found === 'object' && found !== null) touched.add(name);
            return addSecret(found);
          }
        : run,
    ]),
  );
}

/** Maps whose keys are values, so that a new key is not a new field. */
const maps: readonly string[] = ['deviceUrls', 'countryUrls', 'utm', 'erased', 'measures'];

function addSecret(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(addSecret);
  if (value instanceof Map) return new Map([...value].map(([key, each]: [unknown, unknown]) => [key, addSecret(each)]));
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([key, each]: [string, unknown]) => [
    key,
    maps.includes(key) ? each : addSecret(each),
  ]);
  return { ...Object.fromEntries(fields), privateField: secret };
}

/** Writes records of jobs, and finished jobs. */
function stubs(): Pick<ApiDeps, 'detection' | 'runner' | 'lake'> {
  return {
    detection: {
      incidents: async () => [{ incident, state: 'open' }],
      incident: async () => ({ incident, state: 'open' }),
      marks: async () => new Map([['i1', { acknowledgedAt: 1 }]]),
      acknowledge: async () => undefined,
      answer: async () => 1,
      forecast: async () => forecast,
      threshold: async () => 1,
      openAlerts: async () => new Map(),
    },
    runner: {
      startImport: async () => undefined,
      startPull: async () => undefined,
      startExport: async () => undefined,
      startErasure: async () => undefined,
      sendMails: async () => undefined,
      readExport: async () => ({ state: 'done', result: { rows: 1, urls: ['https://lake.example/file'] } }),
      readErasure: async () => ({
        state: 'done',
        result: {
          tombstone: secret,
          deletedObjects: 0,
          deletedItems: 0,
          failed: [{ hour: '2026-11-22T07', reason: secret }],
          rewritten: [],
          pending: [],
          erased: { alerts: 1 },
          remaining: [{ place: 'cache', until: '2026-12-01' }],
        },
      }),
    },
    lake: { ...world.deps.lake, ruleEffect: async () => [] },
  };
}

const incident: Incident = {
  id: 'i1',
  page: '/ada',
  metric: 'traffic',
  method: 'default',
  direction: 'drop',
  since: '2026-11-12',
  lastAlert: '2026-11-20',
  recovered: null,
  openedAt: 1,
  recoveredAt: null,
  unit: 'views',
  first: { expected: 1240, actual: 470, score: -5 },
  end: { expected: 1240, actual: 1200, score: 0 },
  cause: {
    change: -0.6,
    dimensions: [
      { dimension: 'country', values: [{ value: 'AT', before: 9, after: 1, share: 0.9 }], share: 0.9, surprise: 1 },
    ],
    bots: { before: 0.1, after: 0.1 },
  },
  broken: [{ code: 'k3x9', url: 'https://example.org/', problem: '404' }],
  checked: true,
};

const forecast: PageForecast = {
  page: '/ada',
  through: '2026-11-21',
  state: 'forecast',
  reason: null,
  unit: 'views',
  days: [{ date: '2026-11-22', views: 10, low: 8, high: 12 }],
  pace: { month: '2026-11', goal: null, soFar: 1, expected: 2, low: 1, high: 3, verdict: null },
};
