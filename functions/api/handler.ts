import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { handle } from 'hono/aws-lambda';
import { parseEnvironment } from '#schemas/environment.ts';
import { createCatalogAdmin } from '#stores/catalog-admin.ts';
import { createRollupReader } from '#stores/rollups.ts';
import { createApp } from './create-app.ts';
import { environment } from './env.ts';
import { createIdentify } from './identity.ts';

const env = parseEnvironment(environment, process.env);
const client = new DynamoDBClient();

export const handler = handle(
  createApp({
    catalog: createCatalogAdmin({ client, table: env.CATALOG_TABLE }),
    rollups: createRollupReader({ client, table: env.ROLLUPS_TABLE, now: Date.now }),
    identify: createIdentify({ issuer: env.OIDC_ISSUER, audience: env.OIDC_AUDIENCE }),
    now: Date.now,
    log: new Logger({ serviceName: 'api' }),
  }),
);
