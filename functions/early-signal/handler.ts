import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createJobHandler } from '#functions/detect/job-handler.ts';
import { composeMailing } from '#jobs/mailing/compose.ts';
import { parseEnvironment } from '#schemas/environment.ts';
import { createAlerts } from '#stores/alerts/alerts.ts';
import { createCatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { createDestinationCheck } from '#stores/alerts/destination-check.ts';
import { createCountedHistory } from '#stores/alerts/detection-history.ts';
import { createRollupReader } from '#stores/counters/rollups.ts';
import { earlySignal } from '#jobs/early-signal/early-signal.ts';
import { environment } from './env.ts';

const env = parseEnvironment(environment, process.env);
const dynamodb = new DynamoDBClient({});
const catalog = createCatalogAdmin({ client: dynamodb, table: env.CATALOG_TABLE });

const deps = {
  listPages: catalog.listPages,
  listLinksOfPage: catalog.listLinksOfPage,
  alerts: createAlerts({
    client: dynamodb,
    table: env.CATALOG_TABLE,
    now: Date.now,
    incidentDays: env.SETTLED_DAYS,
  }),
  history: createCountedHistory({ client: dynamodb, rollups: env.ROLLUPS_TABLE }),
  hours: createRollupReader({ client: dynamodb, table: env.ROLLUPS_TABLE, now: Date.now }).hours,
  checkDestination: createDestinationCheck(),
  ...composeMailing(env, dynamodb, catalog),
  now: Date.now,
};

export const handler = createJobHandler({
  run: (time) => earlySignal(deps, time),
  now: Date.now,
  logger: new Logger({ serviceName: 'early-signal' }),
  writeMetrics: (line) => void process.stdout.write(`${line}\n`),
});
