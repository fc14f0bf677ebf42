import * as resolver from 'node:dns/promises';
import { ACMClient, type CertificateDetail, DescribeCertificateCommand } from '@aws-sdk/client-acm';
import { CloudFrontClient, ListDistributionsCommand } from '@aws-sdk/client-cloudfront';
import { GetHostedZoneCommand, ListResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import type { ClientOptions } from '#cli/stack.ts';
import type { Configuration } from '#lib/configuration.ts';
import { ask, listPages, type Reply, unless } from './reply.ts';

/** What AWS and DNS say about the configured domain. Undefined where the configuration does not need it. */
export interface Domain {
  certificate: Reply<Certificate | undefined> | undefined;
  /** Distributions that have one of the domains. */
  distributions: Reply<readonly { id: string; comment: string; domains: readonly string[] }[]> | undefined;
  zone: Reply<Zone | undefined> | undefined;
  /** Certificate authorities that the CAA records of the domain allow; undefined if they allow any. */
  authorities: Reply<readonly string[] | undefined> | undefined;
}

export type Certificate = Pick<CertificateDetail, 'Status' | 'DomainName' | 'SubjectAlternativeNames'>;

export interface Zone {
  /** Without a dot at the end. */
  name: string;
  isPrivate: boolean;
  nameServers: readonly string[];
  /** Name servers of the zone as DNS knows them; empty if it has none. */
  delegatedTo: Reply<readonly string[]>;
  /** Types of the records that the domain has in the zone. */
  records: Reply<readonly string[]>;
}

export type Dns = Pick<typeof resolver, 'resolveCaa' | 'resolveNs'>;

export async function readDomain(
  { domainName, certificateArn, hostedZoneId, managedCertificate, linkDomains }: Configuration,
  global: ClientOptions,
  dns: Dns = resolver,
): Promise<Domain> {
  const [certificate, distributions, zone, authorities] = await Promise.all([
    certificateArn
      ? ask('acm:DescribeCertificate', () => readCertificate(new ACMClient(global), certificateArn))
      : undefined,
    domainName
      ? ask('cloudfront:ListDistributions', () =>
          findDistributions(new CloudFrontClient(global), listDomains({ domainName, linkDomains })),
        )
      : undefined,
    hostedZoneId && domainName
      ? ask('route53:GetHostedZone', () => readZone(new Route53Client(global), { hostedZoneId, domainName, dns }))
      : undefined,
    managedCertificate && domainName ? ask('DNS', () => findAuthorities(dns, domainName)) : undefined,
  ]);
  return { certificate, distributions, zone, authorities };
}

function readCertificate(client: ACMClient, arn: string): Promise<Certificate | undefined> {
  return unless('ResourceNotFoundException', async () => {
    const { Certificate } = await client.send(new DescribeCertificateCommand({ CertificateArn: arn }));
    return Certificate ?? {};
  });
}

/** Returns the domain of the stack and its other ones. */
export function listDomains({ domainName, linkDomains }: Pick<Configuration, 'domainName' | 'linkDomains'>): string[] {
  return [...(domainName === undefined ? [] : [domainName]), ...linkDomains.map(({ name }) => name)];
}

async function findDistributions(client: CloudFrontClient, domains: readonly string[]) {
  const pages = await listPages(
    async (Marker) => (await client.send(new ListDistributionsCommand({ Marker, MaxItems: 100 }))).DistributionList,
  );
  return pages
    .flatMap(({ Items = [] }) => Items)
    .map(({ Id = '', Comment = '', Aliases }) => ({
      id: Id,
      comment: Comment,
      domains: (Aliases?.Items ?? []).filter((alias) => domains.includes(alias)),
    }))
    .filter((distribution) => distribution.domains.length > 0);
}

interface ZoneQuery {
  hostedZoneId: string;
  domainName: string;
  dns: Dns;
}

async function readZone(
  client: Route53Client,
  { hostedZoneId, domainName, dns }: ZoneQuery,
): Promise<Zone | undefined> {
  const found = await unless('NoSuchHostedZone', () => client.send(new GetHostedZoneCommand({ Id: hostedZoneId })));
  if (!found) return undefined;
  const name = withoutDot(found.HostedZone?.Name ?? '');
  const [delegatedTo, records] = await Promise.all([
    ask('DNS', async () => (await ifExists(() => dns.resolveNs(name))) ?? []),
    ask('route53:ListResourceRecordSets', () => listRecords(client, hostedZoneId, domainName)),
  ]);
  return {
    name,
    isPrivate: found.HostedZone?.Config?.PrivateZone ?? false,
    nameServers: found.DelegationSet?.NameServers ?? [],
    delegatedTo,
    records,
  };
}

/** Route 53 lists records from a name on; those of one name are neighbors. */
async function listRecords(client: Route53Client, hostedZoneId: string, domainName: string): Promise<string[]> {
  const { ResourceRecordSets = [] } = await client.send(
    new ListResourceRecordSetsCommand({ HostedZoneId: hostedZoneId, StartRecordName: domainName, MaxItems: 20 }),
  );
  return ResourceRecordSets.flatMap(({ Name = '', Type = '' }) => (withoutDot(Name) === domainName ? [Type] : []));
}

function withoutDot(name: string): string {
  return name.replace(/\.$/, '');
}

/** The records of the nearest name towards the root hold (RFC 8659, section 3). */
async function findAuthorities(dns: Dns, domainName: string): Promise<string[] | undefined> {
  const labels = domainName.split('.');
  for (const at of labels.keys()) {
    const records = (await ifExists(() => dns.resolveCaa(labels.slice(at).join('.')))) ?? [];
    if (records.length === 0) continue;
    const issuers = records.flatMap(({ issue }) => (issue === undefined ? [] : [issue.split(';')[0]?.trim() ?? '']));
    return issuers.length === 0 ? undefined : issuers;
  }
  return undefined;
}

/** Returns undefined if DNS has no such name, or no record of the type. */
async function ifExists<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENODATA' || error.code === 'ENOTFOUND'))
      return undefined;
    throw error;
  }
}
