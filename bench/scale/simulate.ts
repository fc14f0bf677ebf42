import { createRandom } from '../detect/series-generator.ts';
import { type Arrival, createBatchStage, type Messages, type StageNumbers } from './batch-stage.ts';
import { createEventQueue } from './event-queue.ts';
import type { Platform, ServiceTimes, StackSettings } from './platform.ts';

export interface Scenario {
  /** Clicks per second at a time in seconds. */
  rate: (at: number) => number;
  seconds: number;
  platform: Platform;
  settings: StackSettings;
  times: ServiceTimes;
  seed: number;
}

export interface Simulation {
  sent: number;
  counted: number;
  /** Requests over the function's limits. The visitor gets an error, so no event exists. */
  throttled: number;
  redirect: { utilization: number };
  enrich: StageNumbers;
  rollup: StageNumbers;
  /** Write units per second by the table's limit, and the longest time that a write waits for the limit. */
  table: { utilization: number; largestDelay: number };
  /** The busiest counter, of the whole stack: share of the time in which a transaction holds it. */
  busiestItem: { utilization: number };
  /** Seconds from the response to the count, of all clicks counted, 50th and 99th percentile and the last minute's. */
  freshness: { p50: number; p99: number; end: number };
}

/** Arrivals come in groups of this many seconds. */
const tickSeconds = 0.1;

/** Simulates redirect, click queue, enrich, file queue, rollup and its table. Settings and times are inputs. */
export function simulate(scenario: Scenario): Simulation {
  const { platform, settings, times } = scenario;
  const clock = createEventQueue();
  const random = createRandom(scenario.seed);
  const edge = createEdge(scenario, random);
  const table = createLimit(Math.max(settings.warmWriteUnits, platform.tableUnits));
  const item = createLimit(1 / platform.transactionSeconds);
  const freshness = createFreshness();

  const shared = {
    clock,
    random,
    receivesPerTick: platform.receivesPerPoller * tickSeconds,
    pollers: platform.pollers,
  };
  const rollup = createBatchStage({
    ...shared,
    ...settings.files,
    maximumConcurrency: settings.files.concurrency,
    divisible: false,
    serve: (batch) => {
      const clicks = sum(batch.flatMap(({ arrivals }) => arrivals));
      const updates = times.updates(clicks);
      const transactions = Math.ceil(updates / times.updatesPerTransaction);
      const reading = Math.ceil(batch.length / times.readsAtOnce) * platform.s3Seconds;
      // One more transaction claims the files.
      const writing = (transactions + 1) * platform.transactionSeconds;
      const own = clock.now() + reading + clicks * times.rollupSecondsPerEvent + writing;
      const units = updates * times.unitsPerUpdate + 2 * batch.length;
      return Math.max(own, table.take(clock.now(), units), item.take(clock.now(), 1) + reading);
    },
    done: (batch) => {
      for (const { arrivals } of batch) for (const arrival of arrivals) freshness.add(arrival, clock.now());
    },
  });
  const enrich = createBatchStage({
    ...shared,
    ...settings.clicks,
    maximumConcurrency: settings.clicks.concurrency,
    divisible: true,
    serve: (_batch, count) => clock.now() + count * times.enrichSecondsPerEvent + platform.s3Seconds,
    done: (batch) => {
      const arrivals = batch.flatMap((messages) => messages.arrivals);
      clock.schedule(clock.now() + platform.notificationSeconds, () => rollup.put({ count: 1, arrivals }));
    },
  });
  runTicks(scenario.seconds, (at) => {
    clock.runUntil(at);
    const clicks = edge.accept(at);
    const messages: Messages = { count: clicks, arrivals: [{ at, clicks }] };
    if (clicks > 0) clock.schedule(at + times.redirectSeconds + platform.sendSeconds, () => enrich.put(messages));
    for (const stage of [enrich, rollup]) stage.tick(tickSeconds);
  });
  return {
    ...edge.totals(),
    counted: Math.round(freshness.counted()),
    enrich: enrich.numbers(),
    rollup: rollup.numbers(),
    table: { utilization: table.used() / scenario.seconds, largestDelay: table.largestDelay() },
    busiestItem: { utilization: item.used() / scenario.seconds },
    freshness: freshness.percentiles(),
  };
}

