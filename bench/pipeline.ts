import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { entityKeys } from '../schemas/counters.ts';
import { hourKey, receivedKey } from '../stores/counters/counter-items.ts';
import { createRandom } from '../local/random.ts';
import { startLocalStack } from '../local/stack.ts';
import { outcomesOf, percentile, readNumbers, runClicks } from './pipeline/click-run.ts';
import { perClick, readCpuTime } from './pipeline/cpu-time.ts';
import { readDiskBytes, readMemory } from './pipeline/footprint.ts';
import { createBenchLinks } from './pipeline/links.ts';
import { startBareServer } from './pipeline/run-bare-server.ts';
import { runClient } from './pipeline/run-client.ts';

/**
 * Measures the local stack under load: clicks on 2,000 links with a Zipf skew, then clicks on one link. Prints clicks per
 * second at the edge and until counted, the time from the 302 to the count, whether the ledger is exact, memory, and disk
 * after settling. A bare Node server that only redirects gets the same requests before and after each round: the speed of
 * machines differs, the ratio to it less so. Exits with 1 if a limit is missed.
 */

const linkCount = 2000;
const connections = 32;
const smallestRate = 1_000;
const limits = { responseMs: 60, countSeconds: 2, megabytes: 600, bytesPerClick: 250 };
const bareRequests = 10_000;
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
  await measure({ name: 'warm-up', paths: warmUp });
  missed.length = 0;
  const empty = readDiskBytes(directory);
  for (const round of rounds) {
    const before = await measureBare();
    const rate = await measure(round);
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
    `  bare server   ${Math.round(bareRate).toLocaleString('en')} requests/s; the edge ${(100 * share).toFixed(1)}% of it`,
  );
  if (!(rate >= smallestRate)) missed.push(`clicks/s: ${Math.round(rate)}, at least ${smallestRate}`);
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
async function measure({ name, paths }: Round): Promise<number> {
  const before = outcomesOf(await readNumbers(client, stack, entityKeys.stack, hourKey));
  const cpuBefore = readCpuTime();
  const { report, started, clicked, counted, delays } = await runClicks(stack, { connections, paths: [...paths] });
  const cpu = perClick(cpuBefore, readCpuTime(), paths.length);
  await stack.invoke(stack.outputs.ReceiptsFunction, { time: new Date().toISOString(), includeOpen: true });
  const outcomes = outcomesOf(await readNumbers(client, stack, entityKeys.stack, hourKey));
  const received = receivedOf(await readNumbers(client, stack, entityKeys.stack, receivedKey));
  const trips = report.roundTrips.toSorted((left, right) => left - right);
  function perSecond(until: number): string {
    return Math.round(paths.length / ((until - started) / 1000)).toLocaleString('en');
  }
  console.log(`${name}: ${paths.length.toLocaleString('en')} clicks, responses ${JSON.stringify(report.statuses)}`);
  console.log(
    `  edge          ${perSecond(clicked)} clicks/s; response p50 ${percentile(trips, 0.5).toFixed(1)} ms, p99 ${percentile(trips, 0.99).toFixed(1)} ms`,
  );
  console.log(`  until counted ${perSecond(counted)} clicks/s`);
  console.log(
    `  302 to count  p50 ${(percentile(delays, 0.5) / 1000).toFixed(2)} s, p99 ${(percentile(delays, 0.99) / 1000).toFixed(2)} s (limit ${limits.countSeconds} for p50)`,
  );
  console.log(
    `  ledger        received ${received}, outcomes ${outcomes}, lost ${received - outcomes}${received === outcomes ? ' (exact)' : ' (NOT EXACT)'}`,
  );
  console.log(`  CPU per click ${cpu} ms`);
  check('response in ms, p99', percentile(trips, 0.99), limits.responseMs);
  check('seconds from the 302 to the count, p50', percentile(delays, 0.5) / 1000, limits.countSeconds);
  if (received !== outcomes || outcomes - before !== paths.length) process.exitCode = 1;
  return paths.length / ((clicked - started) / 1000);
}

function receivedOf(windows: Readonly<Record<string, number>>): number {
  return Object.values(windows).reduce((sum, value) => sum + value, 0);
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
