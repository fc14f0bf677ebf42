/**
 * Measures rollup from the bytes of a raw file to deltas, compared with hyparquet's row objects and parquetjs-lite, and then
 * writing the deltas to a local DynamoDB.
 */
import { countEvents, type HourDelta } from '../core/aggregate/count-events.ts';
import { readEventColumns } from '../core/aggregate/event-columns.ts';
import { toParquet } from '../core/enrich/parquet-file.ts';
import { createRollupWriter } from '../stores/counters/rollup-writer.ts';
import { startDynamoDb } from '../test/dynamodb.ts';
import { type Counted, countObjects, countWithParquetjs, parquetjsFile } from './rollup/opponents.ts';
import { createRows } from './rollup/rows.ts';
import { entityHourKey } from '../schemas/counters.ts';

const rounds = 9;
/** Rows that a contender counts in one round, in files of the measured size. */
const rowsPerRound = 20_000;
const sizes = [1_000, 4_500];

const files = 20;
const rowsOfFile = 1_000;

for (const rows of sizes) await benchCounting(rows);
await benchApplying();

interface Contender {
  bytes: Uint8Array;
  count: (bytes: Uint8Array) => Promise<unknown>;
}

async function benchCounting(rows: number): Promise<void> {
  const events = createRows(1)(rows);
  const bytes = toParquet(events);
  const foreign = await parquetjsFile(events);
  const sums = [await countOurs(bytes), await countObjects(bytes), await countWithParquetjs(foreign)].map(total);
  if (new Set(sums).size !== 1) throw new Error(`the contenders disagree: ${sums.join(', ')}`);
  const contenders: Record<string, Contender> = {
    rollup: { bytes, count: async (file) => countEvents(await readEventColumns(file)) },
    'hyparquet, objects': { bytes, count: countObjects },
    'parquetjs-lite': { bytes: foreign, count: countWithParquetjs },
  };
  const speeds = new Map<string, number[]>(Object.keys(contenders).map((name) => [name, []]));
  for (const contender of Object.values(contenders)) await speed(contender, rows);
  for (let round = 0; round < rounds; round += 1)
    for (const [name, contender] of Object.entries(contenders)) speeds.get(name)?.push(await speed(contender, rows));
  const own = median(speeds.get('rollup') ?? []);
  console.log(
    `Parquet to deltas, files of ${rows} rows, events/s of one core, median of ${rounds} (limit ≥ 150,000, target 250,000)`,
  );
  for (const [name, values] of speeds) {
    const each = median(values);
    const bytesPerRow = (contenders[name]?.bytes.byteLength ?? 0) / rows;
    console.log(
      `  ${name.padEnd(20)} ${Math.round(each).toLocaleString('en').padStart(9)}   rollup is ${(own / each).toFixed(1)} × as fast   ${bytesPerRow.toFixed(0)} bytes a row`,
    );
  }
}

async function countOurs(bytes: Uint8Array): Promise<Counted> {
  return new Map(countEvents(await readEventColumns(bytes)).map((delta) => [entityHourKey(delta), delta.add]));
}

function total(counted: Counted): number {
  return [...counted.values()].flatMap((item) => Object.values(item)).reduce((sum, count) => sum + count, 0);
}

/**
 * Events per second of one core in one round: by CPU time, garbage collection included, because other processes of a
 * busy machine would be counted into wall time.
 */
async function speed({ bytes, count }: Contender, rows: number): Promise<number> {
  const files = Math.ceil(rowsPerRound / rows);
  const start = process.cpuUsage();
  for (let file = 0; file < files; file += 1) await count(bytes);
  const { user, system } = process.cpuUsage(start);
  return (files * rows * 1_000_000) / (user + system);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

async function benchApplying(): Promise<void> {
  const db = await startDynamoDb();
  const rollups = createRollupWriter({
    client: db.client,
    table: db.tables.rollups,
    backoff: {
      now: Date.now,
      sleep: (wait) => new Promise((resolve) => setTimeout(resolve, wait)),
      random: Math.random,
    },
    hotDays: 90,
    markerDays: 40,
  });
  console.log(`deltas to a local DynamoDB, ${files} files of ${rowsOfFile} clicks on 2,000 links (Zipf), sequentially`);
  for (const groupSize of [1, files]) {
    const rows = createRows(2);
    const deltas = new Map<string, HourDelta[]>();
    for (let file = 0; file < files; file += 1)
      deltas.set(`raw/${groupSize}-${file}`, countEvents(await readEventColumns(toParquet(rows(rowsOfFile)))));
    let [updates, transactions] = [0, 0];
    const start = performance.now();
    for (let at = 0; at < files; at += groupSize) {
      const keys = [...deltas.keys()].slice(at, at + groupSize);
      const applied = await rollups.applyFiles(keys, {
        count: async (key) => deltas.get(key) ?? [],
        deadline: Date.now() + 60_000,
      });
      updates += applied.updates;
      transactions += applied.transactions;
    }
    const seconds = (performance.now() - start) / 1_000;
    const events = files * rowsOfFile;
    function perSecond(count: number): string {
      return Math.round(count / seconds).toLocaleString('en');
    }
    console.log(
      `  groups of ${String(groupSize).padStart(2)}: ${perSecond(events)} events/s, ${perSecond(updates)} updates/s, ${perSecond(transactions)} transactions/s; ${(updates / events).toFixed(2)} items per click`,
    );
  }
  await db.stop();
}
