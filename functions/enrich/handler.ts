import { randomBytes } from 'node:crypto';
import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { metricLine } from '#core/edge/metric-line.ts';
import { ulidOf } from '#core/ulid.ts';
import { parseEnvironment } from '#schemas/environment.ts';
import { createCatalogReader } from '#stores/catalog/catalog-reader.ts';
import { loadGeography } from '#stores/geography/geography-database.ts';
import { createLake, readObject } from '#stores/lake/lake.ts';
import { createLookupCache } from '#stores/cache/lookup-cache.ts';
import { createSalts } from '#stores/cache/salts.ts';
import { writeLine } from '#stores/aws/stdout.ts';
import { type EnrichOptions, type EnrichReport, enrichBatch } from './enrich.ts';
import { environment } from './env.ts';
import { recordsOf } from './queue-event.ts';
import { createSaltRing } from './salt-ring.ts';

const variables = parseEnvironment(environment, process.env);
const logger = new Logger({ serviceName: 'enrich' });

// Settings and salts in memory serve while the tables do not answer, if a refresh ends.
const dynamodb = new DynamoDBClient({ requestHandler: { requestTimeout: 3_000, throwOnRequestTimeout: true } });
const s3 = new S3Client({ forcePathStyle: true });
const now = Date.now;

const options: EnrichOptions = {
  ownHost: new URL(variables.PUBLIC_URL).host,
  lake: createLake({ client: s3, bucket: variables.LAKE_BUCKET }),
  // While the catalog fails, a batch counted by yesterday's time zone is better than one not counted.
  pages: createLookupCache({
    load: createCatalogReader({ client: dynamodb, table: variables.CATALOG_TABLE }).page,
    now,
    stale: 86_400_000,
  }),
  salts: createSaltRing({
    salts: createSalts({ client: dynamodb, table: variables.CACHE_TABLE, now, randomSalt: () => randomBytes(32) }),
    now,
  }),
  geography: await loadGeography({
    source: { directory: variables.GEOGRAPHY_DIRECTORY, object: variables.GEOGRAPHY_OBJECT },
    readObject: (bucket, key) => readObject(s3, bucket, key),
    warn: (message, cause) => logger.warn(message, { cause: String(cause) }),
  }),
  now,
  ulid: () => ulidOf(now(), randomBytes(16)),
};

/** Every message of the batch is in a file when this resolves; when it throws, all of them are delivered again. */
export async function handler(event: unknown): Promise<{ batchItemFailures: [] }> {
  const startedAt = now();
  const report = await enrichBatch(recordsOf(event), options);
  logger.info('batch enriched', { ...report, milliseconds: now() - startedAt });
  writeLine(metricsOf(report));
  return { batchItemFailures: [] };
}

function metricsOf({ events, failed, bytes }: EnrichReport): string {
  return metricLine(now(), [
    { name: 'EventsEnriched', value: events, unit: 'Count' },
    { name: 'EventsFailed', value: failed, unit: 'Count' },
    { name: 'RawBytes', value: bytes, unit: 'Bytes' },
  ]);
}
