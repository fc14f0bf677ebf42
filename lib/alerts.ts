import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { ConfigurationSet, EmailIdentity, Identity } from 'aws-cdk-lib/aws-ses';
import { Construct } from 'constructs';
import type { environment as detectEnvironment } from '#functions/detect/env.ts';
import { listingIndex } from '#schemas/catalog-keys.ts';
import type { EnvironmentVariables } from '#schemas/environment.ts';
import { settledTables } from '#schemas/lake-tables.ts';
import { acknowledge, acknowledgeBelow } from './acknowledge.ts';
import type { Configuration } from './configuration.ts';
import { type Lake, resultsPrefix } from './lake.ts';
import { readPartitions, runQueries, workGroupArn } from './settle.ts';
import { type AnySourceFunction, SourceFunction } from './source-function.ts';
import type { Tables } from './tables.ts';

type DetectVariables = EnvironmentVariables<typeof detectEnvironment>;

export interface AlertsProps {
  readonly tables: Tables;
  readonly lake: Lake;
  /** Where viewers reach the stack: `https://go.example.com`. */
  readonly url: string;
  readonly configuration: Pick<
    Configuration,
    'senderAddress' | 'queryAlertMegabytes' | 'dailyQueryCents' | 'reserveConcurrency' | 'local'
  >;
}

/** The local outbox takes mails from anybody. */
const localSender = 'hopcount@example.com';

/** Who notices: the jobs that look at the pages, and the mails by which they tell. */
export class Alerts extends Construct {
  readonly detect: SourceFunction<DetectVariables>;
  readonly functions: readonly AnySourceFunction[];
  private readonly mailSecret: Secret;
  private readonly sender: string | undefined;
  private readonly sending: ConfigurationSet | undefined;
  private readonly scheduler: Role;

  constructor(scope: Construct, id: string, props: AlertsProps) {
    super(scope, id);
    const { senderAddress, local } = props.configuration;
    this.sender = senderAddress ?? (local ? localSender : undefined);
    this.mailSecret = this.createMailSecret();
    this.sending = this.sender === undefined ? undefined : this.createSending(this.sender);
    this.scheduler = this.createScheduler();
    this.detect = this.createDetect(props);
    // Settle runs at 12 past; what it closes is judged in the same hour.
    this.schedule(this.detect, '25 * * * ? *');
    this.functions = [this.detect];
  }

  private createMailSecret(): Secret {
    const secret = new Secret(this, 'MailSecret', {
      description: 'Signs the links of mails, and hides the addresses of who wants none',
      generateSecretString: { passwordLength: 48, excludePunctuation: true },
      // With another secret, who ended his mails would get them again.
      removalPolicy: RemovalPolicy.RETAIN,
    });
    acknowledge(secret, 'AwsSolutions-SMG4', 'rotated, it would void the links of mails that were sent');
    return secret;
  }

  private createSending(sender: string): ConfigurationSet {
    const sending = new ConfigurationSet(this, 'Sending', { reputationMetrics: true });
    new EmailIdentity(this, 'Sender', { identity: Identity.email(sender), configurationSet: sending });
    return sending;
  }

  private mailVariables({ tables, url }: AlertsProps) {
    return {
      CATALOG_TABLE: tables.catalog.tableName,
      PUBLIC_URL: url,
      MAIL_SECRET_ARN: this.mailSecret.secretArn,
      SENDER: this.sender ?? 'none',
      CONFIGURATION_SET: this.sending?.configurationSetName ?? 'none',
    };
  }

  private queryVariables({ lake, configuration }: AlertsProps) {
    return {
      GLUE_DATABASE: lake.database.ref,
      JOBS_WORK_GROUP: lake.jobs.ref,
      QUERY_ALERT_MEGABYTES: String(configuration.queryAlertMegabytes),
      DAILY_QUERY_CENTS: String(configuration.dailyQueryCents),
    };
  }

  private createDetect(props: AlertsProps) {
    const detect = new SourceFunction<DetectVariables>(this, 'Detect', {
      source: 'detect',
      timeout: Duration.minutes(15),
      memory: 1769,
      reservedConcurrency: props.configuration.reserveConcurrency ? 2 : undefined,
      environment: {
        ...this.mailVariables(props),
        ...this.queryVariables(props),
        ROLLUPS_TABLE: props.tables.rollups.tableName,
      },
    });
    this.grantQueries(detect, props);
    this.grantMailing(detect, props);
    const { catalog, rollups } = props.tables;
    detect.allow(['dynamodb:GetItem', 'dynamodb:BatchGetItem'], [rollups.tableArn]);
    detect.allow(
      ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem'].map((action) => `dynamodb:${action}`),
      [catalog.tableArn],
      ['alerts#*', 'run#*'],
    );
    return detect;
  }

  /** Reads one view of the lake through the jobs' work group. */
  private grantQueries(job: AnySourceFunction, { tables, lake }: AlertsProps): void {
    job.allow(runQueries, [workGroupArn(lake.jobs)]);
    const stack = Stack.of(this);
    const { name, prefix } = settledTables.traffic;
    job.allow(readPartitions, [
      stack.formatArn({ service: 'glue', resource: 'catalog' }),
      stack.formatArn({ service: 'glue', resource: 'database', resourceName: lake.database.ref }),
      stack.formatArn({ service: 'glue', resource: 'table', resourceName: `${lake.database.ref}/${name}` }),
    ]);
    job.allow(['s3:ListBucket', 's3:GetBucketLocation'], [lake.bucket.bucketArn]);
    job.allowObjects(['s3:GetObject'], lake.bucket, prefix);
    job.allowObjects(['s3:GetObject', 's3:PutObject'], lake.bucket, resultsPrefix);
    job.allow(['dynamodb:UpdateItem'], [tables.catalog.tableArn], ['query-costs']);
  }

  /** Lists pages and users, queues mails and sends them. */
  private grantMailing(job: AnySourceFunction, { tables: { catalog } }: AlertsProps): void {
    job.allow(['dynamodb:Query'], [`${catalog.tableArn}/index/${listingIndex}`]);
    job.allow(['dynamodb:PutItem', 'dynamodb:UpdateItem'], [catalog.tableArn], ['mail#*']);
    job.allow(['dynamodb:GetItem'], [catalog.tableArn], ['recipient#*']);
    job.allow(['secretsmanager:GetSecretValue'], [this.mailSecret.secretArn]);
    const stack = Stack.of(this);
    if (this.sender === undefined || this.sending === undefined) return;
    job.allow(
      ['ses:SendEmail'],
      [
        stack.formatArn({ service: 'ses', resource: 'identity', resourceName: this.sender }),
        stack.formatArn({
          service: 'ses',
          resource: 'configuration-set',
          resourceName: this.sending.configurationSetName,
        }),
      ],
    );
  }

  private createScheduler(): Role {
    const conditions = { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } };
    return new Role(this, 'Scheduler', { assumedBy: new ServicePrincipal('scheduler.amazonaws.com', { conditions }) });
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
}
