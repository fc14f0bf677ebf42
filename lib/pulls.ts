import { Duration } from 'aws-cdk-lib';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { environment } from '#functions/pull/env.ts';
import type { EnvironmentVariables } from '#schemas/environment.ts';
import { importReportsPrefix, importsPrefix } from '#schemas/lake-keys.ts';
import { formatLinkDomains } from '#schemas/settings/link-domains.ts';
import { catalogPartitions, listingPartitions } from '#schemas/tables.ts';
import type { Configuration } from './configuration.ts';
import { JobScheduler } from './constructs/job-scheduler.ts';
import { type AnySourceFunction, SourceFunction } from './constructs/source-function.ts';
import type { Lake } from './lake/lake.ts';
import type { Tables } from './tables.ts';

export interface PullsProps {
  readonly tables: Tables;
  readonly lake: Lake;
  /** Imports what a pull has read. */
  readonly importer: AnySourceFunction;
  /** Encrypts tokens. */
  readonly secret: ISecret;
  /** The stack's public address: `https://go.example.com`. */
  readonly url: string;
  /** Receives runs that could not be started. */
  readonly jobFailures: Queue;
  readonly configuration: Pick<Configuration, 'reserveConcurrency' | 'linkDomains' | 'ignoreCase'>;
}

/** The function that pulls links and history from the APIs of other tools, and the clock that ends its waits. */
export class Pulls extends Construct {
  readonly pull: SourceFunction<EnvironmentVariables<typeof environment>>;

  constructor(scope: Construct, id: string, { tables, lake, importer, secret, ...props }: PullsProps) {
    super(scope, id);
    const { configuration } = props;
    this.pull = new SourceFunction(this, 'Pull', {
      source: 'pull',
      timeout: Duration.minutes(15),
      memory: 1769,
      reservedConcurrency: configuration.reserveConcurrency ? 2 : undefined,
      environment: {
        CATALOG_TABLE: tables.catalog.tableName,
        LAKE_BUCKET: lake.bucket.bucketName,
        IMPORT_FUNCTION: importer.lambda.functionName,
        MAIL_SECRET_ARN: secret.secretArn,
        PRIVATE_DESTINATIONS: 'none',
        PUBLIC_URL: props.url,
        LINK_DOMAINS: formatLinkDomains(configuration.linkDomains),
        IGNORE_CASE: String(configuration.ignoreCase),
      },
    });
    const { job, link, page } = catalogPartitions;
    this.pull.allowItems(['GetItem', 'PutItem', 'DeleteItem'], tables.catalog, [job]);
    this.pull.allowItems(['GetItem', 'BatchGetItem', 'PutItem', 'DeleteItem'], tables.catalog, [link]);
    this.pull.allowItems(['GetItem', 'BatchGetItem'], tables.catalog, [page]);
    // A transaction writes a link and counts it.
    this.pull.allowItems(['PutItem', 'UpdateItem', 'DeleteItem'], tables.catalog, [link, page]);
    const { linksOfPage, reservedCodes, pullTokens } = listingPartitions;
    this.pull.allowListing(tables.catalog, [linksOfPage, reservedCodes, pullTokens]);
    this.pull.allowObjects(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], lake.bucket, importsPrefix);
    this.pull.allowObjects(['s3:PutObject'], lake.bucket, importReportsPrefix);
    this.pull.allow(['s3:ListBucket'], [lake.bucket.bucketArn]);
    this.pull.allow(['secretsmanager:GetSecretValue'], [secret.secretArn]);
    this.pull.allow(['lambda:InvokeFunction'], [importer.lambda.functionArn]);
    this.pull.allowToStartItself();
    const scheduler = new JobScheduler(this, 'Schedules', props.jobFailures);
    scheduler.schedule(this.pull, { cron: '0/5 * * * ? *' });
  }
}
