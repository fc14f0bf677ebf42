/**
 * Measures API responses over 200 pages, 5,000 links and 90 days, from token to JSON. Uncached responses are computed for
 * a different page each time.
 */
import { createApp } from '../functions/api/create-app.ts';
import { createIdentify } from '../functions/api/identity.ts';
import { createViewerTables } from '../stores/dynamodb/interactive-client.ts';
import { apiDependencies } from '../test/api/api-deps.ts';
import { startIdentityProvider, testAudience } from '../test/identity-provider.ts';
import { startDatabase } from './api/database.ts';
import { pathOf, seedCatalog, type World } from './api/seed.ts';

const now = Date.parse('2026-11-22T21:30:00Z');
const world: World = {
  pages: 200,
  agencyPages: 150,
  links: 5_000,
  days: 90,
  now,
  settledThrough: Date.parse('2026-11-22T20:00:00Z'),
};

interface Case {
  name: string;
  /** Limit and target at p95 in milliseconds; undefined if there is none. */
  must?: number;
  aim?: number;
  rounds: number;
  fresh: boolean;
  pathOf: (round: number) => string;
}

const month = 'from=2026-10-24&to=2026-11-22';
const cases: readonly Case[] = [
  {
    name: 'page, 30 days, compared, uncached',
    must: 60,
    aim: 30,
    rounds: 200,
    fresh: true,
    pathOf: (round) => `${page(round)}/dashboard?${month}&compare=previous`,
  },
  {
    name: 'page, 30 days, compared, from memory',
    must: 5,
    aim: 2,
    rounds: 500,
    fresh: false,
    pathOf: () => `${page(7)}/dashboard?${month}&compare=previous`,
  },
  {
    name: 'agency of 150 pages, 30 days, uncached',
    must: 300,
    aim: 150,
    rounds: 40,
    fresh: true,
    pathOf: () => 'agencies/big/dashboard',
  },
  { name: 'agency of 150 pages, from memory', rounds: 100, fresh: false, pathOf: () => 'agencies/big/dashboard' },
  {
    name: 'agency of 150 pages, with the 21 open hours of today',
    rounds: 10,
    fresh: true,
    pathOf: () => `agencies/big/dashboard?${month}`,
  },
  {
    name: 'page stats by day, 30 days, with what was received',
    rounds: 100,
    fresh: true,
    pathOf: (n) => `pages${pathOf(n % 10)}/stats?${month}`,
  },
  { name: 'real time', rounds: 200, fresh: true, pathOf: (round) => `${page(round)}/realtime` },
  { name: '50 links', rounds: 100, fresh: true, pathOf: () => 'links' },
];

const started = performance.now();
const db = await startDatabase(world);

const identity = await startIdentityProvider();
const identify = createIdentify({ issuer: identity.issuer, audience: testAudience });
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const client = createViewerTables({
  now: Date.now,
  config: { endpoint: db.endpoint, region: 'us-east-1', credentials },
});
const deps = apiDependencies({ db, client, now: () => now, identify });
// No rate limit, because the bench is a single sender.
const app = createApp({ ...deps, rate: async () => true });
await seedCatalog(deps.catalog, world);
const seconds = Math.round((performance.now() - started) / 1000);
process.stdout.write(
  `${world.pages} pages, ${world.links} links, ${world.days} days: ${db.items} items in ${seconds} s\n\n`,
);
const authorization = `Bearer ${await identity.token('admin')}`;

process.stdout.write('| answer | p50 | p95 | must | aim |\n|---|--:|--:|--:|--:|\n');
const late: string[] = [];
for (const each of cases) {
  for (let round = 0; round < 5; round++) await ask(each, each.pathOf(round));
  const times: number[] = [];
  for (let round = 0; round < each.rounds; round++) times.push(await ask(each, each.pathOf(round)));
  const sorted = times.toSorted((a, b) => a - b);
  const p95 = at(sorted, 0.95);
  if (each.must !== undefined && p95 > each.must) late.push(each.name);
  process.stdout.write(
    `| ${each.name} | ${shown(at(sorted, 0.5))} | ${shown(p95)} | ${shown(each.must)} | ${shown(each.aim)} |\n`,
  );
}
await Promise.all([db.stop(), identity.stop()]);
if (late.length > 0) process.stderr.write(`\nlate: ${late.join(', ')}\n`);
process.exitCode = late.length > 0 ? 1 : 0;

function page(round: number): string {
  return `pages${pathOf(round % world.pages)}`;
}

async function ask({ fresh }: Case, path: string): Promise<number> {
  const headers = { authorization, ...(fresh && { 'cache-control': 'no-cache' }) };
  const started = performance.now();
  const response = await app.request(`/api/v1/${path}`, { headers });
  const body = await response.text();
  const took = performance.now() - started;
  if (!response.ok) throw new Error(`${path} returned ${response.status}: ${body}`);
  return took;
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function shown(value: number | undefined): string {
  return value === undefined ? '–' : `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}
