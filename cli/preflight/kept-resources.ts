import { CloudFormationClient, DescribeTypeCommand, paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { CommandFailed, UsageError } from '#cli/errors.ts';
import type { ClientOptions } from '#cli/stack.ts';

/** By logical id, what identifies a resource to an import: `{ TableName: 'Hopcount-Tables…' }`. */
export type ResourceMapping = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface KeptResources {
  mapping: ResourceMapping;
  /** Types that CloudFormation cannot import in this region. */
  refused: readonly string[];
}

/**
 * Reads what a removed stack has kept, as `cdk import` needs it. CloudFormation lists it for 90 days.
 * @param stackId its ARN, because a removed stack has no name any more
 * @throws {UsageError} if that is no id of a stack
 * @throws {CommandFailed} if the stack has kept nothing
 */
export async function readKeptResources(
  stackId: string,
  options: Omit<ClientOptions, 'region'> = {},
): Promise<KeptResources> {
  const [, region, account] = /^arn:[\w-]+:cloudformation:([\w-]+):(\d{12}):stack\/.+/.exec(stackId) ?? [];
  if (region === undefined || account === undefined)
    throw new UsageError(
      `\`--adopt\` must be the id of a removed stack, \`arn:aws:cloudformation:…\`; got \`${stackId}\``,
    );
  const client = new CloudFormationClient({ region, ...options });
  const kept = await listKept(client, stackId);
  if (kept.length === 0) throw new CommandFailed(`${stackId} has kept nothing`);
  const refused = await findRefused(client, new Set(kept.map(({ type }) => type)));
  // The tables of a database can only be imported together with it.
  const services = new Set(refused.map(serviceOf));
  const database = kept.find(({ type }) => type === 'AWS::Glue::Database')?.id ?? '';
  const importable = kept.filter(({ type }) => !services.has(serviceOf(type)));
  return {
    mapping: Object.fromEntries(
      importable.map(({ logicalId, type, id }) => [
        logicalId,
        importIdentifiers[type]?.(id, { account, database }) ?? {},
      ]),
    ),
    refused,
  };
}

interface Kept {
  logicalId: string;
  type: string;
  id: string;
}

async function listKept(client: CloudFormationClient, stackId: string): Promise<Kept[]> {
  const kept: Kept[] = [];
  for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName: stackId }))
    for (const { LogicalResourceId, ResourceType, PhysicalResourceId, ResourceStatus } of StackResourceSummaries)
      if (ResourceStatus === 'DELETE_SKIPPED' && LogicalResourceId && ResourceType && PhysicalResourceId)
        kept.push({ logicalId: LogicalResourceId, type: ResourceType, id: PhysicalResourceId });
  return kept;
}

async function findRefused(client: CloudFormationClient, types: ReadonlySet<string>): Promise<string[]> {
  const found = await Promise.all(
    [...types].map(async (TypeName) => {
      const { ProvisioningType } = await client.send(new DescribeTypeCommand({ Type: 'RESOURCE', TypeName }));
      return ProvisioningType === 'NON_PROVISIONABLE' || !(TypeName in importIdentifiers) ? [TypeName] : [];
    }),
  );
  return found.flat();
}

/** `AWS::Glue::Table` is of `AWS::Glue`. */
function serviceOf(type: string): string {
  return type.split('::').slice(0, 2).join('::');
}

interface Owner {
  account: string;
  /** Name of the Glue database. */
  database: string;
}

/** The primary identifier of each type that a stack keeps, from the physical id that CloudFormation lists. */
export const importIdentifiers: Readonly<
  Record<string, (id: string, owner: Owner) => Readonly<Record<string, string>>>
> = {
  'AWS::DynamoDB::Table': (TableName) => ({ TableName }),
  'AWS::S3::Bucket': (BucketName) => ({ BucketName }),
  'AWS::SQS::Queue': (QueueUrl) => ({ QueueUrl }),
  'AWS::Cognito::UserPool': (UserPoolId) => ({ UserPoolId }),
  'AWS::Logs::LogGroup': (LogGroupName) => ({ LogGroupName }),
  'AWS::SecretsManager::Secret': (Id) => ({ Id }),
  'AWS::Glue::Database': (DatabaseName) => ({ DatabaseName }),
  // The physical id is the name, or all three parts.
  'AWS::Glue::Table': (id, { account, database }) => ({
    CatalogId: account,
    DatabaseName: database,
    Name: id.split('|').at(-1) ?? id,
  }),
};
