import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { ConfigurationSet, EmailIdentity, EmailSendingEvent, EventDestination, Identity } from 'aws-cdk-lib/aws-ses';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { LambdaSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { environment as alertsEnvironment } from '#functions/alerts/env.ts';
import type { environment as mailFeedbackEnvironment } from '#functions/mail-feedback/env.ts';
import { type AlertJob, alertJobs } from '#schemas/alerts.ts';
import type { EnvironmentVariables } from '#schemas/environment.ts';
import { settleMinute } from '#schemas/lake-jobs.ts';
import { settledTables } from '#schemas/lake-tables.ts';
import { catalogPartitions, listingPartitions } from '#schemas/tables.ts';
import { acknowledge } from './constructs/acknowledge.ts';
import type { Configuration } from './configuration.ts';
import { JobScheduler } from './constructs/job-scheduler.ts';
import type { Lake } from './lake/lake.ts';
import { grantLakeQueries } from './lake/lake-queries.ts';
import { type AnySourceFunction, SourceFunction } from './constructs/source-function.ts';
import { throttleRoutes } from './constructs/throttle-routes.ts';
import type { Tables } from './tables.ts';

type AlertsVariables = EnvironmentVariables<typeof alertsEnvironment>;
type MailFeedbackVariables = EnvironmentVariables<typeof mailFeedbackEnvironment>;

export interface AlertsProps {
  readonly tables: Tables;
  readonly lake: Lake;
  /** Serves the links in mails, under `/api/mail/`. */
  readonly httpApi: HttpApi;
  /** Secret by which the function recognizes requests that came through CloudFront. */
  readonly originSecret: ISecret;
  /** The stack's public address: `https://go.example.com`. */
  readonly url: string;
  /** Receives runs that could not be started. */
  readonly jobFailures: Queue;
  readonly configuration: Pick<
    Configuration,
    | 'senderAddress'
    | 'senderIdentity'
    | 'settledDays'
    | 'queryAlertMegabytes'
    | 'dailyQueryCents'
    | 'reserveConcurrency'
    | 'local'
  >;
}

/** What a function needs to send mails. */
export interface Mailing {
  readonly sender: string;
  readonly configurationSet: ConfigurationSet;
  /** Resources of `ses:SendEmail`. */
  readonly arns: string[];
}

/** What five environments, the reserved concurrency, can serve. */
const mailRequestsPerSecond = 50;

/** The local outbox accepts any sender. */
const localSender = 'hopcount@example.com';

const schedules = {
  // The last events of an hour are counted a minute after it.
  hourly: '3 * * * ? *',
  // Settle begins no work after 11 minutes: the days it closes are evaluated in the same hour.
  daily: `${settleMinute + 13} * * * ? *`,
  forecast: '40 * * * ? *',
  digest: '50 * * * ? *',
} as const satisfies Record<AlertJob, string>;

/** Detection, forecasts and their mails: one function that runs four jobs, and one that handles replies to the mails. */
export class Alerts extends Construct {
  readonly alerts: SourceFunction<AlertsVariables>;
  readonly mailFeedback: SourceFunction<MailFeedbackVariables>;
  /** Undefined if the stack sends no mails. */
  readonly mailing: Mailing | undefined;
  readonly mailSecret: Secret;

  constructor(scope: Construct, id: string, props: AlertsProps) {
    super(scope, id);
    const { senderAddress, senderIdentity, local } = props.configuration;
    const sender = senderAddress ?? (local ? localSender : undefined);
    this.mailSecret = this.createMailSecret();
    this.mailing = sender === undefined ? undefined : this.createMailing(sender, senderIdentity);
    this.alerts = this.createAlerts(props);
    this.grantDetection(props);
    this.grantMailing(props);
    const scheduler = new JobScheduler(this, 'Schedules', props.jobFailures);
    for (const job of alertJobs) scheduler.schedule(this.alerts, { name: job, cron: schedules[job], payload: { job } });
    this.mailFeedback = this.createMailFeedback(props);
  }

  private createMailSecret(): Secret {
    const secret = new Secret(this, 'MailSecret', {
      description:
        'Signs the links in mails, hashes recipients who unsubscribed, and encrypts the addresses of channels',
      generateSecretString: { passwordLength: 48, excludePunctuation: true },
      // With a new secret, recipients who unsubscribed would get mails again.
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    acknowledge(secret, 'AwsSolutions-SMG4', 'rotation would invalidate the links in mails that were sent');
    return secret;
  }

  private createMailing(sender: string, existingIdentity?: string): Mailing {
    const configurationSet = new ConfigurationSet(this, 'Sending', { reputationMetrics: true });
    if (existingIdentity === undefined)
      new EmailIdentity(this, 'Sender', { identity: Identity.email(sender), configurationSet });
    function arn(resource: string, resourceName: string) {
      return Stack.of(configurationSet).formatArn({ service: 'ses', resource, resourceName });
    }
    // SES checks `ses:SendEmail` on both.
    const arns = [
      arn('identity', existingIdentity ?? sender),
      arn('configuration-set', configurationSet.configurationSetName),
    ];
    return { sender, configurationSet, arns };
  }

  private createAlerts({ tables, lake, url, configuration }: AlertsProps) {
    return new SourceFunction<AlertsVariables>(this, 'Alerts', {
      source: 'alerts',
      timeout: Duration.minutes(15),
      memory: 1769,
      // One for each job: a late run may overlap with the next job.
      reservedConcurrency: configuration.reserveConcurrency ? alertJobs.length : undefined,
      environment: {
        CATALOG_TABLE: tables.catalog.tableName,
        ROLLUPS_TABLE: tables.rollups.tableName,
        GLUE_DATABASE: lake.database.ref,
        JOBS_WORK_GROUP: lake.jobs.ref,
        PUBLIC_URL: url,
        MAIL_SECRET_ARN: this.mailSecret.secretArn,
        SENDER: this.mailing?.sender ?? 'none',
        CONFIGURATION_SET: this.mailing?.configurationSet.configurationSetName ?? 'none',
        PRIVATE_DESTINATIONS: 'none',
        SETTLED_DAYS: String(configuration.settledDays),
        QUERY_ALERT_MEGABYTES: String(configuration.queryAlertMegabytes),
        DAILY_QUERY_CENTS: String(configuration.dailyQueryCents),
      },
    });
  }

  /** Reads counters and one view of the lake; keeps incidents, forecasts and run records in the catalog. */
  private grantDetection({ tables, lake }: AlertsProps): void {
    const { name, prefix } = settledTables.traffic;
    grantLakeQueries(this.alerts, { tables, lake, workGroup: lake.jobs, glueTables: [name] });
    this.alerts.allowObjects(['s3:GetObject'], lake.bucket, prefix);
    const { catalog, rollups } = tables;
    this.alerts.allowItems(['GetItem', 'BatchGetItem', 'Query'], rollups);
    this.alerts.allowItems(['GetItem', 'BatchGetItem', 'Query'], catalog, [catalogPartitions.alerts]);
    // One statement, because a transaction writes a page's state, its incidents and their mails.
    this.alerts.allowItems(['PutItem', 'UpdateItem'], catalog, [catalogPartitions.alerts, catalogPartitions.mail]);
    this.alerts.allowItems(['GetItem', 'PutItem'], catalog, [catalogPartitions.forecast]);
    this.alerts.allowItems(['PutItem'], catalog, [catalogPartitions.run]);
    // Pages and agencies for the white label of mails.
    this.alerts.allowItems(['GetItem'], catalog, [
      catalogPartitions.link,
      catalogPartitions.page,
      catalogPartitions.agency,
    ]);
  }

  /** Lists pages, metrics, campaigns and users, queues mails and sends them. */
  private grantMailing({ tables: { catalog } }: AlertsProps): void {
    const { pages, linksOfPage, users, mailsDue, metrics, campaigns } = listingPartitions;
    this.alerts.allowListing(catalog, [pages, linksOfPage, users, mailsDue, metrics, campaigns]);
    this.alerts.allowItems(['GetItem', 'BatchGetItem'], catalog, [catalogPartitions.recipient]);
    // Channels, and what came of their last message.
    this.alerts.allowItems(['Query', 'PutItem'], catalog, [catalogPartitions.saved]);
    this.alerts.allow(['secretsmanager:GetSecretValue'], [this.mailSecret.secretArn]);
    if (this.mailing) this.alerts.allow(['ses:SendEmail'], this.mailing.arns);
  }

  private createMailFeedback({ tables: { catalog }, httpApi, originSecret, configuration }: AlertsProps) {
    const mailFeedback = new SourceFunction<MailFeedbackVariables>(this, 'MailFeedback', {
      source: 'mail-feedback',
      timeout: Duration.seconds(29),
      memory: 512,
      reservedConcurrency: configuration.reserveConcurrency ? 5 : undefined,
      environment: {
        CATALOG_TABLE: catalog.tableName,
        MAIL_SECRET_ARN: this.mailSecret.secretArn,
        ORIGIN_SECRET_ARN: originSecret.secretArn,
      },
    });
    mailFeedback.allowItems(['PutItem', 'UpdateItem'], catalog, [catalogPartitions.recipient]);
    mailFeedback.allowItems(['PutItem', 'UpdateItem', 'Query'], catalog, [catalogPartitions.alerts]);
    // Logos of agencies.
    mailFeedback.allowItems(['GetItem'], catalog, [catalogPartitions.agency]);
    mailFeedback.allow(['secretsmanager:GetSecretValue'], [this.mailSecret.secretArn, originSecret.secretArn]);
    const routes = httpApi.addRoutes({
      path: '/api/mail/{proxy+}',
      methods: [HttpMethod.ANY],
      integration: new HttpLambdaIntegration('MailFeedback', mailFeedback.lambda),
    });
    throttleRoutes(httpApi, routes, mailRequestsPerSecond);
    for (const route of routes)
      acknowledge(route, 'AwsSolutions-APIG4', 'the link carries a signed token; its reader has no other credentials');
    if (this.mailing) this.subscribe(mailFeedback, this.mailing.configurationSet);
    return mailFeedback;
  }

  /** SES sends bounces and complaints to a topic that invokes the function. */
  private subscribe(mailFeedback: AnySourceFunction, sending: ConfigurationSet): void {
    const reports = new Topic(this, 'Reports', { enforceSSL: true });
    sending.addEventDestination('ToReports', {
      destination: EventDestination.snsTopic(reports),
      events: [EmailSendingEvent.BOUNCE, EmailSendingEvent.COMPLAINT],
    });
    const subscription = reports.addSubscription(new LambdaSubscription(mailFeedback.lambda));
    acknowledge(
      subscription,
      'Serverless-SNSRedrivePolicy',
      'SNS retries for days, and SES keeps its own list of bounced addresses',
    );
  }
}
