import { DynamoDBClient, GetItemCommand, PutItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startDynamoDb, type TestDynamoDb } from '#test/dynamodb.ts';
import type { RoleModel, TableModel } from '../template/model.ts';
import { createServiceFaults } from '../fault-injection/service-faults.ts';
import { createAccess } from '../iam/access.ts';
import type { Listening } from './listen.ts';
import { startTablesGate, readTableNames } from './tables-gate.ts';

const serviceFaults = createServiceFaults();
const denied: string[] = [];
const reader: RoleModel = {
  functionName: 'Hopcount-Reader',
  roleName: 'ReaderRole',
  statements: [
    {
      effect: 'Allow',
      actions: ['dynamodb:GetItem', 'dynamodb:PutItem'],
      resources: ['arn:aws:dynamodb:us-east-1:000000000000:table/catalog'],
      conditions: [{ operator: 'ForAllValues:StringLike', key: 'dynamodb:LeadingKeys', values: ['page#*'] }],
    },
    {
      effect: 'Allow',
      actions: ['dynamodb:PutItem'],
      resources: ['arn:aws:dynamodb:us-east-1:000000000000:table/catalog'],
      conditions: [{ operator: 'ForAllValues:StringLike', key: 'dynamodb:LeadingKeys', values: ['mail#*'] }],
    },
  ],
};
const table: TableModel = {
  name: 'catalog',
  keySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  attributes: [],
  indexes: [],
  timeToLive: undefined,
};
let db: TestDynamoDb;
let gate: Listening;
let client: DynamoDBClient;

beforeAll(async () => {
  db = await startDynamoDb();
  gate = await startTablesGate({
    tablesUrl: db.endpoint,
    services: { catalog: 'catalog', rollups: 'rollups', cache: 'cache' },
    serviceFaults,
    access: createAccess({ roles: [reader], resourceStatements: [], denied: (message) => void denied.push(message) }),
    tables: [table],
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

describe('a function', () => {
  const credentials = { accessKeyId: reader.functionName, secretAccessKey: 'local' };
  function connect(): DynamoDBClient {
    return new DynamoDBClient({ endpoint: gate.url, region: 'us-east-1', credentials, maxAttempts: 1 });
  }
  function put(pk: string) {
    return { Put: { TableName: 'catalog', Item: { pk: { S: pk }, sk: { S: 'b' } } } };
  }
  function get(pk: string) {
    return new GetItemCommand({ TableName: 'catalog', Key: { pk: { S: pk }, sk: { S: 'b' } } });
  }

  it('may do what its role allows, and is denied the rest as AWS denies it', async () => {
    const client = connect();
    await expect(client.send(get('page#a'))).resolves.toBeDefined();
    await expect(client.send(get('user#a'))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message:
        'User: arn:aws:sts::000000000000:assumed-role/ReaderRole/Hopcount-Reader is not authorized to perform: ' +
        'dynamodb:GetItem on resource: arn:aws:dynamodb:us-east-1:000000000000:table/catalog ' +
        'because no identity-based policy allows the dynamodb:GetItem action',
      $metadata: { httpStatusCode: 400 },
    });
    expect(denied).toHaveLength(1);
  });

  it('needs one statement for all partitions of a transaction', async () => {
    const client = connect();
    await expect(client.send(new TransactWriteItemsCommand({ TransactItems: [put('page#b')] }))).resolves.toBeDefined();
    const both = new TransactWriteItemsCommand({ TransactItems: [put('page#c'), put('mail#c')] });
    await expect(client.send(both)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    expect((await client.send(get('page#c'))).Item).toBeUndefined();
  });
});

it('finds the tables of every kind of request', () => {
  expect(readTableNames('{"TableName":"a"}')).toEqual(['a']);
  expect(readTableNames('{"RequestItems":{"a":{},"b":[]}}')).toEqual(['a', 'b']);
  expect(readTableNames('{"TransactItems":[{"Put":{"TableName":"a"}},{"Update":{"TableName":"a"}}]}')).toEqual(['a']);
  expect(readTableNames('{}')).toEqual([]);
});
