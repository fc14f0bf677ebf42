import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { reservedCodes } from '#schemas/catalog-rules.ts';
import { collectHeaderNames, redirectHeaderNames, sdkHeaderNames } from '#lib/edge/forwarded-headers.ts';
import { originSecretHeader } from '#schemas/edge-headers.ts';
import { plain, resourceNamed, resourcesOf, synthesize } from './synthesize.ts';

const { template } = synthesize();

const behaviorSchema = z.object({
  PathPattern: z.string().default('*'),
  TargetOriginId: z.string(),
  ViewerProtocolPolicy: z.string(),
  CachePolicyId: z.unknown(),
  OriginRequestPolicyId: z.unknown().optional(),
  AllowedMethods: z.array(z.string()).default([]),
  FunctionAssociations: z.array(z.unknown()).default([]),
  ResponseHeadersPolicyId: z.object({ Ref: z.string() }),
});
const distribution = z
  .object({
    DistributionConfig: z.object({
      DefaultCacheBehavior: behaviorSchema,
      CacheBehaviors: z.array(behaviorSchema),
      HttpVersion: z.string(),
      CustomErrorResponses: z.array(z.record(z.string(), z.unknown())),
      Origins: z.array(
        z.object({
          Id: z.string(),
          DomainName: z.unknown(),
          OriginAccessControlId: z.unknown().optional(),
          OriginCustomHeaders: z.array(z.object({ HeaderName: z.string(), HeaderValue: z.unknown() })).default([]),
        }),
      ),
    }),
  })
  .parse(resourceNamed(template, 'EdgeDistribution').Properties).DistributionConfig;

const behaviors = [...distribution.CacheBehaviors, distribution.DefaultCacheBehavior];

/** Returns `redirect`, `http` or `site`, depending on the resource in the origin's name. */
function originOf({ TargetOriginId }: z.infer<typeof behaviorSchema>): string {
  const name = JSON.stringify(distribution.Origins.find(({ Id }) => Id === TargetOriginId)?.DomainName);
  if (name.includes('EntranceRedirectFunctionAliasliveFunctionUrl')) return 'redirect';
  return name.includes('.execute-api.') ? 'http' : name.includes('DashboardSite') ? 'site' : name;
}

