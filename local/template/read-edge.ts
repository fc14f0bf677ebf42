import { z } from 'zod';
import { UnsupportedTemplate } from './intrinsics.ts';
import type {
  BehaviorModel,
  BucketModel,
  DistributionModel,
  FunctionUrlModel,
  HttpApiModel,
  OriginModel,
  SelectionModel,
} from './model.ts';
import type { Resources } from './resources.ts';
import { hosts } from './scope.ts';

interface Policy {
  headers: SelectionModel;
  query: SelectionModel;
  cookies: SelectionModel;
}

/** Resources that an origin's host name can refer to. */
export interface Origins {
  functionUrls: readonly FunctionUrlModel[];
  httpApis: readonly HttpApiModel[];
  buckets: readonly BucketModel[];
  /** Text with its `{{resolve:secretsmanager:…}}` replaced. */
  resolveSecrets(text: string): string;
}

export function readDistributions(resources: Resources, known: Origins): readonly DistributionModel[] {
  const originPolicies = new Map(
    resources
      .ofType('AWS::CloudFront::OriginRequestPolicy', originPolicyProperties)
      .map(({ reference, properties }) => [reference, policyOf(properties.OriginRequestPolicyConfig)]),
  );
  const cachePolicies = new Map(
    resources
      .ofType('AWS::CloudFront::CachePolicy', cachePolicyProperties)
      .map(({ reference, properties }) => [
        reference,
        policyOf(properties.CachePolicyConfig.ParametersInCacheKeyAndForwardedToOrigin),
      ]),
  );
  const responsePolicies = new Map(
    resources
      .ofType('AWS::CloudFront::ResponseHeadersPolicy', responsePolicyProperties)
      .map(({ reference, properties }) => [reference, responsePolicyOf(properties)]),
  );
  const viewerFunctions = new Map(
    resources
      .ofType('AWS::CloudFront::Function', viewerFunctionProperties)
      .map(({ logicalId, properties }) => [
        String(resources.scope.attribute(logicalId, 'FunctionARN')),
        properties.FunctionCode,
      ]),
  );

  function readBehavior(
    properties: z.infer<typeof behaviorProperties>,
    origins: ReadonlyMap<string, OriginModel>,
  ): BehaviorModel {
    const origin = origins.get(properties.TargetOriginId);
    if (!origin) throw new UnsupportedTemplate(`Cache behaviour ${properties.PathPattern} has no origin`);
    const policyId = properties.OriginRequestPolicyId ?? '';
    const forwarded = originPolicies.get(policyId) ?? managedOriginPolicies[policyId] ?? nothing;
    const cached = cachePolicies.get(properties.CachePolicyId ?? '') ?? nothing;
    function viewerFunction(event: string): string | undefined {
      return viewerFunctions.get(
        properties.FunctionAssociations.find((each) => each.EventType === event)?.FunctionARN ?? '',
      );
    }
    const response = responsePolicies.get(properties.ResponseHeadersPolicyId ?? '');
    return {
      pattern: properties.PathPattern,
      methods: properties.AllowedMethods,
      origin,
      viewerRequest: viewerFunction('viewer-request'),
      viewerResponse: viewerFunction('viewer-response'),
      forwardedHeaders: union(forwarded.headers, cached.headers),
      forwardedQuery: union(forwarded.query, cached.query),
      forwardedCookies: union(forwarded.cookies, cached.cookies),
      responseHeaders: response?.responseHeaders ?? [],
      removedHeaders: response?.removedHeaders ?? [],
      compress: properties.Compress,
    };
  }

  return resources.ofType('AWS::CloudFront::Distribution', distributionProperties).map(({ logicalId, properties }) => {
    const config = properties.DistributionConfig;
    const origins = new Map(config.Origins.map((origin) => [origin.Id, readOrigin(origin, known)]));
    return {
      domain: hosts.distribution(logicalId),
      defaultRootObject: config.DefaultRootObject,
      behaviors: [...config.CacheBehaviors, config.DefaultCacheBehavior].map((behavior) =>
        readBehavior(behavior, origins),
      ),
    };
  });
}

