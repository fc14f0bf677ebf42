import { Duration } from 'aws-cdk-lib';
import { HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { type Alias, type FunctionUrl, FunctionUrlAuthType, InvokeMode } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { formatLinkDomains } from '#schemas/settings/link-domains.ts';
import type { environment as collectEnvironment } from '#functions/collect/env.ts';
import type { environment as redirectEnvironment } from '#functions/redirect/env.ts';
import type { EnvironmentVariables } from '#schemas/environment.ts';
import { cachePartitions, catalogPartitions, listingPartitions } from '#schemas/tables.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import { edgeConcurrency } from '../concurrency.ts';
import type { Configuration } from '../configuration.ts';
import { SourceFunction } from '../constructs/source-function.ts';
import type { Tables } from '../tables.ts';
import type { WorkQueue } from '../constructs/work-queue.ts';

type RedirectVariables = EnvironmentVariables<typeof redirectEnvironment>;
type CollectVariables = EnvironmentVariables<typeof collectEnvironment>;

export interface EdgeFunctionsProps {
  readonly tables: Tables;
  readonly clicks: WorkQueue;
  readonly configuration: Pick<
    Configuration,
    | 'allowReplay'
    | 'ignoreCase'
    | 'homeUrl'
    | 'linkDomains'
    | 'domainName'
    | 'local'
    | 'provisionedConcurrency'
    | 'redirectAccess'
    | 'reserveConcurrency'
    | 'accountConcurrency'
    | 'enrichConcurrency'
    | 'rollupConcurrency'
  >;
}

// Their logs are the source of `received` and hold the events that SQS did not accept. Those contain addresses, so the logs live 7 days.
const edgeLogs = { logRetention: RetentionDays.ONE_WEEK, retainLogs: true } as const;

/** The two functions that receive events: redirect behind a function URL, collect behind the HTTP API. */
export class EdgeFunctions extends Construct {
  readonly redirect: SourceFunction<RedirectVariables>;
  /** Points to the current version of redirect. */
  readonly redirectAlias: Alias;
  readonly redirectUrl: FunctionUrl;
  readonly collect: SourceFunction<CollectVariables>;
  readonly httpApi: HttpApi;
  readonly originSecret: Secret;

  constructor(scope: Construct, id: string, props: EdgeFunctionsProps) {
    super(scope, id);
    this.originSecret = new Secret(this, 'OriginSecret', {
      description: 'CloudFront sends it to its origins, as proof that a request came through CloudFront',
      generateSecretString: { passwordLength: 48, excludePunctuation: true },
    });
    acknowledge(
      this.originSecret,
      'AwsSolutions-SMG4',
      'CloudFront reads it at deploy time; docs/runbook.md says how to rotate it',
    );
    this.redirect = this.createRedirect(props);
    const { provisionedConcurrency, redirectAccess } = props.configuration;
    this.redirectAlias = this.createRedirectAlias(provisionedConcurrency);
    this.redirectUrl = this.redirectAlias.addFunctionUrl({
      authType: redirectAccess === 'signed' ? FunctionUrlAuthType.AWS_IAM : FunctionUrlAuthType.NONE,
      invokeMode: InvokeMode.RESPONSE_STREAM,
    });
    this.collect = this.createCollect(props);
    this.httpApi = this.createHttpApi();
  }

  private createRedirect({ tables, clicks, configuration }: EdgeFunctionsProps) {
    const redirect = new SourceFunction<RedirectVariables>(this, 'Redirect', {
      ...edgeLogs,
      source: 'redirect',
      timeout: Duration.seconds(10),
      memory: 512,
      reservedConcurrency: configuration.reserveConcurrency ? edgeConcurrency(configuration).redirect : undefined,
      environment: {
        CATALOG_TABLE: tables.catalog.tableName,
        CLICK_QUEUE_URL: clicks.queue.queueUrl,
        // The value itself, as in CloudFront's configuration: a visitor must not wait for Secrets Manager.
        ORIGIN_SECRET:
          configuration.redirectAccess === 'secret' ? this.originSecret.secretValue.unsafeUnwrap() : 'none',
        IGNORE_CASE: String(configuration.ignoreCase),
        HOME_URL: configuration.homeUrl,
        LINK_DOMAINS: formatLinkDomains(configuration.linkDomains),
        // Not the distribution's own name, which depends on this function.
        MAIN_DOMAIN: configuration.domainName ?? (configuration.local ? 'localhost' : 'none'),
        ALLOW_REPLAY: String(configuration.allowReplay),
      },
    });
    redirect.allowItems(['GetItem'], tables.catalog, [catalogPartitions.link, catalogPartitions.page]);
    // Counts the clicks of links with a limit.
    redirect.allowItems(['UpdateItem'], tables.catalog, [catalogPartitions.linkClicks]);
    redirect.allowListing(tables.catalog, [listingPartitions.linksOfPage]);
    redirect.allow(['sqs:SendMessage'], [clicks.queue.queueArn]);
    return redirect;
  }

  /**
   * Provisioned concurrency and staged rollouts need an alias. It always exists, because a URL that moves to one is a new URL,
   * and CloudFront may not invoke that before its own update is complete: visitors would get 403 for minutes.
   */
  private createRedirectAlias(provisionedConcurrency: number): Alias {
    return this.redirect.lambda.addAlias('live', {
      ...(provisionedConcurrency > 0 && { provisionedConcurrentExecutions: provisionedConcurrency }),
    });
  }

  private createCollect({ tables, clicks, configuration }: EdgeFunctionsProps) {
    const collect = new SourceFunction<CollectVariables>(this, 'Collect', {
      ...edgeLogs,
      source: 'collect',
      timeout: Duration.seconds(10),
      memory: 512,
      reservedConcurrency: configuration.reserveConcurrency ? edgeConcurrency(configuration).collect : undefined,
      environment: {
        CATALOG_TABLE: tables.catalog.tableName,
        CACHE_TABLE: tables.cache.tableName,
        CLICK_QUEUE_URL: clicks.queue.queueUrl,
        ORIGIN_SECRET_ARN: this.originSecret.secretArn,
        ALLOW_REPLAY: String(configuration.allowReplay),
      },
    });
    collect.allowItems(['GetItem'], tables.catalog, [catalogPartitions.page]);
    collect.allowItems(['UpdateItem'], tables.cache, [cachePartitions.rate]);
    collect.allow(['sqs:SendMessage'], [clicks.queue.queueArn]);
    collect.allow(['secretsmanager:GetSecretValue'], [this.originSecret.secretArn]);
    return collect;
  }

  private createHttpApi(): HttpApi {
    const httpApi = new HttpApi(this, 'HttpApi', { description: 'Events and the API, behind CloudFront' });
    const integration = new HttpLambdaIntegration('Collect', this.collect.lambda);
    const routes = [
      ...httpApi.addRoutes({ path: '/e', methods: [HttpMethod.POST, HttpMethod.OPTIONS], integration }),
      ...httpApi.addRoutes({ path: '/e.gif', methods: [HttpMethod.GET], integration }),
      ...httpApi.addRoutes({ path: '/e/{proxy+}', methods: [HttpMethod.ANY], integration }),
      ...httpApi.addRoutes({ path: '/v1/batch', methods: [HttpMethod.POST], integration }),
    ];
    for (const route of routes)
      acknowledge(
        route,
        'AwsSolutions-APIG4',
        'visitors have no credentials; collect checks the page and limits the rate',
      );
    this.acknowledgeStage(httpApi);
    return httpApi;
  }

  private acknowledgeStage({ defaultStage }: HttpApi): void {
    if (!defaultStage) return;
    const logged = 'its functions log every request, without the address';
    acknowledge(defaultStage, 'AwsSolutions-APIG1', logged);
    acknowledge(defaultStage, 'Serverless-APIGWAccessLogging', logged);
    const throttled =
      'events are limited by collect, which counts what it refuses; the routes of the API have limits of their own';
    acknowledge(defaultStage, 'Serverless-APIGWDefaultThrottling', throttled);
  }
}
