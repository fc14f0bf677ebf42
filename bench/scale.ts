/**
 * Simulates the stages from redirect to the counters at 100 to 50,000 clicks a second, with the quotas and latencies of AWS
 * (`bench/scale/platform.ts`) and the CPU times of our code as measured here. The jobs receipts and settle, which run by the
 * clock, are estimated from the same numbers (`bench/scale/jobs.ts`): the share of their time that they need. For each rate: the stack without settings, then
 * with the smallest settings that keep up. Then the local stack at lower rates beside its simulation. Exits with 1 if 10,000 clicks a second do not fit into the quotas of AWS.
 */
import { table } from '../cli/table.ts';
import { pollersOf } from '../core/cost/stack-shape.ts';
import { freshness } from '../schemas/counters.ts';
import { edgeConcurrency, smallestAccountConcurrency } from '../lib/concurrency.ts';
import { parseConfiguration } from '../lib/configuration.ts';
import { estimateReceipts, estimateSettle, type JobNumbers } from './scale/jobs.ts';
import { compareWithLocalStack } from './scale/local-stack.ts';
import { aws, type StackSettings } from './scale/platform.ts';
import { measureServiceTimes } from './scale/service-times.ts';
import { type Simulation, simulate } from './scale/simulate.ts';

const rates = [100, 1_000, 10_000, 50_000];
const seconds = 600;
/** Rates that the local stack reaches on two cores. */
const localRates = [20, 100, 300];

/** Most concurrency of an SQS source, and the factor by which a setting that saturates is raised. */
const mostConcurrency = 1_000;
const step = 1.4;

/** What an owner sets in `cdk.json`. */
interface OwnerSettings {
  accountConcurrency: number;
  enrichConcurrency: number;
  rollupConcurrency: number;
  warmWriteUnits: number;
}

interface Run {
  rate: number;
  owner: OwnerSettings;
  result: Simulation;
  receipts: JobNumbers;
  settle: JobNumbers;
  /** Stages that do not keep up. */
  saturated: string[];
}

const defaults: OwnerSettings = { ...parseConfiguration({}), warmWriteUnits: aws.tableUnits };

const times = await measureServiceTimes();
console.log(
  `CPU per event: enrich ${microseconds(times.enrichSecondsPerEvent)}, rollup ${microseconds(times.rollupSecondsPerEvent)}. Counters of 100, 1,000 and 10,000 clicks: ${[100, 1_000, 10_000].map((clicks) => whole(times.updates(clicks))).join(', ')}`,
);
const asDeployed = rates.map((rate) => run(rate, defaults));
console.log(`\nWithout settings, ${seconds} s each`);
print(asDeployed);
const fitted = rates.map(fit);
console.log('\nWith the smallest settings that keep up');
print(fitted);
console.log('\nWhat to set, and to ask AWS for');
console.log(
  table(
    ['clicks/s', 'accountConcurrency', 'enrichConcurrency', 'rollupConcurrency', 'warmWriteUnits', 'quotas to raise'],
    fitted.map(({ rate, owner, saturated }) => [
      whole(rate),
      whole(owner.accountConcurrency),
      whole(owner.enrichConcurrency),
      whole(owner.rollupConcurrency),
      whole(owner.warmWriteUnits),
      saturated.length > 0 ? 'does not keep up' : quotasOf(owner).join(', ') || 'none',
    ]),
  ),
);
console.log('\nSeconds from the response to the count: the local stack beside its simulation');
const comparisons = await compareWithLocalStack(localRates, {
  times,
  settings: toSettings(defaults),
  windowSeconds: 0.5,
});
console.log(
  table(
    ['clicks/s', 'measured p50', 'simulated', 'measured p99', 'simulated'],
    comparisons.map(({ rate, measured, simulated }) => [
      whole(rate),
      ...[measured.p50, simulated.p50, measured.p99, simulated.p99].map((each) => `${each.toFixed(2)} s`),
    ]),
  ),
);
if (fitted.some(({ rate, saturated }) => rate === 10_000 && saturated.length > 0)) process.exitCode = 1;

function run(rate: number, owner: OwnerSettings): Run {
  const settings = toSettings(owner);
  const result = simulate({ rate: () => rate, seconds, platform: aws, settings, times, seed: 1 });
  // What arrives, whether or not enrich keeps up with it.
  const perBatch = result.enrich.messages / result.enrich.batches;
  const inputs = { clicksPerSecond: rate, filesPerSecond: rate / perBatch, platform: aws, times };
  const [receipts, settle] = [estimateReceipts(inputs), estimateSettle(inputs)];
  const jobs = { receipts, settle };
  const late = Object.entries(jobs).flatMap(([name, { utilization }]) => (utilization > 1 ? [name] : []));
  return { rate, owner, result, ...jobs, saturated: [...saturatedStages(rate, result, settings), ...late] };
}

