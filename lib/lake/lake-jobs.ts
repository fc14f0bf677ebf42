import { Duration } from 'aws-cdk-lib';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { environment as eraseEnvironment } from '#functions/erase/env.ts';
import type { environment as exportEnvironment } from '#functions/export/env.ts';
import type { environment as importEnvironment } from '#functions/import/env.ts';
import type { environment as retentionEnvironment } from '#functions/retention/env.ts';
import type { environment as settleEnvironment } from '#functions/settle/env.ts';
import { entityKeys } from '#schemas/counters.ts';
import type { EnvironmentVariables } from '#schemas/environment.ts';
import { settleMinute } from '#schemas/lake-jobs.ts';
import {
  erasuresPrefix,
  exportsPrefix,
  failedPrefix,
  importReportsPrefix,
  importsPrefix,
  rawPrefix,
  settledPrefix,
} from '#schemas/lake-keys.ts';
import { settledTables } from '#schemas/lake-tables.ts';
import { formatLinkDomains } from '#schemas/settings/link-domains.ts';
import { cachePartitions, catalogPartitions, listingPartitions } from '#schemas/tables.ts';
import type { Configuration } from '../configuration.ts';
import { JobScheduler } from '../constructs/job-scheduler.ts';
import type { Lake } from './lake.ts';
import { glueArns, grantLakeQueries, lakeTableNames, uploadParts, writePartitions } from './lake-queries.ts';
import { type AnySourceFunction, SourceFunction } from '../constructs/source-function.ts';
import { markerDays } from '../rollup.ts';
import type { Tables } from '../tables.ts';
import type { WorkQueue } from '../constructs/work-queue.ts';

type SettleVariables = EnvironmentVariables<typeof settleEnvironment>;
type RetentionVariables = EnvironmentVariables<typeof retentionEnvironment>;
type EraseVariables = EnvironmentVariables<typeof eraseEnvironment>;
type ExportVariables = EnvironmentVariables<typeof exportEnvironment>;
type ImportVariables = EnvironmentVariables<typeof importEnvironment>;

export interface LakeJobsProps {
  readonly tables: Tables;
  readonly lake: Lake;
  readonly clicks: WorkQueue;
  readonly files: WorkQueue;
  /** The stack's public address: `https://go.example.com`. */
  readonly url: string;
  /** Receives runs that could not be started. */
  readonly jobFailures: Queue;
  readonly configuration: Pick<
    Configuration,
    | 'hotDays'
    | 'rawDays'
    | 'settledDays'
    | 'duplicateSeconds'
    | 'duplicateSecondsWithoutPort'
    | 'queryAlertMegabytes'
    | 'dailyQueryCents'
    | 'reserveConcurrency'
    | 'lakeFrom'
    | 'linkDomains'
    | 'ignoreCase'
  >;
}

const settledEvents = [settledTables.events.name];

/** Functions that rewrite the lake: settle and retention by the clock, erase, export and import on request. */
export class LakeJobs extends Construct {
  readonly settle: SourceFunction<SettleVariables>;
  readonly retention: SourceFunction<RetentionVariables>;
  readonly erase: SourceFunction<EraseVariables>;
  readonly export: SourceFunction<ExportVariables>;
  readonly import: SourceFunction<ImportVariables>;

  constructor(scope: Construct, id: string, props: LakeJobsProps) {
    super(scope, id);
    this.settle = this.createSettle(props);
    this.retention = this.createRetention(props);
    this.erase = this.createErase(props);
    this.export = this.createExport(props);
    this.import = this.createImport(props);
    const scheduler = new JobScheduler(this, 'Schedules', props.jobFailures);
    scheduler.schedule(this.settle, { cron: `${settleMinute} * * * ? *` });
    scheduler.schedule(this.retention, { cron: '40 4 * * ? *' });
  }

  private createSettle(props: LakeJobsProps) {
    const settle = this.createJob('Settle', 'settle', props, settleVariables(props));
    grantSettling(settle, props);
    settle.allow(['sqs:SendMessage'], [props.files.queue.queueArn]);
    return settle;
  }

