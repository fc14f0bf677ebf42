import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import { createAthena, type LocalAthena } from '#local/athena/athena.ts';
import { startBackends } from '#local/backends/backends.ts';
import { findDynoxide } from '#local/backends/dynoxide.ts';
import { createServiceFaults } from '#local/fault-injection/service-faults.ts';
import { createAccess, type FindDenial } from '#local/iam/access.ts';
import { createPolicy } from '#local/iam/policy.ts';
import { templateSchema } from '#local/template/assembly.ts';
import { interpret } from '#local/template/interpret.ts';
import type { RoleModel, StackModel } from '#local/template/model.ts';
import { startQueuesAndBuckets } from '../emulator.ts';
import { synthesize } from './synthesize.ts';

/** The template as the local stack reads it. */
const template = JSON.stringify(synthesize({ local: true }).template);
const addresses = { queues: 'http://localhost:1', edge: 'http://localhost:2', issuer: 'http://localhost:3' };

function readModel(text: string): StackModel {
  const assets = new Map([...text.matchAll(/\b([\da-f]{64})\.zip/g)].map(([, hash = '']) => [hash, '/asset']));
  const assembly = { stackName: 'Hopcount', template: templateSchema.parse(JSON.parse(text)), assets };
  return interpret(assembly, { addresses, secretValue: () => '{}' });
}

function readRole(text: string, name: RegExp): RoleModel {
  const role = readModel(text).roles.find(({ functionName }) => name.test(functionName));
  if (role === undefined) throw new Error(`no role of ${name}`);
  return role;
}

it('a permission that is taken from the template is denied in the local stack', () => {
  const role = readRole(template, /Redirect/);
  const send = role.statements.find(({ actions }) => actions.includes('sqs:SendMessage'));
  const call = { action: 'sqs:SendMessage', resource: send?.resources[0] ?? '' };
  expect(createPolicy(role.statements)(call)).toBe('allowed');
  const without = template.replaceAll('"sqs:SendMessage"', '"sqs:GetQueueUrl"');
  expect(createPolicy(readRole(without, /Redirect/).statements)(call)).toBe('implicit');
});

it('a role has the statements that CDK moves to a managed policy, because its own is too long', () => {
  const kmsKeyArn = 'arn:aws:kms:us-east-1:123456789012:key/0f5b3f5e-1111-2222-3333-444455556666';
  const text = JSON.stringify(synthesize({ local: true, kmsKeyArn }).template);
  expect(text).toContain('"Type":"AWS::IAM::ManagedPolicy"');
  const decide = createPolicy(readRole(text, /^Hopcount-Api/).statements);
  for (const service of ['dynamodb', 's3', 'secretsmanager']) {
    const context = { 'kms:viaservice': [`${service}.us-east-1.amazonaws.com`] };
    expect(decide({ action: 'kms:Decrypt', resource: kmsKeyArn, context })).toBe('allowed');
  }
});

describe('a query of the local Athena runs with the permissions of its caller', () => {
  const model = readModel(template);
  const [lake, table] = [lakeOf(model), 'hourly_traffic'];
  const folder = `s3://${lake}/settled/${table}/dt=2026-11-22/`;
  const query = `SELECT count(*) FROM ${table} WHERE dt = '2026-11-22'`;
  const dataDirectory = mkdtempSync(path.join(tmpdir(), 'hopcount-access-'));
  let buckets: Awaited<ReturnType<typeof startQueuesAndBuckets>>;
  let athena: LocalAthena;

  beforeAll(async () => {
    buckets = await startQueuesAndBuckets();
    const s3 = clientOf('test', buckets.endpoint);
    await s3.send(new CreateBucketCommand({ Bucket: lake }));
    athena = await createAthena({
      s3,
      dataDirectory,
      database: 'hopcount',
      tables: model.glueTables.map(({ input }) => input),
      workGroups: Object.fromEntries(model.workGroups.map(({ name, configuration }) => [name, configuration])),
      now: Date.now,
    });
    await athena.AWSGlue('CreatePartition', {
      DatabaseName: 'hopcount',
      TableName: table,
      PartitionInput: { Values: ['2026-11-22'], StorageDescriptor: { Location: folder } },
    });
    const unload = await run(
      `UNLOAD (SELECT '/a' AS page_path) TO '${folder}' WITH (format = 'PARQUET')`,
      () => undefined,
    );
    expect(unload).toMatchObject({ state: 'SUCCEEDED' });
  });
  afterAll(async () => {
    athena.close();
    await buckets.stop();
    rmSync(dataDirectory, { recursive: true });
  });

  /** Runs a statement as a function with the roles of this template. */
  async function run(sql: string, findDenial: FindDenial) {
    const { QueryExecutionId } = started.parse(
      await athena.AmazonAthena('StartQueryExecution', { QueryString: sql, WorkGroup: 'Hopcount-jobs' }, findDenial),
    );
    return vi.waitFor(async () => {
      const { Status } = described.parse(
        await athena.AmazonAthena('GetQueryExecution', { QueryExecutionId }),
      ).QueryExecution;
      expect(['QUEUED', 'RUNNING']).not.toContain(Status.State);
      return { id: QueryExecutionId, state: Status.State, reason: Status.StateChangeReason ?? '' };
    });
  }

  it('and succeeds with those that the template grants', async () => {
    const ended = await run(query, denialsOf(template, /^Hopcount-Alerts/));
    expect(ended).toMatchObject({ state: 'SUCCEEDED' });
  });

  it.each([
    ['glue:GetDatabase', 'Insufficient permissions to execute the query. User: '],
    ['glue:GetTable', 'Insufficient permissions to execute the query. User: '],
    ['glue:GetPartitions', 'Insufficient permissions to execute the query. User: '],
    ['s3:GetBucketLocation', `PERMISSION_DENIED: Permission denied on S3 path: s3://${lake}/athena/jobs/`],
    ['s3:ListBucket', `PERMISSION_DENIED: Permission denied on S3 path: s3://${lake}/athena/jobs/`],
    ['s3:GetObject', `PERMISSION_DENIED: Permission denied on S3 path: ${folder}`],
    ['s3:PutObject', `Access denied when writing output to url: s3://${lake}/athena/jobs/`],
  ])('and fails without %s', async (permission, reason) => {
    const ended = await run(query, denialsOf(template.replaceAll(`"${permission}"`, '"sts:None"'), /^Hopcount-Alerts/));
    expect(ended.state).toBe('FAILED');
    expect(ended.reason).toContain(reason);
    expect(ended.reason).toContain(`is not authorized to perform: ${permission} on resource: arn:aws:`);
  });

  it('and of another table fails, also behind a view', async () => {
    for (const each of ['link_performance', 'events']) {
      const ended = await run(`SELECT 1 FROM ${each} WHERE dt = 'x'`, denialsOf(template, /^Hopcount-Alerts/));
      expect(ended.reason).toContain(`table/hopcount/${each}`);
    }
  });

  it('and its results need s3:GetObject', async () => {
    const { id } = await run(query, () => undefined);
    const findDenial = denialsOf(template.replaceAll('"s3:GetObject"', '"sts:None"'), /^Hopcount-Alerts/);
    await expect(athena.AmazonAthena('GetQueryResults', { QueryExecutionId: id }, findDenial)).rejects.toThrow(
      'is not authorized to perform: s3:GetObject',
    );
  });
});

