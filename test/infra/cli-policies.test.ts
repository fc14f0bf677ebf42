import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readBucket, readPartitions, uploadParts } from '#lib/lake/lake-queries.ts';
import { createPolicy } from '#local/iam/policy.ts';
import { type Operation, operationsFrom } from './sdk-operations.ts';

const root = path.join(import.meta.dirname, '../..');

/** Who runs each command. `none` calls no AWS service, or only those of the local stack. */
const commands = {
  none: ['cost', 'explain', 'replay', 'token'],
  deployer: ['deploy', 'preflight'],
  reader: ['backtest', 'doctor', 'query', 'sql'],
  operator: [
    'detect',
    'erase',
    'export',
    'history',
    'links',
    'rebuild',
    'recover',
    'redrive',
    'restore',
    'settle',
    'verify',
  ],
} as const;

const texts = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const policySchema = z.strictObject({
  Version: z.literal('2012-10-17'),
  Statement: z.array(
    z.strictObject({
      Sid: z.string().regex(/^[A-Za-z0-9]+$/),
      Effect: z.literal('Allow'),
      Action: texts,
      Resource: texts,
      Condition: z.strictObject({ 'ForAllValues:StringLike': z.record(z.string(), z.array(z.string())) }).optional(),
    }),
  ),
});

function readPolicy(name: string) {
  return policySchema.parse(JSON.parse(readFileSync(path.join(root, `lib/${name}-policy.json`), 'utf8')));
}

function actionsIn(name: string): Set<string> {
  const { Statement } = readPolicy(name);
  return new Set(Statement.filter(({ Action }) => !Action.includes('sts:AssumeRole')).flatMap(({ Action }) => Action));
}

function operationsOf(...kinds: (keyof typeof commands)[]): Operation[] {
  return kinds.flatMap((kind) => commands[kind].flatMap((name) => operationsFrom(root, `cli/commands/${name}.ts`)));
}

/** IAM's prefix of a service, where it is not the name of the SDK client. */
const prefixes: Readonly<Record<string, string>> = {
  'cloudwatch-logs': 'logs',
  'cost-explorer': 'ce',
  sesv2: 'ses',
  'route-53': 'route53',
};

/** What IAM calls an operation, where it has another name (Service Authorization Reference). */
const actionsOf: Readonly<Record<string, readonly string[]>> = {
  'dynamodb:TransactWriteItems': ['PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem'].map(
    (name) => `dynamodb:${name}`,
  ),
  'lambda:Invoke': ['lambda:InvokeFunction'],
  's3:DeleteObjects': ['s3:DeleteObject'],
  's3:CompleteMultipartUpload': ['s3:PutObject'],
  's3:CreateMultipartUpload': ['s3:PutObject'],
  's3:HeadBucket': ['s3:ListBucket'],
  's3:UploadPart': ['s3:PutObject'],
  's3:ListBuckets': ['s3:ListAllMyBuckets'],
  's3:ListObjectsV2': ['s3:ListBucket'],
  'sqs:DeleteMessageBatch': ['sqs:DeleteMessage'],
  'sqs:SendMessageBatch': ['sqs:SendMessage'],
  // Needs no permission.
  'sts:GetCallerIdentity': [],
};

function toActions(operations: readonly Operation[]): Set<string> {
  return new Set(
    operations.flatMap(({ client, name }) => {
      const action = `${prefixes[client] ?? client}:${name}`;
      return actionsOf[action] ?? [action];
    }),
  );
}

/** What Athena does with the permissions of who runs a query. */
const ofQueries = [...readPartitions, ...readBucket, ...uploadParts, 's3:GetObject', 's3:PutObject'];

/** A query is one, although it starts something. A file of `stores/` may hold writes that a reading command never sends. */
function isRead({ name }: Operation): boolean {
  return /^(BatchGet|Describe|Filter|Get|Head|List|Query|StartQuery|StopQuery)/.test(name);
}

describe('the policies of people who use the command line', () => {
  it('cover every command', () => {
    const files = globSync('cli/commands/*.ts', { cwd: root, exclude: ['**/*.test.ts'] });
    const names = files.map((file) => path.basename(file, '.ts'));
    expect(Object.values(commands).flat().toSorted()).toEqual(names.toSorted());
  });

  it('let a deployer make the calls of the preflight, and no other', () => {
    expect(actionsIn('deployer')).toEqual(toActions(operationsOf('deployer')));
  });

  it('let a reader make the calls of the commands that read, and no other', () => {
    const sent = toActions(operationsOf('reader').filter(isRead));
    expect(actionsIn('reader')).toEqual(new Set([...sent, ...ofQueries]));
  });

  it('let an operator make every call', () => {
    const sent = toActions(operationsOf('reader', 'operator'));
    expect(actionsIn('operator')).toEqual(new Set([...sent, ...ofQueries]));
  });

  it('let an operator do what a reader may', () => {
    const { Statement } = readPolicy('operator');
    for (const statement of readPolicy('reader').Statement) expect(Statement).toContainEqual(statement);
  });

  it.each(['deployer', 'reader', 'operator'])('name single actions for a %s, and fit into a managed policy', (name) => {
    for (const action of actionsIn(name)) expect(action).toMatch(/^[a-z-]+\d*:[A-Z][A-Za-z\d]+$/);
    expect(JSON.stringify(readPolicy(name)).length).toBeLessThanOrEqual(6144);
  });
});

