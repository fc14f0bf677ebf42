import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { plain, resourcesOf, synthesize } from './synthesize.ts';
import { variants } from './variants.ts';

const settings = variants['with a KMS key for everything that is kept, and settled events that expire'];
const { kmsKeyArn, ...otherSettings } = settings;
const { template } = synthesize(settings);

/** Returns the id without its hash: `TablesCatalog`. */
function idOf(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, '');
}

/** Everything that the stack stores, by where its key is set. */
const stores: Readonly<Record<string, { key: string; encrypted: string[]; others?: string[] }>> = {
  'AWS::DynamoDB::Table': {
    key: 'SSESpecification.KMSMasterKeyId',
    encrypted: ['TablesCatalog', 'TablesRollups', 'TablesCache'],
  },
  'AWS::S3::Bucket': {
    key: 'BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.KMSMasterKeyID',
    encrypted: ['LakeBucket', 'EdgeAccessLogs'],
    others: ['DashboardSite'],
  },
  'AWS::Athena::WorkGroup': {
    key: 'WorkGroupConfiguration.ResultConfiguration.EncryptionConfiguration.KmsKey',
    encrypted: ['LakeInteractive', 'LakeJobs'],
  },
  'AWS::SQS::Queue': {
    key: 'KmsMasterKeyId',
    encrypted: ['ClicksQueue', 'ClicksDeadLetters', 'FilesQueue', 'FilesDeadLetters', 'JobFailures'],
  },
  'AWS::SNS::Topic': { key: 'KmsMasterKeyId', encrypted: ['MonitoringAlarms', 'MonitoringLowAlarms', 'AlertsReports'] },
  'AWS::SecretsManager::Secret': { key: 'KmsKeyId', encrypted: ['EntranceOriginSecret', 'AlertsMailSecret'] },
  'AWS::Logs::LogGroup': {
    key: 'KmsKeyId',
    encrypted: [
      'EntranceRedirectLogs',
      'EntranceCollectLogs',
      'IngestEnrichLogs',
      'RollupsRollupLogs',
      'ApiLogs',
      'JobsReceiptsLogs',
      'JobsSaltsLogs',
      'JobsCanaryLogs',
      'AlertsLogs',
      'AlertsMailFeedbackLogs',
      'LakeJobsSettleLogs',
      'LakeJobsRetentionLogs',
      'LakeJobsEraseLogs',
      'LakeJobsExportLogs',
      'LakeJobsImportLogs',
      'PullsPullLogs',
      'DashboardUploadLogs',
    ],
  },
  'AWS::Lambda::Function': {
    key: 'KmsKeyArn',
    encrypted: ['EntranceRedirectFunction'],
    others: ['every other function: no secret is in its environment'],
  },
};

function valueAt(properties: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => Object(value)[name], properties);
}

describe('with kmsKeyArn', () => {
  it.each(Object.entries(stores))('%s is encrypted with it', (type, { key, encrypted, others = [] }) => {
    const all = resourcesOf(template, type);
    const withKey = all.filter(([, { Properties }]) => valueAt(Properties, key) === kmsKeyArn);
    expect(withKey.map(([id]) => idOf(id)).sort()).toEqual(encrypted.sort());
    if (type !== 'AWS::Lambda::Function') expect(all).toHaveLength(encrypted.length + others.length);
  });

  it('uses bucket keys, and no second encryption of a queue', () => {
    for (const [, { Properties }] of resourcesOf(template, 'AWS::SQS::Queue'))
      expect(Properties).not.toHaveProperty('SqsManagedSseEnabled');
    const buckets = resourcesOf(template, 'AWS::S3::Bucket').map(([, { Properties }]) => JSON.stringify(Properties));
    expect(buckets.filter((text) => text.includes(kmsKeyArn) && text.includes('"BucketKeyEnabled":true'))).toHaveLength(
      2,
    );
  });

  it('every role has exactly these actions on the key, through exactly these services', () => {
    expect(keyGrants()).toEqual({
      // Counts the clicks of links with a limit.
      EntranceRedirectRole: { dynamodb: writeItems, sqs: readAndWrite, lambda: 'Decrypt' },
      EntranceCollectRole: { dynamodb: writeItems, sqs: readAndWrite, secretsmanager: 'Decrypt' },
      IngestEnrichRole: { sqs: 'Decrypt', dynamodb: writeItems, s3: readAndWrite },
      RollupsRollupRole: { sqs: 'Decrypt', dynamodb: writeItems, s3: 'Decrypt' },
      ApiRole: { dynamodb: writeItems, s3: readAndWrite, secretsmanager: 'Decrypt' },
      JobsReceiptsRole: job,
      JobsSaltsRole: job,
      JobsCanaryRole: job,
      LakeJobsSettleRole: { ...job, s3: readAndWrite },
      LakeJobsRetentionRole: { ...job, s3: readAndWrite },
      LakeJobsEraseRole: { ...job, s3: readAndWrite },
      LakeJobsExportRole: { ...job, s3: readAndWrite },
      LakeJobsImportRole: { ...job, s3: readAndWrite },
      AlertsRole: { ...job, s3: readAndWrite, secretsmanager: 'Decrypt' },
      AlertsMailFeedbackRole: { ...job, secretsmanager: 'Decrypt' },
      SettleAnalyst: { s3: readAndWrite },
      // The queue of runs that could not be started.
      JobsSchedulesRole: { sqs: readAndWrite },
      LakeJobsSchedulesRole: { sqs: readAndWrite },
      AlertsSchedulesRole: { sqs: readAndWrite },
      PullsSchedulesRole: { sqs: readAndWrite },
      PullsPullRole: { ...job, s3: readAndWrite, secretsmanager: 'Decrypt' },
    });
  });
});

it('without it, the template does not mention KMS', () => {
  expect(JSON.stringify(synthesize(otherSettings).template)).not.toMatch(/kms/i);
});

const writeItems = 'Decrypt DescribeKey Encrypt GenerateDataKey ReEncryptFrom ReEncryptTo';
const readAndWrite = 'Decrypt GenerateDataKey';
/** Keeps state in a table, and a message of each failed invocation. */
const job = { dynamodb: writeItems, sqs: readAndWrite };

const texts = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const policySchema = z.object({
  PolicyDocument: z.object({
    Statement: z.array(z.looseObject({ Action: texts, Resource: z.unknown(), Condition: z.unknown().optional() })),
  }),
  Roles: z.array(z.unknown()),
});
const conditionSchema = z.strictObject({ StringEquals: z.strictObject({ 'kms:ViaService': z.unknown() }) });

/** Returns the actions on the key by role and service. */
function keyGrants(): Record<string, Record<string, string>> {
  const grants: Record<string, Record<string, string>> = {};
  const policies = [...resourcesOf(template, 'AWS::IAM::Policy'), ...resourcesOf(template, 'AWS::IAM::ManagedPolicy')];
  for (const [, { Properties }] of policies) {
    const { PolicyDocument, Roles } = policySchema.parse(Properties);
    for (const { Action, Resource, Condition } of PolicyDocument.Statement) {
      if (!Action.some((action) => action.startsWith('kms:'))) continue;
      expect(Resource).toBe(kmsKeyArn);
      const via = plain(conditionSchema.parse(Condition).StringEquals['kms:ViaService']);
      const [, service = ''] = /^(\w+)\.AWS::Region\.AWS::URLSuffix$/.exec(via) ?? [];
      const role = idOf(plain(Roles[0]));
      grants[role] = { ...grants[role], [service]: Action.map((action) => action.replace('kms:', '')).join(' ') };
    }
  }
  return grants;
}
