import { Aws, CfnResource, Stack } from 'aws-cdk-lib';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type CfnFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { StaticSite } from './dashboard/static-site.ts';

/**
 * Encrypts every store of the stack with this KMS key, and lets each role use the key through the services of the stores
 * that it may read or write. It changes resources that exist, so that a new store cannot be forgotten.
 */
export function encryptStores(stack: Stack, keyArn: string): void {
  const stores = new Set<string>();
  for (const resource of stack.node.findAll()) {
    if (!CfnResource.isCfnResource(resource)) continue;
    const properties = storeProperties[resource.cfnResourceType]?.(keyArn);
    if (properties === undefined || isPublic(resource)) continue;
    for (const [name, value] of Object.entries(properties)) resource.addPropertyOverride(name, value);
    stores.add(stack.getLogicalId(resource));
  }
  for (const construct of stack.node.findAll()) {
    if (construct instanceof Policy) allowKey(construct, stores, keyArn);
    if (construct instanceof LambdaFunction && holdsSecret(construct)) encryptEnvironment(construct, keyArn);
  }
}

/** Properties that encrypt a resource, by its type. A bucket key saves a request to KMS for almost every object. */
const storeProperties: Readonly<Record<string, (keyArn: string) => Readonly<Record<string, unknown>>>> = {
  'AWS::DynamoDB::Table': (keyArn) => ({
    SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: keyArn },
  }),
  'AWS::S3::Bucket': (keyArn) => ({
    'BucketEncryption.ServerSideEncryptionConfiguration': [
      {
        BucketKeyEnabled: true,
        ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: keyArn },
      },
    ],
  }),
  'AWS::Athena::WorkGroup': (keyArn) => ({
    'WorkGroupConfiguration.ResultConfiguration.EncryptionConfiguration': {
      EncryptionOption: 'SSE_KMS',
      KmsKey: keyArn,
    },
  }),
  'AWS::SQS::Queue': (keyArn) => ({ KmsMasterKeyId: keyArn, SqsManagedSseEnabled: undefined }),
  'AWS::SNS::Topic': (keyArn) => ({ KmsMasterKeyId: keyArn }),
  'AWS::Logs::LogGroup': (keyArn) => ({ KmsKeyId: keyArn }),
  'AWS::SecretsManager::Secret': (keyArn) => ({ KmsKeyId: keyArn }),
};

/** The files of the dashboard are for everyone, and CloudFront would need the key for each of them. */
function isPublic(resource: CfnResource): boolean {
  return (
    resource.cfnResourceType === 'AWS::S3::Bucket' && resource.node.scopes.some((each) => each instanceof StaticSite)
  );
}

const read = ['Decrypt'];
// SQS and multipart uploads of S3 decrypt the data key that they generated.
const readAndWrite = ['Decrypt', 'GenerateDataKey'];
// As CDK's own grants of a table with a key.
const readItems = ['Decrypt', 'DescribeKey'];
const writeItems = [...readItems, 'Encrypt', 'GenerateDataKey', 'ReEncryptFrom', 'ReEncryptTo'];

/** What an action on an encrypted store needs of its key. The service calls KMS with the permissions of its caller. */
const keyActions: Readonly<Record<string, readonly string[]>> = {
  's3:GetObject': read,
  's3:PutObject': readAndWrite,
  'sqs:ReceiveMessage': read,
  'sqs:SendMessage': readAndWrite,
  'secretsmanager:GetSecretValue': read,
  'dynamodb:GetItem': readItems,
  'dynamodb:BatchGetItem': readItems,
  'dynamodb:Query': readItems,
  'dynamodb:ConditionCheckItem': readItems,
  'dynamodb:PutItem': writeItems,
  'dynamodb:UpdateItem': writeItems,
  'dynamodb:DeleteItem': writeItems,
};

interface RenderedStatement {
  Action: string | string[];
  Resource: unknown;
}

/** Adds one statement for each service through which the policy reaches one of the stores. */
function allowKey(policy: Policy, stores: ReadonlySet<string>, keyArn: string): void {
  const { Statement = [] }: { Statement?: RenderedStatement[] } = Stack.of(policy).resolve(policy.document) ?? {};
  const needed = new Map<string, Set<string>>();
  for (const { Action, Resource } of Statement) {
    if (!namesStore(Resource, stores)) continue;
    for (const action of [Action].flat()) {
      const [service = ''] = action.split(':');
      const before = needed.get(service) ?? [];
      const actions = keyActions[action];
      if (actions) needed.set(service, new Set([...before, ...actions]));
    }
  }
  for (const [service, actions] of needed) policy.addStatements(keyStatement(service, [...actions].sort(), keyArn));
}

/** Returns whether resolved ARNs contain a reference to one of the stores: `{"Fn::GetAtt":["<id>","Arn"]}`. */
function namesStore(resource: unknown, stores: ReadonlySet<string>): boolean {
  return [...JSON.stringify(resource).matchAll(/"(\w+)"/g)].some(([, id = '']) => stores.has(id));
}

function keyStatement(service: string, actions: readonly string[], keyArn: string): PolicyStatement {
  return new PolicyStatement({
    actions: actions.map((action) => `kms:${action}`),
    resources: [keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `${service}.${Aws.REGION}.${Aws.URL_SUFFIX}` } },
  });
}

/** Lambda decrypts the variables with the function's role when an environment starts. */
function encryptEnvironment(lambda: LambdaFunction, keyArn: string): void {
  (lambda.node.defaultChild as CfnFunction).addPropertyOverride('KmsKeyArn', keyArn);
  lambda.addToRolePolicy(keyStatement('lambda', read, keyArn));
}

function holdsSecret({ node, stack }: LambdaFunction): boolean {
  const environment: unknown = stack.resolve((node.defaultChild as CfnFunction).environment);
  return JSON.stringify(environment ?? {}).includes('resolve:secretsmanager');
}
