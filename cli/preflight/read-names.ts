import { AthenaClient, GetWorkGroupCommand } from '@aws-sdk/client-athena';
import {
  CloudFrontClient,
  ListCachePoliciesCommand,
  ListOriginAccessControlsCommand,
  ListOriginRequestPoliciesCommand,
  ListResponseHeadersPoliciesCommand,
} from '@aws-sdk/client-cloudfront';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { GetDatabaseCommand, GlueClient } from '@aws-sdk/client-glue';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import type { ClientOptions } from '#cli/stack.ts';
import { glueDatabaseName, isCloudFrontName, workGroupName } from '#lib/names.ts';
import { ask, listPages, type Reply, unless } from './reply.ts';

/** Kinds of resources that a removed stack keeps, or that have fixed names. */
export type NamedKind = 'tables' | 'buckets' | 'databases' | 'workGroups' | 'cloudFront';

export type Names = Readonly<Record<NamedKind, Reply<readonly string[]>>>;

interface Clients {
  regional: ClientOptions;
  global: ClientOptions;
}

/** Returns existing resources that have, or begin with, names of the stack, by their kind. */
export async function readNames(stackName: string, { regional, global }: Clients): Promise<Names> {
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
  const [accesses, caches, requests, responses] = await Promise.all([
    listPages(
      async (Marker) =>
        (await client.send(new ListOriginAccessControlsCommand({ Marker, MaxItems: 100 }))).OriginAccessControlList,
    ),
    listPages(
      async (Marker) =>
        (await client.send(new ListCachePoliciesCommand({ Marker, MaxItems: 100, Type: 'custom' }))).CachePolicyList,
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
    ...caches.flatMap(({ Items = [] }) => Items.map(({ CachePolicy }) => CachePolicy?.CachePolicyConfig?.Name ?? '')),
    ...requests.flatMap(({ Items = [] }) =>
      Items.map(({ OriginRequestPolicy }) => OriginRequestPolicy?.OriginRequestPolicyConfig?.Name ?? ''),
    ),
    ...responses.flatMap(({ Items = [] }) =>
      Items.map(({ ResponseHeadersPolicy }) => ResponseHeadersPolicy?.ResponseHeadersPolicyConfig?.Name ?? ''),
    ),
  ];
  return names.filter((name) => isCloudFrontName(name, stackName, region));
}
