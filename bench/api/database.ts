import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { findDynoxide, startDynoxide } from '../../local/backends/dynoxide.ts';
import { createTable, type TestDynamoDb } from '../../test/dynamodb.ts';
import { exportRollups, type World } from './seed.ts';
import { tableKeys } from '../../schemas/tables.ts';

/** Starts dynoxide with the counters of the data; catalog and cache are empty. */
export async function startDatabase(world: World): Promise<TestDynamoDb & { items: number }> {
  const directory = mkdtempSync(path.join(tmpdir(), 'hopcount-bench-api-'));
  const items = await importRollups(directory, world);
  const server = await startDynoxide({ binary: findDynoxide(), database: path.join(directory, 'tables.db') });
  const endpoint = server.url;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
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
      server.stop();
      await server.ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const keySchema = [
  { AttributeName: tableKeys.partition, KeyType: 'HASH' },
  { AttributeName: tableKeys.sort, KeyType: 'RANGE' },
];

const rollupsTable = {
  Table: {
    TableName: 'rollups',
    KeySchema: keySchema,
    AttributeDefinitions: keySchema.map(({ AttributeName }) => ({ AttributeName, AttributeType: 'S' })),
    BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
  },
};

/** Imports the counters. This takes seconds for half a million items; batches of 25 would take ten minutes. */
async function importRollups(directory: string, world: World): Promise<number> {
  const data = path.join(directory, 'export', 'rollups', 'data');
  const schema = path.join(directory, 'schema.json');
  mkdirSync(data, { recursive: true });
  writeFileSync(schema, JSON.stringify(rollupsTable));
  const items = await exportRollups(world, path.join(data, 'items.json.gz'));
  const output = path.join(directory, 'tables.db');
  const source = path.join(directory, 'export');
  execFileSync(findDynoxide(), ['import', '--source', source, '--schema', schema, '--output', output], {
    stdio: 'ignore',
  });
  return items;
}
