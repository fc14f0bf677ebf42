import { DynamoDBClient, GetItemCommand, PutItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startDynamoDb, type TestDynamoDb } from '#test/dynamodb.ts';
import { createServiceFaults } from '../fault-injection/service-faults.ts';
import type { Listening } from './listen.ts';
import { startTablesGate, readTableNames } from './tables-gate.ts';

const serviceFaults = createServiceFaults();
let db: TestDynamoDb;
let gate: Listening;
let client: DynamoDBClient;

beforeAll(async () => {
  db = await startDynamoDb();
  gate = await startTablesGate({
    tablesUrl: db.endpoint,
    services: { catalog: 'catalog', rollups: 'rollups', cache: 'cache' },
    serviceFaults,
  });
  client = new DynamoDBClient({
    endpoint: gate.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
    requestHandler: { requestTimeout: 200, throwOnRequestTimeout: true },
  });
});
afterAll(async () => {
  client.destroy();
  await gate.stop();
  await db.stop();
});
beforeEach(() => serviceFaults.set({ catalog: 'working', rollups: 'working', cache: 'working' }));

const key = { pk: { S: 'a' }, sk: { S: 'b' } };
function read(table: string) {
  return client.send(new GetItemCommand({ TableName: table, Key: key }));
}

it('passes requests on when their services work', async () => {
  serviceFaults.set({ cache: 'failing' });
  await client.send(new PutItemCommand({ TableName: 'rollups', Item: { ...key, clicks: { N: '3' } } }));
  expect((await read('rollups')).Item?.['clicks']?.N).toBe('3');
});

it.each([
  ['failing', 'InternalServerError'],
  ['throttled', 'ProvisionedThroughputExceededException'],
  ['hanging', 'TimeoutError'],
] as const)('a table that is %s is a client’s %s', async (mode, name) => {
  serviceFaults.set({ rollups: mode });
  await expect(read('rollups')).rejects.toMatchObject({ name });
  await expect(read('catalog')).resolves.toBeDefined();
  serviceFaults.set({ rollups: 'working' });
  await expect(read('rollups')).resolves.toBeDefined();
});

it('refuses a transaction for any table in it, whole', async () => {
  serviceFaults.set({ catalog: 'failing' });
  function put(TableName: string) {
    return { Put: { TableName, Item: { pk: { S: 'both' }, sk: { S: 'b' } } } };
  }
  const both = new TransactWriteItemsCommand({ TransactItems: [put('rollups'), put('catalog')] });
  await expect(client.send(both)).rejects.toMatchObject({ name: 'InternalServerError' });
  const rollups = new GetItemCommand({ TableName: 'rollups', Key: { pk: { S: 'both' }, sk: { S: 'b' } } });
  expect((await client.send(rollups)).Item).toBeUndefined();
});

it('finds the tables of every kind of request', () => {
  expect(readTableNames('{"TableName":"a"}')).toEqual(['a']);
  expect(readTableNames('{"RequestItems":{"a":{},"b":[]}}')).toEqual(['a', 'b']);
  expect(readTableNames('{"TransactItems":[{"Put":{"TableName":"a"}},{"Update":{"TableName":"a"}}]}')).toEqual(['a']);
  expect(readTableNames('{}')).toEqual([]);
});
