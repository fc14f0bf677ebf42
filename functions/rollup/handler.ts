import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { parseEnvironment } from '#schemas/environment.ts';
import { createRawFiles } from '#stores/lake/raw-files.ts';
import { createRollupWriter } from '#stores/counters/rollup-writer.ts';
import { createRollup } from './rollup.ts';
import { environment } from './env.ts';

const env = parseEnvironment(environment, process.env);

export const handler = createRollup({
  bucket: env.LAKE_BUCKET,
  rawFiles: createRawFiles({
    // A small file takes 40 ms. Without a first byte, the SDK tries again while the read lasts.
    client: new S3Client({
      forcePathStyle: true,
      requestHandler: { requestTimeout: 2_000, throwOnRequestTimeout: true },
    }),
    bucket: env.LAKE_BUCKET,
  }),
  rollups: createRollupWriter({
    // A transaction of 100 items takes 50 ms; one without a response is retried while the invocation lasts.
    client: new DynamoDBClient({ requestHandler: { requestTimeout: 5_000, throwOnRequestTimeout: true } }),
    table: env.ROLLUPS_TABLE,
    backoff: { now: Date.now, sleep, random: Math.random },
    hotDays: env.HOT_DAYS,
    markerDays: env.MARKER_DAYS,
  }),
  now: Date.now,
  log: new Logger({ serviceName: 'rollup' }),
});
