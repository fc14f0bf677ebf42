import { createHash } from 'node:crypto';
import { isRecord } from './intrinsics.ts';

/** The account and region of the local stack. */
export const localAccount = '000000000000';
export const localRegion = 'us-east-1';

export function localArn(service: string, resource: string): string {
  return `arn:aws:${service}:${localRegion}:${localAccount}:${resource}`;
}

/**
 * Returns the physical name of a resource. If the template sets none, it is derived from the logical id, so that the
 * stack finds its state after a restart.
 */
export function physicalName(
  resource: { type: string; properties: Readonly<Record<string, unknown>> },
  stackName: string,
  logicalId: string,
): string {
  const nested = resource.properties[nestedNames[resource.type] ?? ''];
  const given = isRecord(nested) ? nested['Name'] : resource.properties[nameProperties[resource.type] ?? ''];
  return typeof given === 'string' ? given : generatedName(resource.type, stackName, logicalId);
}

/** The property that names a resource physically, for types where the template may set it. */
const nameProperties: Readonly<Record<string, string>> = {
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::DynamoDB::GlobalTable': 'TableName',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::Athena::WorkGroup': 'Name',
  'AWS::Scheduler::Schedule': 'Name',
  'AWS::SecretsManager::Secret': 'Name',
  'AWS::SNS::Topic': 'TopicName',
};

/** Inputs whose `Name` is the physical name. */
const nestedNames: Readonly<Record<string, string>> = {
  'AWS::Glue::Database': 'DatabaseInput',
  'AWS::Glue::Table': 'TableInput',
};

function generatedName(type: string, stackName: string, logicalId: string): string {
  const name = `${stackName}-${logicalId}`;
  switch (type) {
    case 'AWS::S3::Bucket':
      return shorten(name.toLowerCase(), 63);
    case 'AWS::Glue::Database':
    case 'AWS::Glue::Table':
      return name.toLowerCase().replaceAll('-', '_');
    case 'AWS::SQS::Queue':
      return shorten(name, 80);
    case 'AWS::Logs::LogGroup':
      return `/${name}`;
    default:
      return shorten(name, 64);
  }
}

function shorten(name: string, limit: number): string {
  if (name.length <= limit) return name;
  const tail = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, limit - 9)}-${tail}`;
}
