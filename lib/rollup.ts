import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { batchWindows } from '#schemas/counters.ts';
import type { environment } from '#functions/rollup/env.ts';
import type { EnvironmentVariables } from '#schemas/environment.ts';
import { rawPrefix } from '#schemas/lake-keys.ts';
import { pollerLimit } from './concurrency.ts';
import type { Configuration } from './configuration.ts';
import type { Lake } from './lake/lake.ts';
import { SourceFunction } from './constructs/source-function.ts';
import type { Tables } from './tables.ts';
import type { WorkQueue } from './constructs/work-queue.ts';

export const rollupTimeout = Duration.seconds(60);

/** Days for which claims of raw files are kept: a file can be delivered again for as long as it exists. */
export function markerDays(rawDays: number): number {
  return rawDays + 5;
}

export interface RollupProps {
  readonly files: WorkQueue;
  readonly tables: Tables;
  readonly lake: Lake;
  readonly configuration: Pick<
    Configuration,
    'freshnessSeconds' | 'hotDays' | 'rawDays' | 'rollupConcurrency' | 'reserveConcurrency' | 'limitPollers'
  >;
}

/** The function that adds raw files to the counters. */
export class Rollup extends Construct {
  readonly rollup: SourceFunction<EnvironmentVariables<typeof environment>>;

  constructor(scope: Construct, id: string, props: RollupProps) {
    super(scope, id);
    const { tables, lake, configuration } = props;
    const { hotDays, rawDays, rollupConcurrency } = configuration;
    this.rollup = new SourceFunction<EnvironmentVariables<typeof environment>>(this, 'Rollup', {
      source: 'rollup',
      timeout: rollupTimeout,
      // As for enrich: most of an invocation waits for S3 and DynamoDB.
      memory: 1024,
      reservedConcurrency: configuration.reserveConcurrency ? rollupConcurrency : undefined,
      environment: {
        LAKE_BUCKET: lake.bucket.bucketName,
        ROLLUPS_TABLE: tables.rollups.tableName,
        HOT_DAYS: String(hotDays),
        MARKER_DAYS: String(markerDays(rawDays)),
      },
    });
    this.rollup.consume(props.files, {
      // One transaction claims them all, and leaves room for 25 later ones of 99 items.
      batchSize: 75,
      maxBatchingWindow: Duration.seconds(batchWindows(configuration.freshnessSeconds).files),
      maxConcurrency: pollerLimit(configuration, rollupConcurrency),
    });
    this.rollup.allowObjects(['s3:GetObject'], lake.bucket, rawPrefix);
    this.rollup.allowItems(['BatchGetItem', 'GetItem', 'PutItem', 'UpdateItem', 'Query'], tables.rollups);
  }
}
