import { PutObjectCommand } from '@aws-sdk/client-s3';
import { partitionOf, rawKey } from '#schemas/lake-keys.ts';
import type { EventRow } from '#schemas/event.ts';
import { countEvents } from '#core/aggregate/count-events.ts';
import { readEventColumns } from '#core/aggregate/event-columns.ts';
import type { SettleDeps, SettleEvent } from '#jobs/settle/deps.ts';
import { createAthena, type QueryReport } from '#stores/lake/athena.ts';
import { createLake } from '#stores/lake/lake.ts';
import { createMetricList } from '#stores/catalog/page-metrics.ts';
import { createDirtyHours } from '#stores/counters/dirty-hours.ts';
import { createPartitions } from '#stores/lake/glue-partitions.ts';
import { createRollupReader } from '#stores/counters/rollup-reader.ts';
import { createRollupWriter } from '#stores/counters/rollup-writer.ts';
import { createSettleState } from '#stores/settle/settle-state.ts';
import { createSettledFiles } from '#stores/lake/settled-files.ts';
import { createSettledRollups } from '#stores/counters/settled-counters.ts';
import { createTable, startDynamoDb, type TestDynamoDb } from '#test/dynamodb.ts';
import { rawFileOf } from '#test/raw-file.ts';
import { bucket, database, startLake, type TestLake } from './start-lake.ts';

/** A lake and its tables on local servers. The test controls the clock and random numbers. */
export interface World {
  lake: TestLake;
  db: TestDynamoDb;
  deps: SettleDeps;
  events: SettleEvent[];
  queries: QueryReport[];
  reader: ReturnType<typeof createRollupReader>;
  /** Writes rows like enrich, one raw file per event hour, and counts each like rollup. */
  write: (rows: readonly EventRow[]) => Promise<string[]>;
  /** Names of its catalog and rollups tables. */
  tables: { catalog: string; rollups: string };
  stop: () => Promise<void>;
}

export interface Servers {
  lake: TestLake;
  db: TestDynamoDb;
  stop: () => Promise<void>;
}

export async function startWorld(zones: string[] = []): Promise<World> {
  return createWorld(await startServers(), zones);
}

let worlds = 0;

/** Creates an empty lake and empty tables on running servers. */
export async function createWorld(
  { lake, db, stop }: Servers,
  zones: string[] = [],
  { entitiesAtOnce = 1 } = {},
): Promise<World> {
  await lake.emptyBucket();
  const name = `w${worlds++}`;
  await createTable(db.client, `${name}-catalog`, true);
  await createTable(db.client, `${name}-rollups`);
  let tick = Date.parse('2026-12-01T00:00:00Z');
  let files = 0;
  function now() {
    return tick++;
  }
  function random(bytes: number) {
    return Uint8Array.from({ length: bytes }, (_, at) => (tick + at) % 32);
  }
  const events: SettleEvent[] = [];
  const queries: QueryReport[] = [];
  const athena = createAthena({
    client: lake.athena,
    database,
    workGroup: 'jobs',
    now: Date.now,
    sleep: pause,
    onReport: (report) => void queries.push(report),
  });
  const store = createLake({ client: lake.s3, bucket });
  const deps: SettleDeps = {
    athena,
    state: createSettleState({ client: db.client, table: `${name}-catalog`, now }),
    lake: store,
    files: createSettledFiles({ client: lake.s3, bucket }),
    partitions: createPartitions({ client: lake.glue, database }),
    rollups: createSettledRollups({ client: db.client, table: `${name}-rollups`, now, hotDays: 90, entitiesAtOnce }),
    dirty: createDirtyHours({ client: db.client, table: `${name}-rollups` }),
    bucket,
    backlog: async () => ({ waiting: 0, received: undefined, arrived: 0 }),
    hotCounted: async () => undefined,
    zones: async () => zones,
    metrics: createMetricList({ client: db.client, table: `${name}-catalog` }),
    windows: { known: 10, unknown: 2 },
    now,
    random,
    report: (event) => void events.push(event),
  };
  const writer = createRollupWriter({
    client: db.client,
    table: `${name}-rollups`,
    backoff: { now, sleep: pause, random: () => 0.5 },
    hotDays: 90,
    markerDays: 40,
  });
  async function write(rows: readonly EventRow[]): Promise<string[]> {
    const keys: string[] = [];
    for (const part of Map.groupBy(rows, ({ occurred_at }) => Math.floor(occurred_at / 3_600_000)).values()) {
      const ulid = String(files++).padStart(26, '0');
      const key = rawKey(partitionOf(part[0]?.occurred_at ?? 0), ulid, part.length);
      const bytes = rawFileOf(part);
      await lake.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes }));
      await writer.applyFiles([key], {
        count: async () => countEvents(await readEventColumns(bytes)),
        deadline: Number.POSITIVE_INFINITY,
      });
      keys.push(key);
    }
    return keys;
  }
  return {
    lake,
    db,
    deps,
    events,
    queries,
    tables: { catalog: `${name}-catalog`, rollups: `${name}-rollups` },
    write,
    reader: createRollupReader({ client: db.client, table: `${name}-rollups`, now }),
    stop,
  };
}

function pause(milliseconds: number) {
  return new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
}

export async function startServers(tables?: readonly unknown[]): Promise<Servers> {
  const [lake, db] = await Promise.all([startLake(tables), startDynamoDb()]);
  return {
    lake,
    db,
    stop: async () => {
      await lake.stop();
      await db.stop();
    },
  };
}
