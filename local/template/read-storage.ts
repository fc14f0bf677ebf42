import { z } from 'zod';
import type {
  BucketModel,
  DatabaseModel,
  DeploymentModel,
  GlueTableModel,
  NotificationModel,
  QueueModel,
  SecretModel,
  TableModel,
  WorkGroupModel,
} from './model.ts';
import { UnsupportedTemplate } from './intrinsics.ts';
import { number, type Resources, textAttribute } from './resources.ts';

const keyPart = z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) });
const projection = z.object({
  ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']).optional(),
  NonKeyAttributes: z.array(z.string()).optional(),
});
const index = z.object({ IndexName: z.string(), KeySchema: z.array(keyPart), Projection: projection });
const tableProperties = z.object({
  KeySchema: z.array(keyPart),
  AttributeDefinitions: z.array(z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) })),
  GlobalSecondaryIndexes: z.array(index).default([]),
  TimeToLiveSpecification: z.object({ AttributeName: z.string().optional(), Enabled: z.boolean() }).optional(),
});

export function readTables(resources: Resources): readonly TableModel[] {
  return resources
    .ofType(['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'], tableProperties)
    .map(({ reference, properties }) => ({
      name: reference,
      keySchema: properties.KeySchema,
      attributes: properties.AttributeDefinitions,
      indexes: properties.GlobalSecondaryIndexes,
      timeToLive: properties.TimeToLiveSpecification?.Enabled
        ? properties.TimeToLiveSpecification.AttributeName
        : undefined,
    }));
}

const queueProperties = z.object({
  VisibilityTimeout: number.optional(),
  MessageRetentionPeriod: number.optional(),
  DelaySeconds: number.optional(),
  MaximumMessageSize: number.optional(),
  ReceiveMessageWaitTimeSeconds: number.optional(),
  RedrivePolicy: z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: number }).optional(),
});

export function readQueues(resources: Resources): readonly QueueModel[] {
  return resources.ofType('AWS::SQS::Queue', queueProperties).map(({ logicalId, properties }) => ({
    name: textAttribute(resources.scope, logicalId, 'QueueName'),
    arn: textAttribute(resources.scope, logicalId, 'Arn'),
    attributes: queueAttributes(properties),
  }));
}

function queueAttributes({ RedrivePolicy, ...numbers }: z.infer<typeof queueProperties>): Record<string, string> {
  return {
    ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, String(value)])),
    ...(RedrivePolicy ? { RedrivePolicy: JSON.stringify(RedrivePolicy) } : {}),
  };
}

const filterRule = z.object({ Name: z.string(), Value: z.string() });

const queueConfiguration = z.object({
  Event: z.string().optional(),
  Events: z.array(z.string()).optional(),
  Queue: z.string().optional(),
  QueueArn: z.string().optional(),
  Filter: z
    .object({
      Key: z.object({ FilterRules: z.array(filterRule) }).optional(),
      S3Key: z.object({ Rules: z.array(filterRule) }).optional(),
    })
    .optional(),
});

const notificationConfiguration = z.object({ QueueConfigurations: z.array(queueConfiguration).default([]) });

const corsRule = z.object({
  AllowedMethods: z.array(z.string()),
  AllowedOrigins: z.array(z.string()),
  AllowedHeaders: z.array(z.string()).default([]),
});

const bucketProperties = z.object({
  NotificationConfiguration: notificationConfiguration.optional(),
  CorsConfiguration: z.object({ CorsRules: z.array(corsRule) }).optional(),
});

const customNotifications = z.object({ BucketName: z.string(), NotificationConfiguration: notificationConfiguration });

export function readBuckets(resources: Resources): readonly BucketModel[] {
  const custom = resources.ofType('Custom::S3BucketNotifications', customNotifications);
  return resources.ofType('AWS::S3::Bucket', bucketProperties).map(({ reference, properties }) => ({
    name: reference,
    notifications: [
      ...(properties.NotificationConfiguration?.QueueConfigurations ?? []),
      ...custom
        .filter((each) => each.properties.BucketName === reference)
        .flatMap((each) => each.properties.NotificationConfiguration.QueueConfigurations),
    ].map(readNotification),
    crossOrigin: (properties.CorsConfiguration?.CorsRules ?? []).map((rule) => ({
      methods: rule.AllowedMethods,
      origins: rule.AllowedOrigins,
      headers: rule.AllowedHeaders.map((name) => name.toLowerCase()),
    })),
  }));
}

