import { describe, expect, it } from 'vitest';
import type { Assembly, Template } from './assembly.ts';
import { templateSchema } from './assembly.ts';
import { interpret } from './interpret.ts';
import type { StackModel } from './model.ts';

const addresses = {
  queues: 'http://127.0.0.1:4001',
  edge: 'http://localhost:8787',
  issuer: 'http://localhost:8787/_local/oidc',
};

function interpretResources(Resources: Record<string, unknown>, rest: Partial<Template> = {}): StackModel {
  const assembly: Assembly = {
    stackName: 'Shop',
    template: templateSchema.parse({ Resources, ...rest }),
    assets: new Map([
      ['abc', '/assets/abc'],
      ['layer', '/assets/layer'],
    ]),
  };
  return interpret(assembly, { addresses, secretValue: () => 'hidden' });
}

function lambda(properties: Record<string, unknown> = {}) {
  return {
    Type: 'AWS::Lambda::Function',
    Properties: { Runtime: 'nodejs24.x', Code: { S3Bucket: 'b', S3Key: 'abc.zip' }, ...properties },
  };
}

function role(Condition: unknown = { StringEquals: { 'aws:RequestedRegion': 'us-east-1' } }) {
  const Action = 'sqs:SendMessage';
  return {
    Queue: { Type: 'AWS::SQS::Queue' },
    Role: { Type: 'AWS::IAM::Role' },
    Policy: {
      Type: 'AWS::IAM::Policy',
      Properties: {
        Roles: [{ Ref: 'Role' }],
        PolicyDocument: {
          Statement: [{ Effect: 'Allow', Action, Resource: { 'Fn::GetAtt': ['Queue', 'Arn'] }, Condition }],
        },
      },
    },
  };
}

