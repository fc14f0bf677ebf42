import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import mstl from '../../node_modules/@bsull/augurs/mstl_bg.wasm';
import { loadSeasonalTrend } from '#core/forecast/models.ts';
import { createJobHandler } from '#functions/detect/job-handler.ts';
import { parseEnvironment } from '#schemas/environment.ts';
import { createAlerts } from '#stores/alerts/alerts.ts';
import { createCatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { createCountedHistory } from '#stores/alerts/detection-history.ts';
import { createRollupReader } from '#stores/counters/rollups.ts';
import { environment } from './env.ts';
import { forecast } from '#jobs/forecast/forecast.ts';

const env = parseEnvironment(environment, process.env);
const dynamodb = new DynamoDBClient({});

const deps = {
  listPages: createCatalogAdmin({ client: dynamodb, table: env.CATALOG_TABLE }).listPages,
  settledThrough: createRollupReader({ client: dynamodb, table: env.ROLLUPS_TABLE, now: Date.now }).settledThrough,
  alerts: createAlerts({ client: dynamodb, table: env.CATALOG_TABLE, now: Date.now }),
  history: createCountedHistory({ client: dynamodb, rollups: env.ROLLUPS_TABLE }),
  trend: loadSeasonalTrend(mstl),
  now: Date.now,
};

export const handler = createJobHandler({
  run: (time) => forecast(deps, time),
  now: Date.now,
  logger: new Logger({ serviceName: 'forecast' }),
  writeMetrics: (line) => void process.stdout.write(`${line}\n`),
});
