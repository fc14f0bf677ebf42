import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseConfiguration } from '#lib/configuration.ts';
import { listenLocally } from '#local/aws/listen.ts';
import { certificateArn, json, problemsOf, ready, readFrom, type Responses, stackIn, xml } from './account.fixture.ts';
import { evaluateAccount } from './findings.ts';
import type { Dns } from './read-domain.ts';
import { readTokenEndpoint } from './read-token-endpoint.ts';

const zonePath = '/2013-04-01/hostedzone/Z0123456789';
const settings = {
  alarmEmail: 'owner@example.com',
  domainName: 'go.example.com',
  hostedZoneId: 'Z0123456789',
  managedCertificate: true,
};

function zone(name: string, isPrivate = false): Responses {
  const servers =
    '<NameServers><NameServer>ns-1.awsdns.com</NameServer><NameServer>NS-2.awsdns.org</NameServer></NameServers>';
  return {
    [zonePath]: xml(
      'GetHostedZoneResponse',
      `<HostedZone><Id>/hostedzone/Z0123456789</Id><Name>${name}.</Name><CallerReference>r</CallerReference><Config><PrivateZone>${isPrivate}</PrivateZone></Config></HostedZone><DelegationSet>${servers}</DelegationSet>`,
    ),
  };
}

function records(...rows: readonly (readonly [name: string, type: string])[]): Responses {
  const sets = rows.map(
    ([name, type]) => `<ResourceRecordSet><Name>${name}.</Name><Type>${type}</Type></ResourceRecordSet>`,
  );
  return {
    [`${zonePath}/rrset`]: xml(
      'ListResourceRecordSetsResponse',
      `<ResourceRecordSets>${sets.join('')}</ResourceRecordSets><IsTruncated>false</IsTruncated><MaxItems>20</MaxItems>`,
    ),
  };
}

const working: Responses = { ...ready, ...zone('example.com'), ...records(['help.example.com', 'A']) };

/** A resolver with these records, by name. */
function dnsWith(
  nameServers: Readonly<Record<string, string[]>> = { 'example.com': ['ns-2.awsdns.org'] },
  caa: Readonly<Record<string, Awaited<ReturnType<Dns['resolveCaa']>>>> = {},
): Dns {
  function find<T>(table: Readonly<Record<string, T>>, name: string): Promise<T> {
    const found = table[name];
    return found === undefined
      ? Promise.reject(Object.assign(new Error(`no ${name}`), { code: 'ENODATA' }))
      : Promise.resolve(found);
  }
  return { resolveNs: (name) => find(nameServers, name), resolveCaa: (name) => find(caa, name) };
}

