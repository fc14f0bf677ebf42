import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { ConfigurationSet, EmailIdentity, EmailSendingEvent, EventDestination, Identity } from 'aws-cdk-lib/aws-ses';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { LambdaSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { environment as detectEnvironment } from '#functions/detect/env.ts';
import type { environment as digestEnvironment } from '#functions/digest/env.ts';
import type { environment as earlySignalEnvironment } from '#functions/early-signal/env.ts';
import type { environment as forecastEnvironment } from '#functions/forecast/env.ts';
import type { environment as mailFeedbackEnvironment } from '#functions/mail-feedback/env.ts';
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
type DigestVariables = EnvironmentVariables<typeof digestEnvironment>;
type EarlySignalVariables = EnvironmentVariables<typeof earlySignalEnvironment>;
type ForecastVariables = EnvironmentVariables<typeof forecastEnvironment>;
type MailFeedbackVariables = EnvironmentVariables<typeof mailFeedbackEnvironment>;

export interface AlertsProps {
  readonly tables: Tables;
  readonly lake: Lake;
  /** Takes what the links of mails do, under `/api/mail/`. */
  readonly httpApi: HttpApi;
  /** Where viewers reach the stack: `https://go.example.com`. */
  readonly url: string;
  readonly configuration: Pick<
    Configuration,
    'senderAddress' | 'settledDays' | 'queryAlertMegabytes' | 'dailyQueryCents' | 'reserveConcurrency' | 'local'
  >;
}

/** The local outbox takes mails from anybody. */
const localSender = 'hopcount@example.com';

/** Who notices: the jobs that look at the pages, and the mails by which they tell. */
export class Alerts extends Construct {
  readonly detect: SourceFunction<DetectVariables>;
  readonly earlySignal: SourceFunction<EarlySignalVariables>;
  readonly digest: SourceFunction<DigestVariables>;
  readonly forecast: SourceFunction<ForecastVariables>;
  readonly mailFeedback: SourceFunction<MailFeedbackVariables>;
  readonly functions: readonly AnySourceFunction[];
  private readonly mailSecret: Secret;
  /** Who mails are from; undefined where the stack sends none. */
  readonly sender: string | undefined;
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
    this.earlySignal = this.createEarlySignal(props);
    // The last events of an hour are counted a minute after it.
    this.schedule(this.earlySignal, '3 * * * ? *');
    this.forecast = this.createForecast(props);
    this.schedule(this.forecast, '40 * * * ? *');
    this.digest = this.createDigest(props);
    this.schedule(this.digest, '50 * * * ? *');
    this.mailFeedback = this.createMailFeedback(props);
    this.functions = [this.detect, this.earlySignal, this.forecast, this.digest, this.mailFeedback];
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
      reservedConcurrency: this.atOnce(props),
      environment: {
        ...this.mailVariables(props),
        ...this.queryVariables(props),
        ROLLUPS_TABLE: props.tables.rollups.tableName,
        SETTLED_DAYS: String(props.configuration.settledDays),
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

  private createEarlySignal(props: AlertsProps) {
    const { catalog, rollups } = props.tables;
    const earlySignal = new SourceFunction<EarlySignalVariables>(this, 'EarlySignal', {
      source: 'early-signal',
      timeout: Duration.minutes(10),
      memory: 1024,
      reservedConcurrency: this.atOnce(props),
      environment: {
        ...this.mailVariables(props),
        ROLLUPS_TABLE: rollups.tableName,
        SETTLED_DAYS: String(props.configuration.settledDays),
      },
    });
    this.grantMailing(earlySignal, props);
    earlySignal.allow(['dynamodb:BatchGetItem', 'dynamodb:Query'], [rollups.tableArn]);
    const actions = ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem'].map((action) => `dynamodb:${action}`);
    earlySignal.allow(actions, [catalog.tableArn], ['alerts#*', 'run#*']);
    return earlySignal;
  }

  private createForecast(props: AlertsProps) {
    const { catalog, rollups } = props.tables;
    const forecast = new SourceFunction<ForecastVariables>(this, 'Forecast', {
      source: 'forecast',
      timeout: Duration.minutes(15),
      memory: 1769,
      reservedConcurrency: this.atOnce(props),
      environment: { CATALOG_TABLE: catalog.tableName, ROLLUPS_TABLE: rollups.tableName },
    });
    forecast.allow(['dynamodb:GetItem', 'dynamodb:BatchGetItem'], [rollups.tableArn]);
    forecast.allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [catalog.tableArn], ['forecast#*', 'run#*']);
    forecast.allow(['dynamodb:Query'], [`${catalog.tableArn}/index/${listingIndex}`]);
    return forecast;
  }

  private createDigest(props: AlertsProps) {
    const { catalog, rollups } = props.tables;
    const digest = new SourceFunction<DigestVariables>(this, 'Digest', {
      source: 'digest',
      timeout: Duration.minutes(15),
      memory: 1024,
      reservedConcurrency: this.atOnce(props),
      environment: { ...this.mailVariables(props), ROLLUPS_TABLE: rollups.tableName },
    });
    this.grantMailing(digest, props);
    digest.allow(['dynamodb:GetItem', 'dynamodb:BatchGetItem'], [rollups.tableArn]);
    digest.allow(['dynamodb:Query'], [catalog.tableArn], ['alerts#*']);
    digest.allow(['dynamodb:GetItem'], [catalog.tableArn], ['link#*', 'forecast#*']);
    digest.allow(['dynamodb:PutItem'], [catalog.tableArn], ['run#*']);
    return digest;
  }

  private createMailFeedback(props: AlertsProps) {
    const { catalog } = props.tables;
    const mailFeedback = new SourceFunction<MailFeedbackVariables>(this, 'MailFeedback', {
      source: 'mail-feedback',
      timeout: Duration.seconds(29),
      memory: 512,
      reservedConcurrency: props.configuration.reserveConcurrency ? 5 : undefined,
      environment: { CATALOG_TABLE: catalog.tableName, MAIL_SECRET_ARN: this.mailSecret.secretArn },
    });
    mailFeedback.allow(['dynamodb:PutItem'], [catalog.tableArn], ['recipient#*']);
    const actions = ['PutItem', 'UpdateItem', 'Query'].map((action) => `dynamodb:${action}`);
    mailFeedback.allow(actions, [catalog.tableArn], ['alerts#*']);
    mailFeedback.allow(['secretsmanager:GetSecretValue'], [this.mailSecret.secretArn]);
    const routes = props.httpApi.addRoutes({
      path: '/api/mail/{proxy+}',
      methods: [HttpMethod.ANY],
      integration: new HttpLambdaIntegration('MailFeedback', mailFeedback.lambda),
    });
    for (const route of routes)
      acknowledge(route, 'AwsSolutions-APIG4', 'the token in the link is signed, and is all that its reader has');
    if (this.sending) this.report(this.sending, mailFeedback);
    return mailFeedback;
  }

  /** SES reports bounces and complaints to a topic, and the topic to the function. */
  private report(sending: ConfigurationSet, mailFeedback: AnySourceFunction): void {
    const reports = new Topic(this, 'Reports', { enforceSSL: true });
    sending.addEventDestination('ToReports', {
      destination: EventDestination.snsTopic(reports),
      events: [EmailSendingEvent.BOUNCE, EmailSendingEvent.COMPLAINT],
    });
    const subscription = reports.addSubscription(new LambdaSubscription(mailFeedback.lambda));
    acknowledge(
      subscription,
      'Serverless-SNSRedrivePolicy',
      'SNS tries for days, and SES keeps its own list of who bounced',
    );
  }

  private atOnce({ configuration }: AlertsProps): number | undefined {
    return configuration.reserveConcurrency ? 2 : undefined;
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
