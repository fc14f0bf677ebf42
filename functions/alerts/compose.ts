import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@aws-lambda-powertools/logger';
import { AthenaClient } from '@aws-sdk/client-athena';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { composeMailing } from '#jobs/mailing/compose.ts';
import type { Environment } from '#schemas/environment.ts';
import { createAlerts } from '#stores/alerts/alerts.ts';
import { createAthena } from '#stores/lake/athena.ts';
import { createCatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { createDestinationCheck } from '#stores/alerts/destination-check.ts';
import { createHistory } from '#stores/alerts/detection-history.ts';
import { createQueryCosts } from '#stores/lake/query-costs.ts';
import { createRollupReader } from '#stores/counters/rollups.ts';
import type { environment } from './env.ts';

export interface ComposeOptions {
  env: Environment<typeof environment>;
  logger: Logger;
  writeMetrics: (line: string) => void;
}

/** Builds what the four jobs depend on; the forecast's models are loaded separately. */
export function composeAlerts({ env, logger, writeMetrics }: ComposeOptions) {
  const dynamodb = new DynamoDBClient({});
  const table = env.CATALOG_TABLE;
  const now = Date.now;
  const catalog = createCatalogAdmin({ client: dynamodb, table });
  const rollups = createRollupReader({ client: dynamodb, table: env.ROLLUPS_TABLE, now });
  const budget = { bytes: env.QUERY_ALERT_MEGABYTES * 1e6, dollarsADay: env.DAILY_QUERY_CENTS / 100 };
  const athena = createAthena({
    client: new AthenaClient({}),
    database: env.GLUE_DATABASE,
    workGroup: env.JOBS_WORK_GROUP,
    now,
    sleep,
    onReport: createQueryCosts({ client: dynamodb, table, budget, now, logger, writeMetrics }),
  });
  return {
    listPages: catalog.listPages,
    listLinksOfPage: catalog.listLinksOfPage,
    getLink: catalog.getLink,
    settledThrough: rollups.settledThrough,
    hours: rollups.hours,
    alerts: createAlerts({ client: dynamodb, table, now, incidentDays: env.SETTLED_DAYS }),
    history: createHistory({ athena, client: dynamodb, rollups: env.ROLLUPS_TABLE }),
    checkDestination: createDestinationCheck(),
    ...composeMailing(env, dynamodb, catalog),
    now,
  };
}
