import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createJobHandler } from '#functions/detect/job-handler.ts';
import { composeMailing } from '#jobs/mailing/compose.ts';
import { parseEnvironment } from '#schemas/environment.ts';
import { createAlerts } from '#stores/alerts/alerts.ts';
import { createCatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { createCountedHistory } from '#stores/alerts/detection-history.ts';
import { createRollupReader } from '#stores/counters/rollups.ts';
import { digest } from '#jobs/digest/digest.ts';
import { environment } from './env.ts';

const env = parseEnvironment(environment, process.env);
const dynamodb = new DynamoDBClient({});
const catalog = createCatalogAdmin({ client: dynamodb, table: env.CATALOG_TABLE });

const deps = {
  listPages: catalog.listPages,
  getLink: catalog.getLink,
  settledThrough: createRollupReader({ client: dynamodb, table: env.ROLLUPS_TABLE, now: Date.now }).settledThrough,
  alerts: createAlerts({ client: dynamodb, table: env.CATALOG_TABLE, now: Date.now }),
  history: createCountedHistory({ client: dynamodb, rollups: env.ROLLUPS_TABLE }),
  ...composeMailing(env, dynamodb, catalog),
  now: Date.now,
};

export const handler = createJobHandler({
  run: (time) => digest(deps, time),
  now: Date.now,
  logger: new Logger({ serviceName: 'digest' }),
  writeMetrics: (line) => void process.stdout.write(`${line}\n`),
});
