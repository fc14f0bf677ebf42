import { Duration } from 'aws-cdk-lib';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { environment as canaryEnvironment } from '#functions/canary/env.ts';
import type { environment as receiptsEnvironment } from '#functions/receipts/env.ts';
import type { environment as saltsEnvironment } from '#functions/salts/env.ts';
import { canaryCode, canaryMinutes } from '#schemas/catalog-rules.ts';
import type { EnvironmentVariables } from '#schemas/environment.ts';
import { cachePartitions, catalogPartitions } from '#schemas/tables.ts';
import type { Configuration } from '../configuration.ts';
import type { EdgeFunctions } from './edge-functions.ts';
import { JobScheduler } from '../constructs/job-scheduler.ts';
import { SourceFunction } from '../constructs/source-function.ts';
import type { Tables } from '../tables.ts';

type CanaryVariables = EnvironmentVariables<typeof canaryEnvironment>;
type ReceiptsVariables = EnvironmentVariables<typeof receiptsEnvironment>;
type SaltsVariables = EnvironmentVariables<typeof saltsEnvironment>;

export interface EdgeJobsProps {
  readonly tables: Tables;
  readonly edgeFunctions: EdgeFunctions;
  /** The stack's public address: `https://go.example.com`. */
  readonly url: string;
  /** Receives runs that could not be started. */
  readonly jobFailures: Queue;
  readonly configuration: Pick<Configuration, 'hotDays' | 'local' | 'reserveConcurrency'>;
}

/** Scheduled functions around the edge functions: receipts counts their requests, salts rotates visitor salts, canary clicks. */
export class EdgeJobs extends Construct {
  readonly receipts: SourceFunction<ReceiptsVariables>;
  readonly salts: SourceFunction<SaltsVariables>;
  readonly canary: SourceFunction<CanaryVariables>;

  constructor(scope: Construct, id: string, props: EdgeJobsProps) {
    super(scope, id);
    // Two: a late run may overlap with the next one, and both are idempotent.
    const reservedConcurrency = props.configuration.reserveConcurrency ? 2 : undefined;
    this.receipts = this.createReceipts(props, reservedConcurrency);
    this.salts = this.createSalts(props, reservedConcurrency);
    this.canary = this.createCanary(props, reservedConcurrency);
    this.scheduleJobs(new JobScheduler(this, 'Schedules', props.jobFailures), props.configuration.local);
  }

  private createReceipts({ tables, edgeFunctions, configuration }: EdgeJobsProps, reservedConcurrency?: number) {
    const logs = [edgeFunctions.redirect.logs, edgeFunctions.collect.logs] as const;
    const receipts = new SourceFunction<ReceiptsVariables>(this, 'Receipts', {
      source: 'receipts',
      timeout: Duration.minutes(10),
      memory: 1024,
      reservedConcurrency,
      environment: {
        CATALOG_TABLE: tables.catalog.tableName,
        ROLLUPS_TABLE: tables.rollups.tableName,
        REDIRECT_LOG_GROUP: logs[0].logGroupName,
        COLLECT_LOG_GROUP: logs[1].logGroupName,
        HOT_DAYS: String(configuration.hotDays),
      },
    });
    receipts.allow(
      ['logs:FilterLogEvents'],
      logs.map((group) => group.logGroupArn),
    );
    receipts.allowItems(['GetItem'], tables.catalog, [catalogPartitions.page]);
    receipts.allowItems(['GetItem', 'PutItem', 'UpdateItem', 'Query'], tables.rollups);
    return receipts;
  }

  private createSalts({ tables }: EdgeJobsProps, reservedConcurrency?: number) {
    const salts = new SourceFunction<SaltsVariables>(this, 'Salts', {
      source: 'salts',
      timeout: Duration.minutes(1),
      memory: 256,
      reservedConcurrency,
      environment: { CACHE_TABLE: tables.cache.tableName },
    });
    salts.allowItems(['GetItem', 'PutItem', 'DeleteItem', 'Query'], tables.cache, [cachePartitions.salt]);
    return salts;
  }

  private createCanary({ tables, url }: EdgeJobsProps, reservedConcurrency?: number) {
    const canary = new SourceFunction<CanaryVariables>(this, 'Canary', {
      source: 'canary',
      timeout: Duration.seconds(30),
      memory: 256,
      reservedConcurrency,
      environment: { CATALOG_TABLE: tables.catalog.tableName, PUBLIC_URL: url },
    });
    const keys = [`${catalogPartitions.link}${canaryCode}`, `${catalogPartitions.page}/${canaryCode}`];
    canary.allowItems(['GetItem', 'PutItem'], tables.catalog, keys);
    return canary;
  }

  private scheduleJobs(scheduler: JobScheduler, local: boolean): void {
    // On AWS each window is counted once, after it closed, because updates cost money. Locally numbers should move at once.
    scheduler.schedule(
      this.receipts,
      local ? { cron: '* * * * ? *', payload: { includeOpen: true } } : { cron: '0/15 * * * ? *' },
    );
    scheduler.schedule(this.salts, { cron: '0 * * * ? *' });
    scheduler.schedule(this.canary, { cron: `0/${canaryMinutes} * * * ? *`, maxEventAge: Duration.minutes(1) });
  }
}
