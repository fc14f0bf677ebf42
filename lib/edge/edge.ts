import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  Distribution,
  type DistributionProps,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  HttpVersion,
  type IOrigin,
  OriginRequestCookieBehavior,
  OriginRequestHeaderBehavior,
  OriginRequestPolicy,
  OriginRequestQueryStringBehavior,
  PriceClass,
  ResponseHeadersPolicy,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { FunctionUrlOrigin, HttpOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import type { FunctionUrl } from 'aws-cdk-lib/aws-lambda';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { join } from 'node:path';
import { edgeHeaderNames, originSecretHeader } from '#schemas/edge-headers.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import type { Configuration } from '../configuration.ts';

type EdgeConfiguration = Pick<
  Configuration,
  'domainName' | 'certificateArn' | 'priceClass' | 'accessLogs' | 'oidcIssuer'
>;

export interface EdgeProps {
  /** Answers whatever no other behaviour takes: links and link pages. */
  readonly redirect: FunctionUrl;
  readonly httpApi: HttpApi;
  /** Added to each request to the HTTP API, whose own address is public. */
  readonly originSecret: ISecret;
  readonly site: IBucket;
  readonly configuration: EdgeConfiguration;
}

const priceClasses = {
  PriceClass_100: PriceClass.PRICE_CLASS_100,
  PriceClass_200: PriceClass.PRICE_CLASS_200,
  PriceClass_All: PriceClass.PRICE_CLASS_ALL,
} as const satisfies Record<Configuration['priceClass'], PriceClass>;

/** Every status whose caching CloudFront lets one set. */
const cachedErrors = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

/** The one address of the stack: CloudFront, and what it hands to whom. */
export class Edge extends Construct {
  readonly distribution: Distribution;
  /** Where viewers reach the stack, without a slash at the end: `https://go.example.com`. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: EdgeProps) {
    super(scope, id);
    const { configuration } = props;
    this.distribution = new Distribution(this, 'Distribution', {
      comment: Aws.STACK_NAME,
      httpVersion: HttpVersion.HTTP2_AND_3,
      priceClass: priceClasses[configuration.priceClass],
      // CloudFront keeps errors for 10 s: the 503 that answers a prefetch would answer the tap that follows it too.
      errorResponses: cachedErrors.map((httpStatus) => ({ httpStatus, ttl: Duration.seconds(0) })),
      ...this.createBehaviors(props),
      ...this.bindDomain(configuration),
      ...(configuration.accessLogs ? this.createAccessLogs() : {}),
    });
    this.url = `https://${configuration.domainName ?? this.distribution.distributionDomainName}`;
    this.acknowledgeFindings(configuration);
  }

  private createBehaviors(props: EdgeProps): Pick<DistributionProps, 'defaultBehavior' | 'additionalBehaviors'> {
    const viewerRequest = this.createViewerRequest();
    const http = this.createHttpOrigin(props);
    const dynamic = {
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      allowedMethods: AllowedMethods.ALLOW_ALL,
      cachePolicy: CachePolicy.CACHING_DISABLED,
      originRequestPolicy: this.createOriginRequestPolicy(),
      functionAssociations: viewerRequest,
    };
    const collect = { ...dynamic, origin: http };
    const files = this.createFileBehavior(props.site, props.configuration);
    const dashboard = { ...files, functionAssociations: viewerRequest };
    return {
      defaultBehavior: { ...dynamic, origin: FunctionUrlOrigin.withOriginAccessControl(props.redirect) },
      additionalBehaviors: {
        '/e': collect,
        '/e.gif': collect,
        // Bearer tokens: CloudFront forwards `authorization` only with a policy that forwards everything.
        '/api/*': { ...collect, originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER },
        '/t.js': files,
        '/app': dashboard,
        '/app/*': dashboard,
        '/assets/*': files,
      },
    };
  }

  private createViewerRequest() {
    const viewerRequest = new EdgeFunction(this, 'ViewerRequest', {
      comment: 'lib/viewer-request.js',
      code: FunctionCode.fromFile({ filePath: join(import.meta.dirname, 'viewer-request.js') }),
      runtime: FunctionRuntime.JS_2_0,
    });
    return [{ function: viewerRequest, eventType: FunctionEventType.VIEWER_REQUEST }];
  }

  private createHttpOrigin({ httpApi, originSecret }: EdgeProps): IOrigin {
    return new HttpOrigin(`${httpApi.apiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}`, {
      // A dynamic reference: the template names the secret, and CloudFormation reads it.
      customHeaders: { [originSecretHeader]: originSecret.secretValue.unsafeUnwrap() },
    });
  }

  private createOriginRequestPolicy(): OriginRequestPolicy {
    return new OriginRequestPolicy(this, 'Facts', {
      comment: 'The facts of a request that redirect and collect read: schemas/edge-headers.ts',
      headerBehavior: OriginRequestHeaderBehavior.allowList(...edgeHeaderNames),
      queryStringBehavior: OriginRequestQueryStringBehavior.all(),
      cookieBehavior: OriginRequestCookieBehavior.none(),
    });
  }

  private createFileBehavior(site: IBucket, configuration: EdgeConfiguration): BehaviorOptions {
    return {
      origin: S3BucketOrigin.withOriginAccessControl(site),
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      cachePolicy: CachePolicy.CACHING_OPTIMIZED,
      compress: true,
      responseHeadersPolicy: new ResponseHeadersPolicy(this, 'FileHeaders', {
        comment: 'The dashboard and the tracker',
        securityHeadersBehavior: {
          strictTransportSecurity: {
            accessControlMaxAge: Duration.days(365),
            includeSubdomains: false,
            override: true,
          },
          contentSecurityPolicy: { contentSecurityPolicy: dashboardPolicy(configuration), override: true },
          contentTypeOptions: { override: true },
          frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
          referrerPolicy: {
            referrerPolicy: HeadersReferrerPolicy.STRICT_ORIGIN_WHEN_CROSS_ORIGIN,
            override: true,
          },
        },
      }),
    };
  }

  private bindDomain({ domainName, certificateArn }: EdgeConfiguration): Partial<DistributionProps> {
    if (!domainName || !certificateArn) return {};
    return {
      domainNames: [domainName],
      certificate: Certificate.fromCertificateArn(this, 'Certificate', certificateArn),
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
    };
  }

  /** They hold addresses: 30 days, and only where configured. */
  private createAccessLogs(): Partial<DistributionProps> {
    const logBucket = new Bucket(this, 'AccessLogs', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      // CloudFront delivers its logs by ACL.
      objectOwnership: ObjectOwnership.BUCKET_OWNER_PREFERRED,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [{ id: 'logs', expiration: Duration.days(30) }],
    });
    acknowledge(logBucket, 'AwsSolutions-S1', 'is where access logs go');
    return { enableLogging: true, logBucket };
  }

  private acknowledgeFindings({ domainName, accessLogs }: EdgeConfiguration): void {
    const accept = (rule: string, reason: string) => acknowledge(this.distribution, rule, reason);
    accept('AwsSolutions-CFR1', 'links are for the whole world');
    accept('AwsSolutions-CFR2', 'a web ACL costs $0.60 per million requests; an owner who needs one attaches it');
    if (!accessLogs) accept('AwsSolutions-CFR3', 'access logs hold addresses; the setting accessLogs turns them on');
    if (!domainName)
      accept('AwsSolutions-CFR4', "the default certificate has CloudFront's own minimum; a domain sets it");
  }
}

/** No inline script, nothing from elsewhere; `blob:` and `data:` are images that the dashboard draws itself. */
function dashboardPolicy(configuration: EdgeConfiguration): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    `connect-src 'self' ${issuerSources(configuration)}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Where the dashboard asks for tokens: the configured issuer, or the addresses of Cognito in this region. */
function issuerSources({ oidcIssuer }: EdgeConfiguration): string {
  return oidcIssuer
    ? new URL(oidcIssuer).origin
    : `https://cognito-idp.${Aws.REGION}.${Aws.URL_SUFFIX} https://*.auth.${Aws.REGION}.amazoncognito.com`;
}
