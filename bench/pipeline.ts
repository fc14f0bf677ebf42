import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { entityKeys } from '../schemas/counters.ts';
import { hourKey, receivedKey } from '../stores/counters/counter-items.ts';
import { createRandom } from '../local/random.ts';
import { type LocalStack, startLocalStack } from '../local/stack.ts';
import { perClick, readCpuTime } from './pipeline/cpu-time.ts';
import { readDiskBytes, readMemory } from './pipeline/footprint.ts';
import { createBenchLinks } from './pipeline/links.ts';
import { startBareServer } from './pipeline/run-bare-server.ts';
import { runClient } from './pipeline/run-client.ts';
import { createTable } from '../stores/dynamodb/table.ts';

/**
 * Measures the local stack under load: clicks on 2,000 links with a Zipf skew, then clicks on one link. Prints clicks per
 * second at the edge and until counted, the time from the 302 to the count, whether the ledger is exact, memory, and disk
 * after settling. A bare Node server that only redirects gets the same requests before and after each round: the speed of
 * machines differs, the ratio to it less so. Exits with 1 if a limit is missed.
 *
 * The k-th response is paired with the k-th counted click. Clicks out of order matter less than the 100 ms between two
 * reads of the counter.
 */

const linkCount = 2000;
const connections = 32;
/** 1,000 clicks a second on a machine whose bare server answers 10,000. */
const smallestShare = 0.1;
const limits = { countSeconds: 2, megabytes: 600, bytesPerClick: 250 };
const bareRequests = 10_000;
const lookEveryMs = 100;
const drainDeadlineMs = 120_000;
const scale = Number(process.env['BENCH_SCALE'] ?? '1');

const directory = mkdtempSync(path.join(tmpdir(), 'hopcount-bench-'));
const stack = await startLocalStack({
  dataDirectory: directory,
  port: 0,
  schedules: false,
  seed: false,
  log: console.error,
});
const client = new DynamoDBClient(stack.clientOptions('dynamodb'));
const bare = await startBareServer();
const missed: string[] = [];
try {
  const codes = await createBenchLinks(stack.catalog, linkCount);
  const rounds = [
    { name: '2,000 links, Zipf', paths: zipfPaths(codes, Math.round(100_000 * scale)) },
    { name: 'one link', paths: Array.from({ length: Math.round(50_000 * scale) }, () => '/z0') },
  ];
  const warmUp = zipfPaths(codes, 2000);
  await measureBare();
  await measure(stack, client, { name: 'warm-up', paths: warmUp });
  missed.length = 0;
  const empty = readDiskBytes(directory);
  for (const round of rounds) {
    const before = await measureBare();
    const rate = await measure(stack, client, round);
    compare(rate, (before + (await measureBare())) / 2);
  }
  await measureFootprint(empty, sum(rounds.map(({ paths }) => paths.length)));
  for (const each of missed) console.error(`missed: ${each}`);
  if (missed.length > 0) process.exitCode = 1;
} finally {
  bare.stop();
  client.destroy();
  await stack.stop();
  rmSync(directory, { recursive: true, force: true });
}

interface Look {
  at: number;
  counted: number;
}

