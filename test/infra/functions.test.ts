import { readdirSync, existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { plain, resourceNamed, resourcesOf, synthesize } from './synthesize.ts';

const { template } = synthesize();
const root = path.join(import.meta.dirname, '../..');

const functionSchema = z.object({
  Description: z.string().default(''),
  Architectures: z.array(z.string()).default([]),
  Runtime: z.string(),
  Handler: z.string(),
  Timeout: z.number(),
  Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }).optional(),
  LoggingConfig: z.record(z.string(), z.unknown()).default({}),
  ReservedConcurrentExecutions: z.number().optional(),
  Role: z.unknown(),
});

function sourceOf(description: string) {
  return /^functions\/([a-z-]+)\/handler\.ts$/.exec(description)?.[1];
}

/** The stack's functions by folder. CDK's own have no description. */
const functions = new Map(
  resourcesOf(template, 'AWS::Lambda::Function').flatMap(([id, { Properties }]) => {
    const properties = functionSchema.parse(Properties);
    const source = sourceOf(properties.Description);
    return source ? [[source, { id, ...properties }] as const] : [];
  }),
);

const folders = readdirSync(path.join(root, 'functions')).filter((name) =>
  existsSync(path.join(root, 'functions', name, 'env.ts')),
);

async function environmentKeys(name: string): Promise<string[]> {
  const module: unknown = await import(path.join(root, 'functions', name, 'env.ts'));
  return Object.keys(z.object({ environment: z.record(z.string(), z.unknown()) }).parse(module).environment).sort();
}

describe('every log group', () => {
  it("expires within two weeks, also the one of CDK's uploader", () => {
    const groups = resourcesOf(template, 'AWS::Logs::LogGroup');
    for (const [id, { Properties }] of groups) expect([7, 14], id).toContain(Properties['RetentionInDays']);
    const named = resourcesOf(template, 'AWS::Lambda::Function').map(([id, { Properties }]) => {
      const { LoggingConfig } = functionSchema.parse(Properties);
      return [id, groups.some(([group]) => plain(LoggingConfig['LogGroup'] ?? '') === group)];
    });
    expect(named.filter(([, logged]) => !logged)).toEqual([]);
  });
});

describe('every function', () => {
  it('of functions/ is deployed', () => {
    expect([...functions.keys()].sort()).toEqual(folders.sort());
  });

  it.each(folders)('%s gets exactly the variables of its env.ts', async (name) => {
    const variables = functions.get(name)?.Environment?.Variables ?? {};
    expect(Object.keys(variables).sort()).toEqual(await environmentKeys(name));
  });

  it.each([...functions])('%s has the configured runtime and logs', (_name, { id, ...properties }) => {
    expect(properties).toMatchObject({
      Architectures: ['arm64'],
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      LoggingConfig: { LogFormat: 'JSON', SystemLogLevel: 'WARN' },
    });
    const group = template.Resources[plain(properties.LoggingConfig['LogGroup'])];
    expect(z.number().parse(group?.Properties['RetentionInDays'])).toBeLessThanOrEqual(14);
    expect(id).toMatch(/Function[0-9A-F]{8}$/);
  });

  it('has no secret in its environment', () => {
    for (const { Environment } of functions.values())
      for (const [name, value] of Object.entries(Environment?.Variables ?? {})) {
        expect(JSON.stringify(value), name).not.toContain('{{resolve:');
        // A secret is passed as its ARN; other values are short: a name, a number, a URL.
        if (/SECRET|TOKEN|PASSWORD|KEY|SALT/.test(name) && value !== 'none') expect(name).toMatch(/_ARN$/);
        if (typeof value === 'string') expect(value, name).not.toMatch(/[A-Za-z0-9+/=_-]{24,}/);
      }
  });

  it('has reserved concurrency, so that none can starve redirect', () => {
    expect(functions.get('redirect')?.ReservedConcurrentExecutions).toBe(498);
    expect(functions.get('collect')?.ReservedConcurrentExecutions).toBe(249);
    const capped = [...functions].filter(([, { ReservedConcurrentExecutions }]) => ReservedConcurrentExecutions);
    expect(capped.map(([name]) => name).sort()).toEqual(folders.sort());
  });

  it.each([
    {},
    { accountConcurrency: 269 },
    { accountConcurrency: 5000, enrichConcurrency: 200, rollupConcurrency: 10 },
  ])('leaves the account its 100 unreserved executions with %j', (settings) => {
    const { template: other } = synthesize(settings);
    const reserved = resourcesOf(other, 'AWS::Lambda::Function').map(
      ([, { Properties }]) => functionSchema.parse(Properties).ReservedConcurrentExecutions ?? 0,
    );
    const { accountConcurrency = 1000 } = settings;
    const left = accountConcurrency - reserved.reduce((sum, count) => sum + count, 0);
    expect(left).toBeGreaterThanOrEqual(100);
    // Redirect and collect have nine tenths of what they could have.
    expect(left).toBeLessThanOrEqual(102 + accountConcurrency / 10);
  });
});

