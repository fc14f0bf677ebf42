import { ACMClient, DescribeCertificateCommand, type CertificateDetail } from '@aws-sdk/client-acm';
import { AthenaClient, GetWorkGroupCommand } from '@aws-sdk/client-athena';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  CloudFrontClient,
  ListDistributionsCommand,
  ListOriginAccessControlsCommand,
  ListOriginRequestPoliciesCommand,
  ListResponseHeadersPoliciesCommand,
} from '@aws-sdk/client-cloudfront';
import { CostExplorerClient, ListCostAllocationTagsCommand } from '@aws-sdk/client-cost-explorer';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { GetDatabaseCommand, GlueClient } from '@aws-sdk/client-glue';
import { DescribeKeyCommand, type KeyMetadata, KMSClient } from '@aws-sdk/client-kms';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { GetAccountCommand, GetEmailIdentityCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { ClientOptions } from '#cli/stack.ts';
import type { Configuration } from '#lib/configuration.ts';
import { costTag, glueDatabaseName, isCloudFrontName, workGroupName } from '#lib/names.ts';

/** What AWS said, or why it did not. */
export type Reply<T> = { kind: 'read'; value: T } | { kind: 'unread'; reason: string; denied: boolean };

export interface Account {
  region: string;
  caller: Reply<{ account: string; arn: string }>;
  /** Version of the bootstrap stack by region; undefined if there is none. */
  bootstrap: Readonly<Record<string, Reply<number | undefined>>>;
  /** Status of the stack with the configured name; undefined if there is none. */
  stackStatus: Reply<string | undefined>;
  concurrency: Reply<{ limit: number; unreserved: number }>;
  /** Undefined unless the configuration needs it, as below. */
  sending: Reply<{ production: boolean; enforcement: string }> | undefined;
  /** Whether the SES identities of the sender exist, and may send. */
  senders: Readonly<Record<string, Reply<{ verified: boolean } | undefined>>>;
  certificate:
    | Reply<Pick<CertificateDetail, 'Status' | 'DomainName' | 'SubjectAlternativeNames'> | undefined>
    | undefined;
  /** Distributions that have the configured domain. */
  distributions: Reply<readonly { id: string; comment: string }[]> | undefined;
  /** Existing resources that have, or begin with, names of the stack, by their kind. */
  names: Readonly<Record<NamedKind, Reply<readonly string[]>>>;
  /** Status of the cost allocation tag; undefined if Billing has not seen it. */
  costTag: Reply<string | undefined> | undefined;
  /** The KMS key of the settings. */
  key: Reply<Pick<KeyMetadata, 'KeyState' | 'KeySpec' | 'KeyManager'> | undefined> | undefined;
}

/** Kinds of resources that a removed stack leaves behind, or that have fixed names. */
export type NamedKind = 'tables' | 'buckets' | 'databases' | 'workGroups' | 'cloudFront';

/** The region whose certificates and web ACLs CloudFront reads, and where billing is. */
export const globalRegion = 'us-east-1';

/** Asks AWS everything that a deployment depends on. What cannot be read is part of the result. */
export async function readAccount(
  configuration: Configuration,
  region: string,
  options: Omit<ClientOptions, 'region'> = {},
): Promise<Account> {
  const regional = { region, maxAttempts: 2, ...options };
  const global = { ...regional, region: globalRegion };
  const { stackName, senderAddress, senderIdentity, certificateArn, domainName, monthlyBudget, kmsKeyArn } =
    configuration;
  const ses = new SESv2Client(regional);
  const identities = senderAddress ? [senderIdentity ?? senderAddress] : [];
  const [caller, bootstrap, stackStatus, concurrency, sending, senders, certificate, distributions, names, tag, key] =
    await Promise.all([
      ask('sts:GetCallerIdentity', () => readCaller(new STSClient(regional))),
      readAll(bootstrapRegions(configuration, region), (each) =>
        ask('ssm:GetParameter', () => readBootstrap(new SSMClient({ ...regional, region: each }))),
      ),
      ask('cloudformation:DescribeStacks', () => readStackStatus(new CloudFormationClient(regional), stackName)),
      ask('lambda:GetAccountSettings', () => readConcurrency(new LambdaClient(regional))),
      senderAddress ? ask('ses:GetAccount', () => readSending(ses)) : undefined,
      readAll(identities, (identity) => ask('ses:GetEmailIdentity', () => readIdentity(ses, identity))),
      certificateArn
        ? ask('acm:DescribeCertificate', () => readCertificate(new ACMClient(global), certificateArn))
        : undefined,
      domainName
        ? ask('cloudfront:ListDistributions', () => findDistributions(new CloudFrontClient(global), domainName))
        : undefined,
      readNames(stackName, { regional, global }),
      monthlyBudget ? ask('ce:ListCostAllocationTags', () => readCostTag(new CostExplorerClient(global))) : undefined,
      kmsKeyArn ? ask('kms:DescribeKey', () => readKey(new KMSClient(regional), kmsKeyArn)) : undefined,
    ]);
  return {
    region,
    caller,
    bootstrap,
    stackStatus,
    concurrency,
    sending,
    senders,
    certificate,
    distributions,
    names,
    costTag: tag,
    key,
  };
}

/** Every region with a stack of the app. */
function bootstrapRegions({ managedWebAcl }: Configuration, region: string): string[] {
  return [...new Set([region, ...(managedWebAcl ? [globalRegion] : [])])];
}

async function readAll<T>(keys: readonly string[], read: (key: string) => Promise<T>): Promise<Record<string, T>> {
  return Object.fromEntries(await Promise.all(keys.map(async (key) => [key, await read(key)] as const)));
}

/** @param permission the IAM action that the call needs, unless AWS names another one */
async function ask<T>(permission: string, call: () => Promise<T>): Promise<Reply<T>> {
  try {
    return { kind: 'read', value: await call() };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    const named = /not authorized to perform: ([\w-]+:\w+)/.exec(message)?.[1];
    if (named || /^(AccessDenied|UnauthorizedOperation)/.test(name))
      return { kind: 'unread', reason: `missing permission ${named ?? permission}`, denied: true };
    const [line] = message.split('\n');
    return { kind: 'unread', reason: `${permission} failed: ${name}: ${line}`, denied: false };
  }
}

/** Returns undefined instead of an error of this name. */
async function unless<T>(absent: string, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Error && error.name === absent) return undefined;
    throw error;
  }
}

