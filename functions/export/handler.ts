import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { composeAthena } from '#jobs/compose-athena.ts';
import { parseEnvironment } from '#schemas/environment.ts';
import { writeLine } from '#stores/aws/stdout.ts';
import { createLake } from '#stores/lake/lake.ts';
import { createSettledFiles } from '#stores/lake/settled-files.ts';
import { createExportHandler } from './export.ts';
import { environment } from './env.ts';

const env = parseEnvironment(environment, process.env);
const s3 = new S3Client({ forcePathStyle: true });

export const handler = createExportHandler({
  athena: composeAthena({
    env,
    dynamodb: new DynamoDBClient({}),
    now: Date.now,
    sleep,
    logger: new Logger({ serviceName: 'export' }),
    writeMetrics: writeLine,
  }),
  lake: createLake({ client: s3, bucket: env.LAKE_BUCKET }),
  files: createSettledFiles({ client: s3, bucket: env.LAKE_BUCKET }),
  bucket: env.LAKE_BUCKET,
});
