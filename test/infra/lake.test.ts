import { Template as CdkTemplate } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { glueColumns } from '#schemas/event.ts';
import { expiryAttribute } from '#schemas/tables.ts';
import { plain, resourceNamed, resourcesOf, synthesize } from './synthesize.ts';

const { template } = synthesize({ lakeFrom: '2025-07-01' });
const bucket = resourceNamed(template, 'LakeBucket').Properties;

describe('the lake', () => {
  it('is private, encrypted, requires TLS, and keeps no versions of erased objects', () => {
    expect(bucket).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
    });
    expect(bucket).not.toHaveProperty('VersioningConfiguration');
    expect(JSON.stringify(resourceNamed(template, 'LakeBucketPolicy').Properties)).toContain(
      '"aws:SecureTransport":"false"',
    );
  });

  it('expires failed events, query results and exports, but no counted events', () => {
    const { Rules } = z
      .object({ Rules: z.array(z.record(z.string(), z.unknown())) })
      .parse(bucket['LifecycleConfiguration']);
    expect(Rules.filter(({ ExpirationInDays }) => ExpirationInDays)).toEqual([
      { Id: 'failed', Prefix: 'failed/', ExpirationInDays: 14, Status: 'Enabled' },
      { Id: 'results', Prefix: 'athena/', ExpirationInDays: 7, Status: 'Enabled' },
      { Id: 'exports', Prefix: 'exports/', ExpirationInDays: 7, Status: 'Enabled' },
      { Id: 'imports', Prefix: 'imports/', ExpirationInDays: 7, Status: 'Enabled' },
    ]);
    expect(Rules.filter(({ Transitions }) => Transitions)).toEqual([
      {
        Id: 'cold',
        Prefix: 'settled/events/',
        Transitions: [{ StorageClass: 'GLACIER_IR', TransitionInDays: 90 }],
        Status: 'Enabled',
      },
    ]);
  });

  it('has raw_events with the columns of the contract and computed partitions', () => {
    const { TableInput } = z
      .object({
        TableInput: z.object({
          Name: z.string(),
          Parameters: z.record(z.string(), z.unknown()),
          PartitionKeys: z.array(z.object({ Name: z.string(), Type: z.string() })),
          StorageDescriptor: z.object({
            Columns: z.array(z.object({ Name: z.string(), Type: z.string() })),
            Location: z.unknown(),
          }),
        }),
      })
      .parse(resourceNamed(template, 'LakeRawEvents').Properties);
    expect(TableInput.StorageDescriptor.Columns).toEqual(
      glueColumns().map(({ name, type }) => ({ Name: name, Type: type })),
    );
    expect(TableInput.PartitionKeys).toEqual([
      { Name: 'dt', Type: 'string' },
      { Name: 'hr', Type: 'string' },
    ]);
    expect(TableInput.Parameters).toMatchObject({
      'projection.dt.type': 'date',
      'projection.dt.range': '2025-07-01,NOW+1DAYS',
      'projection.hr.type': 'integer',
      'projection.hr.range': '0,24',
      'projection.hr.digits': '2',
    });
    expect(plain(TableInput.Parameters['storage.location.template'])).toBe(
      `${plain(TableInput.StorageDescriptor.Location)}dt=\${dt}/hr=\${hr}/`,
    );
  });

  it('has two work groups, of which the interactive one has a scan limit', () => {
    function configurationOf(name: string) {
      return resourceNamed(template, name).Properties['WorkGroupConfiguration'];
    }
    for (const name of ['LakeInteractive', 'LakeJobs'])
      expect(configurationOf(name)).toMatchObject({
        EnforceWorkGroupConfiguration: true,
        EngineVersion: { SelectedEngineVersion: 'Athena engine version 3' },
        ResultConfiguration: { EncryptionConfiguration: { EncryptionOption: 'SSE_S3' } },
      });
    expect(configurationOf('LakeInteractive')).toMatchObject({ BytesScannedCutoffPerQuery: 10_000_000_000 });
    expect(configurationOf('LakeJobs')).not.toHaveProperty('BytesScannedCutoffPerQuery');
  });
});

describe('the tables', () => {
  function table(name: string) {
    return resourceNamed(template, name).Properties;
  }

  it('are billed per request and have two keys', () => {
    for (const [id, { Properties }] of resourcesOf(template, 'AWS::DynamoDB::Table'))
      expect(Properties, id).toMatchObject({
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      });
  });

  it('expire items, and only the catalog has backups: a backup would keep deleted salts', () => {
    for (const name of ['TablesCatalog', 'TablesRollups', 'TablesCache'])
      expect(table(name)['TimeToLiveSpecification']).toEqual({ AttributeName: expiryAttribute, Enabled: true });
    expect(table('TablesCatalog')).toMatchObject({
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
    for (const name of ['TablesRollups', 'TablesCache'])
      expect(table(name)).not.toHaveProperty('PointInTimeRecoverySpecification');
  });
});

describe('the template', () => {
  it('has no circular dependencies', () => {
    expect(() => CdkTemplate.fromJSON(structuredClone(template))).not.toThrow();
  });
});
