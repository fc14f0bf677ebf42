/**
 * Measures enrich on one core, from the JSON text of SQS batches of 1,000 messages to the bytes of raw files with
 * geography, against the same rows written with parquetjs-lite. `npm run bench -- enrich <access log>` takes the mix of
 * user agents, referrers and addresses from a log; without a log, it is generated.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { enrichEvent, unknownPage } from '../core/enrich/enrich-event.ts';
import { hmacKey } from '../core/visitors/hmac.ts';
import { createSalt } from '../core/visitors/identity.ts';
import { readMessage } from '../core/enrich/read-message.ts';
import { parseAgent } from '../core/user-agent/user-agent.ts';
import { enrichBatch } from '../functions/enrich/enrich.ts';
import { parseQueueEvent } from '../functions/enrich/queue-event.ts';
import { loadGeography } from '../stores/geography/geography-database.ts';
import { geographyFolder } from '../cli/geography-folder.ts';
import { table } from '../cli/table.ts';
import { writeWithParquetjs } from './enrich/opponent.ts';
import { createEnrichOptions } from './enrich/options.ts';
import { createRandom, sqsEventText, trafficOf } from './enrich/traffic.ts';

const batchSize = 1_000;
const rounds = 15;
const opponentRounds = 5;
const startAt = Date.UTC(2026, 10, 22, 7, 5);

const log = process.argv[2];
const { visits, source } = trafficOf(log);
const random = createRandom(7);
const batches = Array.from({ length: Math.floor(visits.length / batchSize) }, (_, index) =>
  sqsEventText(visits.slice(index * batchSize, (index + 1) * batchSize), startAt + index * batchSize * 37, random),
);
const events = batches.length * batchSize;
const userAgents = [...new Set(visits.flatMap(({ userAgent }) => userAgent ?? []))];

const geography = await loadGeography({
  source: { directory: geographyFolder(), object: 'none' },
  readObject: () => Promise.reject(new Error('the bench reads no object')),
  warn: console.warn,
});
const key = hmacKey(randomBytes(32));
let bytes = 0;
async function put(_: string, file: Uint8Array): Promise<void> {
  bytes += file.byteLength;
}
const options = createEnrichOptions(startAt, { lake: { put }, geography });

const [cold, warm, opponent] = [measure(), measure(), measure()];
for (let round = 0; round < 5; round++) await enrichAll();
for (let round = 0; round < rounds; round++) {
  await run(enrichCold, cold);
  await run(enrichAll, warm);
  if (round < opponentRounds) await run(enrichWithParquetjs, opponent);
}

console.log(
  `${whole(events)} events of ${source}, ${userAgents.length} user agents, batches of ${whole(batchSize)}; medians of ${rounds} (limit ≥ 40,000, target 60,000; ≥ 2.5 × parquetjs-lite)`,
);
console.log(
  table(
    ['', 'events/s', 'events/s of CPU', 'ours is', 'bytes/event'],
    [
      line('enrich, user agents not yet seen', cold),
      line('enrich, user agents seen before', warm),
      line('the same with parquetjs-lite, gzip', opponent),
    ],
  ),
);

// With spare memory, V8 delays garbage collection. The second line shows what is needed.
const smallHeap = ['--max-old-space-size=96', '--max-semi-space-size=8'];
console.log(`peak resident size without geography (limit 256 MB): ${memoryOf(1, [])} MB for one batch,`);
console.log(`${memoryOf(100, smallHeap)} MB for a hundred in sequence with ${smallHeap.join(' ')}`);

interface Result {
  wall: number[];
  cpu: number[];
  bytes: number;
}

function measure(): Result {
  return { wall: [], cpu: [], bytes: 0 };
}

async function enrichAll(): Promise<void> {
  for (const text of batches) await enrichBatch(parseQueueEvent(JSON.parse(text)), options);
}

/** Measures one round: events per second by wall time and by CPU time, including garbage collection on other threads. */
async function run(work: () => Promise<void>, result: Result): Promise<void> {
  bytes = 0;
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  result.wall.push((events * 1_000) / wall);
  result.cpu.push((events * 1_000_000) / (user + system));
  result.bytes = bytes / events;
}

/** Measures a new environment, which parses each distinct user agent once. */
async function enrichCold(): Promise<void> {
  for (const userAgent of userAgents) parseAgent(userAgent);
  await enrichAll();
}

async function enrichWithParquetjs(): Promise<void> {
  for (const text of batches) {
    const salt = createSalt(key);
    const context = { geography, settingsOf: () => unknownPage, saltOf: () => salt };
    const rows = parseQueueEvent(JSON.parse(text)).map((record) => enrichEvent(readMessage(record), context).row);
    bytes += await writeWithParquetjs(rows);
  }
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function line(name: string, { wall, cpu, bytes: perEvent }: Result): string[] {
  return [
    name,
    whole(median(wall)),
    whole(median(cpu)),
    `${(median(cold.cpu) / median(cpu)).toFixed(1)} ×`,
    perEvent.toFixed(1),
  ];
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

function memoryOf(batchCount: number, flags: readonly string[]): string {
  return execFileSync(
    process.execPath,
    [...flags, join(import.meta.dirname, 'enrich', 'memory.ts'), String(batchCount), ...(log ? [log] : [])],
    { encoding: 'utf8' },
  ).trim();
}