describe('a domain in a hosted zone', () => {
  it('does not need the certificate that the deployment creates, and a bootstrap in its region', async () => {
    const found = evaluateAccount(parseConfiguration(settings), await readFrom(working, settings, dnsWith()));
    const lines = found.map(({ state, check, found }) => `${state} ${check}: ${found}`);
    expect(lines).toEqual(
      expect.arrayContaining([
        'ok bootstrap: version 30 in us-east-1',
        'warning certificate: does not exist yet',
        'ok hosted zone: DNS knows example.com',
        'ok records: the deployment creates those of go.example.com',
        'ok CAA records: Amazon may issue the certificate',
      ]),
    );
    expect(found.find(({ check }) => check === 'certificate')?.advice).toBe(
      "run `npm run deploy -- '*-Certificate'`, and set certificateArn to its output",
    );
  });

  it('is one of several: the certificate must cover each, and no other distribution may have one', async () => {
    const own = { ...settings, managedCertificate: false, certificateArn, linkDomains: [{ name: 'go.acme.example' }] };
    const problems = await problemsOf(working, own, dnsWith());
    expect(problems).toEqual([expect.stringMatching(/^blocks certificate: it covers .*, not go\.acme\.example$/)]);
  });

  it('can be the apex of the zone, and have a certificate of its own', async () => {
    const own = { ...settings, domainName: 'example.com', managedCertificate: false, certificateArn };
    expect(await problemsOf(working, own, dnsWith())).toEqual([]);
  });

  it.each([
    ['that does not exist', { [zonePath]: missing() }, 'blocks hosted zone: Z0123456789 does not exist'],
    ['that is private', zone('example.com', true), 'blocks hosted zone: example.com is private'],
    ['of another domain', zone('ample.com'), 'blocks hosted zone: it is of ample.com, not of go.example.com'],
    [
      'below the domain',
      zone('www.go.example.com'),
      'blocks hosted zone: it is of www.go.example.com, not of go.example.com',
    ],
  ])('needs no zone %s', async (_name, responses, problem) => {
    const problems = await problemsOf({ ...working, ...responses }, settings, dnsWith());
    expect(problems).toEqual(['warning certificate: does not exist yet', problem]);
  });

  it('needs no records of the domain for its certificate, but none when the stack creates its own', async () => {
    const rows = records(['go.example.com', 'CNAME'], ['go.example.com', 'TXT'], ['help.example.com', 'A']);
    const found = 'go.example.com has CNAME in the zone';
    expect(await problemsOf({ ...working, ...rows }, settings, dnsWith())).toEqual([
      'warning certificate: does not exist yet',
      `warning records: ${found}`,
    ]);
    const issued = { ...settings, certificateArn };
    expect(await problemsOf({ ...working, ...rows }, issued, dnsWith())).toEqual([`blocks records: ${found}`]);
  });

  it('has records in the zone once the stack exists', async () => {
    const responses = {
      ...working,
      ...records(['go.example.com', 'A']),
      DescribeStacks: stackIn('UPDATE_COMPLETE'),
    };
    expect(await problemsOf(responses, { ...settings, certificateArn }, dnsWith())).toEqual([]);
  });

  it.each([
    [{}, 'not set'],
    [{ 'example.com': ['a.registrar.net', 'b.registrar.net'] }, 'a.registrar.net, b.registrar.net'],
  ])('needs name servers of Route 53 for its certificate: %j', async (servers, found) => {
    const problem = `hosted zone: the name servers of example.com are ${found}`;
    expect(await problemsOf(working, settings, dnsWith(servers))).toContain(`blocks ${problem}`);
    expect(await problemsOf(working, { ...settings, certificateArn }, dnsWith(servers))).toEqual([
      `warning ${problem}`,
    ]);
  });

  const ns = { 'example.com': ['ns-1.awsdns.com'] };
  it.each([
    [
      'of another authority',
      { 'example.com': [{ critical: 0, issue: 'letsencrypt.org' }] },
      'only letsencrypt.org may',
    ],
    ['that allow none', { 'example.com': [{ critical: 0, issue: ';' }] }, 'only no authority may'],
    [
      'of the nearest name',
      { 'go.example.com': [{ critical: 0, issue: 'pki.goog' }], 'example.com': [{ critical: 0, issue: 'amazon.com' }] },
      'only pki.goog may',
    ],
    ['of Amazon', { 'example.com': [{ critical: 0, issue: 'amazontrust.com; validationmethods=dns-01' }] }, undefined],
    [
      'of Amazon among others',
      {
        'example.com': [
          { critical: 0, issue: 'pki.goog' },
          { critical: 0, issue: 'amazon.com' },
        ],
      },
      undefined,
    ],
    ['for wildcards only', { 'example.com': [{ critical: 0, issuewild: ';' }] }, undefined],
  ])('with CAA records %s', async (_name, caa, found) => {
    const problems = await problemsOf(working, settings, dnsWith(ns, caa));
    expect(problems.filter((problem) => problem.includes('CAA'))).toEqual(
      found === undefined ? [] : [`blocks CAA records: ${found} issue certificates`],
    );
  });

  it('whose certificate covers another domain asks for a new one', async () => {
    const managed = { ...settings, domainName: 'go.example.org', certificateArn };
    const account = await readFrom({ ...working, ...zone('example.org') }, managed, dnsWith());
    expect(
      evaluateAccount(parseConfiguration(managed), account).find(({ check }) => check === 'certificate'),
    ).toMatchObject({
      state: 'blocks',
      advice: "remove certificateArn, run `npm run deploy -- '*-Certificate'`, and set certificateArn to its output",
    });
  });

  it('is not checked where DNS does not respond', async () => {
    const dns: Dns = { resolveCaa: refused, resolveNs: refused };
    expect(await problemsOf(working, { ...settings, certificateArn }, dns)).toEqual([
      'warning hosted zone: could not check: DNS failed: Error: queryNs ECONNREFUSED',
      'warning CAA records: could not check: DNS failed: Error: queryNs ECONNREFUSED',
    ]);
  });
});

function missing() {
  return xml(
    'ErrorResponse',
    '<Error><Type>Sender</Type><Code>NoSuchHostedZone</Code><Message>No hosted zone found</Message></Error>',
    404,
  );
}

function refused(): Promise<never> {
  return Promise.reject(Object.assign(new Error('queryNs ECONNREFUSED'), { code: 'ECONNREFUSED' }));
}

describe('your own issuer', () => {
  const issuer = { alarmEmail: 'owner@example.com', oidcIssuer: 'https://id.invalid', oidcAudience: 'hopcount' };

  it.each([
    [issuer, 'https://id.invalid/token', undefined],
    [
      issuer,
      'https://tokens.example.com/token',
      'blocks sign-in: the issuer gives out tokens at https://tokens.example.com/token',
    ],
    [
      { ...issuer, oidcTokenEndpoint: 'https://tokens.example.com/token' },
      'https://tokens.example.com/token',
      undefined,
    ],
  ])('%j with tokens at %s', async (own, endpoint, problem) => {
    const account = await readFrom(ready, own);
    expect(account.tokenEndpoint).toMatchObject({ kind: 'unread' });
    const found = evaluateAccount(parseConfiguration(own), {
      ...account,
      tokenEndpoint: { kind: 'read', value: endpoint },
    });
    expect(found.flatMap(({ state, check, found }) => (state === 'ok' ? [] : [`${state} ${check}: ${found}`]))).toEqual(
      problem === undefined ? [] : [problem],
    );
  });

  it('tells in its discovery document where it gives out tokens', async () => {
    const { body } = json({ issuer: 'https://id.example.com', token_endpoint: 'https://id.example.com/token' });
    const server = await listenLocally(
      createServer(({ url }, outgoing) => {
        outgoing.writeHead(url === '/tenant/.well-known/openid-configuration' ? 200 : 404).end(body);
      }),
    );
    onTestFinished(server.stop);
    expect(await readTokenEndpoint(`${server.url}/tenant/`)).toBe('https://id.example.com/token');
    await expect(readTokenEndpoint(server.url)).rejects.toThrow('has no discovery document (status 404)');
  });
});
