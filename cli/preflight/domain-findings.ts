import type { Configuration } from '#lib/configuration.ts';
import { blocks, evaluate, type Finding, ok, warning } from './finding.ts';
import type { Account } from './read-account.ts';
import { type Certificate, listDomains, type Zone } from './read-domain.ts';

/** @param first whether the deployment will create the stack */
export function evaluateDomain(configuration: Configuration, account: Account, first: boolean): Finding[] {
  const { domainName } = configuration;
  if (!domainName) return [];
  const { zone, authorities } = account.domain;
  return [
    ...evaluateOwnCertificate(configuration, account),
    ...(zone ? evaluateZone(zone, configuration, first) : []),
    ...(authorities ? [evaluateAuthorities(authorities, configuration)] : []),
    ...evaluateDistributions(configuration, account, first),
  ];
}

function evaluateOwnCertificate(configuration: Configuration, { domain: { certificate }, caller }: Account): Finding[] {
  const { certificateArn, managedCertificate } = configuration;
  const domains = listDomains(configuration);
  const check = 'certificate';
  if (!certificate)
    return managedCertificate
      ? [warning(check, 'does not exist yet', `${deployCertificate}, and set certificateArn to its output`)]
      : [];
  const owner = certificateArn?.split(':')[4];
  if (caller.kind === 'read' && owner !== caller.value.account)
    return [
      blocks(
        check,
        `certificateArn is of the account ${owner}`,
        'CloudFront needs a certificate of this account: request one',
      ),
    ];
  const another = managedCertificate
    ? `remove certificateArn, ${deployCertificate}, and set certificateArn to its output`
    : `request one for ${domains.join(', ')} in us-east-1`;
  return [evaluate(check, certificate, (found) => evaluateCertificate(found, domains, another))];
}

const deployCertificate = "run `npm run deploy -- '*-Certificate'`";

/** @param another how to get another certificate */
function evaluateCertificate(
  certificate: Certificate | undefined,
  domains: readonly string[],
  another: string,
): Finding {
  const check = 'certificate';
  if (!certificate) return blocks(check, 'certificateArn does not exist', another);
  const { Status: status = 'unknown', DomainName, SubjectAlternativeNames = [] } = certificate;
  const names = [...new Set([...(DomainName ? [DomainName] : []), ...SubjectAlternativeNames])];
  const missing = domains.filter((domain) => !names.some((name) => covers(name, domain)));
  if (missing.length > 0) return blocks(check, `it covers ${names.join(', ')}, not ${missing.join(', ')}`, another);
  if (status === 'PENDING_VALIDATION')
    return blocks(check, 'it is not issued yet', 'create the DNS records that ACM shows for it, and wait');
  return status === 'ISSUED'
    ? ok(check, `issued, and covers ${domains.join(', ')}`)
    : blocks(check, `its status is ${status}`, another);
}

/** A wildcard covers one label: `*.example.com` is neither `example.com` nor `a.b.example.com`. */
function covers(name: string, domainName: string): boolean {
  return name === domainName || (name.startsWith('*.') && domainName.split('.').slice(1).join('.') === name.slice(2));
}

function evaluateZone(
  reply: NonNullable<Account['domain']['zone']>,
  configuration: Configuration,
  first: boolean,
): Finding[] {
  const { hostedZoneId, domainName = '' } = configuration;
  const check = 'hosted zone';
  if (reply.kind === 'unread' || reply.value === undefined)
    return [evaluate(check, reply, () => blocks(check, `${hostedZoneId} does not exist`, 'correct hostedZoneId'))];
  const { name, isPrivate } = reply.value;
  if (isPrivate) return [blocks(check, `${name} is private`, 'set hostedZoneId to the public zone of the domain')];
  if (domainName !== name && !domainName.endsWith(`.${name}`))
    return [blocks(check, `it is of ${name}, not of ${domainName}`, `set hostedZoneId to a zone of ${domainName}`)];
  return [
    evaluateDelegation(reply.value, configuration),
    ...(first ? [evaluateRecords(reply.value, configuration)] : []),
  ];
}

/** Without it, ACM never sees its validation record, and the deployment of the certificate waits. */
function evaluateDelegation({ name, nameServers, delegatedTo }: Zone, configuration: Configuration): Finding {
  return evaluate('hosted zone', delegatedTo, (servers) => {
    const own = new Set(nameServers.map((server) => server.toLowerCase()));
    if (servers.some((server) => own.has(server.toLowerCase()))) return ok('hosted zone', `DNS knows ${name}`);
    const found = `the name servers of ${name} are ${servers.length === 0 ? 'not set' : servers.join(', ')}`;
    const advice = `set them to ${nameServers.join(', ')}, at your registrar or in the zone above`;
    return needsIssue(configuration) ? blocks('hosted zone', found, advice) : warning('hosted zone', found, advice);
  });
}

/** The stack creates alias records, and fails if the name has records already. Its certificate needs none. */
function evaluateRecords({ records }: Zone, configuration: Configuration): Finding {
  const { domainName } = configuration;
  return evaluate('records', records, (types) => {
    const taken = types.filter((type) => ['A', 'AAAA', 'CNAME'].includes(type));
    if (taken.length === 0) return ok('records', `the deployment creates those of ${domainName}`);
    const found = `${domainName} has ${taken.join(', ')} in the zone`;
    const advice = 'delete them, or see "A domain in use" in docs/runbook.md, "Your own domain"';
    return needsIssue(configuration) ? warning('records', found, advice) : blocks('records', found, advice);
  });
}

/** https://docs.aws.amazon.com/acm/latest/userguide/setup-caa.html */
const amazon = ['amazon.com', 'amazontrust.com', 'awstrust.com', 'amazonaws.com'];

function evaluateAuthorities(
  reply: NonNullable<Account['domain']['authorities']>,
  configuration: Configuration,
): Finding {
  return evaluate('CAA records', reply, (allowed) => {
    if (allowed === undefined || allowed.some((authority) => amazon.includes(authority.toLowerCase())))
      return ok('CAA records', 'Amazon may issue the certificate');
    const found = `only ${allowed.filter((authority) => authority !== '').join(', ') || 'no authority'} may issue certificates`;
    const advice = 'add the record `0 issue "amazon.com"`';
    // ACM renews an issued certificate only if it may still issue it.
    return needsIssue(configuration) ? blocks('CAA records', found, advice) : warning('CAA records', found, advice);
  });
}

/** Whether a deployment is to issue the certificate. */
function needsIssue({ managedCertificate, certificateArn }: Configuration): boolean {
  return managedCertificate && certificateArn === undefined;
}

function evaluateDistributions(
  configuration: Configuration,
  { domain: { distributions } }: Account,
  first: boolean,
): Finding[] {
  if (!distributions) return [];
  return [
    evaluate('domain', distributions, (found) => {
      // The stack's own distribution has its name as the comment.
      const other = found.find(({ comment }) => comment !== configuration.stackName || first);
      return other
        ? blocks(
            'domain',
            `${other.domains.join(', ')} belongs to the distribution ${other.id}`,
            'remove it there, or choose another domain',
          )
        : ok('domain', `no other distribution of this account has ${listDomains(configuration).join(', ')}`);
    }),
  ];
}
