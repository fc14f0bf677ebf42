import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CostExplorerClient, ListCostAllocationTagsCommand } from '@aws-sdk/client-cost-explorer';
import { DescribeKeyCommand, type KeyMetadata, KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { GetEmailIdentityCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { type Concurrency, readConcurrency, readSending, type Sending } from '#cli/account-settings.ts';
import type { ClientOptions } from '#cli/stack.ts';
import type { Configuration } from '#lib/configuration.ts';
import { costTag } from '#lib/names.ts';
import { type Dns, type Domain, readDomain } from './read-domain.ts';
import { type Names, readNames } from './read-names.ts';
import { readTokenEndpoint } from './read-token-endpoint.ts';
import { ask, type Reply, unless } from './reply.ts';

export interface Account {
  region: string;
  caller: Reply<{ account: string; arn: string }>;
  /** Version of the bootstrap stack by region; undefined if there is none. */
  bootstrap: Readonly<Record<string, Reply<number | undefined>>>;
  /** Status of the stack with the configured name; undefined if there is none. */
  stackStatus: Reply<string | undefined>;
  concurrency: Reply<Concurrency>;
  /** Undefined unless the configuration needs it, as below. */
  sending: Reply<Sending> | undefined;
  /** Whether the SES identities of the sender exist, and may send. */
  senders: Readonly<Record<string, Reply<{ verified: boolean } | undefined>>>;
  domain: Domain;
  /** Existing resources that have, or begin with, names of the stack, by their kind. */
  names: Names;
  /** Status of the cost allocation tag; undefined if Billing has not seen it. */
  costTag: Reply<string | undefined> | undefined;
  /** The KMS key of the settings. */
  key: Reply<Pick<KeyMetadata, 'KeyState' | 'KeySpec' | 'KeyManager'> | undefined> | undefined;
  /** Where the configured issuer gives out tokens. */
  tokenEndpoint: Reply<string> | undefined;
}

/** The region whose certificates and web ACLs CloudFront reads, and where billing is. */
export const globalRegion = 'us-east-1';

export interface ReadOptions extends Omit<ClientOptions, 'region'> {
  /** @default - the resolver of this machine */
  dns?: Dns;
}

/** Asks AWS everything that a deployment depends on. What cannot be read is part of the result. */
export async function readAccount(
  configuration: Configuration,
  region: string,
  { dns, ...options }: ReadOptions = {},
): Promise<Account> {
  const regional = { region, maxAttempts: 2, ...options };
  const global = { ...regional, region: globalRegion };
  const { stackName, senderAddress, senderIdentity, monthlyBudget, kmsKeyArn, oidcIssuer } = configuration;
  const ses = new SESv2Client(regional);
  const identities = senderAddress ? [senderIdentity ?? senderAddress] : [];
  const [caller, bootstrap, stackStatus, concurrency, sending, senders, domain, names, tag, key, tokenEndpoint] =
    await Promise.all([
      ask('sts:GetCallerIdentity', () => readCaller(new STSClient(regional))),
      readAll(bootstrapRegions(configuration, region), (each) =>
        ask('ssm:GetParameter', () => readBootstrap(new SSMClient({ ...regional, region: each }))),
      ),
      ask('cloudformation:DescribeStacks', () => readStackStatus(new CloudFormationClient(regional), stackName)),
      ask('lambda:GetAccountSettings', () => readConcurrency(new LambdaClient(regional))),
      senderAddress ? ask('ses:GetAccount', () => readSending(ses)) : undefined,
      readAll(identities, (identity) => ask('ses:GetEmailIdentity', () => readIdentity(ses, identity))),
      readDomain(configuration, global, dns),
      readNames(stackName, { regional, global }),
      monthlyBudget ? ask('ce:ListCostAllocationTags', () => readCostTag(new CostExplorerClient(global))) : undefined,
      kmsKeyArn ? ask('kms:DescribeKey', () => readKey(new KMSClient(regional), kmsKeyArn)) : undefined,
      oidcIssuer ? ask('the discovery document', () => readTokenEndpoint(oidcIssuer)) : undefined,
    ]);
  return {
    region,
    caller,
    bootstrap,
    stackStatus,
    concurrency,
    sending,
    senders,
    domain,
    names,
    costTag: tag,
    key,
    tokenEndpoint,
  };
}

/** Every region with a stack of the app. */
function bootstrapRegions({ managedWebAcl, managedCertificate }: Configuration, region: string): string[] {
  return [...new Set([region, ...(managedWebAcl || managedCertificate ? [globalRegion] : [])])];
}

async function readAll<T>(keys: readonly string[], read: (key: string) => Promise<T>): Promise<Record<string, T>> {
  return Object.fromEntries(await Promise.all(keys.map(async (key) => [key, await read(key)] as const)));
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

function readIdentity(client: SESv2Client, identity: string): Promise<{ verified: boolean } | undefined> {
  return unless('NotFoundException', async () => {
    const found = await client.send(new GetEmailIdentityCommand({ EmailIdentity: identity }));
    return { verified: found.VerifiedForSendingStatus ?? false };
  });
}

function readKey(client: KMSClient, arn: string) {
  return unless(
    'NotFoundException',
    async () => (await client.send(new DescribeKeyCommand({ KeyId: arn }))).KeyMetadata,
  );
}

async function readCostTag(client: CostExplorerClient): Promise<string | undefined> {
  const { CostAllocationTags } = await client.send(new ListCostAllocationTagsCommand({ TagKeys: [costTag] }));
  return CostAllocationTags?.find(({ TagKey }) => TagKey === costTag)?.Status;
}
