import { Aws, Duration, Names, RemovalPolicy } from 'aws-cdk-lib';
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
  FunctionUrlOriginAccessControl,
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
  S3OriginAccessControl,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { FunctionUrlOrigin, HttpOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { type Alias, CfnPermission, type FunctionUrl } from 'aws-cdk-lib/aws-lambda';
import { CfnRecordSet } from 'aws-cdk-lib/aws-route53';
import { CloudFrontTarget } from 'aws-cdk-lib/aws-route53-targets';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { join } from 'node:path';
import { dashboardPolicy, originSecretHeader } from '#schemas/edge-headers.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import type { Configuration } from '../configuration.ts';
import { signInDomainPrefix } from '../identity.ts';
import { cloudFrontName, type CloudFrontId } from '../names.ts';
import { collectHeaderNames, redirectHeaderNames, sdkHeaderNames } from './forwarded-headers.ts';

type CdnConfiguration = Pick<
  Configuration,
  | 'domainName'
  | 'certificateArn'
  | 'hostedZoneId'
  | 'linkDomains'
  | 'priceClass'
  | 'accessLogs'
  | 'oidcIssuer'
  | 'oidcTokenEndpoint'
  | 'webAclArn'
  | 'redirectAccess'
>;

export interface CdnProps {
  /** Serves links and link pages, and any path without its own behavior. */
  readonly redirect: FunctionUrl;
  /** The alias to which that URL belongs. */
  readonly redirectAlias: Alias;
  readonly httpApi: HttpApi;
  /** Header value on every request to a function, because the addresses of the HTTP API and of redirect are public. */
  readonly originSecret: ISecret;
  readonly site: IBucket;
  /** The dashboard uploads files to it, with addresses that the API signs. */
  readonly uploads: IBucket;
  readonly configuration: CdnConfiguration;
}

interface AliasRecord {
  readonly type: string;
  readonly name: string;
  /** Undefined: you create the record yourself. */
  readonly hostedZoneId?: string | undefined;
}

const priceClasses = {
  PriceClass_100: PriceClass.PRICE_CLASS_100,
  PriceClass_200: PriceClass.PRICE_CLASS_200,
  PriceClass_All: PriceClass.PRICE_CLASS_ALL,
} as const satisfies Record<Configuration['priceClass'], PriceClass>;

/** Every error status whose caching CloudFront can configure. */
const cachedErrors = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

/** The CloudFront distribution: the stack's public address, which routes each path to its origin. */
export class Cdn extends Construct {
  readonly distribution: Distribution;
  /** The stack's public address, without a trailing slash: `https://go.example.com`. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: CdnProps) {
    super(scope, id);
    const { configuration } = props;
    this.distribution = new Distribution(this, 'Distribution', {
      comment: Aws.STACK_NAME,
      httpVersion: HttpVersion.HTTP2_AND_3,
      priceClass: priceClasses[configuration.priceClass],
      // One that is attached by hand is detached by the next deployment.
      ...(configuration.webAclArn === undefined ? {} : { webAclId: configuration.webAclArn }),
      // By default, CloudFront caches errors for 10 s: the 503 for a prefetch would also be served to the tap that follows.
      errorResponses: cachedErrors.map((httpStatus) => ({ httpStatus, ttl: Duration.seconds(0) })),
      ...this.createBehaviors(props),
      ...this.bindDomain(configuration),
      ...(configuration.accessLogs ? this.createAccessLogs() : {}),
    });
    this.allowOnAlias(props.redirectAlias);
    this.url = `https://${configuration.domainName ?? this.distribution.distributionDomainName}`;
    this.createRecords(configuration);
    this.acknowledgeFindings(configuration);
  }

  private createBehaviors(props: CdnProps): Pick<DistributionProps, 'defaultBehavior' | 'additionalBehaviors'> {
    const viewerRequest = this.createViewerRequest();
    const http = this.createHttpOrigin(props);
    const dynamic = {
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      allowedMethods: AllowedMethods.ALLOW_ALL,
      cachePolicy: CachePolicy.CACHING_DISABLED,
      originRequestPolicy: this.createOriginRequestPolicy('RedirectFacts', redirectHeaderNames, 'redirect reads'),
      functionAssociations: viewerRequest,
      responseHeadersPolicy: new ResponseHeadersPolicy(this, 'DynamicHeaders', {
        responseHeadersPolicyName: this.nameInAccount('DynamicHeaders'),
        comment: 'Redirects, events and the API',
        securityHeadersBehavior: { strictTransportSecurity },
      }),
    };
    const api = { ...dynamic, origin: http };
    const collect = {
      ...api,
      originRequestPolicy: this.createOriginRequestPolicy('CollectFacts', collectHeaderNames, 'collect reads'),
      responseHeadersPolicy: this.createOpenHeaders(),
    };
    const sdks = { ...api, ...this.createSdkPolicies() };
    const files = this.createFileBehavior(props);
    const dashboard = { ...files, functionAssociations: viewerRequest };
    return {
      defaultBehavior: { ...dynamic, origin: this.createRedirectOrigin(props) },
      additionalBehaviors: {
        '/e': collect,
        '/e.gif': collect,
        '/e/*': sdks,
        // Segment's Node SDK drops the path of its host.
        '/v1/batch': sdks,
        '/api/v1/public/*': { ...api, ...this.createPublicCaching() },
        // CloudFront forwards `authorization`, which carries tokens, only with a policy that forwards every header.
        '/api/*': { ...api, originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER },
        '/t.js': { ...files, responseHeadersPolicy: collect.responseHeadersPolicy },
        '/app': dashboard,
        // Before the files: a share that is embedded has a policy of its own.
        '/app/embed/*': api,
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

  private createRedirectOrigin({ redirect, originSecret, configuration }: CdnProps): IOrigin {
    // Also with signatures, so that redirect can begin to require it without an interruption.
    const customHeaders = secretHeader(originSecret);
    if (configuration.redirectAccess === 'secret') return new FunctionUrlOrigin(redirect, { customHeaders });
    const originAccessControlName = this.nameInAccount('RedirectAccess');
    const originAccessControl = new FunctionUrlOriginAccessControl(this, 'RedirectAccess', { originAccessControlName });
    return FunctionUrlOrigin.withOriginAccessControl(redirect, { originAccessControl, customHeaders });
  }

  /** CDK names the function by an attribute of its URL, of which AWS does not document that it ends in the alias. */
  private allowOnAlias(redirect: Alias): void {
    const permissions = this.distribution.node.findAll().filter((each) => each instanceof CfnPermission);
    for (const permission of permissions) permission.functionName = redirect.functionArn;
  }

  private createHttpOrigin({ httpApi, originSecret }: CdnProps): IOrigin {
    return new HttpOrigin(`${httpApi.apiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}`, {
      customHeaders: secretHeader(originSecret),
    });
  }

  private createOriginRequestPolicy(
    id: Extract<CloudFrontId, `${string}Facts`>,
    headers: readonly string[],
    readers: string,
  ): OriginRequestPolicy {
    return new OriginRequestPolicy(this, id, {
      originRequestPolicyName: this.nameInAccount(id),
      comment: `Headers that ${readers}: schemas/edge-headers.ts`,
      headerBehavior: OriginRequestHeaderBehavior.allowList(...headers),
      queryStringBehavior: OriginRequestQueryStringBehavior.all(),
      cookieBehavior: OriginRequestCookieBehavior.none(),
    });
  }

  /** Keeps what everyone sees for as long as its `cache-control` says, without headers, cookies and parameters in the key. */
  private createPublicCaching(): Pick<BehaviorOptions, 'cachePolicy' | 'originRequestPolicy'> {
    return {
      originRequestPolicy: undefined,
      cachePolicy: new CachePolicy(this, 'PublicPages', {
        cachePolicyName: this.nameInAccount('PublicPages'),
        comment: 'Public pages of campaigns, by their cache-control',
        minTtl: Duration.seconds(0),
        defaultTtl: Duration.seconds(0),
        maxTtl: Duration.minutes(5),
        enableAcceptEncodingGzip: true,
        enableAcceptEncodingBrotli: true,
      }),
    };
  }

  /** Collect answers each SDK's preflight itself: some send credentials, for which `*` is no origin. */
  private createSdkPolicies(): Pick<BehaviorOptions, 'originRequestPolicy' | 'responseHeadersPolicy'> {
    return {
      originRequestPolicy: this.createOriginRequestPolicy('SdkFacts', sdkHeaderNames, 'SDK routes read'),
      responseHeadersPolicy: new ResponseHeadersPolicy(this, 'SdkHeaders', {
        responseHeadersPolicyName: this.nameInAccount('SdkHeaders'),
        comment: 'Events of SDKs, for any site',
        securityHeadersBehavior: { strictTransportSecurity, contentTypeOptions: { override: true } },
      }),
    };
  }

  /** Any site may load the tracker and read why an event was refused, also if CloudFront or the HTTP API refused it. */
  private createOpenHeaders(): ResponseHeadersPolicy {
    return new ResponseHeadersPolicy(this, 'OpenHeaders', {
      responseHeadersPolicyName: this.nameInAccount('OpenHeaders'),
      comment: 'The tracker and its events, for any site',
      corsBehavior: {
        accessControlAllowCredentials: false,
        accessControlAllowHeaders: ['content-type'],
        accessControlAllowMethods: ['GET', 'POST', 'OPTIONS'],
        accessControlAllowOrigins: ['*'],
        accessControlMaxAge: Duration.days(1),
        originOverride: true,
      },
      customHeadersBehavior: {
        customHeaders: [{ header: 'cross-origin-resource-policy', value: 'cross-origin', override: true }],
      },
      securityHeadersBehavior: {
        strictTransportSecurity,
        contentTypeOptions: { override: true },
      },
    });
  }

  private createFileBehavior({ site, uploads, configuration }: CdnProps): BehaviorOptions {
    return {
      origin: S3BucketOrigin.withOriginAccessControl(site, {
        originAccessControl: new S3OriginAccessControl(this, 'SiteAccess', {
          originAccessControlName: this.nameInAccount('SiteAccess'),
        }),
      }),
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      cachePolicy: CachePolicy.CACHING_OPTIMIZED,
      compress: true,
      responseHeadersPolicy: new ResponseHeadersPolicy(this, 'FileHeaders', {
        responseHeadersPolicyName: this.nameInAccount('FileHeaders'),
        comment: 'The dashboard',
        securityHeadersBehavior: {
          strictTransportSecurity,
          contentSecurityPolicy: {
            contentSecurityPolicy: dashboardPolicy({
              connect: [...issuerSources(configuration), `https://${uploads.bucketRegionalDomainName}`],
              ancestors: [],
            }),
            override: true,
          },
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

  /**
   * Returns a name with the region. CloudFront's policies and access controls are named per account, and CDK's default
   * name has no region, so a stack of the same name in a second region could not be created (aws/aws-cdk#34336).
   */
  private nameInAccount(id: CloudFrontId): string {
    // An origin access control's name may have 64 characters, of which a region takes at most 15.
    return cloudFrontName(Names.uniqueResourceName(this, { maxLength: 30 }), id, Aws.REGION);
  }

  private bindDomain({ domainName, certificateArn, linkDomains }: CdnConfiguration): Partial<DistributionProps> {
    if (!domainName || !certificateArn) return {};
    return {
      domainNames: [domainName, ...linkDomains.map(({ name }) => name)],
      certificate: Certificate.fromCertificateArn(this, 'Certificate', certificateArn),
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
    };
  }

  /** Alias records, which also work at the apex of a zone, where DNS allows no CNAME. */
  private createRecords({ domainName, hostedZoneId, linkDomains }: CdnConfiguration): void {
    if (domainName === undefined) return;
    for (const type of ['A', 'AAAA']) {
      this.createRecord(`Record${type}`, { type, name: domainName, hostedZoneId });
      for (const domain of linkDomains) this.createRecord(`Record${type}-${domain.name}`, { type, ...domain });
    }
  }

  private createRecord(id: string, { type, name, hostedZoneId }: AliasRecord): void {
    if (hostedZoneId === undefined) return;
    new CfnRecordSet(this, id, {
      hostedZoneId,
      name,
      type,
      aliasTarget: {
        dnsName: this.distribution.distributionDomainName,
        hostedZoneId: CloudFrontTarget.getHostedZoneId(this),
      },
    });
  }

  /** Access logs contain visitors' addresses: off by default, and deleted after 30 days. */
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
    acknowledge(logBucket, 'AwsSolutions-S1', 'this is the bucket for access logs');
    return { enableLogging: true, logBucket };
  }

  private acknowledgeFindings({ certificateArn, accessLogs, webAclArn }: CdnConfiguration): void {
    const accept = (rule: string, reason: string) => acknowledge(this.distribution, rule, reason);
    accept('AwsSolutions-CFR1', 'links must work in every country');
    if (!webAclArn)
      accept('AwsSolutions-CFR2', 'a web ACL costs $0.60 per million requests; the setting webAclArn sets one');
    if (!accessLogs) accept('AwsSolutions-CFR3', 'access logs contain addresses; the setting accessLogs turns them on');
    if (!certificateArn)
      accept('AwsSolutions-CFR4', "CloudFront's default certificate allows no other minimum; your own domain sets it");
  }
}

/** Only a dynamic reference in the template: CloudFormation reads the secret at deploy time. */
function secretHeader(originSecret: ISecret): Record<string, string> {
  return { [originSecretHeader]: originSecret.secretValue.unsafeUnwrap() };
}

const strictTransportSecurity = {
  accessControlMaxAge: Duration.days(365),
  includeSubdomains: false,
  override: true,
};

/** Where the dashboard discovers the issuer and requests tokens: the configured one, or Cognito in this region. */
function issuerSources({ oidcIssuer, oidcTokenEndpoint = oidcIssuer }: CdnConfiguration): string[] {
  return oidcIssuer && oidcTokenEndpoint
    ? [...new Set([new URL(oidcIssuer).origin, new URL(oidcTokenEndpoint).origin])]
    : [
        `https://cognito-idp.${Aws.REGION}.${Aws.URL_SUFFIX}`,
        `https://${signInDomainPrefix()}.auth.${Aws.REGION}.amazoncognito.com`,
      ];
}
