import { Duration, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import { Construct } from 'constructs';
import type { environment as canaryEnvironment } from '#functions/canary/env.ts';
import type { environment as receiptsEnvironment } from '#functions/receipts/env.ts';
import type { environment as saltsEnvironment } from '#functions/salts/env.ts';
import { canaryCode } from '#schemas/catalog-rules.ts';
import type { EnvironmentVariables } from '#schemas/environment.ts';
import { acknowledgeBelow } from './constructs/acknowledge.ts';
import type { Configuration } from './configuration.ts';
import type { EdgeFunctions } from './edge/edge-functions.ts';
import { type AnySourceFunction, SourceFunction } from './constructs/source-function.ts';
import type { Tables } from './tables.ts';
import { cachePartitions, catalogPartitions } from '#schemas/tables.ts';

type CanaryVariables = EnvironmentVariables<typeof canaryEnvironment>;
type ReceiptsVariables = EnvironmentVariables<typeof receiptsEnvironment>;
type SaltsVariables = EnvironmentVariables<typeof saltsEnvironment>;

export interface JobsProps {
  readonly tables: Tables;
  readonly entrance: EdgeFunctions;
  /** Where viewers reach the stack: `https://go.example.com`. */
  readonly url: string;
  readonly configuration: Pick<Configuration, 'hotDays' | 'local' | 'reserveConcurrency'>;
}

/** What runs by the clock. Each run takes "now" from its schedule, so that any moment can be run again. */
export class Jobs extends Construct {
  readonly receipts: SourceFunction<ReceiptsVariables>;
  readonly salts: SourceFunction<SaltsVariables>;
  readonly canary: SourceFunction<CanaryVariables>;
  private readonly scheduler: Role;

  constructor(scope: Construct, id: string, props: JobsProps) {
    super(scope, id);
    this.scheduler = this.createScheduler();
    // Two: a run that is late may meet the next one, and both are idempotent.
    const reservedConcurrency = props.configuration.reserveConcurrency ? 2 : undefined;
    this.receipts = this.createReceipts(props, reservedConcurrency);
    this.salts = this.createSalts(props, reservedConcurrency);
    this.canary = this.createCanary(props, reservedConcurrency);
    // On AWS a window is counted once, when it has closed: an update costs money. Locally somebody is watching.
    if (props.configuration.local)
      this.schedule(this.receipts, '* * * * ? *', Duration.hours(1), { includeOpen: true });
    else this.schedule(this.receipts, '0/15 * * * ? *', Duration.hours(1));
    this.schedule(this.salts, '0 * * * ? *', Duration.hours(1));
    this.schedule(this.canary, '* * * * ? *', Duration.minutes(1));
  }

  private createReceipts({ tables, entrance, configuration }: JobsProps, reservedConcurrency?: number) {
    const logs = [entrance.redirect.logs, entrance.collect.logs] as const;
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
    receipts.allow(['dynamodb:GetItem'], [tables.catalog.tableArn], [catalogPartitions.page]);
    receipts.allow(
      ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:Query'],
      [tables.rollups.tableArn],
    );
    return receipts;
  }

  private createSalts({ tables }: JobsProps, reservedConcurrency?: number) {
    const salts = new SourceFunction<SaltsVariables>(this, 'Salts', {
      source: 'salts',
      timeout: Duration.minutes(1),
      memory: 256,
      reservedConcurrency,
      environment: { CACHE_TABLE: tables.cache.tableName },
    });
    const actions = ['GetItem', 'PutItem', 'DeleteItem', 'Query'].map((action) => `dynamodb:${action}`);
    salts.allow(actions, [tables.cache.tableArn], [cachePartitions.salt]);
    return salts;
  }

  private createCanary({ tables, url }: JobsProps, reservedConcurrency?: number) {
    const canary = new SourceFunction<CanaryVariables>(this, 'Canary', {
      source: 'canary',
      timeout: Duration.seconds(30),
      memory: 256,
      reservedConcurrency,
      environment: { CATALOG_TABLE: tables.catalog.tableName, PUBLIC_URL: url },
    });
    const keys = [`${catalogPartitions.link}${canaryCode}`, `${catalogPartitions.page}/${canaryCode}`];
    canary.allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [tables.catalog.tableArn], keys);
    return canary;
  }

  private createScheduler(): Role {
    const { account } = Stack.of(this);
    const conditions = { StringEquals: { 'aws:SourceAccount': account } };
    return new Role(this, 'Scheduler', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', { conditions }),
    });
  }

  private schedule(job: AnySourceFunction, cron: string, maxEventAge: Duration, options: object = {}): void {
    const cfnFunction = job.lambda.node.defaultChild as CfnFunction;
    acknowledgeBelow(this.scheduler, cfnFunction, ':*', 'versions of one function, as CDK grants an invocation');
    new Schedule(this, `${job.source}-schedule`, {
      description: `functions/${job.source}/handler.ts`,
      schedule: ScheduleExpression.expression(`cron(${cron})`),
      target: new LambdaInvoke(job.lambda, {
        role: this.scheduler,
        input: ScheduleTargetInput.fromObject({ time: '<aws.scheduler.scheduled-time>', ...options }),
        retryAttempts: 2,
        maxEventAge,
      }),
    });
  }
}
