import { GetQueryExecutionCommand } from '@aws-sdk/client-athena';
import { BatchGetItemCommand, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { StoreUnavailable } from '../errors.ts';
import { createViewerAthena } from '../lake/interactive-athena.ts';
import { createViewerTables } from '../dynamodb/interactive-client.ts';

/** Takes every request and responds with a status, or not at all: to none, or to those that name a slow partition. */
let server: Server;
let endpoint = '';
let asked = 0;
let status: number | 'never' = 200;
let slow = 'nothing';
let now = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    void text(request).then((body) => {
      asked += 1;
      if (status === 'never' || body.includes(slow)) return;
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end('{}');
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  endpoint = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked = 0;
  status = 200;
  slow = 'nothing';
  now = 1_000_000;
});

function common() {
  return {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    requestHandler: { requestTimeout: 150, throwOnRequestTimeout: true },
  };
}
function tables() {
  return createViewerTables({ now: () => now, config: common() });
}
function get(table: string, partition = 'a') {
  return new GetItemCommand({ TableName: table, Key: { pk: { S: partition } } });
}
function batchOf(...partitions: string[]) {
  return new BatchGetItemCommand({ RequestItems: { rollups: { Keys: partitions.map((pk) => ({ pk: { S: pk } })) } } });
}
function queryOf(partition: string, from: string) {
  return new QueryCommand({
    TableName: 'rollups',
    KeyConditionExpression: 'pk = :pk AND sk > :from',
    ExpressionAttributeValues: { ':pk': { S: partition }, ':from': { S: from } },
  });
}
const timeout = { name: 'TimeoutError' };

describe('a partition that does not respond', () => {
  it('gets two requests, then fails fast, and gets another one after the cool-down', async () => {
    const client = tables();
    slow = 'page#/big';
    await expect(client.send(queryOf('page#/big', '2026-01'))).rejects.toMatchObject(timeout);
    expect(asked).toBe(2);
    await expect(client.send(queryOf('page#/big', '2026-02'))).rejects.toThrow(StoreUnavailable);
    await expect(client.send(batchOf('page#/big'))).rejects.toThrow(StoreUnavailable);
    expect(asked).toBe(2);
    slow = 'nothing';
    now += 3_000;
    await client.send(queryOf('page#/big', '2026-01'));
    expect(asked).toBe(3);
  });

  it("does not fail another tenant's requests, however often it times out", async () => {
    const client = tables();
    slow = 'page#/big';
    for (let attempt = 0; attempt < 3; attempt++) {
      await expect(client.send(queryOf('page#/big', '2026-01'))).rejects.toMatchObject(timeout);
      await client.send(queryOf('page#/small', '2026-01'));
      await client.send(batchOf('link#a', 'link#b'));
      now += 3_000;
    }
  });

  it("does not fail others when a tenant's parallel requests time out together", async () => {
    const client = tables();
    slow = '#big';
    const all = ['page#big', 'link#big', 'campaign#big'].map((partition) => client.send(get('rollups', partition)));
    now += 1_000;
    const results = await Promise.allSettled(all);
    expect(results.map(({ status: kind }) => kind)).toEqual(['rejected', 'rejected', 'rejected']);
    await client.send(get('rollups', 'page#small'));
  });
});

describe('a table that does not respond', () => {
  it('gets requests for two partitions, then fails fast, and gets one request after each cool-down', async () => {
    const client = tables();
    status = 'never';
    await expect(client.send(get('rollups', 'a'))).rejects.toMatchObject(timeout);
    now += 100;
    await expect(client.send(get('rollups', 'b'))).rejects.toMatchObject(timeout);
    expect(asked).toBe(4);
    await expect(client.send(get('rollups', 'c'))).rejects.toThrow(StoreUnavailable);
    await expect(client.send(batchOf('d'))).rejects.toThrow(StoreUnavailable);
    now += 3_000;
    await expect(client.send(get('rollups', 'e'))).rejects.toMatchObject(timeout);
    await expect(client.send(get('rollups', 'f'))).rejects.toThrow(StoreUnavailable);
    expect(asked).toBe(6);
    status = 200;
    now += 3_000;
    await client.send(get('rollups', 'g'));
    await client.send(get('rollups', 'h'));
    expect(asked).toBe(8);
  });

  it('does not affect other tables', async () => {
    const client = tables();
    status = 'never';
    for (const partition of ['a', 'b'])
      await expect(client.send(get('rollups', partition))).rejects.toMatchObject(timeout);
    status = 200;
    await client.send(get('cache'));
    expect(asked).toBe(5);
  });
});

it('an error does not open the breaker', async () => {
  const client = tables();
  status = 500;
  await expect(client.send(get('rollups'))).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
  status = 200;
  await client.send(get('rollups'));
  expect(asked).toBe(3);
});

it('every query of Athena fails fast', async () => {
  const client = createViewerAthena({ now: () => now, config: common() });
  status = 'never';
  const look = new GetQueryExecutionCommand({ QueryExecutionId: 'q' });
  await expect(client.send(look)).rejects.toMatchObject({ name: 'TimeoutError' });
  await expect(client.send(look)).rejects.toThrow(StoreUnavailable);
  expect(asked).toBe(2);
});