/** Policies that AWS manages, by their fixed ids, as far as CDK's defaults use them. */
const managedOriginPolicies: Readonly<Record<string, Policy>> = {
  // AllViewer
  '216adef6-5c7f-47e4-b989-5492eafa07d3': {
    headers: { kind: 'all' },
    query: { kind: 'all' },
    cookies: { kind: 'all' },
  },
  // AllViewerExceptHostHeader
  'b689b0a8-53d0-40ab-baf2-68738e2966ac': {
    headers: { kind: 'except', names: ['host'] },
    query: { kind: 'all' },
    cookies: { kind: 'all' },
  },
};

const nothing: Policy = { headers: { kind: 'none' }, query: { kind: 'none' }, cookies: { kind: 'none' } };

const headersConfig = z.object({ HeaderBehavior: z.string(), Headers: z.array(z.string()).optional() });

const queryConfig = z.object({ QueryStringBehavior: z.string(), QueryStrings: z.array(z.string()).optional() });

const cookiesConfig = z.object({ CookieBehavior: z.string(), Cookies: z.array(z.string()).optional() });

const policyParts = z.object({
  HeadersConfig: headersConfig,
  QueryStringsConfig: queryConfig,
  CookiesConfig: cookiesConfig,
});

const originPolicyProperties = z.object({ OriginRequestPolicyConfig: policyParts });

const cachePolicyProperties = z.object({
  CachePolicyConfig: z.object({ ParametersInCacheKeyAndForwardedToOrigin: policyParts }),
});

const securityHeader = z.object({ Override: z.boolean().default(true) }).loose();

const responsePolicyProperties = z.object({
  ResponseHeadersPolicyConfig: z.object({
    CorsConfig: z
      .object({ AccessControlAllowOrigins: z.object({ Items: z.array(z.string()) }), OriginOverride: z.boolean() })
      .optional(),
    CustomHeadersConfig: z
      .object({ Items: z.array(z.object({ Header: z.string(), Value: z.string(), Override: z.boolean() })) })
      .optional(),
    RemoveHeadersConfig: z.object({ Items: z.array(z.object({ Header: z.string() })) }).optional(),
    SecurityHeadersConfig: z
      .object({
        ContentSecurityPolicy: securityHeader.extend({ ContentSecurityPolicy: z.string() }).optional(),
        ContentTypeOptions: securityHeader.optional(),
        FrameOptions: securityHeader.extend({ FrameOption: z.string() }).optional(),
        ReferrerPolicy: securityHeader.extend({ ReferrerPolicy: z.string() }).optional(),
        StrictTransportSecurity: securityHeader
          .extend({
            AccessControlMaxAgeSec: z.coerce.number(),
            IncludeSubdomains: z.boolean().default(false),
            Preload: z.boolean().default(false),
          })
          .optional(),
      })
      .optional(),
  }),
});

const behaviorProperties = z.object({
  PathPattern: z.string().default('*'),
  TargetOriginId: z.string(),
  AllowedMethods: z.array(z.string()).default(['GET', 'HEAD']),
  CachePolicyId: z.string().optional(),
  OriginRequestPolicyId: z.string().optional(),
  ResponseHeadersPolicyId: z.string().optional(),
  Compress: z.boolean().default(false),
  FunctionAssociations: z.array(z.object({ EventType: z.string(), FunctionARN: z.string() })).default([]),
});

const originProperties = z.object({
  Id: z.string(),
  DomainName: z.string(),
  OriginPath: z.string().default(''),
  OriginCustomHeaders: z.array(z.object({ HeaderName: z.string(), HeaderValue: z.string() })).default([]),
});

const distributionProperties = z.object({
  DistributionConfig: z.object({
    DefaultRootObject: z.string().default(''),
    Origins: z.array(originProperties),
    CacheBehaviors: z.array(behaviorProperties).default([]),
    DefaultCacheBehavior: behaviorProperties,
  }),
});

const viewerFunctionProperties = z.object({ FunctionCode: z.string() });

function policyOf(parts: z.infer<typeof policyParts>): Policy {
  return {
    headers: selection(parts.HeadersConfig.HeaderBehavior, parts.HeadersConfig.Headers),
    query: selection(parts.QueryStringsConfig.QueryStringBehavior, parts.QueryStringsConfig.QueryStrings),
    cookies: selection(parts.CookiesConfig.CookieBehavior, parts.CookiesConfig.Cookies),
  };
}

