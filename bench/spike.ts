/**
 * Measures a spike on the local stack: 20 clicks a second for a minute, 1,000 a second for two minutes, 20 a second for a
 * minute; half of the clicks on one link, and workers of each function killed meanwhile. Prints the redirect's times before
 * and during the spike, and how long after it all clicks were counted. Exits with 1 if a click is lost, the ledger is not
 * exact, the p99 grows more than threefold, or the backlog takes more than two minutes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { table } from '../cli/table.ts';
import { createRandom } from '../local/random.ts';
import { startLocalStack } from '../local/stack.ts';
import type { KillPoint } from '../local/functions/kill-points.ts';
import { entityKeys } from '../schemas/counters.ts';
import { countReceived, hotNumbers, outcomesOf, receivedOf, settledNumbers } from '../test/pipeline/stack-facts.ts';
import { createBenchLinks } from './pipeline/links.ts';
import { runClient } from './pipeline/run-client.ts';

const scale = Number(process.env['BENCH_SCALE'] ?? '1');
const phases = [
  { name: 'before', perSecond: 20, seconds: 60 * scale },
  { name: 'spike', perSecond: 1000, seconds: 120 * scale },
  { name: 'after', perSecond: 20, seconds: 60 * scale },
];
const connections = 128;
const drainSeconds = 120;
const slowdown = 3;
const warmUpClicks = 200;

/** Redirect is killed only where its click is sent: a kill between response and send loses the click, and says so. */
const kills: Record<string, { points: KillPoint[]; spare: number }> = {
  Redirect: { points: Array.from({ length: 6 }, () => 'after SendMessage' as const), spare: 5_000 },
  Enrich: { points: ['received', 'before PutObject', 'after PutObject', 'handled'], spare: 10 },
  Rollup: { points: ['received', 'after GetObject', 'after TransactWriteItems', 'handled'], spare: 5 },
};

const directory = mkdtempSync(path.join(tmpdir(), 'hopcount-spike-'));
const stack = await startLocalStack({
  dataDirectory: directory,
  port: 0,
  schedules: false,
  seed: false,
  retries: 'at-once',
  eventFaults: { seed: 20_261_129, kills },
  log: console.error,
});
try {
  await measure();
} finally {
  await stack.stop();
  rmSync(directory, { recursive: true, force: true });
}

async function measure(): Promise<void> {
  const codes = await createBenchLinks(stack.catalog, 200);
  const { paths, due } = planClicks(codes);
  const port = Number(new URL(stack.url).port);
  // The first requests of a new stack start its workers.
  await runClient({ port, connections: 8, paths: paths.slice(0, warmUpClicks) });
  await stack.idle();
  const [started, before] = [Date.now(), await countOutcomes()];
  const running = runClient({ port, connections, paths, due });
  const spikeEnd = started + 1000 * (phases[0]?.seconds ?? 0) + 1000 * (phases[1]?.seconds ?? 0);
  const inSpike = clicksUntil(due, spikeEnd - started);
  const drained = await waitForCount(before + inSpike, spikeEnd + 1000 * drainSeconds);
  const report = await running;
  await stack.idle();
  await countReceived(stack);
  // Killed batches are counted twice until their hour settles. Two hours later, it can.
  await stack.invoke(stack.outputs.SettleFunction, { time: new Date(Date.now() + 2 * 3_600_000).toISOString() });
  const counted = outcomesOf(await settledNumbers(stack, entityKeys.stack));
  const [received, sent] = [await receivedOf(stack, entityKeys.stack), warmUpClicks + paths.length];
  const drain = (drained - spikeEnd) / 1000;
  let from = 0;
  const times = phases.map(({ name, perSecond, seconds }) => {
    const trips = report.roundTrips.slice(from, (from += perSecond * seconds)).toSorted((one, other) => one - other);
    return { name, count: trips.length, p50: percentile(trips, 0.5), p99: percentile(trips, 0.99) };
  });
  console.log(
    table(
      ['', 'clicks', 'p50', 'p99'],
      times.map(({ name, count, p50, p99 }) => [name, String(count), `${p50.toFixed(1)} ms`, `${p99.toFixed(1)} ms`]),
    ),
  );
  const ratio = (times[1]?.p99 ?? 0) / (times[0]?.p99 ?? 1);
  const { killed } = stack.eventFaults.counts;
  console.log(`responses ${JSON.stringify(report.statuses)}, killed ${JSON.stringify(killed)}`);
  console.log(`p99 of the spike by that before: ${ratio.toFixed(1)} × (limit ${slowdown} ×)`);
  console.log(`all clicks of the spike counted ${drain.toFixed(1)} s after it (limit ${drainSeconds} s)`);
  console.log(`sent ${sent}, received ${received}, counted ${counted}, lost ${received - counted}`);
  if (counted !== sent || received !== sent || ratio > slowdown || drain > drainSeconds) process.exitCode = 1;
}

/** Every second click goes to the first link. */
function planClicks(codes: readonly string[]): { paths: string[]; due: number[] } {
  const random = createRandom(3);
  const paths: string[] = [];
  const due: number[] = [];
  let start = 0;
  for (const { perSecond, seconds } of phases) {
    for (let at = 0; at < perSecond * seconds; at += 1) {
      due.push(start + (1000 * at) / perSecond);
      paths.push(`/${at % 2 === 0 ? codes[0] : codes[Math.floor(random() * codes.length)]}`);
    }
    start += 1000 * seconds;
  }
  return { paths, due };
}

function clicksUntil(due: readonly number[], end: number): number {
  return due.filter((at) => at < end).length;
}

async function countOutcomes(): Promise<number> {
  return outcomesOf(await hotNumbers(stack, entityKeys.stack));
}

/** Returns the time at which at least as many clicks were counted, or at which it stopped waiting. */
async function waitForCount(count: number, deadline: number): Promise<number> {
  while (Date.now() < deadline && (await countOutcomes()) < count) await delay(250);
  return Date.now();
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