describe('the distribution', () => {
  it('routes each path to its origin', () => {
    expect(Object.fromEntries(behaviors.map((behavior) => [behavior.PathPattern, originOf(behavior)]))).toEqual({
      '/e': 'http',
      '/e.gif': 'http',
      '/e/*': 'http',
      '/v1/batch': 'http',
      '/api/v1/public/*': 'http',
      '/api/*': 'http',
      '/t.js': 'site',
      '/app': 'site',
      '/app/embed/*': 'http',
      '/app/*': 'site',
      '/assets/*': 'site',
      '*': 'redirect',
    });
  });

  it('routes no path that a link could have', () => {
    for (const { PathPattern } of distribution.CacheBehaviors) {
      const [, segment = '', ...others] = PathPattern.split('/');
      // A code has no slash: /v1 is a link, /v1/batch is not.
      if (others.length > 0 && others[0] !== '*') continue;
      expect(reservedCodes, PathPattern).toContain(segment.replace('.', '-'));
    }
  });

  it('runs the viewer function for everything except static files', () => {
    const without = behaviors.filter(({ FunctionAssociations }) => FunctionAssociations.length === 0);
    expect(without.map(({ PathPattern }) => PathPattern)).toEqual(['/t.js', '/assets/*']);
  });

  it('caches public pages by their own header, and by nothing that tells viewers apart', () => {
    const [policy, ...others] = resourcesOf(template, 'AWS::CloudFront::CachePolicy');
    expect(others).toEqual([]);
    expect(policy?.[1].Properties['CachePolicyConfig']).toMatchObject({
      MinTTL: 0,
      DefaultTTL: 0,
      MaxTTL: 300,
      ParametersInCacheKeyAndForwardedToOrigin: {
        HeadersConfig: { HeaderBehavior: 'none' },
        CookiesConfig: { CookieBehavior: 'none' },
        QueryStringsConfig: { QueryStringBehavior: 'none' },
      },
    });
    const cached = behaviors.find(({ PathPattern }) => PathPattern === '/api/v1/public/*');
    expect(cached).toMatchObject({ CachePolicyId: { Ref: policy?.[0] } });
    expect(cached?.OriginRequestPolicyId).toBeUndefined();
  });

  it('caches no other function response and no error, so that the 503 to a prefetch is not served to the tap', () => {
    const cachingDisabled = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
    for (const behavior of behaviors.filter((behavior) => originOf(behavior) !== 'site'))
      if (behavior.PathPattern !== '/api/v1/public/*')
        expect(behavior.CachePolicyId, behavior.PathPattern).toBe(cachingDisabled);
    expect(distribution.CustomErrorResponses).toHaveLength(11);
    for (const response of distribution.CustomErrorResponses)
      expect(response).toEqual({ ErrorCode: expect.any(Number) as number, ErrorCachingMinTTL: 0 });
  });

  it('lets any site load the tracker and read the responses to its events, and nothing else', () => {
    const open = resourcesOf(template, 'AWS::CloudFront::ResponseHeadersPolicy').filter(([name]) =>
      name.startsWith('EdgeOpenHeaders'),
    );
    expect(open).toHaveLength(1);
    const [[id, policy] = []] = open;
    expect(policy?.Properties['ResponseHeadersPolicyConfig']).toMatchObject({
      CorsConfig: { AccessControlAllowOrigins: { Items: ['*'] }, AccessControlAllowCredentials: false },
      CustomHeadersConfig: { Items: [{ Header: 'cross-origin-resource-policy', Value: 'cross-origin' }] },
    });
    const opened = behaviors.filter(
      ({ ResponseHeadersPolicyId }) => JSON.stringify(ResponseHeadersPolicyId) === JSON.stringify({ Ref: id }),
    );
    expect(opened.map(({ PathPattern }) => PathPattern)).toEqual(['/e', '/e.gif', '/t.js']);
  });

  it('tells browsers on every path to use HTTPS only', () => {
    for (const { PathPattern, ResponseHeadersPolicyId } of behaviors) {
      const policy = template.Resources[ResponseHeadersPolicyId.Ref]?.Properties;
      expect(policy, PathPattern).toMatchObject({
        ResponseHeadersPolicyConfig: {
          SecurityHeadersConfig: { StrictTransportSecurity: { AccessControlMaxAgeSec: 31_536_000, Override: true } },
        },
      });
    }
  });

  it('allows the dashboard to connect to the sign-in domain of this stack, and to no other', () => {
    const policies = JSON.stringify(resourcesOf(template, 'AWS::CloudFront::ResponseHeadersPolicy'));
    const domain = resourcesOf(template, 'AWS::Cognito::UserPoolDomain')[0]?.[1].Properties['Domain'];
    expect(policies).toContain('.amazoncognito.com');
    expect(policies).not.toContain('*.auth');
    const [, parts] = z.object({ 'Fn::Join': z.tuple([z.string(), z.array(z.unknown())]) }).parse(domain)['Fn::Join'];
    expect(parts[0]).toBe('hopcount-');
    expect(policies).toContain(`https://hopcount-",${JSON.stringify(parts[1])},".auth.`);
  });

  it('passes every method to functions, over HTTPS only', () => {
    for (const behavior of behaviors) {
      expect(behavior.ViewerProtocolPolicy).toBe('redirect-to-https');
      if (originOf(behavior) !== 'site') expect(behavior.AllowedMethods).toHaveLength(7);
    }
    expect(distribution.HttpVersion).toBe('http2and3');
  });

  it.each([
    ['EdgeRedirectFacts', redirectHeaderNames],
    ['EdgeCollectFacts', collectHeaderNames],
    ['EdgeSdkFacts', sdkHeaderNames],
  ])(
    'forwards the headers of the shared table by %s, at most ten as CloudFront allows, and never Host',
    (id, names) => {
      expect(resourceNamed(template, id).Properties['OriginRequestPolicyConfig']).toMatchObject({
        HeadersConfig: { HeaderBehavior: 'whitelist', Headers: [...names] },
        QueryStringsConfig: { QueryStringBehavior: 'all' },
        CookiesConfig: { CookieBehavior: 'none' },
      });
      expect(names.length).toBeLessThanOrEqual(10);
      expect(names).not.toContain('host');
    },
  );

  it.each(['EntranceCollectFunction', 'ApiFunction', 'AlertsMailFeedbackFunction'])(
    'authenticates to the HTTP API with a secret that %s reads and the template does not contain',
    (name) => {
      const header = distribution.Origins.flatMap(({ OriginCustomHeaders }) => OriginCustomHeaders);
      expect(header.map(({ HeaderName }) => HeaderName)).toEqual([originSecretHeader, originSecretHeader]);
      const properties = resourceNamed(template, name).Properties;
      const { Variables } = z
        .object({ Variables: z.record(z.string(), z.unknown()) })
        .parse(z.object({ Environment: z.unknown() }).parse(properties).Environment);
      const arn = plain(Variables['ORIGIN_SECRET_ARN']);
      for (const { HeaderValue } of header)
        expect(plain(HeaderValue)).toBe(`{{resolve:secretsmanager:${arn}:SecretString:::}}`);
    },
  );

  it('throttles the routes of the API, and not those of events, whose refusals would be counted nowhere', () => {
    const [[, stage] = []] = resourcesOf(template, 'AWS::ApiGatewayV2::Stage');
    expect(stage?.Properties['RouteSettings']).toEqual({
      'ANY /api/{proxy+}': { ThrottlingRateLimit: 200, ThrottlingBurstLimit: 400 },
      'ANY /app/embed/{proxy+}': { ThrottlingRateLimit: 200, ThrottlingBurstLimit: 400 },
      'ANY /api/mail/{proxy+}': { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 },
    });
    expect(stage?.Properties).not.toHaveProperty('DefaultRouteSettings');
    const routes = resourcesOf(template, 'AWS::ApiGatewayV2::Route');
    const limited = routes.filter(([, { Properties }]) => /^ANY \/(api|app)\//.test(String(Properties['RouteKey'])));
    expect(stage?.DependsOn).toEqual(expect.arrayContaining(limited.map(([id]) => id)));
  });

  it('alone may invoke redirect, whose URL requires signed requests', () => {
    const [, url] = resourcesOf(template, 'AWS::Lambda::Url')[0] ?? [];
    expect(url?.Properties).toMatchObject({ AuthType: 'AWS_IAM', InvokeMode: 'RESPONSE_STREAM' });
    function permitted(name: unknown) {
      return plain(name).startsWith('EntranceRedirectFunction');
    }
    const permissions = resourcesOf(template, 'AWS::Lambda::Permission')
      .map(([, { Properties }]) => Properties)
      .filter(({ FunctionName }) => permitted(FunctionName));
    expect(permissions.map(({ Action }) => String(Action)).sort()).toEqual([
      'lambda:InvokeFunction',
      'lambda:InvokeFunctionUrl',
    ]);
    const [[alias] = []] = resourcesOf(template, 'AWS::Lambda::Alias');
    for (const { FunctionName, Principal, SourceArn } of permissions) {
      // Of the alias that has the URL: a permission of the function itself does not cover it.
      expect(FunctionName).toEqual({ Ref: alias });
      expect(Principal).toBe('cloudfront.amazonaws.com');
      expect(JSON.stringify(SourceArn)).toContain('EdgeDistribution');
    }
  });
});

describe('the distribution, with redirectAccess: secret', () => {
  const { template: withSecret } = synthesize({ redirectAccess: 'secret', provisionedConcurrency: 2 });

  it('sends redirect unsigned requests, and the secret that redirect requires', () => {
    const [, url] = resourcesOf(withSecret, 'AWS::Lambda::Url')[0] ?? [];
    expect(url?.Properties).toMatchObject({ AuthType: 'NONE', InvokeMode: 'RESPONSE_STREAM' });
    const { DistributionConfig } = z
      .object({ DistributionConfig: z.object({ Origins: z.array(z.record(z.string(), z.unknown())) }) })
      .parse(resourceNamed(withSecret, 'EdgeDistribution').Properties);
    const origins = DistributionConfig.Origins.filter(({ DomainName }) =>
      /FunctionUrl/.test(JSON.stringify(DomainName)),
    );
    const { Variables } = z
      .object({ Variables: z.record(z.string(), z.unknown()) })
      .parse(resourceNamed(withSecret, 'EntranceRedirectFunction').Properties['Environment']);
    expect(origins).toHaveLength(1);
    expect(origins[0]).toMatchObject({
      OriginCustomHeaders: [{ HeaderName: originSecretHeader, HeaderValue: Variables['ORIGIN_SECRET'] }],
    });
    expect(plain(Variables['ORIGIN_SECRET'])).toMatch(/^\{\{resolve:secretsmanager:EntranceOriginSecret\w+:/);
    expect(origins[0]).not.toHaveProperty('OriginAccessControlId');
  });

  it('lets anyone invoke redirect through its URL, and in no other way', () => {
    const permissions = resourcesOf(withSecret, 'AWS::Lambda::Permission')
      .map(([, { Properties }]) => Properties)
      .filter(({ Principal }) => Principal === '*');
    expect(permissions.map(({ Action }) => String(Action)).sort()).toEqual([
      'lambda:InvokeFunction',
      'lambda:InvokeFunctionUrl',
    ]);
    for (const { Action, ...permission } of permissions)
      expect(permission).toMatchObject(
        Action === 'lambda:InvokeFunction' ? { InvokedViaFunctionUrl: true } : { FunctionUrlAuthType: 'NONE' },
      );
  });
});