function toSettings(owner: OwnerSettings): StackSettings {
  const pollers = pollersOf(freshness.usual);
  return {
    redirectConcurrency: edgeConcurrency(owner).redirect,
    clicks: stageSettings(pollers.clicks, owner.enrichConcurrency),
    files: stageSettings(pollers.files, owner.rollupConcurrency),
    warmWriteUnits: owner.warmWriteUnits,
  };
}

function stageSettings({ maxBatch, windowSeconds }: { maxBatch: number; windowSeconds: number }, concurrency: number) {
  return { batchSize: maxBatch, windowSeconds, concurrency };
}

/** A stage keeps up if what waits for it at the end is less than it receives in a few seconds. */
function saturatedStages(rate: number, result: Simulation, settings: StackSettings): string[] {
  const { enrich, rollup, table: writes, busiestItem, throttled, sent } = result;
  const filesPerSecond = enrich.batches / seconds;
  const patience = 5;
  const checks: [name: string, fails: boolean][] = [
    ['redirect', throttled > (sent + throttled) / 1_000],
    ['enrich', enrich.backlog > patience * rate],
    ['rollup', rollup.backlog > patience * filesPerSecond + settings.files.batchSize],
    ['table', writes.utilization > 0.9],
    ['busiest counter', busiestItem.utilization > 0.9],
    ['files per prefix', filesPerSecond > aws.putsPerPrefix],
  ];
  return checks.flatMap(([name, fails]) => (fails ? [name] : []));
}

/** Raises what saturates until the stack keeps up, or a limit of AWS is reached. */
function fit(rate: number): Run {
  let now = run(rate, defaults);
  for (let attempt = 0; attempt < 40 && now.saturated.length > 0; attempt += 1) {
    const next = raise(now);
    if (next === undefined) break;
    now = run(rate, next);
  }
  return now;
}

function raise({ rate, owner, saturated }: Run): OwnerSettings | undefined {
  const next = { ...owner };
  if (saturated.includes('enrich')) next.enrichConcurrency = more(owner.enrichConcurrency, mostConcurrency);
  if (saturated.includes('rollup')) next.rollupConcurrency = more(owner.rollupConcurrency, mostConcurrency);
  if (saturated.includes('table')) next.warmWriteUnits = more(owner.warmWriteUnits, 1_000_000);
  const busy = Math.max(rate / aws.requestsPerConcurrency, rate * times.redirectSeconds);
  // Half more than a steady rate needs, because visitors do not come evenly.
  while (edgeConcurrency(next).redirect < 1.5 * busy) next.accountConcurrency += 100;
  next.accountConcurrency = Math.max(next.accountConcurrency, smallestAccountConcurrency(next));
  return JSON.stringify(next) === JSON.stringify(owner) ? undefined : next;
}

function more(value: number, most: number): number {
  return Math.min(most, Math.ceil(value * step));
}

/** Default quotas that the settings exceed (Service Quotas). */
function quotasOf({ accountConcurrency, warmWriteUnits }: OwnerSettings): string[] {
  const needs: [text: string, exceeded: boolean][] = [
    [`Lambda concurrent executions ${whole(accountConcurrency)}`, accountConcurrency > 1_000],
    [`DynamoDB table-level write units ${whole(warmWriteUnits)}`, warmWriteUnits > aws.tableQuota],
  ];
  return needs.flatMap(([text, exceeded]) => (exceeded ? [text] : []));
}

function print(runs: readonly Run[]): void {
  console.log(
    table(
      [
        'clicks/s',
        'refused',
        'redirect',
        'enrich',
        'backlog',
        'files/s',
        'rollup',
        'backlog',
        'table',
        'busiest',
        'receipts',
        'settle',
        'count p50',
        'p99',
        'saturated',
      ],
      runs.map(({ rate, result, receipts, settle, saturated }) => {
        const { redirect, enrich, rollup, freshness: delay } = result;
        return [
          whole(rate),
          percent(result.throttled / (result.sent + result.throttled)),
          percent(redirect.utilization),
          percent(enrich.utilization),
          whole(enrich.backlog),
          (enrich.batches / seconds).toFixed(1),
          percent(rollup.utilization),
          whole(rollup.backlog),
          percent(result.table.utilization),
          percent(result.busiestItem.utilization),
          percent(receipts.utilization),
          percent(settle.utilization),
          `${delay.p50.toFixed(1)} s`,
          `${delay.p99.toFixed(1)} s`,
          saturated.join(', ') || '–',
        ];
      }),
    ),
  );
}

function microseconds(value: number): string {
  return `${(value * 1e6).toFixed(1)} µs`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)}%`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}
