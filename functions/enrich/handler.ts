import { randomBytes } from 'node:crypto';
import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { ulidOf } from '#core/ulid.ts';
import { parseEnvironment } from '#schemas/environment.ts';
import { listOwnHosts } from '#schemas/settings/link-domains.ts';
import { createCatalogReader } from '#stores/catalog/catalog-reader.ts';
import { loadGeography } from '#stores/geography/geography-database.ts';
import { createLake, readObject } from '#stores/lake/lake.ts';
import { createLookupCache } from '#stores/cache/lookup-cache.ts';
import { createRecentEvents } from '#stores/cache/recent-events.ts';
import { createSalts } from '#stores/cache/salts.ts';
import { type EnrichOptions, enrichBatch } from './enrich.ts';
import { environment } from './env.ts';
import { parseQueueEvent } from './queue-event.ts';
import { createRecentWriter } from './recent-writer.ts';
import { createSaltRing } from './salt-ring.ts';

const variables = parseEnvironment(environment, process.env);
const logger = new Logger({ serviceName: 'enrich' });

// A short timeout, so that cached settings and salts are used soon if the tables don't respond.
const dynamodb = new DynamoDBClient({ requestHandler: { requestTimeout: 3_000, throwOnRequestTimeout: true } });
const s3 = new S3Client({ forcePathStyle: true });
const now = Date.now;

const options: EnrichOptions = {
  ownHosts: listOwnHosts({ publicUrl: variables.PUBLIC_URL, domains: variables.LINK_DOMAINS }),
  lake: createLake({ client: s3, bucket: variables.LAKE_BUCKET }),
  // If the catalog is unavailable, day-old settings are better than not counting the batch.
  pages: createLookupCache({
    load: createCatalogReader({ client: dynamodb, table: variables.CATALOG_TABLE }).page,
    now,
    stale: 86_400_000,
  }),
  salts: createSaltRing({
    salts: createSalts({ client: dynamodb, table: variables.CACHE_TABLE, now, randomSalt: () => randomBytes(32) }),
    now,
  }),
  showRecent: createRecentWriter({
    store: createRecentEvents({
      // The batch waits for it, so it has one short attempt.
      client: new DynamoDBClient({
        maxAttempts: 1,
        requestHandler: { connectionTimeout: 300, requestTimeout: 500, throwOnRequestTimeout: true },
      }),
      table: variables.CACHE_TABLE,
      now,
      process: randomBytes(6).toString('hex'),
    }),
    now,
    warn,
  }),
  geography: await loadGeography({
    source: { directory: variables.GEOGRAPHY_DIRECTORY, object: variables.GEOGRAPHY_OBJECT },
    readObject: (bucket, key) => readObject(s3, bucket, key),
    warn,
  }),
  now,
  ulid: () => ulidOf(now(), randomBytes(16)),
};

function warn(message: string, cause: unknown): void {
  logger.warn(message, { cause: String(cause) });
}

/** Processes a batch of the click queue. If it throws, SQS delivers the whole batch again. */
export async function handler(event: unknown): Promise<{ batchItemFailures: [] }> {
  const startedAt = now();
  const report = await enrichBatch(parseQueueEvent(event), options);
  logger.info('batch enriched', { ...report, milliseconds: now() - startedAt });
  return { batchItemFailures: [] };
}