function readNotification(configuration: z.infer<typeof queueConfiguration>): NotificationModel {
  const events = configuration.Events ?? [configuration.Event ?? ''];
  if (!events.every((event) => event.startsWith('s3:ObjectCreated:')))
    throw new UnsupportedTemplate(`Bucket notifications must be for s3:ObjectCreated events; got ${events.join(', ')}`);
  const rules = configuration.Filter?.Key?.FilterRules ?? configuration.Filter?.S3Key?.Rules ?? [];
  function rule(name: string): string {
    return rules.find((each) => each.Name.toLowerCase() === name)?.Value ?? '';
  }
  const queueArn = configuration.QueueArn ?? configuration.Queue;
  if (queueArn === undefined) throw new UnsupportedTemplate('A bucket notification has no queue');
  return { queueArn, prefix: rule('prefix'), suffix: rule('suffix') };
}

export function readDatabases(resources: Resources): readonly DatabaseModel[] {
  return resources.ofType('AWS::Glue::Database', z.unknown()).map(({ reference }) => ({ name: reference }));
}

const glueTableProperties = z.object({ DatabaseName: z.string(), TableInput: z.record(z.string(), z.unknown()) });

export function readGlueTables(resources: Resources): readonly GlueTableModel[] {
  return resources.ofType('AWS::Glue::Table', glueTableProperties).map(({ reference, properties }) => ({
    database: properties.DatabaseName,
    name: reference,
    input: { ...properties.TableInput, Name: reference },
  }));
}

const workGroupProperties = z.object({ WorkGroupConfiguration: z.record(z.string(), z.unknown()).default({}) });

export function readWorkGroups(resources: Resources): readonly WorkGroupModel[] {
  return resources.ofType('AWS::Athena::WorkGroup', workGroupProperties).map(({ reference, properties }) => ({
    name: reference,
    configuration: properties.WorkGroupConfiguration,
  }));
}

const secretProperties = z.object({
  SecretString: z.string().optional(),
  GenerateSecretString: z
    .object({
      PasswordLength: number.default(32),
      ExcludeCharacters: z.string().default(''),
      ExcludePunctuation: z.boolean().default(false),
      SecretStringTemplate: z.string().optional(),
      GenerateStringKey: z.string().optional(),
    })
    .optional(),
});

export function readSecrets(resources: Resources): readonly SecretModel[] {
  return resources.ofType('AWS::SecretsManager::Secret', secretProperties).map(({ reference, properties }) => ({
    name: reference.split(':secret:')[1] ?? reference,
    arn: reference,
    value: secretValue(properties),
  }));
}

function secretValue({ SecretString, GenerateSecretString }: z.infer<typeof secretProperties>): SecretModel['value'] {
  if (SecretString !== undefined) return { kind: 'given', text: SecretString };
  const {
    PasswordLength = 32,
    ExcludeCharacters = '',
    SecretStringTemplate,
    GenerateStringKey,
  } = GenerateSecretString ?? {};
  const json =
    SecretStringTemplate !== undefined && GenerateStringKey !== undefined
      ? { template: z.record(z.string(), z.unknown()).parse(JSON.parse(SecretStringTemplate)), key: GenerateStringKey }
      : undefined;
  return { kind: 'generated', length: PasswordLength, excluded: ExcludeCharacters, ...(json ? { json } : {}) };
}

const deploymentProperties = z.object({
  DestinationBucketName: z.string(),
  DestinationBucketKeyPrefix: z.string().default(''),
  SourceObjectKeys: z.array(z.string()),
  SourceMarkers: z.array(z.record(z.string(), z.string())).default([]),
  SystemMetadata: z.object({ 'cache-control': z.string().optional() }).optional(),
});

export function readDeployments(resources: Resources): readonly DeploymentModel[] {
  return resources.ofType('Custom::CDKBucketDeployment', deploymentProperties).map(({ logicalId, properties }) => ({
    bucket: properties.DestinationBucketName,
    prefix: properties.DestinationBucketKeyPrefix,
    cacheControl: properties.SystemMetadata?.['cache-control'],
    directories: properties.SourceObjectKeys.map((key) => assetDirectory(resources, key, logicalId)),
    markers: Object.assign({}, ...properties.SourceMarkers),
  }));
}

/** Returns the folder of an asset by its upload key, `<hash>.zip`. */
export function assetDirectory(resources: Resources, key: string, asker: string): string {
  const directory = resources.assembly.assets.get(key.replace(/\.[a-z]+$/, ''));
  if (directory === undefined)
    throw new UnsupportedTemplate(`${asker} needs the asset ${key}, which was not synthesized`);
  return directory;
}
