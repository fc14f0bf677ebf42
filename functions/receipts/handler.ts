import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { parseEnvironment } from '#schemas/environment.ts';
import { createCatalogReader } from '#stores/catalog/catalog-reader.ts';
import { createLogLines } from '#stores/aws/cloudwatch-request-lines.ts';
import { createLookupCache } from '#stores/cache/lookup-cache.ts';
import { createReceivedStore } from '#stores/counters/received-counts.ts';
import { createRollupReader } from '#stores/counters/rollup-reader.ts';
import { createReceipts } from './receipts.ts';
import { writeLine } from '#stores/aws/stdout.ts';
import { environment } from './env.ts';

const env = parseEnvironment(environment, process.env);
const dynamoDb = new DynamoDBClient();
const catalog = createCatalogReader({ client: dynamoDb, table: env.CATALOG_TABLE });
const pages = createLookupCache({ load: catalog.page, now: Date.now });

export const handler = createReceipts({
  lines: createLogLines({
    // FilterLogEvents is limited to some 10 calls a second for the whole account.
    client: new CloudWatchLogsClient({ maxAttempts: 10, retryMode: 'adaptive' }),
    groups: [env.REDIRECT_LOG_GROUP, env.COLLECT_LOG_GROUP],
    now: Date.now,
  }),
  received: createReceivedStore({
    client: dynamoDb,
    table: env.ROLLUPS_TABLE,
    backoff: { now: Date.now, sleep, random: Math.random },
    hotDays: env.HOT_DAYS,
  }),
  rollups: createRollupReader({ client: dynamoDb, table: env.ROLLUPS_TABLE, now: Date.now }),
  zoneOf: async (page) => (await pages.get(page))?.timeZone ?? 'UTC',
  now: Date.now,
  log: new Logger({ serviceName: 'receipts' }),
  writeMetrics: writeLine,
});