async function readCaller(client: STSClient): Promise<{ account: string; arn: string }> {
  const { Account: account = '', Arn: arn = '' } = await client.send(new GetCallerIdentityCommand({}));
  return { account, arn };
}

/** The parameter that the template itself reads: https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html */
const bootstrapParameter = '/cdk-bootstrap/hnb659fds/version';

function readBootstrap(client: SSMClient): Promise<number | undefined> {
  return unless('ParameterNotFound', async () => {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: bootstrapParameter }));
    return Number(Parameter?.Value);
  });
}

async function readStackStatus(client: CloudFormationClient, stackName: string): Promise<string | undefined> {
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stackName }));
    return Stacks?.[0]?.StackStatus;
  } catch (error) {
    // CloudFormation has no error of its own for this.
    if (error instanceof Error && error.name === 'ValidationError' && error.message.includes('does not exist'))
      return undefined;
    throw error;
  }
}

async function readConcurrency(client: LambdaClient): Promise<{ limit: number; unreserved: number }> {
  const { AccountLimit } = await client.send(new GetAccountSettingsCommand({}));
  const { ConcurrentExecutions: limit = 0, UnreservedConcurrentExecutions: unreserved = limit } = AccountLimit ?? {};
  return { limit, unreserved };
}

async function readSending(client: SESv2Client): Promise<{ production: boolean; enforcement: string }> {
  const { ProductionAccessEnabled, EnforcementStatus } = await client.send(new GetAccountCommand({}));
  return { production: ProductionAccessEnabled ?? false, enforcement: EnforcementStatus ?? 'HEALTHY' };
}

function readIdentity(client: SESv2Client, identity: string): Promise<{ verified: boolean } | undefined> {
  return unless('NotFoundException', async () => {
    const found = await client.send(new GetEmailIdentityCommand({ EmailIdentity: identity }));
    return { verified: found.VerifiedForSendingStatus ?? false };
  });
}

function readCertificate(client: ACMClient, arn: string) {
  return unless('ResourceNotFoundException', async () => {
    const { Certificate } = await client.send(new DescribeCertificateCommand({ CertificateArn: arn }));
    return Certificate ?? {};
  });
}

function readKey(client: KMSClient, arn: string) {
  return unless(
    'NotFoundException',
    async () => (await client.send(new DescribeKeyCommand({ KeyId: arn }))).KeyMetadata,
  );
}

/** Pages of 100 that are read of each list of CloudFront: more than its default quotas allow to exist. */
const maxPages = 10;

interface Page {
  Items?: readonly unknown[] | undefined;
  NextMarker?: string | undefined;
}

async function listPages<P extends Page>(read: (Marker: string | undefined) => Promise<P | undefined>): Promise<P[]> {
  const pages: P[] = [];
  let marker: string | undefined;
  do {
    const page = await read(marker);
    if (page) pages.push(page);
    marker = page?.NextMarker;
  } while (marker && pages.length < maxPages);
  return pages;
}

