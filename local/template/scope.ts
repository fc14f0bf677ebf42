import type { Assembly, Resource } from './assembly.ts';
import { evaluate, noValue, type Scope, UnsupportedTemplate } from './intrinsics.ts';
import { localAccount, localArn, localRegion, physicalName } from './names.ts';

/** Addresses of the running local servers. */
export interface Addresses {
  /** `http://127.0.0.1:41001`, the endpoint of queues and buckets. */
  queues: string;
  /** `http://localhost:8787`, replaces the domain of the distribution. */
  edge: string;
  /** `http://localhost:8787/_local/oidc`, replaces the issuer of the user pool. */
  issuer: string;
}

interface Named {
  type: string;
  name: string;
  logicalId: string;
  properties: Readonly<Record<string, unknown>>;
}

export const hosts = {
  functionUrl: (logicalId: string) => `${logicalId.toLowerCase()}.lambda-url.${localRegion}.on.aws`,
  httpApi: (logicalId: string) => `${logicalId.toLowerCase()}.execute-api.${localRegion}.amazonaws.com`,
  bucket: (name: string) => `${name}.s3.${localRegion}.amazonaws.com`,
  distribution: (logicalId: string) => `${logicalId.toLowerCase()}.cloudfront.net`,
  issuer: (logicalId: string) => `cognito-idp.${localRegion}.amazonaws.com/${localRegion}_${logicalId}`,
} as const;

/** Creates the scope in which intrinsics are evaluated. @throws {UnsupportedTemplate} for an unknown name */
export function createScope({ template, stackName }: Assembly, addresses: Addresses): Scope {
  const pseudo = pseudoParameters(stackName);
  const named = new Map<string, Named>();

  function describe(logicalId: string, resource: Resource): Named {
    const known = named.get(logicalId);
    if (known) return known;
    const type = resource.Type;
    // Evaluate only the naming properties: others may contain circular references.
    const properties = Object.fromEntries(
      Object.entries(resource.Properties)
        .filter(([key]) => /Name$|^(DatabaseInput|TableInput)$/.test(key))
        .map(([key, value]): [string, unknown] => [key, evaluate(value, scope)]),
    );
    const description = { type, logicalId, properties, name: physicalName({ type, properties }, stackName, logicalId) };
    named.set(logicalId, description);
    return description;
  }

  function find(logicalId: string): Named {
    const resource = template.Resources[logicalId];
    if (!resource) throw new UnsupportedTemplate(`The template refers to ${logicalId}, which doesn't exist`);
    return describe(logicalId, resource);
  }

  const scope: Scope = {
    reference: (logicalId) => {
      if (logicalId in pseudo) return pseudo[logicalId];
      const parameter = template.Parameters[logicalId];
      if (parameter) return parameter.Default ?? '';
      const resource = find(logicalId);
      return references[resource.type]?.(resource, addresses) ?? resource.name;
    },
    attribute: (logicalId, name) => {
      const resource = find(logicalId);
      if (name === 'Arn' && arns[resource.type]) return arns[resource.type]?.(resource);
      // Ignored types still need a value, because other resources may join it into text.
      return attributes[`${resource.type}.${name}`]?.(resource) ?? `${resource.name}.${name}`;
    },
    condition: (name) => evaluate(template.Conditions[name], scope) === true,
    mapping: (map, first, second) => template.Mappings[map]?.[first]?.[second],
  };
  return scope;
}

/** Values of `Ref` for types where it isn't the physical name. */
const references: Readonly<Record<string, (of: Named, addresses: Addresses) => string>> = {
  'AWS::SQS::Queue': ({ name }, addresses) => `${addresses.queues}/${localAccount}/${name}`,
  'AWS::SecretsManager::Secret': ({ name }) => localArn('secretsmanager', `secret:${name}`),
  'AWS::SNS::Topic': ({ name }) => localArn('sns', name),
  'AWS::Lambda::Alias': ({ properties }) => `${String(properties['FunctionName'])}:${String(properties['Name'])}`,
  'AWS::Lambda::Version': ({ properties }) => `${String(properties['FunctionName'])}:1`,
  'AWS::Lambda::LayerVersion': ({ logicalId }) => localArn('lambda', `layer:${logicalId}:1`),
  'AWS::Cognito::UserPool': ({ logicalId }) => `${localRegion}_${logicalId}`,
  'AWS::Cognito::UserPoolClient': ({ logicalId }) => logicalId.toLowerCase(),
  'AWS::ApiGatewayV2::Api': ({ logicalId }) => logicalId.toLowerCase(),
  'AWS::CloudFront::Distribution': ({ logicalId }) => logicalId.toUpperCase().slice(0, 14),
};

const arns: Readonly<Record<string, (of: Named) => string>> = {
  'AWS::DynamoDB::Table': ({ name }) => localArn('dynamodb', `table/${name}`),
  'AWS::DynamoDB::GlobalTable': ({ name }) => localArn('dynamodb', `table/${name}`),
  'AWS::SQS::Queue': ({ name }) => localArn('sqs', name),
  'AWS::S3::Bucket': ({ name }) => `arn:aws:s3:::${name}`,
  'AWS::Lambda::Function': ({ name }) => localArn('lambda', `function:${name}`),
  'AWS::Logs::LogGroup': ({ name }) => localArn('logs', `log-group:${name}:*`),
  'AWS::IAM::Role': ({ logicalId }) => `arn:aws:iam::${localAccount}:role/${logicalId}`,
  'AWS::KMS::Key': ({ logicalId }) => localArn('kms', `key/${logicalId}`),
  'AWS::Cognito::UserPool': ({ logicalId }) => localArn('cognito-idp', `userpool/${localRegion}_${logicalId}`),
};

const attributes: Readonly<Record<string, (of: Named) => string>> = {
  'AWS::SQS::Queue.QueueName': ({ name }) => name,
  'AWS::S3::Bucket.RegionalDomainName': ({ name }) => hosts.bucket(name),
  'AWS::S3::Bucket.DomainName': ({ name }) => hosts.bucket(name),
  'AWS::Lambda::Url.FunctionUrl': ({ logicalId }) => `https://${hosts.functionUrl(logicalId)}/`,
  'AWS::ApiGatewayV2::Api.ApiEndpoint': ({ logicalId }) => `https://${hosts.httpApi(logicalId)}`,
  'AWS::ApiGatewayV2::Api.ApiId': ({ logicalId }) => logicalId.toLowerCase(),
  'AWS::CloudFront::Distribution.DomainName': ({ logicalId }) => hosts.distribution(logicalId),
  'AWS::Cognito::UserPool.ProviderURL': ({ logicalId }) => `https://${hosts.issuer(logicalId)}`,
  'AWS::Cognito::UserPool.ProviderName': ({ logicalId }) => hosts.issuer(logicalId),
  'AWS::Cognito::UserPoolClient.ClientId': ({ logicalId }) => logicalId.toLowerCase(),
  'AWS::Scheduler::Schedule.Arn': ({ name }) => localArn('scheduler', `schedule/default/${name}`),
};

function pseudoParameters(stackName: string): Readonly<Record<string, unknown>> {
  return {
    'AWS::Region': localRegion,
    'AWS::AccountId': localAccount,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': stackName,
    'AWS::StackId': localArn('cloudformation', `stack/${stackName}/local`),
    'AWS::NotificationARNs': [],
    'AWS::NoValue': noValue,
  };
}
