import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { composeAthena } from '#jobs/compose-athena.ts';
import { composeMailing } from '#jobs/mailing/compose.ts';
import type { Environment } from '#schemas/environment.ts';
import { createAlerts } from '#stores/alerts/alerts.ts';
import { createCatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { createDestinationCheck } from '#stores/alerts/destination-check.ts';
import { createHistory } from '#stores/alerts/detection-history.ts';
import { createRollupReader } from '#stores/counters/rollup-reader.ts';
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
  const athena = composeAthena({ env, dynamodb, now, sleep, logger, writeMetrics });
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
