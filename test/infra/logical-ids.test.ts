import { describe, expect, it } from 'vitest';
import { synthesize } from './synthesize.ts';

const { template } = synthesize();

/** Types whose replacement loses data. */
const statefulTypes = [
  'AWS::DynamoDB::Table',
  'AWS::SQS::Queue',
  'AWS::S3::Bucket',
  'AWS::Glue::Database',
  'AWS::Glue::Table',
  'AWS::Cognito::UserPool',
];

// CloudFormation identifies a resource by its logical id. A new id creates a new, empty resource, so these never change.
const stateful = {
  TablesCatalogA41E506D: 'AWS::DynamoDB::Table',
  TablesRollupsBE40FD10: 'AWS::DynamoDB::Table',
  TablesCache5292FFBE: 'AWS::DynamoDB::Table',
  ClicksQueueEC57A6EC: 'AWS::SQS::Queue',
  ClicksDeadLetters25D1BAC3: 'AWS::SQS::Queue',
  FilesQueueA4BC72F9: 'AWS::SQS::Queue',
  FilesDeadLetters309A4A8B: 'AWS::SQS::Queue',
  LakeBucketB1D32E10: 'AWS::S3::Bucket',
  LakeDatabase161E1CC7: 'AWS::Glue::Database',
  LakeRawEvents1AEB8D02: 'AWS::Glue::Table',
  SettleTableeventsF4007919: 'AWS::Glue::Table',
  SettleTablerunsEC9A7181: 'AWS::Glue::Table',
  SettleTabletraffic75DC0EFD: 'AWS::Glue::Table',
  SettleTableaudience61951029: 'AWS::Glue::Table',
  SettleTablelinks33F450AA: 'AWS::Glue::Table',
  SettleViewevents5378CB58: 'AWS::Glue::Table',
  DashboardSiteAB106610: 'AWS::S3::Bucket',
  IdentityUserPool96FE3B9B: 'AWS::Cognito::UserPool',
  // `received` is counted from these logs, and they contain unsent events.
  EntranceRedirectLogs35DBB880: 'AWS::Logs::LogGroup',
  EntranceCollectLogs283128B4: 'AWS::Logs::LogGroup',
};

describe('every stateful resource', () => {
  it('keeps its logical id', () => {
    for (const [id, type] of Object.entries(stateful)) expect(template.Resources[id]?.Type, id).toBe(type);
  });

  it('is in this list', () => {
    const found = Object.entries(template.Resources).filter(([, { Type }]) => statefulTypes.includes(Type));
    // What a job could not do is kept for two days, to be read.
    expect(found.map(([id]) => id).filter((id) => !(id in stateful))).toEqual([expect.stringMatching(/^JobFailures/)]);
  });

  // A rollback of the first deployment fails on what cannot be deleted: protected tables and pools, and buckets with objects.
  it('is retained when the stack is deleted or the resource replaced, but blocks no second attempt to create it', () => {
    const undeletable = ['AWS::DynamoDB::Table', 'AWS::Cognito::UserPool', 'AWS::S3::Bucket'];
    for (const [id, type] of Object.entries(stateful))
      expect(template.Resources[id], id).toMatchObject({
        DeletionPolicy: undeletable.includes(type) ? 'Retain' : 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
      });
  });

  it('has no fixed physical name', () => {
    for (const id of Object.keys(stateful)) {
      const { Properties } = template.Resources[id] ?? {};
      for (const name of ['TableName', 'QueueName', 'BucketName', 'UserPoolName', 'LogGroupName'])
        expect(Properties, id).not.toHaveProperty(name);
    }
  });

  it('is protected from deletion where the service offers it', () => {
    const tables = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::DynamoDB::Table');
    for (const { Properties } of tables) expect(Properties['DeletionProtectionEnabled']).toBe(true);
    expect(template.Resources['IdentityUserPool96FE3B9B']?.Properties['DeletionProtection']).toBe('ACTIVE');
  });
});
