import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startLocalStack } from '../../local/stack.ts';
import { createBenchLinks } from '../pipeline/links.ts';
import { percentile, runClicks } from '../pipeline/click-run.ts';
import { aws, type Platform, type ServiceTimes, type StackSettings } from './platform.ts';
import { simulate } from './simulate.ts';

/** Seconds from the response to the count. */
export interface Freshness {
  p50: number;
  p99: number;
}

export interface Comparison {
  rate: number;
  measured: Freshness;
  simulated: Freshness;
}

const seconds = 30;
const warmUpClicks = 2_000;

/** The local stack in the numbers of the simulation: what its code sets, and for the rest a few milliseconds. */
const local: Platform = {
  ...aws,
  pollers: { atStart: 1, morePerSecond: 0 },
  receivesPerPoller: 1_000,
  s3Seconds: 0.005,
  transactionSeconds: 0.01,
  notificationSeconds: 0.05,
  sendSeconds: 0.005,
};

/**
 * Sends clicks to the local stack at a few rates, and simulates the same.
 * @param windowSeconds the batching window of both queues
 */
export async function compareWithLocalStack(
  rates: readonly number[],
  { times, settings, windowSeconds }: { times: ServiceTimes; settings: StackSettings; windowSeconds: number },
): Promise<Comparison[]> {
  const directory = mkdtempSync(path.join(tmpdir(), 'hopcount-scale-'));
  const stack = await startLocalStack({
    dataDirectory: directory,
    port: 0,
    schedules: false,
    seed: false,
    batchWindowSeconds: windowSeconds,
    log: console.error,
  });
  const oneAtATime = { windowSeconds, concurrency: 1 };
  const localSettings = {
    ...settings,
    clicks: { ...settings.clicks, ...oneAtATime },
    files: { ...settings.files, ...oneAtATime },
  };
  try {
    const codes = await createBenchLinks(stack.catalog, 200);
    function pathsOf(count: number): string[] {
      return Array.from({ length: count }, (_each, index) => `/${codes[index % codes.length]}`);
    }
    await runClicks(stack, { connections: 8, paths: pathsOf(warmUpClicks) });
    const comparisons: Comparison[] = [];
    for (const rate of rates) {
      const paths = pathsOf(rate * seconds);
      const { delays } = await runClicks(stack, {
        connections: 64,
        paths,
        due: paths.map((_path, index) => (1000 * index) / rate),
      });
      const measured = { p50: percentile(delays, 0.5) / 1000, p99: percentile(delays, 0.99) / 1000 };
      const run = { rate: () => rate, seconds, platform: local, settings: localSettings, times, seed: 1 };
      comparisons.push({ rate, measured, simulated: simulate(run).freshness });
    }
    return comparisons;
  } finally {
    await stack.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}
