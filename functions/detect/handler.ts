import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { AthenaClient } from '@aws-sdk/client-athena';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createJobHandler } from '#functions/detect/job-handler.ts';
import { composeMailing } from '#jobs/mailing/compose.ts';
import { parseEnvironment } from '#schemas/environment.ts';
import { createAlerts } from '#stores/alerts/alerts.ts';
import { createAthena } from '#stores/lake/athena.ts';
import { createCatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { createDestinationCheck } from '#stores/alerts/destination-check.ts';
import { createHistory } from '#stores/alerts/detection-history.ts';
import { createQueryCosts } from '#stores/lake/query-costs.ts';
import { createRollupReader } from '#stores/counters/rollups.ts';
import { detect } from '#jobs/detect/detect.ts';
import { environment } from './env.ts';

const env = parseEnvironment(environment, process.env);
const logger = new Logger({ serviceName: 'detect' });

const dynamodb = new DynamoDBClient({});
const catalog = createCatalogAdmin({ client: dynamodb, table: env.CATALOG_TABLE });
const athena = createAthena({
  client: new AthenaClient({}),
  database: env.GLUE_DATABASE,
  workGroup: env.JOBS_WORK_GROUP,
  now: Date.now,
  sleep,
  onReport: createQueryCosts({
    client: dynamodb,
    table: env.CATALOG_TABLE,
    budget: { bytes: env.QUERY_ALERT_MEGABYTES * 1e6, dollarsADay: env.DAILY_QUERY_CENTS / 100 },
    now: Date.now,
    logger,
    writeMetrics,
  }),
});

const deps = {
  listPages: catalog.listPages,
  listLinksOfPage: catalog.listLinksOfPage,
  settledThrough: createRollupReader({ client: dynamodb, table: env.ROLLUPS_TABLE, now: Date.now }).settledThrough,
  alerts: createAlerts({
    client: dynamodb,
    table: env.CATALOG_TABLE,
    now: Date.now,
    incidentDays: env.SETTLED_DAYS,
  }),
  history: createHistory({ athena, client: dynamodb, rollups: env.ROLLUPS_TABLE }),
  checkDestination: createDestinationCheck(),
  ...composeMailing(env, dynamodb, catalog),
  now: Date.now,
};

export const handler = createJobHandler({ run: (time) => detect(deps, time), now: Date.now, logger, writeMetrics });

function writeMetrics(line: string): void {
  return void process.stdout.write(`${line}\n`);
}