interface Round {
  name: string;
  paths: readonly string[];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function check(name: string, value: number, limit: number): void {
  if (!(value <= limit)) missed.push(`${name}: ${value.toFixed(1)}, limit ${limit}`);
}

/** Returns the requests a second of the bare server. */
async function measureBare(): Promise<number> {
  const started = Date.now();
  await runClient({ port: bare.port, connections, paths: Array.from({ length: bareRequests }, () => '/z0') });
  return bareRequests / ((Date.now() - started) / 1000);
}

function compare(rate: number, bareRate: number): void {
  const share = rate / bareRate;
  console.log(
    `  bare server   ${Math.round(bareRate).toLocaleString('en')} requests/s; the edge ${(100 * share).toFixed(1)}% of it (limit ${100 * smallestShare}%)`,
  );
  if (!(share >= smallestShare)) missed.push(`share of the bare server: ${share.toFixed(3)}, limit ${smallestShare}`);
}

/** Settles all clicks, as an hour later, and prints what they take. */
async function measureFootprint(emptyBytes: number, clicks: number): Promise<void> {
  const megabytes = readMemory();
  await stack.invoke(stack.outputs.SettleFunction, { time: new Date(Date.now() + 2 * 3_600_000).toISOString() });
  await stack.idle();
  const bytes = (readDiskBytes(directory) - emptyBytes) / clicks;
  console.log(`memory of the stack ${Math.round(megabytes)} MB (limit ${limits.megabytes})`);
  console.log(`disk after settling ${Math.round(bytes)} bytes a click (limit ${limits.bytesPerClick})`);
  check('memory', megabytes, limits.megabytes);
  check('bytes a click', bytes, limits.bytesPerClick);
}

/** Returns the clicks a second at the edge. */
async function measure(stack: LocalStack, client: DynamoDBClient, round: Round): Promise<number> {
  const table = stack.outputs.RollupsTable;
  const before = outcomesOf(await numbersOf(client, table, entityKeys.stack, hourKey));
  const looks: Look[] = [];
  let finished = false;
  async function watch(): Promise<void> {
    while (!finished) {
      looks.push({ counted: outcomesOf(await numbersOf(client, table, entityKeys.stack, hourKey)), at: Date.now() });
      await delay(lookEveryMs);
    }
  }
  const watching = watch();
  const cpuBefore = readCpuTime();
  const started = Date.now();
  const report = await runClient({ port: Number(new URL(stack.url).port), connections, paths: [...round.paths] });
  const clicked = Date.now();
  const deadline = clicked + drainDeadlineMs;
  while ((looks.at(-1)?.counted ?? 0) - before < round.paths.length && Date.now() < deadline) await delay(lookEveryMs);
  finished = true;
  await watching;
  const done = looks.find(({ counted }) => counted - before >= round.paths.length)?.at ?? Date.now();
  const cpu = perClick(cpuBefore, readCpuTime(), round.paths.length);
  await stack.invoke(stack.outputs.ReceiptsFunction, { time: new Date().toISOString(), includeOpen: true });
  const totals = await numbersOf(client, table, entityKeys.stack, hourKey);
  const windows = await numbersOf(client, table, entityKeys.stack, receivedKey);
  const [outcomes, received] = [outcomesOf(totals), receivedOf(windows)];
  const waited = delays(report.answeredAt, looks, before);
  const trips = report.roundTrips.toSorted((left, right) => left - right);
  function perSecond(until: number): string {
    return Math.round(round.paths.length / ((until - started) / 1000)).toLocaleString('en');
  }
  console.log(
    `${round.name}: ${round.paths.length.toLocaleString('en')} clicks, responses ${JSON.stringify(report.statuses)}`,
  );
  console.log(
    `  edge          ${perSecond(clicked)} clicks/s; response p50 ${percentile(trips, 0.5).toFixed(1)} ms, p99 ${percentile(trips, 0.99).toFixed(1)} ms`,
  );
  console.log(`  until counted ${perSecond(done)} clicks/s`);
  console.log(
    `  302 to count  p50 ${(percentile(waited, 0.5) / 1000).toFixed(2)} s, p99 ${(percentile(waited, 0.99) / 1000).toFixed(2)} s (limit ${limits.countSeconds} for p50)`,
  );
  console.log(
    `  ledger        received ${received}, outcomes ${outcomes}, lost ${received - outcomes}${received === outcomes ? ' (exact)' : ' (NOT EXACT)'}`,
  );
  console.log(`  CPU per click ${cpu} ms`);
  check('seconds from the 302 to the count, p50', percentile(waited, 0.5) / 1000, limits.countSeconds);
  if (received !== outcomes || outcomes - before !== round.paths.length) process.exitCode = 1;
  return round.paths.length / ((clicked - started) / 1000);
}

/** Sums all outcomes: every click ends as one of them. */
function outcomesOf(totals: Readonly<Record<string, number>>): number {
  return Object.entries(totals)
    .filter(([name]) => name === 'views' || name === 'clicks' || name === 'customs' || name.startsWith('x.'))
    .reduce((sum, [, value]) => sum + value, 0);
}

async function numbersOf(
  client: DynamoDBClient,
  table: string,
  entity: string,
  keyOf: typeof hourKey,
): Promise<Record<string, number>> {
  const items = await createTable({ client, table }).query({ pk: entity, prefix: keyOf('') });
  const totals: Record<string, number> = {};
  for (const item of items)
    for (const [name, value] of Object.entries(unmarshall(item)))
      if (typeof value === 'number' && name !== 'expires') totals[name] = (totals[name] ?? 0) + value;
  return totals;
}

function receivedOf(windows: Readonly<Record<string, number>>): number {
  return Object.values(windows).reduce((sum, value) => sum + value, 0);
}

/** Returns, per click, the time from its response to the first read that counted it. */
function delays(answeredAt: readonly number[], looks: readonly Look[], before: number): number[] {
  let look = 0;
  return answeredAt
    .map((answered, index) => {
      while (look < looks.length - 1 && (looks[look]?.counted ?? 0) - before < index + 1) look += 1;
      return Math.max(0, (looks[look]?.at ?? Number.NaN) - answered);
    })
    .sort((left, right) => left - right);
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** Zipf with exponent 1: the most clicked of 2,000 links gets an eighth of the clicks. */
function zipfPaths(codes: readonly string[], count: number): string[] {
  const random = createRandom(7);
  const weights = codes.map((_, index) => 1 / (index + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  const limits = weights.map((weight) => (sum += weight) / total);
  return Array.from({ length: count }, () => {
    const pick = random();
    let [low, high] = [0, limits.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((limits[middle] ?? 1) < pick) low = middle + 1;
      else high = middle;
    }
    return `/${codes[low]}`;
  });
}
