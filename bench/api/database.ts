import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTable, dynoxideCommand, type TestDynamoDb } from '#test/dynamodb.ts';
import { exportRollups, type World } from './seed.ts';

/** dynoxide over the counters of a world; catalog and cache are empty. */
export async function startDatabase(world: World): Promise<TestDynamoDb & { items: number }> {
  const directory = mkdtempSync(path.join(tmpdir(), 'hopcount-bench-api-'));
  const items = await importRollups(directory, world);
  const port = await freePort();
  const args = ['serve', '--port', String(port), '--db-path', path.join(directory, 'tables.db')];
  const server = spawn(dynoxideCommand(), args, { stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
  await untilListening(client);
  const tables = { catalog: 'catalog', rollups: 'rollups', cache: 'cache' };
  await createTable(client, tables.catalog, true);
  await createTable(client, tables.cache);
  return {
    client,
    endpoint,
    tables,
    items,
    stop: async () => {
      client.destroy();
      const exited = once(server, 'exit');
      server.kill();
      await exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const keySchema = [
  { AttributeName: 'pk', KeyType: 'HASH' },
  { AttributeName: 'sk', KeyType: 'RANGE' },
];

const rollupsTable = {
  Table: {
    TableName: 'rollups',
    KeySchema: keySchema,
    AttributeDefinitions: keySchema.map(({ AttributeName }) => ({ AttributeName, AttributeType: 'S' })),
    BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
  },
};

/** Imports a table of the world's counters: half a million items in seconds, where batches of 25 take ten minutes. */
async function importRollups(directory: string, world: World): Promise<number> {
  const data = path.join(directory, 'export', 'rollups', 'data');
  const schema = path.join(directory, 'schema.json');
  mkdirSync(data, { recursive: true });
  writeFileSync(schema, JSON.stringify(rollupsTable));
  const items = await exportRollups(world, path.join(data, 'items.json.gz'));
  const output = path.join(directory, 'tables.db');
  const source = path.join(directory, 'export');
  execFileSync(dynoxideCommand(), ['import', '--source', source, '--schema', schema, '--output', output], {
    stdio: 'ignore',
  });
  return items;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no free port on 127.0.0.1');
  return address.port;
}

const startedWithin = 30_000;

async function untilListening(client: DynamoDBClient): Promise<void> {
  const deadline = performance.now() + startedWithin;
  for (;;) {
    try {
      await client.send(new ListTablesCommand({}));
      return;
    } catch (cause) {
      if (performance.now() > deadline) throw new Error(`dynoxide did not listen in ${startedWithin} ms`, { cause });
      await sleep(50);
    }
  }
}
