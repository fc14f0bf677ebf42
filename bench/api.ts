/**
 * Measures API responses over 200 pages, 5,000 links and 90 days, from token to JSON. Uncached responses are computed for
 * a different page each time. Before each, a bare Hono route reads the same items from the same table at once: the speed of
 * machines differs, the ratio to it less so. Exits with 1 if a response takes, at the median, more than its limit of that.
 */
import { table } from '../cli/table.ts';
import { createApp } from '../functions/api/create-app.ts';
import { createIdentify } from '../functions/api/identity.ts';
import { createViewerTables } from '../stores/dynamodb/interactive-client.ts';
import { apiDependencies } from '../test/api/api-deps.ts';
import { startIdentityProvider, testAudience } from '../test/identity-provider.ts';
import { createBareReader } from './api/bare-reader.ts';
import { startDatabase } from './api/database.ts';
import { campaignId, pathOf, seedCampaigns, seedCatalog, type World } from './api/seed.ts';

const now = Date.parse('2026-11-22T21:30:00Z');
const world: World = {
  pages: 200,
  agencyPages: 150,
  links: 5_000,
  days: 90,
  campaignLinks: 100,
  campaigns: 90,
  now,
  settledThrough: Date.parse('2026-11-22T20:00:00Z'),
};

interface Case {
  name: string;
  /** Largest ratio of the medians to the bare route; undefined if there is none. */
  limit?: number;
  rounds: number;
  fresh: boolean;
  pathOf: (round: number) => string;
  /** Requested when the reads are recorded, where the response of `pathOf` stays cached. @default - the same */
  recordedPathOf?: (round: number) => string;
}

const month = 'from=2026-10-24&to=2026-11-22';
/** A campaign's report is read once, and then from the cache: each case needs campaigns of its own. */
const campaignRounds = world.campaigns / 3;
const cases: readonly Case[] = [
  {
    name: 'page, 30 days, compared, uncached',
    limit: 2,
    rounds: 200,
    fresh: true,
    pathOf: (round) => `${page(round)}/dashboard?${month}&compare=previous`,
  },
  {
    name: 'page, 30 days, compared, from memory',
    limit: 0.25,
    rounds: 200,
    fresh: false,
    pathOf: () => `${page(7)}/dashboard?${month}&compare=previous`,
  },
  {
    name: 'agency of 150 pages, 30 days, uncached',
    limit: 2,
    rounds: 40,
    fresh: true,
    pathOf: () => 'agencies/big/dashboard',
  },
  { name: 'agency of 150 pages, from memory', rounds: 40, fresh: false, pathOf: () => 'agencies/big/dashboard' },
  {
    name: 'agency of 150 pages, with the 21 open hours of today',
    limit: 2,
    rounds: 20,
    fresh: true,
    pathOf: () => `agencies/big/dashboard?${month}`,
  },
  {
    name: 'page stats by day, 30 days, with what was received',
    limit: 2,
    rounds: 100,
    fresh: true,
    pathOf: (n) => `pages${pathOf(n % 10)}/stats?${month}`,
  },
  { name: 'real time', limit: 3, rounds: 200, fresh: true, pathOf: (round) => `${page(round)}/realtime` },
  {
    name: 'campaign of 100 links, 90 days, cold',
    limit: 2,
    rounds: campaignRounds,
    fresh: false,
    pathOf: (round) => report(round),
    recordedPathOf: (round) => report(campaignRounds + round),
  },
  {
    name: 'campaign of 100 links, 90 days, from memory',
    limit: 0.25,
    rounds: campaignRounds,
    fresh: false,
    pathOf: (round) => report(round),
    recordedPathOf: (round) => report(2 * campaignRounds + round),
  },
  { name: '50 links', limit: 3, rounds: 100, fresh: true, pathOf: () => 'links' },
];

const started = performance.now();
const db = await startDatabase(world);

const identity = await startIdentityProvider();
const identify = createIdentify({ issuer: identity.issuer, audience: testAudience });
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const config = { endpoint: db.endpoint, region: 'us-east-1', credentials };
const client = createViewerTables({ now: Date.now, config });
const bare = createBareReader(client, config);
const deps = apiDependencies({ db, client, now: () => now, identify });
// No rate limit, because the bench is a single sender.
const app = createApp({ ...deps, rate: async () => true });
await seedCatalog(deps.catalog, world);
await seedCampaigns(deps.campaigns, world);
const seconds = Math.round((performance.now() - started) / 1000);
console.log(`${world.pages} pages, ${world.links} links, ${world.days} days: ${db.items} items in ${seconds} s\n`);
const authorization = `Bearer ${await identity.token('admin')}`;

const late: string[] = [];
const rows = [];
for (const each of cases) rows.push(await measure(each));
console.log(table(['response', 'p50', 'p95', 'bare p50', 'ratio', 'limit', 'CPU', 'bare CPU', 'ratio of CPU'], rows));
await Promise.all([db.stop(), identity.stop()]);
if (late.length > 0) console.error(`\nabove its limit: ${late.join(', ')}`);
process.exitCode = late.length > 0 ? 1 : 0;

async function measure(each: Case): Promise<string[]> {
  const { name, rounds, limit, pathOf: at, recordedPathOf = at } = each;
  for (let round = 0; round < rounds; round++)
    await bare.record(at(round), () => request(recordedPathOf(round), 'no-cache'));
  const ours: Sample[] = [];
  const opponent: Sample[] = [];
  for (let round = 0; round < rounds; round++) {
    const path = at(round);
    opponent.push(await sample(() => bare.request(path)));
    ours.push(await sample(() => request(path, each.fresh ? 'no-cache' : undefined)));
  }
  const ratio = median(ours, 'wall') / median(opponent, 'wall');
  if (limit !== undefined && ratio > limit) late.push(name);
  return [
    name,
    milliseconds(median(ours, 'wall')),
    milliseconds(percentile(ours, 'wall', 0.95)),
    milliseconds(median(opponent, 'wall')),
    ratio.toFixed(2),
    limit?.toFixed(2) ?? '–',
    milliseconds(median(ours, 'cpu')),
    milliseconds(median(opponent, 'cpu')),
    (median(ours, 'cpu') / median(opponent, 'cpu')).toFixed(2),
  ];
}

function report(campaign: number): string {
  return `campaigns/${campaignId(campaign)}/report`;
}

function page(round: number): string {
  return `pages${pathOf(round % world.pages)}`;
}

async function request(path: string, cacheControl: string | undefined): Promise<Response> {
  const headers = { authorization, ...(cacheControl && { 'cache-control': cacheControl }) };
  const response = await app.request(`/api/v1/${path}`, { headers });
  if (!response.ok) throw new Error(`${path} returned ${response.status}: ${await response.text()}`);
  return response;
}

/** Milliseconds of one response until its last byte. */
interface Sample {
  wall: number;
  /** Of this process: without the table. */
  cpu: number;
}

async function sample(ask: () => Promise<Response>): Promise<Sample> {
  const cpu = process.cpuUsage();
  const began = performance.now();
  const response = await ask();
  await response.text();
  const wall = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  return { wall, cpu: (user + system) / 1000 };
}

function median(samples: readonly Sample[], key: keyof Sample): number {
  return percentile(samples, key, 0.5);
}

function percentile(samples: readonly Sample[], key: keyof Sample, share: number): number {
  const sorted = samples.map((each) => each[key]).toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function milliseconds(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}