  private createRetention(props: LakeJobsProps) {
    const { tables, lake } = props;
    const retention = this.createJob('Retention', 'retention', props, {
      ...settleVariables(props),
      RAW_DAYS: String(props.configuration.rawDays),
      SETTLED_DAYS: String(props.configuration.settledDays),
    });
    const { settle, settleHour, settleRun, tombstone } = catalogPartitions;
    grantLakeQueries(retention, { tables, lake, workGroup: lake.jobs, glueTables: settledEvents });
    retention.allow(['glue:DeletePartition'], glueArns(lake, settledEvents));
    retention.allowObjects(['s3:DeleteObject'], lake.bucket, rawPrefix);
    retention.allowObjects(['s3:GetObject', 's3:DeleteObject'], lake.bucket, settledPrefix);
    retention.allowItems(['GetItem', 'Query'], tables.catalog, [settle]);
    retention.allowItems(['Query'], tables.catalog, [settleRun]);
    retention.allowItems(['GetItem', 'Query', 'DeleteItem'], tables.catalog, [settleHour]);
    retention.allowItems(['Query', 'DeleteItem'], tables.catalog, [tombstone]);
    retention.allowItems(['BatchGetItem', 'Query', 'PutItem'], tables.rollups);
    return retention;
  }

  /** Settles the hours of a subject again, and deletes it from failed events, exports and the catalog. */
  private createErase(props: LakeJobsProps) {
    const { bucket } = props.lake;
    const { catalog } = props.tables;
    const erase = this.createJob('Erase', 'erase', props, {
      ...settleVariables(props),
      MARKER_DAYS: String(markerDays(props.configuration.rawDays)),
    });
    grantSettling(erase, props);
    const { linksOfPage, reservedCodes, mailsDue, refusals, shares, campaigns, exports, imports, pulls } =
      listingPartitions;
    const listings = [linksOfPage, reservedCodes, mailsDue, refusals, shares, campaigns, exports, imports, pulls];
    erase.allowListing(catalog, listings);
    erase.allowItems(['PutItem'], catalog, [catalogPartitions.tombstone]);
    erase.allowObjects(['s3:GetObject', 's3:DeleteObject'], bucket, failedPrefix);
    erase.allowObjects(['s3:PutObject'], bucket, erasuresPrefix);
    for (const prefix of [importsPrefix, importReportsPrefix]) erase.allowObjects(['s3:DeleteObject'], bucket, prefix);
    erase.allowObjects(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], bucket, exportsPrefix);
    const { alerts, forecast, saved } = catalogPartitions;
    erase.allowItems(['Query', 'DeleteItem'], catalog, [alerts, forecast, saved]);
    erase.allowItems(['DeleteItem', 'UpdateItem'], catalog, [catalogPartitions.mail]);
    erase.allowItems(['DeleteItem'], catalog, [
      catalogPartitions.recipient,
      catalogPartitions.share,
      catalogPartitions.campaign,
      catalogPartitions.job,
    ]);
    erase.allowItems(['Query', 'PutItem', 'DeleteItem'], catalog, [catalogPartitions.invitation]);
    return erase;
  }

  private createExport(props: LakeJobsProps) {
    const { tables, lake } = props;
    const exporter = this.createJob('Export', 'export', props, queryVariables(props));
    grantLakeQueries(exporter, { tables, lake, workGroup: lake.jobs, glueTables: settledEvents });
    exporter.allowObjects(['s3:GetObject'], lake.bucket, settledTables.events.prefix);
    exporter.allowObjects(
      ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', ...uploadParts],
      lake.bucket,
      exportsPrefix,
    );
    return exporter;
  }

  /** Reads uploaded files, and writes events of the past, each date's beside its hours. */
  private createImport(props: LakeJobsProps) {
    const { tables, lake, configuration } = props;
    const importer = this.createJob('Import', 'import', props, {
      ...queryVariables(props),
      ROLLUPS_TABLE: tables.rollups.tableName,
      CACHE_TABLE: tables.cache.tableName,
      LAKE_FROM: configuration.lakeFrom,
      PUBLIC_URL: props.url,
      LINK_DOMAINS: formatLinkDomains(configuration.linkDomains),
      IGNORE_CASE: String(configuration.ignoreCase),
    });
    grantLakeQueries(importer, { tables, lake, workGroup: lake.jobs, glueTables: settledEvents });
    importer.allowObjects(['s3:GetObject'], lake.bucket, settledTables.events.prefix);
    importer.allowObjects(['s3:GetObject', 's3:PutObject'], lake.bucket, rawPrefix);
    importer.allowObjects(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], lake.bucket, importsPrefix);
    importer.allowObjects(['s3:GetObject', 's3:PutObject'], lake.bucket, importReportsPrefix);
    const { job, page, settle, settleHour, tombstone } = catalogPartitions;
    importer.allowItems(['GetItem', 'PutItem'], tables.catalog, [job]);
    importer.allowItems(['GetItem'], tables.catalog, [page, settle, settleHour]);
    importer.allowItems(['PutItem'], tables.catalog, [settle]);
    importer.allowItems(['Query', 'PutItem'], tables.catalog, [tombstone]);
    importer.allowListing(tables.catalog, [listingPartitions.linksOfPage]);
    importer.allowItems(['GetItem', 'PutItem', 'DeleteItem'], tables.cache, [cachePartitions.importSalt]);
    const counters = [entityKeys.page(''), entityKeys.link('')];
    importer.allowItems(['GetItem', 'BatchGetItem', 'Query'], tables.rollups, counters);
    // Counts are written in transactions that check the job: each statement has the partitions of both tables.
    importer.allowItems(['PutItem', 'DeleteItem'], tables.rollups, [...counters, job]);
    importer.allowItems(['ConditionCheckItem'], tables.catalog, [...counters, job]);
    importer.allowToStartItself();
    return importer;
  }

  private createJob<Variables extends Record<string, string>>(
    id: string,
    source: string,
    { configuration }: LakeJobsProps,
    environment: Variables,
  ): SourceFunction<Variables> {
    return new SourceFunction<Variables>(this, id, {
      source,
      timeout: Duration.minutes(15),
      memory: 1769,
      // Two: a run that overlaps with a late one finds the lease taken and ends.
      reservedConcurrency: configuration.reserveConcurrency ? 2 : undefined,
      environment,
    });
  }
}

