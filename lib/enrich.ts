import { Aws, Duration } from 'aws-cdk-lib';
import { Code, LayerVersion, Architecture } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { formatLinkDomains } from '#schemas/settings/link-domains.ts';
import { batchWindows } from '#schemas/counters.ts';
import type { environment } from '#functions/enrich/env.ts';
import type { EnvironmentVariables } from '#schemas/environment.ts';
import { failedPrefix, rawPrefix } from '#schemas/lake-keys.ts';
import { cachePartitions, catalogPartitions } from '#schemas/tables.ts';
import { geographyBundle, geographyPackage } from './bundle.ts';
import { pollerLimit } from './concurrency.ts';
import type { Configuration } from './configuration.ts';
import type { Lake } from './lake/lake.ts';
import { SourceFunction } from './constructs/source-function.ts';
import type { Tables } from './tables.ts';
import type { WorkQueue } from './constructs/work-queue.ts';

export const enrichTimeout = Duration.seconds(60);

export interface EnrichProps {
  readonly clicks: WorkQueue;
  readonly tables: Tables;
  readonly lake: Lake;
  /** The stack's public address: `https://go.example.com`. */
  readonly url: string;
  readonly configuration: Pick<
    Configuration,
    'freshnessSeconds' | 'linkDomains' | 'geography' | 'enrichConcurrency' | 'reserveConcurrency' | 'limitPollers'
  >;
}

/** The function that turns messages of the click queue into raw files. */
export class Enrich extends Construct {
  readonly enrich: SourceFunction<EnvironmentVariables<typeof environment>>;

  constructor(scope: Construct, id: string, props: EnrichProps) {
    super(scope, id);
    const { tables, lake, configuration } = props;
    const { geography, enrichConcurrency } = configuration;
    this.enrich = new SourceFunction<EnvironmentVariables<typeof environment>>(this, 'Enrich', {
      source: 'enrich',
      timeout: enrichTimeout,
      // Most of an invocation waits for S3. Half a core's worth of memory costs half as much while it waits.
      memory: 1024,
      reservedConcurrency: configuration.reserveConcurrency ? enrichConcurrency : undefined,
      layers: geography === 'layer' ? [this.createGeography()] : [],
      environment: {
        PUBLIC_URL: props.url,
        LINK_DOMAINS: formatLinkDomains(configuration.linkDomains),
        CATALOG_TABLE: tables.catalog.tableName,
        CACHE_TABLE: tables.cache.tableName,
        LAKE_BUCKET: lake.bucket.bucketName,
        GEOGRAPHY_DIRECTORY: '/opt/geography',
        GEOGRAPHY_OBJECT: geography.startsWith('s3://') ? geography : 'none',
      },
    });
    this.enrich.consume(props.clicks, {
      // A payload of 6 MB would hold some 4,500 events; a failed batch should not redeliver that many.
      batchSize: 1000,
      maxBatchingWindow: Duration.seconds(batchWindows(configuration.freshnessSeconds).clicks),
      maxConcurrency: pollerLimit(configuration, enrichConcurrency),
    });
    this.grant(tables, lake, geography);
  }

  private createGeography(): LayerVersion {
    return new LayerVersion(this, 'Geography', {
      description: 'DB-IP City Lite, CC BY 4.0, https://db-ip.com',
      code: Code.fromAsset(geographyPackage, geographyBundle()),
      compatibleArchitectures: [Architecture.ARM_64],
    });
  }

  private grant(tables: Tables, lake: Lake, geography: string): void {
    this.enrich.allowItems(['GetItem'], tables.catalog, [catalogPartitions.page]);
    this.enrich.allowItems(['GetItem', 'PutItem'], tables.cache, [cachePartitions.salt]);
    this.enrich.allowItems(['Query'], tables.cache, [cachePartitions.watch]);
    this.enrich.allowItems(['PutItem'], tables.cache, [cachePartitions.recent]);
    for (const prefix of [rawPrefix, failedPrefix]) this.enrich.allowObjects(['s3:PutObject'], lake.bucket, prefix);
    if (geography.startsWith('s3://'))
      this.enrich.allow(['s3:GetObject'], [`arn:${Aws.PARTITION}:s3:::${geography.slice('s3://'.length)}`]);
  }
}
