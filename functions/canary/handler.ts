import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { parseEnvironment } from '#schemas/environment.ts';
import { createCatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { createCanary } from './canary.ts';
import { writeLine } from '#stores/aws/stdout.ts';
import { environment } from './env.ts';

const { CATALOG_TABLE, PUBLIC_URL } = parseEnvironment(environment, process.env);

export const handler = createCanary({
  publicUrl: PUBLIC_URL,
  fetch,
  catalog: createCatalogAdmin({ client: new DynamoDBClient({}), table: CATALOG_TABLE }),
  now: Date.now,
  writeLine,
});
