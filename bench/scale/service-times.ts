import { geographyFolder } from '../../cli/geography-folder.ts';
import { countEvents } from '../../core/aggregate/count-events.ts';
import { readEventColumns } from '../../core/aggregate/event-columns.ts';
import { measured } from '../../core/cost/measured.ts';
import { stackShape, taken } from '../../core/cost/stack-shape.ts';
import { toParquet } from '../../core/enrich/parquet-file.ts';
import { enrichBatch } from '../../functions/enrich/enrich.ts';
import { parseQueueEvent } from '../../functions/enrich/queue-event.ts';
import { loadGeography } from '../../stores/geography/geography-database.ts';
import { createEnrichOptions } from '../enrich/options.ts';
import { createRandom, sqsEventText, trafficOf } from '../enrich/traffic.ts';
import { createRows } from '../rollup/rows.ts';
import type { ServiceTimes } from './platform.ts';

const batchSize = 1_000;
const rounds = 7;

/**
 * Measures our code on one core of this machine: CPU seconds per event, and counters written per number of clicks. With the
 * memory of enrich and rollup, Lambda gives them a part of a core.
 */
export async function measureServiceTimes(): Promise<ServiceTimes> {
  return {
    redirectSeconds: taken.redirectSeconds,
    enrichSecondsPerEvent: (await measureEnrich()) / coreShare(stackShape.enrichMemoryGb),
    rollupSecondsPerEvent: (await measureRollup()) / coreShare(stackShape.rollupMemoryGb),
    updates: await measureUpdates(),
    // A transaction takes twice the write units. Half of the updates are of links, half of larger items.
    unitsPerUpdate: measured.linkItemUnits + measured.pageItemUnits,
    updatesPerTransaction: 99,
    readsAtOnce: 8,
  };
}

function coreShare(memoryGb: number): number {
  return Math.min(1, memoryGb / taken.gbPerCore);
}

async function measureEnrich(): Promise<number> {
  const startAt = Date.UTC(2026, 10, 22, 7, 5);
  const { visits } = trafficOf(undefined);
  const random = createRandom(7);
  const batches = Array.from({ length: Math.floor(visits.length / batchSize) }, (_, index) =>
    sqsEventText(visits.slice(index * batchSize, (index + 1) * batchSize), startAt, random),
  );
  const geography = await loadGeography({
    source: { directory: geographyFolder(), object: 'none' },
    readObject: () => Promise.reject(new Error('the bench reads no object')),
    warn: console.warn,
  });
  const options = createEnrichOptions(startAt, { lake: { put: async () => undefined }, geography });
  return cpuSecondsPerEvent(batches.length * batchSize, async () => {
    for (const text of batches) await enrichBatch(parseQueueEvent(JSON.parse(text)), options);
  });
}

async function measureRollup(): Promise<number> {
  const bytes = toParquet(createRows(1)(batchSize));
  return cpuSecondsPerEvent(10 * batchSize, async () => {
    for (let file = 0; file < 10; file += 1) countEvents(await readEventColumns(bytes));
  });
}

/** Returns the median of some rounds, after one that is not measured. */
async function cpuSecondsPerEvent(events: number, work: () => Promise<void>): Promise<number> {
  const seconds: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    if (round > 0) seconds.push((user + system) / 1e6 / events);
  }
  return seconds.toSorted((one, other) => one - other)[rounds >> 1] ?? Number.NaN;
}

/** Counts the counters that 1 to 100,000 clicks of the same hour write, and interpolates between. */
async function measureUpdates(): Promise<(clicks: number) => number> {
  const points: [clicks: number, updates: number][] = [[0, 0]];
  for (const clicks of [1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000]) {
    const columns = await readEventColumns(toParquet(createRows(clicks)(clicks)));
    points.push([clicks, countEvents(columns).length]);
  }
  return (clicks) => {
    const after = points.findIndex(([count]) => count >= clicks);
    if (after < 0) return points.at(-1)?.[1] ?? 0;
    const [[fromClicks, from] = [0, 0], [toClicks, to] = [0, 0]] = [points[after - 1], points[after]];
    return toClicks === fromClicks ? to : from + ((to - from) * (clicks - fromClicks)) / (toClicks - fromClicks);
  };
}
