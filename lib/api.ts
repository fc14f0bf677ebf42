import { Duration } from 'aws-cdk-lib';
import { type HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { formatLinkDomains } from '#schemas/settings/link-domains.ts';
import type { environment } from '#functions/api/env.ts';
import type { EnvironmentVariables } from '#schemas/environment.ts';
import { erasuresPrefix, exportsPrefix, importReportsPrefix, importsPrefix } from '#schemas/lake-keys.ts';
import { settledTables } from '#schemas/lake-tables.ts';
import { cachePartitions, catalogPartitions, listingPartitions } from '#schemas/tables.ts';
import type { Mailing } from './alerts.ts';
import { acknowledge } from './constructs/acknowledge.ts';
import type { Configuration } from './configuration.ts';
import type { Identity } from './identity.ts';
import { type Lake, resultsPrefix } from './lake/lake.ts';
import { grantLakeQueries } from './lake/lake-queries.ts';
import { type AnySourceFunction, SourceFunction } from './constructs/source-function.ts';
import { throttleRoutes } from './constructs/throttle-routes.ts';
import type { Tables } from './tables.ts';

export interface ApiProps {
  readonly httpApi: HttpApi;
  /** Secret by which the function recognizes requests that came through CloudFront. */
  readonly originSecret: ISecret;
  readonly tables: Tables;
  readonly lake: Lake;
  /** The dashboard's files. */
  readonly site: IBucket;
  /** Functions that the API starts without waiting for their results. */
  readonly exporter: AnySourceFunction;
  readonly importer: AnySourceFunction;
  readonly pull: AnySourceFunction;
  readonly erase: AnySourceFunction;
  readonly alerts: AnySourceFunction;
  /** Hashes addresses of recipients. */
  readonly mailSecret: ISecret;
  /** Sends invitations. @default - no mails */
  readonly mailing?: Mailing | undefined;
  readonly identity: Identity;
  /** The stack's public address: `https://go.example.com`. */
  readonly url: string;
  readonly configuration: Pick<
    Configuration,
    'reserveConcurrency' | 'queryAlertMegabytes' | 'dailyQueryCents' | 'ignoreCase' | 'freshnessSeconds' | 'linkDomains'
  >;
}

type Variables = EnvironmentVariables<typeof environment>;

/** What 20 environments, the reserved concurrency, can serve: each has ten requests a second. */
const requestsPerSecond = 200;

/** The function that serves `/api/v1` behind the HTTP API. */
export class Api extends Construct {
  readonly api: SourceFunction<Variables>;

  constructor(scope: Construct, id: string, props: ApiProps) {
    super(scope, id);
    this.api = this.createFunction(props);
    this.grantCatalog(props);
    this.grantCounters(props);
    this.grantLake(props);
    this.grantJobs(props);
    this.grantRecipients(props);
    this.grantInvitations(props);
    this.grantAccounts(props);
    this.api.allow(['secretsmanager:GetSecretValue'], [props.originSecret.secretArn, props.mailSecret.secretArn]);
    this.api.allow(['s3:GetObject'], [props.site.arnForObjects('app/index.html')]);
    const integration = new HttpLambdaIntegration('Api', this.api.lambda);
    const routes = ['/api/{proxy+}', '/app/embed/{proxy+}'].flatMap((path) =>
      props.httpApi.addRoutes({ path, methods: [HttpMethod.ANY], integration }),
    );
    throttleRoutes(props.httpApi, routes, requestsPerSecond);
    for (const route of routes)
      acknowledge(
        route,
        'AwsSolutions-APIG4',
        'the function checks tokens itself, because public share links need none',
      );
  }

  private createFunction({ tables, lake, identity, configuration, ...props }: ApiProps) {
    return new SourceFunction<Variables>(this, 'Api', {
      source: 'api',
      timeout: Duration.seconds(29),
      memory: 1769,
      reservedConcurrency: configuration.reserveConcurrency ? 20 : undefined,
      environment: {
        CATALOG_TABLE: tables.catalog.tableName,
        ROLLUPS_TABLE: tables.rollups.tableName,
        CACHE_TABLE: tables.cache.tableName,
        ORIGIN_SECRET_ARN: props.originSecret.secretArn,
        LAKE_BUCKET: lake.bucket.bucketName,
        SITE_BUCKET: props.site.bucketName,
        GLUE_DATABASE: lake.database.ref,
        INTERACTIVE_WORK_GROUP: lake.interactive.ref,
        QUERY_ALERT_MEGABYTES: String(configuration.queryAlertMegabytes),
        DAILY_QUERY_CENTS: String(configuration.dailyQueryCents),
        EXPORT_FUNCTION: props.exporter.lambda.functionName,
        IMPORT_FUNCTION: props.importer.lambda.functionName,
        PULL_FUNCTION: props.pull.lambda.functionName,
        ERASE_FUNCTION: props.erase.lambda.functionName,
        ALERTS_FUNCTION: props.alerts.lambda.functionName,
        MAIL_SECRET_ARN: props.mailSecret.secretArn,
        PRIVATE_DESTINATIONS: 'none',
        PUBLIC_URL: props.url,
        LINK_DOMAINS: formatLinkDomains(configuration.linkDomains),
        FRESHNESS_SECONDS: String(configuration.freshnessSeconds),
        IGNORE_CASE: String(configuration.ignoreCase),
        SENDER: props.mailing?.sender ?? 'none',
        CONFIGURATION_SET: props.mailing?.configurationSet.configurationSetName ?? 'none',
        USER_POOL: identity.userPool?.userPoolId ?? 'none',
        OIDC_ISSUER: identity.issuer,
        OIDC_AUDIENCE: identity.audience,
      },
    });
  }

  private grantCatalog({ tables: { catalog } }: ApiProps): void {
    const { user, page, link, agency, invitation, apiKey, share, campaign, job, tombstone, alerts, saved } =
      catalogPartitions;
    const { forecast, recipient, reclassification } = catalogPartitions;
    // Few statements: CDK moves what it thinks is too long for a role's own policy into another one.
    this.api.allowItems(['GetItem'], catalog, [
      user,
      page,
      link,
      agency,
      invitation,
      apiKey,
      share,
      campaign,
      job,
      forecast,
    ]);
    this.api.allowItems(['BatchGetItem'], catalog, [page, link, recipient]);
    this.api.allowItems(['Query'], catalog, [agency, invitation]);
    this.api.allowItems(['PutItem'], catalog, [user, page, link, agency, invitation, apiKey, share, campaign, job]);
    this.api.allowItems(['DeleteItem'], catalog, [user, page, link, agency, invitation, apiKey, campaign, job]);
    // Counts the links of a page.
    this.api.allowItems(['UpdateItem'], catalog, [page]);
    // Refuses to create a page that was erased. One statement, because a transaction checks and writes.
    this.api.allowItems(['PutItem', 'ConditionCheckItem'], catalog, [page, agency, tombstone]);
    this.api.allowItems(['Query', 'PutItem'], catalog, [reclassification]);
    this.api.allowItems(['GetItem', 'BatchGetItem', 'Query', 'UpdateItem', 'PutItem', 'DeleteItem'], catalog, [alerts]);
    this.api.allowItems(['Query', 'PutItem', 'DeleteItem'], catalog, [saved]);
    const { mailsDue: _due, refusals: _refusals, pullTokens: _tokens, ...listings } = listingPartitions;
    this.api.allowListing(catalog, Object.values(listings));
  }

  private grantCounters({ tables: { rollups, cache } }: ApiProps): void {
    this.api.allowItems(['GetItem', 'BatchGetItem', 'Query'], rollups);
    this.api.allowItems(['GetItem', 'PutItem'], cache, [cachePartitions.response]);
    this.api.allowItems(['GetItem', 'PutItem', 'DeleteItem'], cache, [cachePartitions.idempotency]);
    this.api.allowItems(['UpdateItem'], cache, [cachePartitions.rate]);
    // One statement: with more, the policy is longer than CDK keeps in one.
    this.api.allowItems(['PutItem', 'Query'], cache, [cachePartitions.watch, cachePartitions.recent]);
  }

  /** Reads settled events through the interactive work group, which limits what a query scans. */
  private grantLake({ tables, lake }: ApiProps): void {
    const { name, prefix } = settledTables.events;
    grantLakeQueries(this.api, {
      tables,
      lake,
      workGroup: lake.interactive,
      glueTables: [name],
      results: `${resultsPrefix}interactive/`,
    });
    this.api.allowObjects(['s3:GetObject'], lake.bucket, prefix);
  }

  private grantJobs({ lake, exporter, importer, pull, erase, alerts }: ApiProps): void {
    const jobs = [exporter.lambda, importer.lambda, pull.lambda, erase.lambda, alerts.lambda];
    this.api.allow(
      ['lambda:InvokeFunction'],
      jobs.map((job) => job.functionArn),
    );
    for (const prefix of [exportsPrefix, erasuresPrefix, importReportsPrefix])
      this.api.allowObjects(['s3:GetObject'], lake.bucket, prefix);
    // Signs the address of an upload, and looks whether it is there.
    this.api.allowObjects(['s3:GetObject', 's3:PutObject'], lake.bucket, importsPrefix);
  }

  /** Creates and deletes accounts. It cannot set a password or change an address, so it cannot take one over. */
  private grantAccounts({ identity: { userPool } }: ApiProps): void {
    if (userPool === undefined) return;
    const actions = ['AdminCreateUser', 'AdminGetUser', 'AdminDeleteUser'].map((action) => `cognito-idp:${action}`);
    this.api.allow(actions, [userPool.userPoolArn]);
  }

  /** Queues mails that ask recipients of alerts to confirm. */
  private grantRecipients({ tables: { catalog } }: ApiProps): void {
    // One statement, because a transaction writes to both.
    this.api.allowItems(['PutItem', 'UpdateItem'], catalog, [catalogPartitions.recipient, catalogPartitions.mail]);
  }

  private grantInvitations({ mailing }: ApiProps): void {
    if (mailing) this.api.allow(['ses:SendEmail'], mailing.arns);
  }
}
