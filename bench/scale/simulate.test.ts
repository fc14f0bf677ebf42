import { describe, expect, it } from 'vitest';
import { createEventQueue } from './event-queue.ts';
import { estimateReceipts, estimateSettle } from './jobs.ts';
import { aws, type Platform, type ServiceTimes, type StackSettings } from './platform.ts';
import { type Scenario, simulate } from './simulate.ts';

const times: ServiceTimes = {
  redirectSeconds: 0.025,
  enrichSecondsPerEvent: 0.001,
  rollupSecondsPerEvent: 0,
  updates: (clicks) => Math.min(clicks, 500),
  unitsPerUpdate: 2,
  updatesPerTransaction: 98,
  readsAtOnce: 10,
};

const settings: StackSettings = {
  redirectConcurrency: 500,
  clicks: { batchSize: 1000, windowSeconds: 5, concurrency: 20 },
  files: { batchSize: 100, windowSeconds: 5, concurrency: 5 },
  warmWriteUnits: 4000,
};

function scenario(change: Partial<Scenario>): Scenario {
  return { rate: () => 100, seconds: 120, platform: aws, settings, times, seed: 1, ...change };
}

const quick: Platform = { ...aws, receivesPerPoller: 100_000, pollers: { atStart: 1, morePerSecond: 0 } };

describe('the simulation', () => {
  it('counts every click that it accepted, once the queues are empty', () => {
    const result = simulate(scenario({ rate: (at) => (at < 60 ? 200 : 0) }));
    expect(result.sent).toBeGreaterThan(11_000);
    expect(result).toMatchObject({
      counted: result.sent,
      throttled: 0,
      enrich: { backlog: 0 },
      rollup: { backlog: 0 },
    });
  });

  it('lets a lone click wait for both windows and for the notification', () => {
    const result = simulate(scenario({ rate: (at) => (at < 0.15 ? 10 : 0), seed: 3 }));
    expect(result.sent).toBe(1);
    const least = 5 + aws.notificationSeconds + 5;
    expect(result.freshness.p50).toBeGreaterThan(least);
    expect(result.freshness.p50).toBeLessThan(least + 0.8);
  });

  it('uses what Little’s law says: rate × time per click ÷ concurrency', () => {
    const result = simulate(scenario({ rate: () => 400, seconds: 600 }));
    const perBatch = result.enrich.messages / result.enrich.batches;
    const seconds = times.enrichSecondsPerEvent + aws.s3Seconds / perBatch;
    expect(result.enrich.utilization).toBeCloseTo((400 * seconds) / settings.clicks.concurrency, 2);
  });

  it('grows a backlog where clicks need more than the allowed concurrency', () => {
    const one = { ...settings, clicks: { batchSize: 100, windowSeconds: 1, concurrency: 1 } };
    const [below, above] = [600, 1200].map((rate) =>
      simulate(scenario({ rate: () => rate, platform: quick, settings: one })),
    );
    expect(below?.enrich.backlog).toBeLessThan(600);
    expect(above?.enrich.backlog).toBeGreaterThan(120 * 350);
    expect(above?.enrich.utilization).toBeGreaterThan(0.95);
  });

  it('refuses requests above ten a second for each allowed execution', () => {
    const result = simulate(
      scenario({ rate: () => 6000, seconds: 20, settings: { ...settings, redirectConcurrency: 500 } }),
    );
    expect(result.sent).toBe(100_000);
    expect(result.throttled).toBeGreaterThan(18_000);
  });

  it('delays counts, and loses none, where the table takes fewer writes', () => {
    const scarce = { ...settings, warmWriteUnits: 40 };
    const result = simulate(
      scenario({ rate: (at) => (at < 5 ? 400 : 0), settings: scarce, platform: { ...aws, tableUnits: 40 } }),
    );
    expect(result.table.utilization).toBeGreaterThan(0.3);
    expect(result.counted).toBe(result.sent);
  });
});

describe('the jobs', () => {
  const quiet = { platform: aws, times: { ...times, rollupSecondsPerEvent: 2e-6 } };

  it('need time in proportion to what arrives', () => {
    const one = { ...quiet, clicksPerSecond: 1_000, filesPerSecond: 5 };
    const ten = { ...quiet, clicksPerSecond: 10_000, filesPerSecond: 50 };
    // 900,000 lines are 113 pages of 8,000, and 4 of half a second are read at the same time.
    expect(estimateReceipts(one).seconds).toBeCloseTo(113 / 8);
    expect(estimateReceipts(ten).seconds / estimateReceipts(one).seconds).toBeCloseTo(10, 0);
    expect(estimateReceipts({ ...one, clicksPerSecond: 0 }).seconds).toBe(0);
    const growth = estimateSettle(ten).seconds / estimateSettle(one).seconds;
    expect(growth).toBeGreaterThan(5);
    expect(growth).toBeLessThan(12);
  });

  it('read each file once more for each slice, at the rate that S3 allows', () => {
    const many = { ...quiet, clicksPerSecond: 1_000, filesPerSecond: 1_000 };
    const more = { ...many, platform: { ...aws, getsPerPrefix: 2 * aws.getsPerPrefix } };
    const difference = estimateSettle(many).seconds - estimateSettle(more).seconds;
    expect(difference).toBeCloseTo((3 * 3_600_000) / aws.getsPerPrefix / 2);
  });
});

describe('the event queue', () => {
  it('runs by time, and in the order of the calls at the same time', () => {
    const queue = createEventQueue();
    const ran: string[] = [];
    for (const [at, name] of [
      [3, 'd'],
      [1, 'a'],
      [2, 'b'],
      [2, 'c'],
      [9, 'late'],
    ] as const)
      queue.schedule(at, () => ran.push(`${name}${queue.now()}`));
    queue.schedule(1, () => queue.schedule(0, () => ran.push('past')));
    queue.runUntil(5);
    expect(ran).toEqual(['a1', 'past', 'b2', 'c2', 'd3']);
    expect(queue.now()).toBe(5);
  });
});