async function findDistributions(client: CloudFrontClient, domain: string) {
  const pages = await listPages(
    async (Marker) => (await client.send(new ListDistributionsCommand({ Marker, MaxItems: 100 }))).DistributionList,
  );
  return pages
    .flatMap(({ Items = [] }) => Items)
    .filter(({ Aliases }) => Aliases?.Items?.includes(domain))
    .map(({ Id = '', Comment = '' }) => ({ id: Id, comment: Comment }));
}

interface Clients {
  regional: ClientOptions;
  global: ClientOptions;
}

async function readNames(stackName: string, { regional, global }: Clients): Promise<Account['names']> {
  const [tables, buckets, databases, workGroups, cloudFront] = await Promise.all([
    ask('dynamodb:ListTables', () => findTables(new DynamoDBClient(regional), stackName)),
    ask('s3:ListAllMyBuckets', () => findBuckets(new S3Client({ ...regional, forcePathStyle: true }), stackName)),
    ask('glue:GetDatabase', () => findDatabase(new GlueClient(regional), glueDatabaseName(stackName))),
    ask('athena:GetWorkGroup', () => findWorkGroups(new AthenaClient(regional), stackName)),
    ask('cloudfront:ListOriginAccessControls', () =>
      findCloudFrontNames(new CloudFrontClient(global), stackName, regional.region),
    ),
  ]);
  return { tables, buckets, databases, workGroups, cloudFront };
}

/** Physical names begin with the stack's name and the logical id, so those of one stack are neighbours in the list. */
async function findTables(client: DynamoDBClient, stackName: string): Promise<string[]> {
  const prefix = `${stackName}-Tables`;
  const { TableNames = [] } = await client.send(new ListTablesCommand({ ExclusiveStartTableName: prefix, Limit: 10 }));
  return TableNames.filter((name) => name.startsWith(prefix));
}

async function findBuckets(client: S3Client, stackName: string): Promise<string[]> {
  // CloudFormation may cut the stack's name.
  const Prefix = stackName.toLowerCase().slice(0, 20);
  const { Buckets = [] } = await client.send(new ListBucketsCommand({ Prefix, MaxBuckets: 100 }));
  return Buckets.flatMap(({ Name = '' }) => (Name.includes('-lakebucket') ? [Name] : []));
}

async function findDatabase(client: GlueClient, name: string): Promise<string[]> {
  const found = await unless('EntityNotFoundException', () => client.send(new GetDatabaseCommand({ Name: name })));
  return found ? [name] : [];
}

async function findWorkGroups(client: AthenaClient, stackName: string): Promise<string[]> {
  const names = ['interactive', 'jobs'].map((group) => workGroupName(stackName, group));
  const found = await Promise.all(
    // What Athena says of a work group that does not exist.
    names.map((name) =>
      unless('InvalidRequestException', () => client.send(new GetWorkGroupCommand({ WorkGroup: name }))),
    ),
  );
  return names.filter((_, index) => found[index]?.WorkGroup !== undefined);
}

async function findCloudFrontNames(client: CloudFrontClient, stackName: string, region: string): Promise<string[]> {
  const [accesses, requests, responses] = await Promise.all([
    listPages(
      async (Marker) =>
        (await client.send(new ListOriginAccessControlsCommand({ Marker, MaxItems: 100 }))).OriginAccessControlList,
    ),
    listPages(
      async (Marker) =>
        (await client.send(new ListOriginRequestPoliciesCommand({ Marker, MaxItems: 100, Type: 'custom' })))
          .OriginRequestPolicyList,
    ),
    listPages(
      async (Marker) =>
        (await client.send(new ListResponseHeadersPoliciesCommand({ Marker, MaxItems: 100, Type: 'custom' })))
          .ResponseHeadersPolicyList,
    ),
  ]);
  const names = [
    ...accesses.flatMap(({ Items = [] }) => Items.map(({ Name = '' }) => Name)),
    ...requests.flatMap(({ Items = [] }) =>
      Items.map(({ OriginRequestPolicy }) => OriginRequestPolicy?.OriginRequestPolicyConfig?.Name ?? ''),
    ),
    ...responses.flatMap(({ Items = [] }) =>
      Items.map(({ ResponseHeadersPolicy }) => ResponseHeadersPolicy?.ResponseHeadersPolicyConfig?.Name ?? ''),
    ),
  ];
  return names.filter((name) => isCloudFrontName(name, stackName, region));
}

async function readCostTag(client: CostExplorerClient): Promise<string | undefined> {
  const { CostAllocationTags } = await client.send(new ListCostAllocationTagsCommand({ TagKeys: [costTag] }));
  return CostAllocationTags?.find(({ TagKey }) => TagKey === costTag)?.Status;
}