function settleVariables({ tables, clicks, files, configuration, ...props }: LakeJobsProps): SettleVariables {
  return {
    ...queryVariables({ tables, configuration, ...props }),
    ROLLUPS_TABLE: tables.rollups.tableName,
    CLICK_QUEUE_URL: clicks.queue.queueUrl,
    FILES_QUEUE_URL: files.queue.queueUrl,
    HOT_DAYS: String(configuration.hotDays),
    // A transaction takes twice the write units; the local stack, where CPU time counts, sets more.
    ENTITIES_AT_ONCE: '1',
    DUPLICATE_SECONDS: String(configuration.duplicateSeconds),
    DUPLICATE_SECONDS_WITHOUT_PORT: String(configuration.duplicateSecondsWithoutPort),
  };
}

function queryVariables({ tables, lake, configuration }: Pick<LakeJobsProps, 'tables' | 'lake' | 'configuration'>) {
  return {
    CATALOG_TABLE: tables.catalog.tableName,
    LAKE_BUCKET: lake.bucket.bucketName,
    GLUE_DATABASE: lake.database.ref,
    JOBS_WORK_GROUP: lake.jobs.ref,
    QUERY_ALERT_MEGABYTES: String(configuration.queryAlertMegabytes),
    DAILY_QUERY_CENTS: String(configuration.dailyQueryCents),
  };
}

/** Replaces runs and counters, and deletes raw files and settled ones. */
function grantSettling(job: AnySourceFunction, { tables, lake, clicks, files }: LakeJobsProps): void {
  grantLakeQueries(job, { tables, lake, workGroup: lake.jobs, glueTables: lakeTableNames });
  job.allow(writePartitions, glueArns(lake, lakeTableNames));
  job.allowObjects(['s3:GetObject', 's3:DeleteObject'], lake.bucket, rawPrefix);
  job.allowObjects(['s3:GetObject', 's3:PutObject', 's3:DeleteObject', ...uploadParts], lake.bucket, settledPrefix);
  const { settle, settleHour, settleRun, tombstone, reclassification } = catalogPartitions;
  job.allowItems(['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query'], tables.catalog, [settle]);
  job.allowItems(['GetItem', 'PutItem', 'Query'], tables.catalog, [settleHour, settleRun]);
  job.allowItems(['Query'], tables.catalog, [tombstone]);
  job.allowItems(['Query', 'UpdateItem', 'DeleteItem'], tables.catalog, [reclassification]);
  job.allowItems(['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query'], tables.rollups);
  job.allowListing(tables.catalog, [listingPartitions.pages, listingPartitions.linksOfPage, listingPartitions.metrics]);
  job.allow(['sqs:GetQueueAttributes'], [clicks.queue.queueArn, files.queue.queueArn]);
}
