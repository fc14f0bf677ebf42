import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
  paginateDescribeStackEvents,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { clientOf } from '../emulator.ts';

const resourceSchema = z.looseObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  UpdatePolicy: z.unknown().optional(),
  DependsOn: z.union([z.string().transform((one) => [one]), z.array(z.string())]).default([]),
});
type Resource = z.infer<typeof resourceSchema>;

const templateSchema = z.looseObject({
  Resources: z.record(z.string(), resourceSchema),
  Outputs: z.record(z.string(), z.unknown()),
});

/** What the engine cannot create, and why. Everything else must be created. */
const limits: readonly { why: string; concerns: (resource: Resource) => boolean }[] = [
  { why: 'unknown type', concerns: ({ Type }) => Type === 'AWS::Cognito::ManagedLoginBranding' },
  { why: 'unknown type', concerns: ({ Type }) => Type === 'AWS::Budgets::Budget' },
  { why: 'unknown type', concerns: ({ Type }) => Type.startsWith('AWS::CodeDeploy::') },
  { why: 'an empty account has no hosted zone', concerns: ({ Type }) => Type === 'AWS::Route53::RecordSet' },
  { why: 'metric math', concerns: ({ Properties }) => 'Metrics' in Properties },
  { why: 'runs the AWS CLI in Lambda', concerns: ({ Type }) => Type === 'Custom::CDKBucketDeployment' },
];

const StackName = 'Hopcount';
const bucket = 'templates';
const capabilities = ['CAPABILITY_IAM' as const];
const createsWithin = 120_000;

export interface CreatedStack {
  /** What differs from the template. */
  findings: readonly string[];
  /** For the line of the report. */
  summary: string;
}

/** Creates the stack of a template in an empty emulator, and compares its resources and outputs with the template's. */
export async function createStack(endpoint: string, text: string): Promise<CreatedStack> {
  const client = new CloudFormationClient(clientOf(endpoint));
  const { template, left } = withoutLimits(text);
  await bootstrap(endpoint);
  await client.send(
    new CreateStackCommand({
      StackName,
      TemplateURL: await upload(endpoint, JSON.stringify(template)),
      Capabilities: capabilities,
    }),
  );
  const status = await waitUntilCreated(client);
  const findings =
    status === 'CREATE_COMPLETE'
      ? [...(await compareResources(client, template)), ...(await compareOutputs(client, template))]
      : [status, ...(await readFailures(client))];
  const leftOut =
    left.size === 0 ? '' : `; not of this engine: ${[...left].map(([what, n]) => `${n} ${what}`).join(', ')}`;
  return { findings, summary: `: ${Object.keys(template.Resources).length} resources created${leftOut}` };
}

/** Removes what the engine cannot create, and counts it by its type and reason. */
function withoutLimits(text: string) {
  const template = templateSchema.parse(JSON.parse(replaceProviderUrl(text)));
  const left = new Map<string, number>();
  for (const [id, resource] of Object.entries(template.Resources)) {
    const limit = limits.find(({ concerns }) => concerns(resource));
    if (!limit) continue;
    delete template.Resources[id];
    const what = `${resource.Type} (${limit.why})`;
    left.set(what, (left.get(what) ?? 0) + 1);
  }
  for (const resource of Object.values(template.Resources)) {
    resource.DependsOn = resource.DependsOn.filter((id) => id in template.Resources);
    // Only of updates, and it names the deployment group that was left out.
    delete resource.UpdatePolicy;
  }
  return { template, left };
}

/** The engine lacks this attribute of a user pool, which CloudFormation documents as this URL. */
function replaceProviderUrl(text: string): string {
  return text.replaceAll(
    /\{\s*"Fn::GetAtt":\s*\[\s*"(\w+)",\s*"ProviderURL"\s*\]\s*\}/g,
    (_, pool: string) => `{"Fn::Sub":"https://cognito-idp.\${AWS::Region}.amazonaws.com/\${${pool}}"}`,
  );
}

/** Sets what `cdk bootstrap` sets, and the template checks: the version of the account's preparation. */
async function bootstrap(endpoint: string): Promise<void> {
  await new SSMClient(clientOf(endpoint)).send(
    new PutParameterCommand({ Name: '/cdk-bootstrap/hnb659fds/version', Value: '30', Type: 'String', Overwrite: true }),
  );
}

async function upload(endpoint: string, text: string): Promise<string> {
  const s3 = new S3Client(clientOf(endpoint));
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'template.json', Body: text }));
  return `${endpoint}/${bucket}/template.json`;
}

async function waitUntilCreated(client: CloudFormationClient): Promise<string> {
  for (const deadline = Date.now() + createsWithin; ; await sleep(200)) {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName }));
    const status = Stacks[0]?.StackStatus ?? 'no stack';
    if (!status.endsWith('_IN_PROGRESS')) return status;
    if (Date.now() > deadline) return `${status} after ${createsWithin / 1000} s`;
  }
}

async function readFailures(client: CloudFormationClient): Promise<string[]> {
  const failures: string[] = [];
  for await (const { StackEvents = [] } of paginateDescribeStackEvents({ client }, { StackName }))
    for (const { ResourceStatus, LogicalResourceId, ResourceType, ResourceStatusReason } of StackEvents)
      if (ResourceStatus?.endsWith('FAILED'))
        failures.push(`${LogicalResourceId} (${ResourceType}): ${ResourceStatusReason ?? ''}`);
  return failures;
}

async function compareResources(
  client: CloudFormationClient,
  { Resources }: z.infer<typeof templateSchema>,
): Promise<string[]> {
  const created = new Set<string>();
  for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName }))
    for (const { LogicalResourceId, ResourceType, ResourceStatus, PhysicalResourceId } of StackResourceSummaries)
      created.add(`${LogicalResourceId} ${ResourceType} ${PhysicalResourceId ? ResourceStatus : 'without an id'}`);
  const wanted = new Set(Object.entries(Resources).map(([id, { Type }]) => `${id} ${Type} CREATE_COMPLETE`));
  return compareSets(wanted, created);
}

async function compareOutputs(
  client: CloudFormationClient,
  { Outputs }: z.infer<typeof templateSchema>,
): Promise<string[]> {
  const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName }));
  const present = Stacks[0]?.Outputs ?? [];
  const empty = present.flatMap(({ OutputKey, OutputValue }) => (OutputValue ? [] : [`output ${OutputKey} is empty`]));
  return [
    ...compareSets(new Set(Object.keys(Outputs)), new Set(present.map(({ OutputKey = '' }) => OutputKey))),
    ...empty,
  ];
}

function compareSets(wanted: ReadonlySet<string>, present: ReadonlySet<string>): string[] {
  return [
    ...[...wanted].filter((each) => !present.has(each)).map((each) => `missing: ${each}`),
    ...[...present].filter((each) => !wanted.has(each)).map((each) => `not of the template: ${each}`),
  ];
}
