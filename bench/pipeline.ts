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
import { createBenchLinks } from './pipeline/links.ts';
import { runClient } from './pipeline/run-client.ts';
import { createTable } from '../stores/dynamodb/table.ts';

/**
 * Measures the local stack under load: clicks on 2,000 links with a Zipf skew, then clicks on one link. Prints clicks per
 * second at the edge and until counted, the time from the 302 to the count, and whether the ledger is exact.
 *
 * The k-th response is paired with the k-th counted click. Clicks out of order matter less than the 100 ms between two
 * reads of the counter.
 */

const linkCount = 2000;
const connections = 24;
const lookEveryMs = 100;
const drainDeadlineMs = 120_000;
const scale = Number(process.env['BENCH_SCALE'] ?? '1');

const directory = mkdtempSync(path.join(tmpdir(), 'hopcount-bench-'));
const stack = await startLocalStack({
  dataDirectory: directory,
  port: 0,
  schedules: false,
  seed: false,
  maximumWorkers: Number(process.env['BENCH_WORKERS'] ?? '4'),
  log: console.error,
});
const client = new DynamoDBClient(stack.clientOptions('dynamodb'));
try {
  const codes = await createBenchLinks(stack.catalog, linkCount);
  await measure(stack, client, { name: 'warm-up', paths: zipfPaths(codes, 2000) });
  await measure(stack, client, { name: '2,000 links, Zipf', paths: zipfPaths(codes, Math.round(100_000 * scale)) });
  await measure(stack, client, {
    name: 'one link',
    paths: Array.from({ length: Math.round(50_000 * scale) }, () => '/z0'),
  });
} finally {
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

async function measure(stack: LocalStack, client: DynamoDBClient, round: Round): Promise<void> {
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
    `  302 to count  p50 ${(percentile(waited, 0.5) / 1000).toFixed(2)} s, p99 ${(percentile(waited, 0.99) / 1000).toFixed(2)} s (target 2, limit 10)`,
  );
  console.log(
    `  ledger        received ${received}, outcomes ${outcomes}, lost ${received - outcomes}${received === outcomes ? ' (exact)' : ' (NOT EXACT)'}`,
  );
  console.log(`  CPU per click ${cpu} ms`);
  if (received !== outcomes || outcomes - before !== round.paths.length) process.exitCode = 1;
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
