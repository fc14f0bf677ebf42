import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { listingIndex } from '#schemas/catalog.ts';

/** A real DynamoDB of our own: dynoxide on a free port, with empty tables as the stack declares them. */
export interface TestDynamoDb {
  client: DynamoDBClient;
  endpoint: string;
  tables: { catalog: string; rollups: string; cache: string };
  stop: () => Promise<void>;
}

/**
 * Starts dynoxide in memory and creates the tables `catalog`, `rollups` and `cache`.
 * @throws {Error} when the binary is neither packaged nor on the PATH, or does not listen within 10 s
 */
export async function startDynamoDb(): Promise<TestDynamoDb> {
  const port = await freePort();
  const server = spawn(dynoxideCommand(), ['serve', '--port', String(port)], { stdio: ['ignore', 'ignore', 'pipe'] });
  const complaints: string[] = [];
  createInterface({ input: server.stderr }).on('line', (line) => complaints.push(line));
  const gone = once(server, 'exit').then(() => {
    throw new Error(`dynoxide exited: ${complaints.join('\n')}`);
  });
  const endpoint = `http://127.0.0.1:${port}`;
  const client = clientOf(endpoint);
  await Promise.race([untilListening(client), gone]);
  gone.catch(() => undefined);
  const tables = { catalog: 'catalog', rollups: 'rollups', cache: 'cache' };
  await createTable(client, tables.catalog, true);
  await createTable(client, tables.rollups);
  await createTable(client, tables.cache);
  return {
    client,
    endpoint,
    tables,
    stop: async () => {
      client.destroy();
      const exited = once(server, 'exit');
      server.kill();
      await exited;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port on 127.0.0.1');
  return address.port;
}

const packaged = fileURLToPath(new URL('../node_modules/@dynoxide/linux-x64/dynoxide', import.meta.url));

/** The packaged binary where its platform is ours, else one on the PATH. */
export function dynoxideCommand(): string {
  return existsSync(packaged) ? packaged : 'dynoxide';
}

function clientOf(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
}

const startedWithin = 10_000;

async function untilListening(client: DynamoDBClient): Promise<void> {
  const deadline = performance.now() + startedWithin;
  for (;;) {
    try {
      await client.send(new ListTablesCommand({}));
      return;
    } catch (cause) {
      if (performance.now() > deadline) throw new Error(`dynoxide did not listen in ${startedWithin} ms`, { cause });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

const keySchema = [
  { AttributeName: 'pk', KeyType: 'HASH' },
  { AttributeName: 'sk', KeyType: 'RANGE' },
] as const;

/** Creates an empty table with `pk` and `sk`; the catalog also has its listing index. */
export async function createTable(client: DynamoDBClient, name: string, listing = false): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [...keySchema],
      AttributeDefinitions: [text('pk'), text('sk'), ...(listing ? [text('gpk'), text('gsk')] : [])],
      ...(listing && {
        GlobalSecondaryIndexes: [
          {
            IndexName: listingIndex,
            KeySchema: [
              { AttributeName: 'gpk', KeyType: 'HASH' },
              { AttributeName: 'gsk', KeyType: 'RANGE' },
            ],
            Projection: { ProjectionType: 'ALL' },
          },
        ],
      }),
    }),
  );
}

function text(name: string) {
  return { AttributeName: name, AttributeType: 'S' } as const;
}