function runTicks(seconds: number, tick: (at: number) => void): void {
  for (let count = 1; count * tickSeconds <= seconds + tickSeconds / 2; count += 1) tick(count * tickSeconds);
}

/** Accepts requests up to what the function's concurrency and request rate allow. */
function createEdge({ rate, platform, settings, times }: Scenario, random: () => number) {
  const { redirectConcurrency } = settings;
  let environments = Math.min(redirectConcurrency, platform.environmentsPerSecond * 10);
  let [sent, throttled, busySeconds, elapsed] = [0, 0, 0, 0];
  return {
    accept: (at: number): number => {
      const clicks = poisson(rate(at) * tickSeconds, random);
      const byRate = redirectConcurrency * platform.requestsPerConcurrency * tickSeconds;
      const byConcurrency = (environments / times.redirectSeconds) * tickSeconds;
      const accepted = Math.floor(Math.min(clicks, byRate, byConcurrency));
      environments = Math.min(redirectConcurrency, environments + platform.environmentsPerSecond * tickSeconds);
      sent += accepted;
      throttled += clicks - accepted;
      busySeconds += Math.max(accepted * times.redirectSeconds, accepted / platform.requestsPerConcurrency);
      elapsed += tickSeconds;
      return accepted;
    },
    totals: () => ({
      sent,
      throttled,
      redirect: { utilization: busySeconds / (elapsed * redirectConcurrency) },
    }),
  };
}

/** Something that serves `perSecond` units a second, in order. */
function createLimit(perSecond: number) {
  let [freeAt, used, largestDelay] = [0, 0, 0];
  return {
    /** Returns the time at which the units are served. */
    take: (at: number, units: number): number => {
      const seconds = units / perSecond;
      largestDelay = Math.max(largestDelay, freeAt - at);
      freeAt = Math.max(freeAt, at) + seconds;
      used += seconds;
      return freeAt;
    },
    used: () => used,
    largestDelay: () => largestDelay,
  };
}

/** Buckets of freshness have this many seconds. */
const bucketSeconds = 0.1;

function createFreshness() {
  const all = new Map<number, number>();
  const recent = new Map<number, number>();
  let counted = 0;
  let recentSince = 0;
  return {
    add: ({ at, clicks }: Arrival, now: number): void => {
      const bucket = Math.round((now - at) / bucketSeconds);
      all.set(bucket, (all.get(bucket) ?? 0) + clicks);
      if (now - recentSince > 60) {
        recent.clear();
        recentSince = now;
      }
      recent.set(bucket, (recent.get(bucket) ?? 0) + clicks);
      counted += clicks;
    },
    counted: () => counted,
    percentiles: () => ({ p50: percentile(all, 0.5), p99: percentile(all, 0.99), end: percentile(recent, 0.5) }),
  };
}

function percentile(buckets: ReadonlyMap<number, number>, share: number): number {
  const sorted = [...buckets].toSorted(([one], [other]) => one - other);
  const total = sorted.reduce((sum, [, clicks]) => sum + clicks, 0);
  let below = 0;
  for (const [bucket, clicks] of sorted) {
    below += clicks;
    if (below >= share * total) return bucket * bucketSeconds;
  }
  return Number.NaN;
}

function sum(arrivals: readonly Arrival[]): number {
  return arrivals.reduce((total, { clicks }) => total + clicks, 0);
}

/** Knuth's method for small means, the normal approximation above 50. */
function poisson(mean: number, random: () => number): number {
  if (mean > 50) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
  }
  const limit = Math.exp(-mean);
  let [count, product] = [0, random()];
  while (product > limit) {
    count += 1;
    product *= random();
  }
  return count;
}
