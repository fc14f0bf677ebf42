import { Duration, Stack } from 'aws-cdk-lib';
import { type HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Construct } from 'constructs';
import type { environment } from '#functions/api/env.ts';
import { cachePartitions, catalogPartitions, listingIndex } from '#schemas/tables.ts';
import type { EnvironmentVariables } from '#schemas/environment.ts';
import { erasuresPrefix, exportsPrefix } from '#schemas/lake-keys.ts';
import { settledTables } from '#schemas/lake-tables.ts';
import { acknowledge } from './constructs/acknowledge.ts';
import type { Configuration } from './configuration.ts';
import type { Identity } from './identity.ts';
import { type Lake, resultsPrefix } from './lake.ts';
import { readPartitions, runQueries, workGroupArn } from './settle.ts';
import { type AnySourceFunction, SourceFunction } from './constructs/source-function.ts';
import type { Tables } from './tables.ts';

export interface ApiProps {
  readonly httpApi: HttpApi;
  readonly tables: Tables;
  readonly lake: Lake;
  /** Functions that it starts, and does not wait for. */
  readonly exporter: AnySourceFunction;
  readonly erase: AnySourceFunction;
  /** Who invitations are from. @default - no mails */
  readonly sender?: string | undefined;
  readonly identity: Identity;
  /** Where viewers reach the stack: `https://go.example.com`. */
  readonly url: string;
  readonly configuration: Pick<Configuration, 'reserveConcurrency' | 'queryAlertMegabytes' | 'dailyQueryCents'>;
}

type Variables = EnvironmentVariables<typeof environment>;

/** `/api/v1`: one function behind the HTTP API. */
export class Api extends Construct {
  readonly api: SourceFunction<Variables>;

  constructor(scope: Construct, id: string, props: ApiProps) {
    super(scope, id);
    this.api = this.createFunction(props);
    this.grantCatalog(props);
    this.grantCounters(props);
    this.grantLake(props);
    this.grantJobs(props);
    this.grantMails(props);
    this.grantAccounts(props);
    const routes = props.httpApi.addRoutes({
      path: '/api/{proxy+}',
      methods: [HttpMethod.ANY],
      integration: new HttpLambdaIntegration('Api', this.api.lambda),
    });
    for (const route of routes)
      acknowledge(route, 'AwsSolutions-APIG4', 'the function checks the token: public share links need none');
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
        LAKE_BUCKET: lake.bucket.bucketName,
        GLUE_DATABASE: lake.database.ref,
        INTERACTIVE_WORK_GROUP: lake.interactive.ref,
        QUERY_ALERT_MEGABYTES: String(configuration.queryAlertMegabytes),
        DAILY_QUERY_CENTS: String(configuration.dailyQueryCents),
        EXPORT_FUNCTION: props.exporter.lambda.functionName,
        ERASE_FUNCTION: props.erase.lambda.functionName,
        PUBLIC_URL: props.url,
        SENDER: props.sender ?? 'none',
        USER_POOL: identity.userPool?.userPoolId ?? 'none',
        OIDC_ISSUER: identity.issuer,
        OIDC_AUDIENCE: identity.audience,
      },
    });
  }

  private grantCatalog({ tables: { catalog } }: ApiProps): void {
    const owned = [
      catalogPartitions.user,
      catalogPartitions.page,
      catalogPartitions.link,
      catalogPartitions.agency,
      catalogPartitions.invitation,
      catalogPartitions.apiKey,
      catalogPartitions.share,
      catalogPartitions.job,
    ];
    this.api.allow(dynamo('GetItem', 'BatchGetItem', 'PutItem', 'DeleteItem', 'Query'), [catalog.tableArn], owned);
    this.api.allow(dynamo('BatchWriteItem'), [catalog.tableArn], [catalogPartitions.link]);
    this.api.allow(dynamo('Query', 'PutItem'), [catalog.tableArn], [catalogPartitions.reclassification]);
    this.api.allow(
      dynamo('GetItem', 'BatchGetItem', 'Query'),
      [catalog.tableArn],
      [catalogPartitions.alerts, catalogPartitions.forecast],
    );
    this.api.allow(dynamo('UpdateItem'), [catalog.tableArn], [catalogPartitions.queryCosts]);
    this.api.allow(dynamo('Query'), [`${catalog.tableArn}/index/${listingIndex}`]);
  }

  private grantCounters({ tables: { rollups, cache } }: ApiProps): void {
    this.api.allow(dynamo('GetItem', 'BatchGetItem', 'Query'), [rollups.tableArn]);
    this.api.allow(dynamo('GetItem', 'PutItem'), [cache.tableArn], [cachePartitions.response]);
    this.api.allow(dynamo('GetItem', 'PutItem', 'DeleteItem'), [cache.tableArn], [cachePartitions.idempotency]);
    this.api.allow(dynamo('UpdateItem'), [cache.tableArn], [cachePartitions.rate]);
  }

  /** Reads settled events through the interactive work group, whose queries are cut off. */
  private grantLake({ lake }: ApiProps): void {
    const stack = Stack.of(this);
    const { name, prefix } = settledTables.events;
    this.api.allow(runQueries, [workGroupArn(lake.interactive)]);
    this.api.allow(readPartitions, [
      stack.formatArn({ service: 'glue', resource: 'catalog' }),
      stack.formatArn({ service: 'glue', resource: 'database', resourceName: lake.database.ref }),
      stack.formatArn({ service: 'glue', resource: 'table', resourceName: `${lake.database.ref}/${name}` }),
    ]);
    this.api.allow(['s3:ListBucket', 's3:GetBucketLocation'], [lake.bucket.bucketArn]);
    this.api.allowObjects(['s3:GetObject'], lake.bucket, prefix);
    this.api.allowObjects(['s3:GetObject', 's3:PutObject'], lake.bucket, `${resultsPrefix}interactive/`);
  }

  private grantJobs({ lake, exporter, erase }: ApiProps): void {
    const jobs = [exporter.lambda, erase.lambda];
    this.api.allow(
      ['lambda:InvokeFunction'],
      jobs.map((job) => job.functionArn),
    );
    for (const prefix of [exportsPrefix, erasuresPrefix]) this.api.allowObjects(['s3:GetObject'], lake.bucket, prefix);
  }

  /** Makes and ends accounts; it sets no password and changes no address, so it takes over none. */
  private grantAccounts({ identity: { userPool } }: ApiProps): void {
    if (userPool === undefined) return;
    const actions = ['AdminCreateUser', 'AdminGetUser', 'AdminDeleteUser'].map((action) => `cognito-idp:${action}`);
    this.api.allow(actions, [userPool.userPoolArn]);
  }

  private grantMails({ sender }: ApiProps): void {
    if (sender === undefined) return;
    const resource = { service: 'ses', resource: 'identity', resourceName: sender };
    this.api.allow(['ses:SendEmail'], [Stack.of(this).formatArn(resource)]);
  }
}

function dynamo(...names: string[]): string[] {
  return names.map((name) => `dynamodb:${name}`);
}