describe('interpret', () => {
  it('gives each function the statements of its role, and none to a function without one', () => {
    const { roles } = interpretResources({
      Fn: lambda({ Role: { 'Fn::GetAtt': ['Role', 'Arn'] } }),
      Bare: lambda(),
      ...role(),
    });
    expect(roles).toEqual([
      {
        functionName: 'Shop-Fn',
        roleName: 'Shop-Role',
        statements: [
          {
            effect: 'Allow',
            actions: ['sqs:SendMessage'],
            resources: ['arn:aws:sqs:us-east-1:000000000000:Shop-Queue'],
            conditions: [{ operator: 'StringEquals', key: 'aws:RequestedRegion', values: ['us-east-1'] }],
          },
        ],
      },
      { functionName: 'Shop-Bare', roleName: 'none', statements: [] },
    ]);
  });

  it('rejects a policy that it can’t evaluate', () => {
    const Fn = lambda({ Role: { 'Fn::GetAtt': ['Role', 'Arn'] } });
    expect(() => interpretResources({ Fn, ...role({ IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }) })).toThrow(
      'IpAddress',
    );
  });

  it('reads the statements of resource policies that are about roles, and not those about services', () => {
    const deny = {
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: 's3:*',
      Resource: { 'Fn::GetAtt': ['Lake', 'Arn'] },
    };
    const service = {
      ...deny,
      Principal: { Service: 's3.amazonaws.com' },
      Condition: { ArnLike: { 'aws:SourceArn': 'x' } },
    };
    function read(...Statement: unknown[]) {
      return interpretResources({
        Lake: { Type: 'AWS::S3::Bucket' },
        Policy: { Type: 'AWS::S3::BucketPolicy', Properties: { PolicyDocument: { Statement } } },
      }).resourceStatements;
    }
    expect(read(deny, service)).toEqual([
      { principals: ['*'], effect: 'Deny', actions: ['s3:*'], resources: ['arn:aws:s3:::shop-lake'], conditions: [] },
    ]);
    expect(() => read({ ...deny, Principal: undefined, NotPrincipal: { AWS: '*' } })).toThrow('Principal');
  });

  it('reads a queue with its dead letters', () => {
    const { queues } = interpretResources({
      Dead: { Type: 'AWS::SQS::Queue' },
      Work: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          VisibilityTimeout: 360,
          RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 5 },
        },
      },
    });
    expect(queues[1]).toEqual({
      name: 'Shop-Work',
      arn: 'arn:aws:sqs:us-east-1:000000000000:Shop-Work',
      attributes: {
        VisibilityTimeout: '360',
        RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:Shop-Dead","maxReceiveCount":5}',
      },
    });
  });

  it('gives a function its asset, its layers and an environment that leads here instead of into the cloud', () => {
    const { functions } = interpretResources({
      Queue: { Type: 'AWS::SQS::Queue' },
      Pool: { Type: 'AWS::Cognito::UserPool' },
      Cdn: {
        Type: 'AWS::CloudFront::Distribution',
        Properties: {
          DistributionConfig: {
            Origins: [{ Id: 'o', DomainName: { 'Fn::GetAtt': ['Site', 'RegionalDomainName'] } }],
            DefaultCacheBehavior: { TargetOriginId: 'o' },
          },
        },
      },
      Site: { Type: 'AWS::S3::Bucket' },
      Geo: { Type: 'AWS::Lambda::LayerVersion', Properties: { Content: { S3Bucket: 'b', S3Key: 'layer.zip' } } },
      Fn: lambda({
        Description: 'functions/redirect/handler.ts',
        Layers: [{ Ref: 'Geo' }],
        Environment: {
          Variables: {
            QUEUE: { Ref: 'Queue' },
            ISSUER: { 'Fn::GetAtt': ['Pool', 'ProviderURL'] },
            URL: { 'Fn::Join': ['', ['https://', { 'Fn::GetAtt': ['Cdn', 'DomainName'] }]] },
          },
        },
      }),
    });
    expect(functions[0]).toMatchObject({
      name: 'Shop-Fn',
      directory: '/assets/abc',
      layers: ['/assets/layer'],
      logGroup: '/aws/lambda/Shop-Fn',
      environment: {
        QUEUE: 'http://127.0.0.1:4001/000000000000/Shop-Queue',
        ISSUER: 'http://localhost:8787/_local/oidc',
        URL: 'http://localhost:8787',
      },
    });
  });

  it("takes a user pool's invitation from the template, and leads it here", () => {
    const { userPools } = interpretResources({
      Site: { Type: 'AWS::S3::Bucket' },
      Cdn: {
        Type: 'AWS::CloudFront::Distribution',
        Properties: {
          DistributionConfig: {
            Origins: [{ Id: 'o', DomainName: { 'Fn::GetAtt': ['Site', 'RegionalDomainName'] } }],
            DefaultCacheBehavior: { TargetOriginId: 'o' },
          },
        },
      },
      Plain: { Type: 'AWS::Cognito::UserPool' },
      Pool: {
        Type: 'AWS::Cognito::UserPool',
        Properties: {
          Policies: { PasswordPolicy: { TemporaryPasswordValidityDays: 3 } },
          AdminCreateUserConfig: {
            InviteMessageTemplate: {
              EmailSubject: 'Come in',
              EmailMessage: {
                'Fn::Join': ['', ['https://', { 'Fn::GetAtt': ['Cdn', 'DomainName'] }, '/app/ {username} {####}']],
              },
            },
          },
        },
      },
    });
    expect(userPools).toEqual([
      { id: 'us-east-1_Plain', temporaryPasswordDays: 7, invitation: expect.objectContaining({}) },
      {
        id: 'us-east-1_Pool',
        temporaryPasswordDays: 3,
        invitation: { subject: 'Come in', body: 'http://localhost:8787/app/ {username} {####}' },
      },
    ]);
  });

  it('finds the origins of a distribution, and resolves the secret in a header', () => {
    const { distributions } = interpretResources({
      Secret: { Type: 'AWS::SecretsManager::Secret', Properties: { GenerateSecretString: {} } },
      Fn: lambda(),
      Url: {
        Type: 'AWS::Lambda::Url',
        Properties: { TargetFunctionArn: { 'Fn::GetAtt': ['Fn', 'Arn'] }, InvokeMode: 'RESPONSE_STREAM' },
      },
      Api: { Type: 'AWS::ApiGatewayV2::Api' },
      Call: {
        Type: 'AWS::ApiGatewayV2::Integration',
        Properties: {
          ApiId: { Ref: 'Api' },
          IntegrationType: 'AWS_PROXY',
          IntegrationUri: { 'Fn::GetAtt': ['Fn', 'Arn'] },
          PayloadFormatVersion: '2.0',
        },
      },
      Route: {
        Type: 'AWS::ApiGatewayV2::Route',
        Properties: {
          ApiId: { Ref: 'Api' },
          RouteKey: 'POST /e',
          Target: { 'Fn::Join': ['', ['integrations/', { Ref: 'Call' }]] },
        },
      },
      Policy: {
        Type: 'AWS::CloudFront::OriginRequestPolicy',
        Properties: {
          OriginRequestPolicyConfig: {
            HeadersConfig: { HeaderBehavior: 'whitelist', Headers: ['User-Agent'] },
            QueryStringsConfig: { QueryStringBehavior: 'all' },
            CookiesConfig: { CookieBehavior: 'none' },
          },
        },
      },
      Cdn: {
        Type: 'AWS::CloudFront::Distribution',
        Properties: {
          DistributionConfig: {
            Origins: [
              {
                Id: 'f',
                DomainName: { 'Fn::Select': [2, { 'Fn::Split': ['/', { 'Fn::GetAtt': ['Url', 'FunctionUrl'] }] }] },
              },
              {
                Id: 'a',
                DomainName: {
                  'Fn::Join': ['', [{ Ref: 'Api' }, '.execute-api.', { Ref: 'AWS::Region' }, '.amazonaws.com']],
                },
                OriginCustomHeaders: [
                  {
                    HeaderName: 'X-Origin-Secret',
                    HeaderValue: {
                      'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: 'Secret' }, ':SecretString:::}}']],
                    },
                  },
                ],
              },
            ],
            CacheBehaviors: [{ PathPattern: '/e', TargetOriginId: 'a', OriginRequestPolicyId: { Ref: 'Policy' } }],
            DefaultCacheBehavior: { TargetOriginId: 'f' },
          },
        },
      },
    });
    const [events, rest] = distributions[0]?.behaviors ?? [];
    expect(events).toMatchObject({
      pattern: '/e',
      forwardedHeaders: { kind: 'only', names: ['user-agent'] },
      forwardedQuery: { kind: 'all' },
      origin: {
        kind: 'api',
        customHeaders: { 'x-origin-secret': 'hidden' },
        api: { routes: [{ key: 'POST /e', functionName: 'Shop-Fn' }] },
      },
    });
    expect(rest?.origin).toMatchObject({ kind: 'function', functionName: 'Shop-Fn', streaming: true });
  });

  it('takes what a bucket announces from either way of declaring it, and whose pages may use it', () => {
    const rule = { AllowedMethods: ['PUT'], AllowedOrigins: ['*'], AllowedHeaders: ['Content-Type'] };
    const { buckets } = interpretResources({
      Files: { Type: 'AWS::SQS::Queue' },
      Lake: { Type: 'AWS::S3::Bucket', Properties: { CorsConfiguration: { CorsRules: [rule] } } },
      Announce: {
        Type: 'Custom::S3BucketNotifications',
        Properties: {
          BucketName: { Ref: 'Lake' },
          NotificationConfiguration: {
            QueueConfigurations: [
              {
                Events: ['s3:ObjectCreated:*'],
                QueueArn: { 'Fn::GetAtt': ['Files', 'Arn'] },
                Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'raw/' }] } },
              },
            ],
          },
        },
      },
    });
    const queueArn = 'arn:aws:sqs:us-east-1:000000000000:Shop-Files';
    expect(buckets).toEqual([
      {
        name: 'shop-lake',
        notifications: [{ queueArn, prefix: 'raw/', suffix: '' }],
        crossOrigin: [{ methods: ['PUT'], origins: ['*'], headers: ['content-type'] }],
      },
    ]);
  });

  it('leaves out a resource whose condition does not hold', () => {
    const { queues } = interpretResources(
      { Maybe: { Type: 'AWS::SQS::Queue', Condition: 'Never' } },
      { Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } } },
    );
    expect(queues).toEqual([]);
  });

  it('fails by name on a type that it neither interprets nor ignores', () => {
    expect(() => interpretResources({ Box: { Type: 'AWS::EC2::Instance' } })).toThrow('Box (AWS::EC2::Instance)');
  });

  it('fails by name on a property that it cannot read', () => {
    expect(() =>
      interpretResources({ Q: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 'soon' } } }),
    ).toThrow('Q (AWS::SQS::Queue)');
  });
});
