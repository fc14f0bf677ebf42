import { GetQueryExecutionCommand } from '@aws-sdk/client-athena';
import { BatchGetItemCommand, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { StoreUnavailable } from '../errors.ts';
import { createViewerAthena } from '../lake/interactive-athena.ts';
import { createViewerTables } from '../dynamodb/interactive-client.ts';

/** Takes every request; answers with a status, or never. */
let server: Server;
let endpoint = '';
let asked = 0;
let status: number | 'never' = 200;
let now = 0;

beforeAll(async () => {
  server = createServer((_request, response) => {
    asked += 1;
    if (status !== 'never') response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end('{}');
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
  now = 1_000_000;
});

function common() {
  return {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    requestHandler: { requestTimeout: 40, throwOnRequestTimeout: true },
  };
}
function tables() {
  return createViewerTables({ now: () => now, config: common() });
}
function get(table: string) {
  return new GetItemCommand({ TableName: table, Key: { pk: { S: 'a' } } });
}
const batch = new BatchGetItemCommand({ RequestItems: { rollups: { Keys: [{ pk: { S: 'a' } }] } } });

describe('a table that does not answer', () => {
  it('is asked twice, then rests, and is asked again', async () => {
    const client = tables();
    status = 'never';
    await expect(client.send(get('rollups'))).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(asked).toBe(2);
    await expect(client.send(batch)).rejects.toThrow(StoreUnavailable);
    expect(asked).toBe(2);
    status = 200;
    now += 3_000;
    await client.send(batch);
    expect(asked).toBe(3);
  });

  it('leaves other tables alone', async () => {
    const client = tables();
    status = 'never';
    await expect(client.send(get('rollups'))).rejects.toMatchObject({ name: 'TimeoutError' });
    status = 200;
    await client.send(get('cache'));
    expect(asked).toBe(3);
  });
});

it('an error is no reason to rest', async () => {
  const client = tables();
  status = 500;
  await expect(client.send(get('rollups'))).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
  status = 200;
  await client.send(get('rollups'));
  expect(asked).toBe(3);
});

it('Athena rests whatever it is asked', async () => {
  const client = createViewerAthena({ now: () => now, config: common() });
  status = 'never';
  const look = new GetQueryExecutionCommand({ QueryExecutionId: 'q' });
  await expect(client.send(look)).rejects.toMatchObject({ name: 'TimeoutError' });
  await expect(client.send(look)).rejects.toThrow(StoreUnavailable);
  expect(asked).toBe(2);
});
