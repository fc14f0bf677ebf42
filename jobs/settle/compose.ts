import { AthenaClient } from '@aws-sdk/client-athena';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GlueClient } from '@aws-sdk/client-glue';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { composeAthena } from '#jobs/compose-athena.ts';
import type { SettleEnvironment } from '#jobs/environments.ts';
import { metricLines } from '#core/edge/metric-line.ts';
import { createDirtyHours } from '#stores/counters/dirty-hours.ts';
import { createHourCounts } from '#stores/settle/hour-counts.ts';
import { createMetricList } from '#stores/catalog/page-metrics.ts';
import { createLake } from '#stores/lake/lake.ts';
import { createPartitions } from '#stores/lake/glue-partitions.ts';
import { createRollupReader } from '#stores/counters/rollup-reader.ts';
import { createSettleState } from '#stores/settle/settle-state.ts';
import { createSettledFiles } from '#stores/lake/settled-files.ts';
import { createSettledRollups } from '#stores/counters/settled-counters.ts';
import { createZones } from '#stores/catalog/page-zones.ts';
import { createFileAnnouncer } from '#stores/aws/sqs-files-queue.ts';
import type { SettleEvent } from './deps.ts';
import type { RebuildDependencies } from './rebuild.ts';

export interface ComposeOptions {
  env: SettleEnvironment;
  now: () => number;
  sleep: (milliseconds: number) => Promise<void>;
  random: (bytes: number) => Uint8Array;
  logger: {
    info: (message: string, details: Record<string, unknown>) => void;
    warn: (message: string, details: Record<string, unknown>) => void;
  };
  writeMetrics: (line: string) => void;
}

export type AwsClients = ReturnType<typeof awsClients>;

/** Builds what settle, rebuild, erase and retention depend on. */
export function composeSettle(options: ComposeOptions, clients: AwsClients = awsClients()): RebuildDependencies {
  const { env, now, sleep, random, logger, writeMetrics } = options;
  const { athena, dynamodb, glue, s3, sqs } = clients;
  const rollups = createRollupReader({ client: dynamodb, table: env.ROLLUPS_TABLE, now });
  function report(event: SettleEvent): void {
    // The hours of changed rules are not settled again, or days have no measures of metrics.
    if (event.kind === 'rules-failed' || event.kind === 'metrics-failed')
      for (const line of metricLines(now(), { LakeProblems: 1 })) writeMetrics(line);
    if ('alert' in event) logger.warn(event.kind, { ...event });
    else logger.info(event.kind, { ...event });
  }
  return {
    athena: composeAthena({ env, dynamodb, client: athena, now, sleep, logger, writeMetrics }),
    state: createSettleState({ client: dynamodb, table: env.CATALOG_TABLE, now }),
    lake: createLake({ client: s3, bucket: env.LAKE_BUCKET }),
    files: createSettledFiles({ client: s3, bucket: env.LAKE_BUCKET }),
    partitions: createPartitions({ client: glue, database: env.GLUE_DATABASE }),
    rollups: createSettledRollups({
      client: dynamodb,
      table: env.ROLLUPS_TABLE,
      now,
      hotDays: env.HOT_DAYS,
      entitiesAtOnce: env.ENTITIES_AT_ONCE,
    }),
    dirty: createDirtyHours({ client: dynamodb, table: env.ROLLUPS_TABLE }),
    bucket: env.LAKE_BUCKET,
    enqueueFiles: createFileAnnouncer({ client: sqs, queueUrl: env.FILES_QUEUE_URL, bucket: env.LAKE_BUCKET }),
    ...createHourCounts({ sqs, queueUrls: [env.CLICK_QUEUE_URL, env.FILES_QUEUE_URL], rollups }),
    zones: createZones({ client: dynamodb, table: env.CATALOG_TABLE }),
    metrics: createMetricList({ client: dynamodb, table: env.CATALOG_TABLE }),
    windows: { known: env.DUPLICATE_SECONDS, unknown: env.DUPLICATE_SECONDS_WITHOUT_PORT },
    now,
    random,
    report,
  };
}

export function awsClients() {
  return {
    athena: new AthenaClient(),
    dynamodb: new DynamoDBClient(),
    glue: new GlueClient(),
    s3: new S3Client({ forcePathStyle: true }),
    sqs: new SQSClient(),
  };
}