function decide(name: string, action: string, resource: string, key?: string) {
  const statements = readPolicy(name).Statement.map(({ Effect, Action, Resource, Condition = {} }) => ({
    effect: Effect,
    actions: Action,
    resources: Resource,
    conditions: Object.entries(Condition['ForAllValues:StringLike'] ?? {}).map(([condition, values]) => ({
      operator: 'ForAllValues:StringLike' as const,
      key: condition,
      values,
    })),
  }));
  const context: Record<string, string[]> = key === undefined ? {} : { 'dynamodb:leadingkeys': [key] };
  return createPolicy(statements)({ action, resource, context });
}

const arn = 'arn:aws:%s:eu-central-1:123456789012:';
function inAccount(service: string, resource: string): string {
  return arn.replace('%s', service) + resource;
}
const catalog = inAccount('dynamodb', 'table/Hopcount-TablesCatalogA41E506D-1ABC');
const cache = inAccount('dynamodb', 'table/Hopcount-TablesCache5292FFBE-1ABC');
const lake = 'arn:aws:s3:::hopcount-lakebucketb1d32e10-1abc';

it.each([
  ['dynamodb:GetItem', catalog, undefined, 'allowed', 'allowed'],
  ['dynamodb:Query', `${catalog}/index/listing`, undefined, 'allowed', 'allowed'],
  ['dynamodb:PutItem', catalog, undefined, 'implicit', 'allowed'],
  ['dynamodb:GetItem', inAccount('dynamodb', 'table/Orders'), undefined, 'implicit', 'implicit'],
  ['dynamodb:BatchGetItem', cache, 'recovered#01J', 'allowed', 'allowed'],
  ['dynamodb:BatchGetItem', cache, 'salt', 'implicit', 'implicit'],
  ['dynamodb:Query', cache, 'salt', 'implicit', 'implicit'],
  ['dynamodb:Scan', cache, undefined, 'implicit', 'implicit'],
  ['dynamodb:Scan', inAccount('dynamodb', 'table/Hopcount-copy-catalog'), undefined, 'implicit', 'allowed'],
  ['s3:ListBucket', lake, undefined, 'allowed', 'allowed'],
  ['s3:GetObject', `${lake}/settled/events/a.parquet`, undefined, 'allowed', 'allowed'],
  ['s3:GetObject', `${lake}/failed/dt=2026-11-01/a.ndjson.gz`, undefined, 'implicit', 'allowed'],
  ['s3:DeleteObject', `${lake}/settled/events/a.parquet`, undefined, 'implicit', 'implicit'],
  [
    'athena:StartQueryExecution',
    inAccount('athena', 'workgroup/Hopcount-interactive'),
    undefined,
    'allowed',
    'allowed',
  ],
  ['athena:StartQueryExecution', inAccount('athena', 'workgroup/Hopcount-jobs'), undefined, 'implicit', 'implicit'],
  ['lambda:InvokeFunction', inAccount('lambda', 'function:Hopcount-LakeJobsErase-1'), undefined, 'implicit', 'allowed'],
  ['lambda:InvokeFunction', inAccount('lambda', 'function:Other'), undefined, 'implicit', 'implicit'],
  ['sqs:GetQueueAttributes', inAccount('sqs', 'Hopcount-ClicksQueueEC57A6EC-1'), undefined, 'allowed', 'allowed'],
  ['sqs:ReceiveMessage', inAccount('sqs', 'Hopcount-ClicksQueueEC57A6EC-1'), undefined, 'implicit', 'allowed'],
  [
    'logs:FilterLogEvents',
    inAccount('logs', 'log-group:Hopcount-EntranceRedirectLogs35DBB880-1:*'),
    undefined,
    'allowed',
    'allowed',
  ],
])('%s on %s with the key %s: for a reader %s, for an operator %s', (action, resource, key, reader, operator) => {
  expect(decide('reader', action, resource, key)).toBe(reader);
  expect(decide('operator', action, resource, key)).toBe(operator);
});
