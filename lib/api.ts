import { Duration } from 'aws-cdk-lib';
import { type HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Construct } from 'constructs';
import type { environment } from '#functions/api/env.ts';
import type { EnvironmentVariables } from '#schemas/environment.ts';
import { acknowledge } from './acknowledge.ts';
import type { Configuration } from './configuration.ts';
import type { Identity } from './identity.ts';
import { SourceFunction } from './source-function.ts';
import type { Tables } from './tables.ts';

export interface ApiProps {
  readonly httpApi: HttpApi;
  readonly tables: Tables;
  readonly identity: Identity;
  readonly configuration: Pick<Configuration, 'reserveConcurrency'>;
}

/** `/api/v1`: one function behind the HTTP API. */
export class Api extends Construct {
  readonly api: SourceFunction<EnvironmentVariables<typeof environment>>;

  constructor(scope: Construct, id: string, props: ApiProps) {
    super(scope, id);
    const { httpApi, tables, identity } = props;
    this.api = new SourceFunction<EnvironmentVariables<typeof environment>>(this, 'Api', {
      source: 'api',
      timeout: Duration.seconds(29),
      memory: 1024,
      reservedConcurrency: props.configuration.reserveConcurrency ? 20 : undefined,
      environment: {
        CATALOG_TABLE: tables.catalog.tableName,
        ROLLUPS_TABLE: tables.rollups.tableName,
        CACHE_TABLE: tables.cache.tableName,
        OIDC_ISSUER: identity.issuer,
        OIDC_AUDIENCE: identity.audience,
      },
    });
    const { catalog, rollups } = tables;
    this.api.allow(['dynamodb:GetItem'], [catalog.tableArn], ['user#*', 'page#*', 'link#*']);
    this.api.allow(['dynamodb:GetItem', 'dynamodb:Query'], [rollups.tableArn]);
    const routes = httpApi.addRoutes({
      path: '/api/{proxy+}',
      methods: [HttpMethod.ANY],
      integration: new HttpLambdaIntegration('Api', this.api.lambda),
    });
    for (const route of routes)
      acknowledge(route, 'AwsSolutions-APIG4', 'the function checks the token: public share links need none');
  }
}
