import { Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { CfnTable } from 'aws-cdk-lib/aws-glue';
import { AccountRootPrincipal, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { type CfnBucket } from 'aws-cdk-lib/aws-s3';
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import { Construct } from 'constructs';
import type { environment as retentionEnvironment } from '#functions/retention/env.ts';
import type { environment } from '#functions/settle/env.ts';
import { catalogPartitions, listingIndex, settlePartitions } from '#schemas/tables.ts';
import type { EnvironmentVariables } from '#schemas/environment.ts';
import { erasuresPrefix, exportsPrefix, failedPrefix, rawPrefix, settledPrefix } from '#schemas/lake-keys.ts';
import { eventsView, prestoView, type SettledTable, settledTables } from '#schemas/lake-tables.ts';
import { acknowledgeBelow } from './constructs/acknowledge.ts';
import type { Configuration } from './configuration.ts';
import { type Lake, parquet, resultsPrefix } from './lake.ts';
import { type AnySourceFunction, SourceFunction } from './constructs/source-function.ts';
import type { Tables } from './tables.ts';
import type { WorkQueue } from './constructs/work-queue.ts';

type SettleVariables = EnvironmentVariables<typeof environment>;
type RetentionVariables = EnvironmentVariables<typeof retentionEnvironment>;

export interface SettleProps {
  readonly tables: Tables;
  readonly lake: Lake;
  readonly clicks: WorkQueue;
  readonly files: WorkQueue;
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
  >;
}

export const readPartitions = [
  'glue:GetDatabase',
  'glue:GetTable',
  'glue:GetTables',
  'glue:GetPartition',
  'glue:GetPartitions',
];
const writePartitions = ['glue:CreatePartition', 'glue:UpdatePartition', 'glue:DeletePartition'];
export const runQueries = ['StartQueryExecution', 'GetQueryExecution', 'GetQueryResults', 'StopQueryExecution'].map(
  (action) => `athena:${action}`,
);

/** From raw files to exact hours: the settled tables, the jobs that write them, and the role of whoever reads them. */
export class Settle extends Construct {
  readonly settle: SourceFunction<SettleVariables>;
  readonly retention: SourceFunction<RetentionVariables>;
  readonly erase: SourceFunction<SettleVariables>;
  readonly export: SourceFunction<SettleVariables>;
  readonly analyst: Role;
  private readonly scheduler: Role;

  constructor(scope: Construct, id: string, props: SettleProps) {
    super(scope, id);
    const { lake } = props;
    for (const [name, table] of Object.entries(settledTables)) this.createTable(lake, name, table);
    this.createView(lake);
    this.scheduler = new Role(this, 'Scheduler', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    this.settle = this.createJob(props, 'Settle', 'settle', {});
    this.erase = this.createJob(props, 'Erase', 'erase', {});
    this.retention = this.createJob(props, 'Retention', 'retention', {
      RAW_DAYS: String(props.configuration.rawDays),
      SETTLED_DAYS: String(props.configuration.settledDays),
    });
    this.export = this.createJob(props, 'Export', 'export', {});
    for (const job of [this.settle, this.erase, this.retention]) this.grantSettling(job, props);
    this.settle.allow(['sqs:SendMessage'], [props.files.queue.queueArn]);
    this.erase.allowObjects(['s3:GetObject', 's3:DeleteObject'], lake.bucket, failedPrefix);
    this.erase.allowObjects(['s3:PutObject'], lake.bucket, erasuresPrefix);
    for (const job of [this.erase, this.export])
      job.allowObjects(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], lake.bucket, exportsPrefix);
    this.grantErasing(props);
    this.grantExporting(props);
    // Twelve minutes after the hour: the grace is over, and so are receipts of the hour's last window.
    this.schedule(this.settle, '12 * * * ? *');
    this.schedule(this.retention, '40 4 * * ? *');
    this.analyst = this.createAnalyst(lake);
  }

  private createTable(lake: Lake, name: string, table: SettledTable): void {
    const location = `s3://${lake.bucket.bucketName}/${table.prefix}`;
    const created = new CfnTable(this, `Table-${name}`, {
      catalogId: Aws.ACCOUNT_ID,
      databaseName: lake.database.ref,
      tableInput: {
        name: table.name,
        description: table.description,
        tableType: 'EXTERNAL_TABLE',
        partitionKeys: [...table.partitionKeys],
        storageDescriptor: { ...parquet, columns: [...table.columns], location },
        parameters: { classification: 'parquet', ...(table.projected && projection(table, location)) },
      },
    });
    created.applyRemovalPolicy(RemovalPolicy.RETAIN);
  }

  private createView(lake: Lake): void {
    const view = new CfnTable(this, 'View-events', {
      catalogId: Aws.ACCOUNT_ID,
      databaseName: lake.database.ref,
      tableInput: {
        name: eventsView.name,
        description: eventsView.description,
        tableType: 'VIRTUAL_VIEW',
        parameters: { presto_view: 'true', comment: 'Presto View' },
        partitionKeys: [],
        storageDescriptor: { columns: [...eventsView.columns], location: '', serdeInfo: {} },
        // The database's name is known here, so the view's definition is text and not a function of the template.
        viewOriginalText: prestoView(Stack.of(this).stackName.toLowerCase().replaceAll('-', '_'), eventsView),
        viewExpandedText: '/* Presto View */',
      },
    });
    view.applyRemovalPolicy(RemovalPolicy.RETAIN);
  }

  private createJob<Extra extends Record<string, string>>(
    { tables, lake, clicks, files, configuration }: SettleProps,
    id: string,
    source: string,
    extra: Extra,
  ): SourceFunction<SettleVariables & Extra> {
    return new SourceFunction<SettleVariables & Extra>(this, id, {
      source,
      timeout: Duration.minutes(15),
      memory: 1769,
      // One settles, and one that is late may find the lease taken.
      reservedConcurrency: configuration.reserveConcurrency ? 2 : undefined,
      environment: {
        CATALOG_TABLE: tables.catalog.tableName,
        ROLLUPS_TABLE: tables.rollups.tableName,
        LAKE_BUCKET: lake.bucket.bucketName,
        CLICK_QUEUE_URL: clicks.queue.queueUrl,
        FILES_QUEUE_URL: files.queue.queueUrl,
        GLUE_DATABASE: lake.database.ref,
        JOBS_WORK_GROUP: lake.jobs.ref,
        HOT_DAYS: String(configuration.hotDays),
        DUPLICATE_SECONDS: String(configuration.duplicateSeconds),
        DUPLICATE_SECONDS_WITHOUT_PORT: String(configuration.duplicateSecondsWithoutPort),
        QUERY_ALERT_MEGABYTES: String(configuration.queryAlertMegabytes),
        DAILY_QUERY_CENTS: String(configuration.dailyQueryCents),
        ...extra,
      },
    });
  }

  private grantQueries(job: AnySourceFunction, { tables, lake }: SettleProps): void {
    job.allow(runQueries, [workGroupArn(lake.jobs)]);
    job.allow(readPartitions, glueArns(lake));
    job.allow(['s3:ListBucket', 's3:GetBucketLocation'], [lake.bucket.bucketArn]);
    job.allowObjects(['s3:GetObject', 's3:PutObject'], lake.bucket, resultsPrefix);
    job.allow(['dynamodb:UpdateItem'], [tables.catalog.tableArn], [catalogPartitions.queryCosts]);
  }

  private grantSettling(job: AnySourceFunction, props: SettleProps): void {
    const { tables, lake, clicks, files } = props;
    this.grantQueries(job, props);
    job.allow(writePartitions, glueArns(lake));
    job.allowObjects(['s3:GetObject', 's3:DeleteObject'], lake.bucket, rawPrefix);
    job.allowObjects(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], lake.bucket, settledPrefix);
    const items = ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query'].map((action) => `dynamodb:${action}`);
    job.allow(items, [tables.catalog.tableArn], settlePartitions);
    job.allow([...items, 'dynamodb:BatchGetItem'], [tables.rollups.tableArn]);
    job.allow(['dynamodb:Query'], [`${tables.catalog.tableArn}/index/${listingIndex}`]);
    job.allow(['sqs:GetQueueAttributes'], [clicks.queue.queueArn, files.queue.queueArn]);
  }

  /** What the catalog keeps of a page beside it and its links. */
  private grantErasing({ tables: { catalog } }: SettleProps): void {
    const allow = (actions: string[], keys: string[]) =>
      this.erase.allow(
        actions.map((action) => `dynamodb:${action}`),
        [catalog.tableArn],
        keys,
      );
    allow(['Query', 'DeleteItem'], [catalogPartitions.alerts, catalogPartitions.forecast]);
    allow(['DeleteItem', 'UpdateItem'], [catalogPartitions.mail]);
    allow(['DeleteItem'], [catalogPartitions.recipient, catalogPartitions.share, catalogPartitions.job]);
    allow(['Query', 'PutItem', 'DeleteItem'], [catalogPartitions.invitation]);
  }

  private grantExporting(props: SettleProps): void {
    this.grantQueries(this.export, props);
    this.export.allowObjects(['s3:GetObject'], props.lake.bucket, settledPrefix);
  }

  private schedule(job: AnySourceFunction, cron: string): void {
    const cfnFunction = job.lambda.node.defaultChild as CfnFunction;
    acknowledgeBelow(this.scheduler, cfnFunction, ':*', 'versions of one function, as CDK grants an invocation');
    new Schedule(this, `${job.source}-schedule`, {
      description: `functions/${job.source}/handler.ts`,
      schedule: ScheduleExpression.expression(`cron(${cron})`),
      target: new LambdaInvoke(job.lambda, {
        role: this.scheduler,
        input: ScheduleTargetInput.fromObject({ time: '<aws.scheduler.scheduled-time>' }),
        retryAttempts: 2,
        maxEventAge: Duration.hours(1),
      }),
    });
  }

  /** Reads settled tables through the interactive work group, whose queries are cut off. Raw files are not for it. */
  private createAnalyst(lake: Lake): Role {
    const role = new Role(this, 'Analyst', {
      description: 'Reads the settled tables of Hopcount with Athena',
      assumedBy: new AccountRootPrincipal(),
    });
    function allow(actions: string[], resources: string[]) {
      return role.addToPolicy(new PolicyStatement({ actions, resources }));
    }
    allow(runQueries, [workGroupArn(lake.interactive)]);
    allow(readPartitions, glueArns(lake));
    allow(['s3:ListBucket', 's3:GetBucketLocation'], [lake.bucket.bucketArn]);
    const results = `${resultsPrefix}interactive/`;
    allow(['s3:GetObject'], [lake.bucket.arnForObjects(`${settledPrefix}*`)]);
    allow(['s3:GetObject', 's3:PutObject'], [lake.bucket.arnForObjects(`${results}*`)]);
    for (const prefix of [settledPrefix, results])
      acknowledgeBelow(role, lake.bucket.node.defaultChild as CfnBucket, `/${prefix}*`, 'objects of one prefix');
    return role;
  }
}

export function workGroupArn(group: CfnWorkGroup): string {
  return Stack.of(group).formatArn({ service: 'athena', resource: 'workgroup', resourceName: group.ref });
}

function projection({ projected }: SettledTable, location: string): Record<string, string> {
  return {
    'projection.enabled': 'true',
    'projection.dt.type': 'injected',
    'projection.hr.type': 'injected',
    'projection.run.type': 'injected',
    'storage.location.template': `${location}${projected ?? ''}`,
  };
}

/** The database and each of its tables by name. */
function glueArns(lake: Lake): string[] {
  const stack = Stack.of(lake);
  const names = ['raw_events', eventsView.name, ...Object.values(settledTables).map(({ name }) => name)];
  return [
    stack.formatArn({ service: 'glue', resource: 'catalog' }),
    stack.formatArn({ service: 'glue', resource: 'database', resourceName: lake.database.ref }),
    ...names.map((name) =>
      stack.formatArn({ service: 'glue', resource: 'table', resourceName: `${lake.database.ref}/${name}` }),
    ),
  ];
}
