import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { composeAthena } from '#jobs/compose-athena.ts';
import { composeMailing } from '#jobs/mailing/compose.ts';
import { annotationSchema } from '#schemas/api/saved.ts';
import type { Environment } from '#schemas/environment.ts';
import { createAlerts } from '#stores/alerts/alerts.ts';
import { createCatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { createMetricAlerts } from '#stores/alerts/metric-alerts.ts';
import { metricSchema } from '#schemas/insights/metrics.ts';
import { createCampaigns } from '#stores/catalog/campaigns.ts';
import { type LakeMetric, type MetricRange, readMetricDays } from '#stores/lake/metric-queries.ts';
import { createPageMetricList } from '#stores/catalog/page-metrics.ts';
import { createDestinationCheck } from '#stores/alerts/destination-check.ts';
import { createSavedRecords } from '#stores/catalog/saved-records.ts';
import { createHistory } from '#stores/alerts/detection-history.ts';
import { createRollupReader } from '#stores/counters/rollup-reader.ts';
import { allowBesides } from '#stores/web/public-request.ts';
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
    settledMetrics: rollups.settledMetrics,
    listMetrics: createPageMetricList({ client: dynamodb, table }),
    metricAlerts: createMetricAlerts({ client: dynamodb, table, now }),
    getPage: catalog.getPage,
    alerts: createAlerts({ client: dynamodb, table, now, incidentDays: env.SETTLED_DAYS }),
    history: createHistory({ athena, client: dynamodb, rollups: env.ROLLUPS_TABLE }),
    annotations: createSavedRecords({ client: dynamodb, table, kind: 'annotation', schema: annotationSchema }),
    campaigns: createCampaigns({ client: dynamodb, table }),
    metrics: createSavedRecords({ client: dynamodb, table, kind: 'metric', schema: metricSchema }),
    readMeasures: (metrics: readonly LakeMetric[], range: MetricRange) => readMetricDays(athena, metrics, range),
    checkDestination: createDestinationCheck({ isAllowed: allowBesides(env.PRIVATE_DESTINATIONS) }),
    ...composeMailing({ env, dynamodb, catalog, sleep, writeMetrics }),
    now,
  };
}
