import { CreateTableCommand, DeleteTableCommand, DynamoDBClient, paginateListTables } from '@aws-sdk/client-dynamodb';
import { findDynoxide, startDynoxide } from '#local/backends/dynoxide.ts';
import { listingIndex, listingIndexKeys, tableKeys } from '#schemas/tables.ts';
import { emulator } from './emulator.ts';

/** A real DynamoDB of our own: dynoxide on a free port, with empty tables as the stack declares them. */
export interface TestDynamoDb {
  client: DynamoDBClient;
  endpoint: string;
  tables: { catalog: string; rollups: string; cache: string };
  stop: () => Promise<void>;
}

/**
 * Starts dynoxide in memory and creates the tables `catalog`, `rollups` and `cache`. With {@link emulator}, uses that
 * instead, after deleting its tables.
 *
 * @throws {BackendUnavailable} when there is no dynoxide on this machine, or it does not start
 */
export async function startDynamoDb(): Promise<TestDynamoDb> {
  const server = emulator === undefined ? await startDynoxide({ binary: findDynoxide() }) : undefined;
  const endpoint = server?.url ?? emulator ?? '';
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  if (!server) await deleteTables(client);
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
      server?.stop();
      await server?.ended;
    },
  };
}

async function deleteTables(client: DynamoDBClient): Promise<void> {
  for await (const { TableNames = [] } of paginateListTables({ client }, {}))
    for (const TableName of TableNames) await client.send(new DeleteTableCommand({ TableName }));
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