describe('a put that the role allows', () => {
  const withoutTls = '"s3:*","Condition":{"Bool":{"aws:SecureTransport":"false"}},"Effect":"Deny"';

  it.each([
    ['succeeds, because the loopback interface counts as secure', withoutTls, 'stored'],
    ['fails if the policy of the bucket denies it', '"s3:PutObject","Effect":"Deny"', 'AccessDenied'],
  ])('%s', async (_name, statement, expected) => {
    const model = readModel(template.replaceAll(withoutTls, statement));
    const bucket = lakeOf(model);
    const denials: string[] = [];
    const dataDirectory = mkdtempSync(path.join(tmpdir(), 'hopcount-gate-'));
    const backends = await startBackends({
      dataDirectory,
      region: 'us-east-1',
      dynoxide: findDynoxide(),
      serviceFaults: createServiceFaults(),
      denied: (message) => void denials.push(message),
    });
    onTestFinished(async () => {
      await backends.stop();
      rmSync(dataDirectory, { recursive: true });
    });
    const buckets = [{ name: bucket, notifications: [], crossOrigin: [] }];
    await backends.declare({ ...model, services: {}, queues: [], buckets });
    const enrich = clientOf(functionOf(model, /^Hopcount-IngestEnrich/), backends.gateUrl);
    const put = enrich.send(new PutObjectCommand({ Bucket: bucket, Key: 'raw/a', Body: 'x' }));
    expect(await put.then(() => 'stored', nameOf)).toBe(expected);
    await vi.waitUntil(() => denials.length === (expected === 'stored' ? 0 : 1));
    expect(denials.join()).toMatch(expected === 'stored' ? /^$/ : /with an explicit deny in a resource-based policy$/);
  });
});

const started = z.object({ QueryExecutionId: z.string() });
const described = z.object({
  QueryExecution: z.object({ Status: z.object({ State: z.string(), StateChangeReason: z.string().optional() }) }),
});

function clientOf(caller: string, endpoint: string): S3Client {
  const credentials = { accessKeyId: caller, secretAccessKey: 'local' };
  return new S3Client({ region: 'us-east-1', endpoint, credentials, forcePathStyle: true });
}

function lakeOf({ buckets }: StackModel): string {
  return buckets.find(({ name }) => name.includes('lakebucket'))?.name ?? '';
}

function functionOf({ functions }: StackModel, name: RegExp): string {
  return functions.find((each) => name.test(each.name))?.name ?? '';
}

/** Returns the denials of a function with its role in this template. */
function denialsOf(text: string, name: RegExp): FindDenial {
  const model = readModel(text);
  const access = createAccess({ ...model, denied: () => undefined });
  const incoming = Object.assign(Object.create(null), {
    headers: { authorization: `AWS4-HMAC-SHA256 Credential=${functionOf(model, name)}/20261122` },
  });
  return (calls) => access.findDenial(incoming, calls);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : String(error);
}
