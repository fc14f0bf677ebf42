import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { findDynoxide, startDynoxide } from '#local/backends/dynoxide.ts';
import { listingIndex, listingIndexKeys, tableKeys } from '#schemas/tables.ts';

/** A real DynamoDB of our own: dynoxide on a free port, with empty tables as the stack declares them. */
export interface TestDynamoDb {
  client: DynamoDBClient;
  endpoint: string;
  tables: { catalog: string; rollups: string; cache: string };
  stop: () => Promise<void>;
}

/**
 * Starts dynoxide in memory and creates the tables `catalog`, `rollups` and `cache`.
 *
 * @throws {BackendUnavailable} when there is no dynoxide on this machine, or it does not start
 */
export async function startDynamoDb(): Promise<TestDynamoDb> {
  const server = await startDynoxide({ binary: findDynoxide() });
  const client = new DynamoDBClient({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const tables = { catalog: 'catalog', rollups: 'rollups', cache: 'cache' };
  await createTable(client, tables.catalog, true);
  await createTable(client, tables.rollups);
  await createTable(client, tables.cache);
  return {
    client,
    endpoint: server.url,
    tables,
    stop: async () => {
      client.destroy();
      server.stop();
      await server.ended;
    },
  };
}

const keySchema = [
  { AttributeName: tableKeys.partition, KeyType: 'HASH' },
  { AttributeName: tableKeys.sort, KeyType: 'RANGE' },
] as const;

/** Creates an empty table as the stack declares it; the catalog also has its listing index. */
export async function createTable(client: DynamoDBClient, name: string, listing = false): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [...keySchema],
      AttributeDefinitions: [...Object.values(tableKeys), ...(listing ? Object.values(listingIndexKeys) : [])].map(
        text,
      ),
      ...(listing && {
        GlobalSecondaryIndexes: [
          {
            IndexName: listingIndex,
            KeySchema: [
              { AttributeName: listingIndexKeys.partition, KeyType: 'HASH' },
              { AttributeName: listingIndexKeys.sort, KeyType: 'RANGE' },
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