const statementSchema = z.object({
  Effect: z.literal('Allow'),
  Action: z.union([z.string(), z.array(z.string())]).transform((action) => [action].flat()),
  Resource: z.unknown(),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
});
type Statement = z.infer<typeof statementSchema>;

const policySchema = z.object({
  Roles: z.array(z.object({ Ref: z.string() })),
  PolicyDocument: z.object({ Statement: z.array(statementSchema) }),
});

function statementsOf(roleId: string): Statement[] {
  // A policy that is too long continues in a managed one.
  return ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy']
    .flatMap((type) => resourcesOf(template, type))
    .map(([, { Properties }]) => policySchema.parse(Properties))
    .filter(({ Roles }) => Roles.some(({ Ref }) => Ref === roleId))
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

function withoutHash(text: string) {
  return text.replaceAll(/(?<=[a-z])[0-9A-F]{8}(?=\.|$|\/)/g, '');
}

/** `dynamodb:GetItem TablesCatalog.Arn (link#*)`, one line per action and resource. */
function grantsOf(name: string): string[] {
  const role = functions.get(name)?.Role;
  return statementsOf(plain(role).replace(/\.Arn$/, ''))
    .flatMap(({ Action, Resource, Condition }) => {
      const keys = [Object.values(Condition ?? {}).map((test) => Object.values(test))].flat(4).map(String);
      const resources = Array.isArray(Resource) ? Resource : [Resource];
      const only = keys.length > 0 ? ` (${keys.join(', ')})` : '';
      return Action.flatMap((action) =>
        resources.map((resource) => `${action} ${withoutHash(plain(resource))}${only}`),
      );
    })
    .sort();
}

function logsOf(group: string) {
  return [`logs:CreateLogStream ${group}.Arn`, `logs:PutLogEvents ${group}.Arn`];
}
function consumes(queue: string) {
  return ['ChangeMessageVisibility', 'DeleteMessage', 'GetQueueAttributes', 'GetQueueUrl', 'ReceiveMessage'].map(
    (action) => `sqs:${action} ${queue}.Arn`,
  );
}

const glueResources = [
  'catalog',
  'database/LakeDatabase',
  ...['raw_events', 'events', 'settled_events', 'settled_runs'].map((name) => `table/LakeDatabase/${name}`),
  ...['hourly_traffic', 'audience_distribution', 'link_performance'].map((name) => `table/LakeDatabase/${name}`),
].map((resource) => `arn:AWS::Partition:glue:AWS::Region:AWS::AccountId:${resource}`);
function onGlue(actions: string[]) {
  return actions.flatMap((action) => glueResources.map((resource) => `glue:${action} ${resource}`));
}
function onObjects(actions: string[], prefix: string) {
  return actions.map((action) => `s3:${action} LakeBucket.Arn/${prefix}/*`);
}

const uploadParts = ['AbortMultipartUpload', 'ListMultipartUploadParts'];

/** What Athena asks of Glue before it reads any database. */
const defaultDatabase = ['catalog', 'database/default'].map(
  (resource) => `glue:GetDatabase arn:AWS::Partition:glue:AWS::Region:AWS::AccountId:${resource}`,
);

/** Queries the lake in the jobs' work group, and records the cost. */
const queries = [
  ...['StartQueryExecution', 'GetQueryExecution', 'GetQueryResults', 'StopQueryExecution'].map(
    (action) => `athena:${action} arn:AWS::Partition:athena:AWS::Region:AWS::AccountId:workgroup/LakeJobs`,
  ),
  ...onGlue(['GetDatabase', 'GetTable', 'GetTables', 'GetPartition', 'GetPartitions']),
  ...defaultDatabase,
  ...['ListBucket', 'GetBucketLocation', 'ListBucketMultipartUploads'].map((action) => `s3:${action} LakeBucket.Arn`),
  ...onObjects(['GetObject', 'PutObject', ...uploadParts], 'athena'),
  'dynamodb:UpdateItem TablesCatalog.Arn (query-costs)',
];
/** The same for the one table that detection reads. */
const queriesTraffic = [
  ...queries.filter((grant) => !grant.startsWith('glue:') || !/table\/LakeDatabase\/(?!hourly_traffic)/.test(grant)),
  's3:GetObject LakeBucket.Arn/settled/hourly_traffic/*',
];
function onCatalog(actions: string[], keys: string) {
  return actions.map((action) => `dynamodb:${action} TablesCatalog.Arn (${keys})`);
}
function lists(keys: string) {
  return `dynamodb:Query TablesCatalog.Arn/index/listing (${keys})`;
}
function onRollups(actions: string[]) {
  return actions.map((action) => `dynamodb:${action} TablesRollups.Arn`);
}
/** The same for the one table of settled events. */
const queriesSettled = queries.filter(
  (grant) => !grant.startsWith('glue:') || !/table\/LakeDatabase\/(?!settled_events)/.test(grant),
);
const settles = [
  ...queries,
  ...onGlue(['CreatePartition', 'UpdatePartition', 'DeletePartition']),
  ...onObjects(['GetObject', 'DeleteObject'], 'raw'),
  ...onObjects(['GetObject', 'PutObject', 'DeleteObject', ...uploadParts], 'settled'),
  ...onCatalog(['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query'], 'settle'),
  ...onCatalog(['GetItem', 'PutItem', 'Query'], 'settle-hour#*, settle-run#*'),
  ...onCatalog(['Query'], 'tombstone'),
  ...onCatalog(['Query', 'UpdateItem', 'DeleteItem'], 'reclassification'),
  ...onRollups(['BatchGetItem', 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query']),
  lists('pages, page#*, metrics'),
  'sqs:GetQueueAttributes ClicksQueue.Arn',
  'sqs:GetQueueAttributes FilesQueue.Arn',
];

/** Lists pages, metrics, campaigns and users, queues mails and sends them. Without a sender address, SES is not granted. */
const mails = [
  lists('pages, page#*, users, mails-due, metrics, campaigns#*'),
  ...['GetItem', 'BatchGetItem'].map((action) => `dynamodb:${action} TablesCatalog.Arn (recipient#*)`),
  'secretsmanager:GetSecretValue AlertsMailSecret',
];
/** All permissions of each function. */
const expectedGrants: Readonly<Record<string, string[]>> = {
  redirect: [
    'dynamodb:GetItem TablesCatalog.Arn (link#*, page#*)',
    'dynamodb:UpdateItem TablesCatalog.Arn (link-clicks#*)',
    lists('page#*'),
    'sqs:SendMessage ClicksQueue.Arn',
    ...logsOf('EntranceRedirectLogs'),
  ],
  collect: [
    'dynamodb:GetItem TablesCatalog.Arn (page#*)',
    'dynamodb:UpdateItem TablesCache.Arn (rate#*)',
    'secretsmanager:GetSecretValue EntranceOriginSecret',
    'sqs:SendMessage ClicksQueue.Arn',
    ...logsOf('EntranceCollectLogs'),
  ],
  enrich: [
    'dynamodb:GetItem TablesCatalog.Arn (page#*)',
    'dynamodb:GetItem TablesCache.Arn (salt)',
    'dynamodb:PutItem TablesCache.Arn (salt)',
    'dynamodb:Query TablesCache.Arn (watch)',
    'dynamodb:PutItem TablesCache.Arn (recent#*)',
    's3:PutObject LakeBucket.Arn/raw/*',
    's3:PutObject LakeBucket.Arn/failed/*',
    ...consumes('ClicksQueue'),
    ...logsOf('IngestEnrichLogs'),
  ],
  rollup: [
    'dynamodb:BatchGetItem TablesRollups.Arn',
    'dynamodb:GetItem TablesRollups.Arn',
    'dynamodb:PutItem TablesRollups.Arn',
    'dynamodb:Query TablesRollups.Arn',
    'dynamodb:UpdateItem TablesRollups.Arn',
    's3:GetObject LakeBucket.Arn/raw/*',
    ...consumes('FilesQueue'),
    ...logsOf('RollupsRollupLogs'),
  ],
  receipts: [
    'dynamodb:GetItem TablesCatalog.Arn (page#*)',
    'dynamodb:GetItem TablesRollups.Arn',
    'dynamodb:PutItem TablesRollups.Arn',
    'dynamodb:Query TablesRollups.Arn',
    'dynamodb:UpdateItem TablesRollups.Arn',
    'logs:FilterLogEvents EntranceRedirectLogs.Arn',
    'logs:FilterLogEvents EntranceCollectLogs.Arn',
    ...logsOf('JobsReceiptsLogs'),
  ],
  salts: [
    ...['DeleteItem', 'GetItem', 'PutItem', 'Query'].map((action) => `dynamodb:${action} TablesCache.Arn (salt)`),
    ...logsOf('JobsSaltsLogs'),
  ],
  canary: [
    'dynamodb:GetItem TablesCatalog.Arn (link#_canary, page#/_canary)',
    'dynamodb:PutItem TablesCatalog.Arn (link#_canary, page#/_canary)',
    ...logsOf('JobsCanaryLogs'),
  ],
  alerts: [
    ...mails,
    ...queriesTraffic,
    ...['BatchGetItem', 'GetItem', 'Query'].map((action) => `dynamodb:${action} TablesRollups.Arn`),
    ...onCatalog(['BatchGetItem', 'GetItem', 'Query'], 'alerts#*'),
    ...onCatalog(['PutItem', 'UpdateItem'], 'alerts#*, mail#*'),
    ...onCatalog(['Query', 'PutItem'], 'saved#*'),
    ...['GetItem', 'PutItem'].map((action) => `dynamodb:${action} TablesCatalog.Arn (forecast#*)`),
    'dynamodb:PutItem TablesCatalog.Arn (run#*)',
    'dynamodb:GetItem TablesCatalog.Arn (link#*, page#*, agency#*)',
    ...logsOf('AlertsLogs'),
  ],
  'mail-feedback': [
    ...['PutItem', 'UpdateItem'].map((action) => `dynamodb:${action} TablesCatalog.Arn (recipient#*)`),
    ...['PutItem', 'UpdateItem', 'Query'].map((action) => `dynamodb:${action} TablesCatalog.Arn (alerts#*)`),
    'dynamodb:GetItem TablesCatalog.Arn (agency#*)',
    'secretsmanager:GetSecretValue AlertsMailSecret',
    'secretsmanager:GetSecretValue EntranceOriginSecret',
    ...logsOf('AlertsMailFeedbackLogs'),
  ],
  settle: [...settles, 'sqs:SendMessage FilesQueue.Arn', ...logsOf('LakeJobsSettleLogs')],
  retention: [
    ...queriesSettled,
    ...['catalog', 'database/LakeDatabase', 'table/LakeDatabase/settled_events'].map(
      (resource) => `glue:DeletePartition arn:AWS::Partition:glue:AWS::Region:AWS::AccountId:${resource}`,
    ),
    ...onObjects(['DeleteObject'], 'raw'),
    ...onObjects(['GetObject', 'DeleteObject'], 'settled'),
    ...onCatalog(['GetItem', 'Query', 'DeleteItem'], 'settle-hour#*'),
    ...onCatalog(['GetItem', 'Query'], 'settle'),
    ...onCatalog(['Query'], 'settle-run#*'),
    ...onCatalog(['Query', 'DeleteItem'], 'tombstone'),
    ...onRollups(['BatchGetItem', 'Query', 'PutItem']),
    ...logsOf('LakeJobsRetentionLogs'),
  ],
  erase: [
    ...settles,
    lists('page#*, reserved#*, mails-due, refusals#*, shares#*, campaigns#*, exports#*, imports#*, pulls#*'),
    ...onCatalog(['PutItem'], 'tombstone'),
    ...onObjects(['GetObject', 'DeleteObject'], 'failed'),
    ...onObjects(['GetObject', 'PutObject', 'DeleteObject'], 'exports'),
    ...logsOf('LakeJobsEraseLogs'),
    's3:PutObject LakeBucket.Arn/erasures/*',
    ...['imports', 'import-reports'].flatMap((prefix) => onObjects(['DeleteObject'], prefix)),
    ...['Query', 'DeleteItem'].map((action) => `dynamodb:${action} TablesCatalog.Arn (alerts#*, forecast#*, saved#*)`),
    ...['DeleteItem', 'UpdateItem'].map((action) => `dynamodb:${action} TablesCatalog.Arn (mail#*)`),
    'dynamodb:DeleteItem TablesCatalog.Arn (recipient#*, share#*, campaign#*, job#*)',
    ...['Query', 'PutItem', 'DeleteItem'].map((action) => `dynamodb:${action} TablesCatalog.Arn (invitation)`),
  ],
  export: [
    ...queriesSettled,
    ...onObjects(['GetObject'], 'settled/events'),
    ...onObjects(['GetObject', 'PutObject', 'DeleteObject', ...uploadParts], 'exports'),
    ...logsOf('LakeJobsExportLogs'),
  ],
  import: [
    ...queriesSettled,
    ...onObjects(['GetObject'], 'settled/events'),
    ...['raw', 'import-reports'].flatMap((prefix) => onObjects(['GetObject', 'PutObject'], prefix)),
    ...onObjects(['GetObject', 'PutObject', 'DeleteObject'], 'imports'),
    ...onCatalog(['GetItem', 'PutItem'], 'job#*'),
    ...onCatalog(['ConditionCheckItem'], 'page#*, link#*, job#*'),
    ...onCatalog(['GetItem'], 'page#*, settle, settle-hour#*'),
    ...onCatalog(['PutItem'], 'settle'),
    ...onCatalog(['Query', 'PutItem'], 'tombstone'),
    lists('page#*'),
    ...['GetItem', 'BatchGetItem', 'Query'].map((action) => `dynamodb:${action} TablesRollups.Arn (page#*, link#*)`),
    ...['PutItem', 'DeleteItem'].map((action) => `dynamodb:${action} TablesRollups.Arn (page#*, link#*, job#*)`),
    ...['GetItem', 'PutItem', 'DeleteItem'].map((action) => `dynamodb:${action} TablesCache.Arn (import-salt#*)`),
    // It continues in an invocation of its own.
    'lambda:InvokeFunction LakeJobsImportFunction.Arn',
    ...logsOf('LakeJobsImportLogs'),
  ],
  pull: [
    ...onCatalog(['GetItem', 'PutItem', 'DeleteItem'], 'job#*'),
    ...onCatalog(['GetItem', 'BatchGetItem', 'PutItem', 'DeleteItem'], 'link#*'),
    ...onCatalog(['GetItem', 'BatchGetItem'], 'page#*'),
    ...onCatalog(['PutItem', 'UpdateItem', 'DeleteItem'], 'link#*, page#*'),
    lists('page#*, reserved#*, pull-tokens'),
    ...onObjects(['GetObject', 'PutObject', 'DeleteObject'], 'imports'),
    ...onObjects(['PutObject'], 'import-reports'),
    's3:ListBucket LakeBucket.Arn',
    'secretsmanager:GetSecretValue AlertsMailSecret',
    ...['LakeJobsImport', 'PullsPull'].map((job) => `lambda:InvokeFunction ${job}Function.Arn`),
    ...logsOf('PullsPullLogs'),
  ],
  api: [
    ...onCatalog(
      ['GetItem'],
      'user#*, page#*, link#*, agency#*, invitation, key#*, share#*, campaign#*, job#*, forecast#*',
    ),
    ...onCatalog(['BatchGetItem'], 'page#*, link#*, recipient#*'),
    ...onCatalog(['Query'], 'agency#*, invitation'),
    ...onCatalog(['PutItem'], 'user#*, page#*, link#*, agency#*, invitation, key#*, share#*, campaign#*, job#*'),
    ...onCatalog(['DeleteItem'], 'user#*, page#*, link#*, agency#*, invitation, key#*, campaign#*, job#*'),
    ...onCatalog(['UpdateItem'], 'page#*'),
    ...onCatalog(['ConditionCheckItem', 'PutItem'], 'page#*, agency#*, tombstone'),
    ...['PutItem', 'Query'].map((action) => `dynamodb:${action} TablesCatalog.Arn (reclassification)`),
    ...onCatalog(['BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'], 'alerts#*'),
    ...onCatalog(['DeleteItem', 'PutItem', 'Query'], 'saved#*'),
    'dynamodb:UpdateItem TablesCatalog.Arn (query-costs)',
    lists(
      'page#*, reserved#*, pages, users, invited, keys#*, shares#*, campaigns#*, exports#*, imports#*, pulls#*, erasures, metrics',
    ),
    ...['BatchGetItem', 'GetItem', 'Query'].map((action) => `dynamodb:${action} TablesRollups.Arn`),
    ...['GetItem', 'PutItem'].map((action) => `dynamodb:${action} TablesCache.Arn (answer#*)`),
    ...['DeleteItem', 'GetItem', 'PutItem'].map((action) => `dynamodb:${action} TablesCache.Arn (idempotency#*)`),
    'dynamodb:UpdateItem TablesCache.Arn (rate#*)',
    ...['PutItem', 'Query'].map((action) => `dynamodb:${action} TablesCache.Arn (watch, recent#*)`),
    'secretsmanager:GetSecretValue EntranceOriginSecret',
    's3:GetObject DashboardSite.Arn/app/index.html',
    ...['StartQueryExecution', 'GetQueryExecution', 'GetQueryResults', 'StopQueryExecution'].map(
      (action) => `athena:${action} arn:AWS::Partition:athena:AWS::Region:AWS::AccountId:workgroup/LakeInteractive`,
    ),
    ...['GetDatabase', 'GetTable', 'GetTables', 'GetPartition', 'GetPartitions'].flatMap((action) =>
      ['catalog', 'database/LakeDatabase', 'table/LakeDatabase/settled_events'].map(
        (resource) => `glue:${action} arn:AWS::Partition:glue:AWS::Region:AWS::AccountId:${resource}`,
      ),
    ),
    ...['PutItem', 'UpdateItem'].map((action) => `dynamodb:${action} TablesCatalog.Arn (recipient#*, mail#*)`),
    'secretsmanager:GetSecretValue AlertsMailSecret',
    ...['LakeJobsErase', 'LakeJobsExport', 'LakeJobsImport', 'PullsPull', 'Alerts'].map(
      (job) => `lambda:InvokeFunction ${job}Function.Arn`,
    ),
    ...defaultDatabase,
    ...['GetBucketLocation', 'ListBucket', 'ListBucketMultipartUploads'].map((action) => `s3:${action} LakeBucket.Arn`),
    ...['athena/interactive', 'erasures', 'exports', 'import-reports', 'imports', 'settled/events'].map(
      (prefix) => `s3:GetObject LakeBucket.Arn/${prefix}/*`,
    ),
    ...['PutObject', ...uploadParts].map((action) => `s3:${action} LakeBucket.Arn/athena/interactive/*`),
    's3:PutObject LakeBucket.Arn/imports/*',
    ...['AdminCreateUser', 'AdminGetUser', 'AdminDeleteUser'].map(
      (action) => `cognito-idp:${action} IdentityUserPool.Arn`,
    ),
    ...logsOf('ApiLogs'),
  ],
};

/**
 * The transactions of `stores/` that write to several partitions, with the functions that make them. The local stack
 * denies one that is missing here.
 */
const transactions: readonly { name: string; of: string; writes: Readonly<Record<string, string[]>> }[] = [
  { name: 'createPage', of: 'api', writes: { PutItem: ['page#*', 'agency#*'], ConditionCheckItem: ['tombstone'] } },
  { name: 'replacePage', of: 'api', writes: { PutItem: ['page#*', 'agency#*'], DeleteItem: ['agency#*'] } },
  { name: 'redeem', of: 'api', writes: { PutItem: ['user#*'], DeleteItem: ['invitation'] } },
  { name: 'ask', of: 'api', writes: { UpdateItem: ['recipient#*'], PutItem: ['mail#*'] } },
  {
    name: 'sendAll',
    of: 'import',
    writes: Object.fromEntries(
      ['PutItem', 'DeleteItem', 'ConditionCheckItem'].map((action) => [action, ['page#*', 'link#*', 'job#*']]),
    ),
  },
  { name: 'commit', of: 'alerts', writes: { UpdateItem: ['alerts#*'], PutItem: ['alerts#*', 'mail#*'] } },
];

/** Functions whose caller does not wait: a queue keeps what failed. */
const asynchronous = 'alerts canary erase export import mail-feedback pull receipts retention salts settle'.split(' ');

describe('policies', () => {
  it('let an analyst read every table and open the console of Athena, as docs/sql.md says', () => {
    const [role = ''] = Object.keys(template.Resources).filter((id) => /^SettleAnalyst[0-9A-F]{8}$/.test(id));
    const grants = statementsOf(role).flatMap(({ Action, Resource }) =>
      Action.flatMap((action) =>
        (Array.isArray(Resource) ? Resource : [Resource]).map((one) => `${action} ${withoutHash(plain(one))}`),
      ),
    );
    expect(grants).toEqual(
      expect.arrayContaining([
        's3:GetObject LakeBucket.Arn/raw/*',
        's3:GetObject LakeBucket.Arn/settled/*',
        'athena:ListWorkGroups *',
        'athena:ListDataCatalogs *',
        'athena:GetWorkGroup arn:AWS::Partition:athena:AWS::Region:AWS::AccountId:workgroup/LakeInteractive',
        'athena:GetDataCatalog arn:AWS::Partition:athena:AWS::Region:AWS::AccountId:datacatalog/AwsDataCatalog',
      ]),
    );
    expect(grants.filter((grant) => /Arn\/(failed|exports|erasures)/.test(grant))).toEqual([]);
  });

  it.each(folders)('%s has exactly these permissions', (name) => {
    const failures = asynchronous.includes(name) ? ['sqs:SendMessage JobFailures.Arn'] : [];
    expect(grantsOf(name)).toEqual([...(expectedGrants[name] ?? []), ...failures].sort());
  });

  // AWS does not say whether `ForAllValues` sees the keys of one item or of the whole transaction.
  it.each(transactions)('$of may write all partitions of $name by one statement', ({ of, writes }) => {
    const partitions = Object.values(writes).flat();
    const statements = statementsOf(plain(functions.get(of)?.Role).replace(/\.Arn$/, ''));
    for (const action of Object.keys(writes)) {
      const covering = statements.filter(({ Action, Condition }) => {
        const keys = [Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'] ?? []].flat();
        return Action.includes(`dynamodb:${action}`) && partitions.every((partition) => keys.includes(partition));
      });
      expect(covering, `${action} of ${partitions.join(', ')}`).not.toEqual([]);
    }
  });

  it('name their resources and actions, without wildcards', () => {
    for (const [id, { Properties }] of resourcesOf(template, 'AWS::IAM::Policy')) {
      // CDK's function that uploads the site: acknowledged in lib/dashboard/static-site.ts.
      if (id.startsWith('CustomCDKBucketDeployment')) continue;
      for (const { Action, Resource } of policySchema.parse(Properties).PolicyDocument.Statement) {
        expect(Action.filter((action) => action.includes('*'))).toEqual([]);
        if (id.startsWith('SettleAnalyst') && Action.every((action) => action.startsWith('athena:List'))) continue;
        expect([Resource].flat()).not.toContain('*');
      }
    }
  });

  it('belong to roles without managed policies', () => {
    for (const [id, { Properties }] of resourcesOf(template, 'AWS::IAM::Role'))
      if (!id.startsWith('CustomCDKBucketDeployment')) expect(Properties['ManagedPolicyArns'], id).toBeUndefined();
  });
});

/** Who may use a queue or topic from outside of the stack's roles, and under which conditions. */
function grantsByResource(type: string): string[] {
  const policy = z.object({ PolicyDocument: z.object({ Statement: z.array(z.looseObject({ Effect: z.string() })) }) });
  return resourcesOf(template, type)
    .flatMap(([, { Properties }]) => policy.parse(Properties).PolicyDocument.Statement)
    .filter(({ Effect }) => Effect === 'Allow')
    .map(({ Action, Principal, Resource, Condition }) => {
      const tests = Object.values(z.record(z.string(), z.record(z.string(), z.unknown())).parse(Condition)).flatMap(
        (test) => Object.entries(test).map(([name, value]) => `${name.toLowerCase()} ${withoutHash(plain(value))}`),
      );
      const { Service } = z.object({ Service: z.string() }).parse(Principal);
      return `${Service} ${String(Action)} ${withoutHash(plain(Resource))}: ${tests.sort().join(', ')}`;
    })
    .sort();
}

describe('resource policies', () => {
  it('let S3 notify one queue, for the bucket of this stack', () => {
    expect(grantsByResource('AWS::SQS::QueuePolicy')).toEqual([
      's3.amazonaws.com sqs:SendMessage FilesQueue.Arn: aws:sourceaccount AWS::AccountId, ' +
        'aws:sourcearn arn:AWS::Partition:s3:::hopcount*lakebucket*',
    ]);
  });

  it('let alarms of this account publish, which the policy for TLS alone would deny', () => {
    expect(grantsByResource('AWS::SNS::TopicPolicy')).toEqual([
      'cloudwatch.amazonaws.com sns:Publish MonitoringAlarms: aws:sourceaccount AWS::AccountId, ' +
        'aws:sourcearn arn:AWS::Partition:cloudwatch:AWS::Region:AWS::AccountId:alarm:*',
      'cloudwatch.amazonaws.com sns:Publish MonitoringLowAlarms: aws:sourceaccount AWS::AccountId, ' +
        'aws:sourcearn arn:AWS::Partition:cloudwatch:AWS::Region:AWS::AccountId:alarm:*',
    ]);
  });
});

describe('event sources', () => {
  const mappings = resourcesOf(template, 'AWS::Lambda::EventSourceMapping').map(([, { Properties }]) => Properties);
  function mappingOf(name: string) {
    return mappings.find(({ FunctionName }) => plain(FunctionName) === functions.get(name)?.id) ?? {};
  }

  it('send enrich batches of up to 1,000 messages or 15 s', () => {
    expect(mappingOf('enrich')).toMatchObject({
      BatchSize: 1000,
      MaximumBatchingWindowInSeconds: 15,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    expect(withoutHash(plain(mappingOf('enrich')['EventSourceArn']))).toBe('ClicksQueue.Arn');
  });

  it('send rollup up to 75 files of 5 s', () => {
    expect(mappingOf('rollup')).toMatchObject({
      BatchSize: 75,
      MaximumBatchingWindowInSeconds: 5,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    expect(withoutHash(plain(mappingOf('rollup')['EventSourceArn']))).toBe('FilesQueue.Arn');
  });

  it.each([
    ['by reservations alone, so that Lambda may use fewer pollers', {}, {}],
    ['by the event sources, if the setting says so', { limitPollers: true }, { 1000: 20, 75: 2 }],
    ['by the event sources, without reservations', { reserveConcurrency: false }, { 1000: 20, 75: 2 }],
  ])('are limited %s', (_, settings, limits) => {
    const schema = z.object({
      BatchSize: z.number(),
      ScalingConfig: z.object({ MaximumConcurrency: z.number() }).optional(),
    });
    const sources = resourcesOf(synthesize(settings).template, 'AWS::Lambda::EventSourceMapping');
    const found = sources.flatMap(([, { Properties }]) => {
      const { BatchSize, ScalingConfig } = schema.parse(Properties);
      return ScalingConfig ? [[BatchSize, ScalingConfig.MaximumConcurrency] as const] : [];
    });
    expect(sources).toHaveLength(2);
    expect(Object.fromEntries(found)).toEqual(limits);
  });

  it.each([
    ['enrich', 'ClicksQueue'],
    ['rollup', 'FilesQueue'],
  ])('hide a message for 6 times the timeout of %s', (name, queue) => {
    const { VisibilityTimeout } = resourceNamed(template, queue).Properties;
    expect(VisibilityTimeout).toBe(6 * (functions.get(name)?.Timeout ?? 0));
  });

  it('keep what a job could not do, or could not be started for', () => {
    const kept = resourcesOf(template, 'AWS::Lambda::EventInvokeConfig').map(([, { Properties }]) => {
      expect(JSON.stringify(Properties['DestinationConfig'])).toContain(
        '"OnFailure":{"Destination":{"Fn::GetAtt":["JobFailures',
      );
      return [...functions].find(([, { id }]) => id === plain(Properties['FunctionName']))?.[0];
    });
    expect(kept.map(String).sort()).toEqual(asynchronous);
    for (const [, { Properties }] of resourcesOf(template, 'AWS::Scheduler::Schedule'))
      expect(JSON.stringify(Properties['Target'])).toContain('"DeadLetterConfig":{"Arn":{"Fn::GetAtt":["JobFailures');
  });

  it('run the scheduled jobs, and pass them the scheduled time', () => {
    const schedules = resourcesOf(template, 'AWS::Scheduler::Schedule').map(([, { Properties }]) => {
      const target = z.object({ Arn: z.unknown(), Input: z.string() }).parse(Properties['Target']);
      const { time, job } = z
        .strictObject({ time: z.string(), job: z.string().optional() })
        .parse(JSON.parse(target.Input));
      expect(time).toBe('<aws.scheduler.scheduled-time>');
      const source = sourceOf(String(Properties['Description']));
      return [source, job, String(Properties['ScheduleExpression'])].filter((part) => part !== undefined).join(' ');
    });
    expect(schedules.sort()).toEqual([
      'alerts daily cron(33 * * * ? *)',
      'alerts digest cron(50 * * * ? *)',
      'alerts forecast cron(40 * * * ? *)',
      'alerts hourly cron(3 * * * ? *)',
      'canary cron(0/5 * * * ? *)',
      'pull cron(0/5 * * * ? *)',
      'receipts cron(0/15 * * * ? *)',
      'retention cron(40 4 * * ? *)',
      'salts cron(0 * * * ? *)',
      'settle cron(20 * * * ? *)',
    ]);
  });

  it('notify rollup of raw files only', () => {
    const { NotificationConfiguration } = resourceNamed(template, 'LakeBucket').Properties;
    expect(NotificationConfiguration).toMatchObject({
      QueueConfigurations: [
        {
          Event: 's3:ObjectCreated:*',
          Filter: {
            S3Key: {
              Rules: [
                { Name: 'prefix', Value: 'raw/' },
                { Name: 'suffix', Value: '.parquet' },
              ],
            },
          },
        },
      ],
    });
    expect(resourceNamed(template, 'LakeBucket').DependsOn.map(withoutHash)).toEqual(['FilesQueuePolicy']);
  });

  it('require TLS', () => {
    const queues = resourcesOf(template, 'AWS::SQS::Queue').map(([id]) => id);
    const policies = JSON.stringify(resourcesOf(template, 'AWS::SQS::QueuePolicy'));
    expect(queues).toHaveLength(5);
    expect(policies.match(/"aws:SecureTransport":"false"/g)).toHaveLength(queues.length);
  });
});