function selection(behavior: string, names: readonly string[] = []): SelectionModel {
  switch (behavior) {
    case 'none':
      return { kind: 'none' };
    case 'whitelist':
      return { kind: 'only', names: names.map((name) => name.toLowerCase()) };
    case 'allExcept':
      return { kind: 'except', names: names.map((name) => name.toLowerCase()) };
    default:
      // all, allViewer, allViewerAndWhitelistCloudFront
      return { kind: 'all' };
  }
}

type ResponseHeader = BehaviorModel['responseHeaders'][number];

type ResponsePolicy = Pick<BehaviorModel, 'responseHeaders' | 'removedHeaders'>;

function responsePolicyOf({
  ResponseHeadersPolicyConfig: config,
}: z.infer<typeof responsePolicyProperties>): ResponsePolicy {
  const security = config.SecurityHeadersConfig;
  const transport = security?.StrictTransportSecurity;
  function named(name: string, value: string | undefined, override: boolean | undefined): ResponseHeader[] {
    return value === undefined ? [] : [{ name, value, override: override ?? true }];
  }
  const cors = config.CorsConfig;
  return {
    responseHeaders: [
      ...(cors ? [{ ...corsHeader(cors.AccessControlAllowOrigins.Items), override: cors.OriginOverride }] : []),
      ...(config.CustomHeadersConfig?.Items ?? []).map(({ Header, Value, Override }) => ({
        name: Header.toLowerCase(),
        value: Value,
        override: Override,
      })),
      ...named(
        'content-security-policy',
        security?.ContentSecurityPolicy?.ContentSecurityPolicy,
        security?.ContentSecurityPolicy?.Override,
      ),
      ...named(
        'x-content-type-options',
        security?.ContentTypeOptions ? 'nosniff' : undefined,
        security?.ContentTypeOptions?.Override,
      ),
      ...named('x-frame-options', security?.FrameOptions?.FrameOption, security?.FrameOptions?.Override),
      ...named('referrer-policy', security?.ReferrerPolicy?.ReferrerPolicy, security?.ReferrerPolicy?.Override),
      ...named(
        'strict-transport-security',
        transport &&
          `max-age=${transport.AccessControlMaxAgeSec}${transport.IncludeSubdomains ? '; includeSubDomains' : ''}${transport.Preload ? '; preload' : ''}`,
        transport?.Override,
      ),
    ],
    removedHeaders: (config.RemoveHeadersConfig?.Items ?? []).map(({ Header }) => Header.toLowerCase()),
  };
}

/** CloudFront adds it to responses to requests that have an `Origin`. */
function corsHeader(origins: readonly string[]): Omit<ResponseHeader, 'override'> {
  if (origins.join() !== '*') throw new UnsupportedTemplate('A response headers policy allows single origins');
  return { name: 'access-control-allow-origin', value: '*', toRequestsWith: 'origin' };
}

/** What either policy forwards reaches the origin. */
function union(left: SelectionModel, right: SelectionModel): SelectionModel {
  if (left.kind === 'all' || right.kind === 'all') return { kind: 'all' };
  if (left.kind === 'none') return right;
  if (right.kind === 'none') return left;
  if (left.kind === 'only' && right.kind === 'only') return { kind: 'only', names: [...left.names, ...right.names] };
  return left.kind === 'except' ? left : right;
}

function readOrigin(origin: z.infer<typeof originProperties>, known: Origins): OriginModel {
  const common = {
    path: origin.OriginPath,
    customHeaders: Object.fromEntries(
      origin.OriginCustomHeaders.map(({ HeaderName, HeaderValue }) => [
        HeaderName.toLowerCase(),
        known.resolveSecrets(HeaderValue),
      ]),
    ),
  };
  const host = origin.DomainName;
  const url = known.functionUrls.find((each) => each.host === host);
  if (url) return { ...common, kind: 'function', functionName: url.functionName, streaming: url.streaming };
  const api = known.httpApis.find((each) => each.host === host);
  if (api) return { ...common, kind: 'api', api };
  const bucket = known.buckets.find((each) => hosts.bucket(each.name) === host);
  if (bucket) return { ...common, kind: 'bucket', bucket: bucket.name };
  throw new UnsupportedTemplate(`The distribution has the origin ${host}, which isn't part of this stack`);
}
