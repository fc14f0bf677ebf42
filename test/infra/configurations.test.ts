import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import deployerPolicy from '../../lib/deployer-policy.json' with { type: 'json' };
import { z } from 'zod';
import { requiredBootstrap } from '#cli/preflight/findings.ts';
import { stackShape } from '#core/cost/stack-shape.ts';
import { userSchema } from '#schemas/catalog.ts';
import { catalogKeys, listingKeys } from '#stores/catalog/catalog-keys.ts';
import { invitationDays } from '#schemas/catalog-rules.ts';
import { stackOutputNames } from '#schemas/stack-outputs.ts';
import { plain, resourceNamed, resourcesOf, synthesize } from './synthesize.ts';

const certificateArn = 'arn:aws:acm:us-east-1:123456789012:certificate/0f5b3f5e-1111-2222-3333-444455556666';
function distributionOf(synthesis: ReturnType<typeof synthesize>) {
  return z
    .object({ DistributionConfig: z.record(z.string(), z.unknown()) })
    .parse(resourceNamed(synthesis.template, 'EdgeDistribution').Properties).DistributionConfig;
}

describe('the stack', () => {
  it('synthesizes without a domain and uses the distribution’s', () => {
    const synthesis = synthesize();
    expect(distributionOf(synthesis)).not.toHaveProperty('Aliases');
    expect(plain(synthesis.template.Outputs['Url']?.Value)).toMatch(/^https:\/\/EdgeDistribution\w+\.DomainName$/);
  });

  it('accepts a domain with its certificate, and prints the DNS record to create', () => {
    const synthesis = synthesize({ domainName: 'go.example.com', certificateArn });
    expect(distributionOf(synthesis)).toMatchObject({
      Aliases: ['go.example.com'],
      ViewerCertificate: {
        AcmCertificateArn: certificateArn,
        MinimumProtocolVersion: 'TLSv1.2_2021',
        SslSupportMethod: 'sni-only',
      },
    });
    expect(synthesis.template.Outputs['Url']?.Value).toBe('https://go.example.com');
    expect(plain(synthesis.template.Outputs['DnsRecords']?.Value)).toMatch(
      /^go\.example\.com\. CNAME EdgeDistribution/,
    );
  });

  it('serves more domains, with a certificate and records for those in a hosted zone', () => {
    const linkDomains = [
      { name: 'go.acme.example', hostedZoneId: 'Z9876543210', agency: 'acme' },
      { name: 'example.org', hostedZoneId: 'Z5555555555', page: '/ada', serves: 'all' },
    ];
    const main = { domainName: 'go.example.com', hostedZoneId: 'Z0123456789', managedCertificate: true };
    const synthesis = synthesize({ ...main, certificateArn, linkDomains });
    expect(distributionOf(synthesis)['Aliases']).toEqual(['go.example.com', 'go.acme.example', 'example.org']);
    const records = resourcesOf(synthesis.template, 'AWS::Route53::RecordSet').map(([, { Properties }]) =>
      [Properties['Name'], Properties['Type'], Properties['HostedZoneId']].join(' '),
    );
    expect(records.toSorted()).toEqual([
      'example.org A Z5555555555',
      'example.org AAAA Z5555555555',
      'go.acme.example A Z9876543210',
      'go.acme.example AAAA Z9876543210',
      'go.example.com A Z0123456789',
      'go.example.com AAAA Z0123456789',
    ]);
    const [certificate] = Object.values(synthesis.others['Hopcount-Certificate']?.Resources ?? {});
    expect(certificate?.Properties).toMatchObject({
      DomainName: 'go.example.com',
      SubjectAlternativeNames: ['go.acme.example', 'example.org'],
      DomainValidationOptions: [
        { DomainName: 'go.example.com', HostedZoneId: 'Z0123456789' },
        { DomainName: 'go.acme.example', HostedZoneId: 'Z9876543210' },
        { DomainName: 'example.org', HostedZoneId: 'Z5555555555' },
      ],
    });
    const text = JSON.stringify([
      { name: 'go.acme.example', agency: 'acme', serves: 'own' },
      { name: 'example.org', page: '/ada', serves: 'all' },
    ]);
    expect(synthesis.template.Outputs['LinkDomains']?.Value).toBe(text);
    const redirect = resourceNamed(synthesis.template, 'EntranceRedirectFunction').Properties;
    expect(redirect).toMatchObject({
      Environment: { Variables: { LINK_DOMAINS: text, MAIN_DOMAIN: 'go.example.com' } },
    });
  });

  it('prints the DNS records of all domains without a hosted zone', () => {
    const linkDomains = [{ name: 'go.acme.example' }, { name: 'b.example', hostedZoneId: 'Z9876543210' }];
    const { template } = synthesize({ domainName: 'go.example.com', certificateArn, linkDomains });
    expect(plain(template.Outputs['DnsRecords']?.Value)).toMatch(
      /^go\.example\.com\. CNAME EdgeDistribution\w+\.DomainName\. go\.acme\.example\. CNAME EdgeDistribution/,
    );
  });

  it('creates alias records in a hosted zone, which also work at its apex', () => {
    const { template } = synthesize({ domainName: 'example.com', certificateArn, hostedZoneId: 'Z0123456789' });
    const records = resourcesOf(template, 'AWS::Route53::RecordSet').map(([, { Properties }]) => Properties);
    expect(records).toHaveLength(2);
    for (const [at, type] of ['A', 'AAAA'].entries()) {
      expect(records[at]).toMatchObject({ HostedZoneId: 'Z0123456789', Name: 'example.com', Type: type });
      const target = z.object({ DNSName: z.unknown(), HostedZoneId: z.unknown() }).parse(records[at]?.['AliasTarget']);
      expect(plain(target.DNSName)).toMatch(/^EdgeDistribution\w+\.DomainName$/);
      expect(JSON.stringify(target.HostedZoneId)).toMatch(/Z2FDTNDATAQYW2|FindInMap/);
    }
    expect(template.Outputs).not.toHaveProperty('DnsRecords');
  });

  it('has its certificate in another stack, without which a domain cannot be deployed', () => {
    const settings = { domainName: 'go.example.com', hostedZoneId: 'Z0123456789', managedCertificate: true };
    const { others, files } = synthesize({ ...settings, stackName: 'Links', region: 'eu-central-1' });
    expect(Object.keys(others)).toEqual(['Links-eu-central-1-Certificate']);
    const own = others['Links-eu-central-1-Certificate'] ?? { Resources: {}, Outputs: {} };
    expect(Object.values(own.Resources)).toMatchObject([
      {
        Type: 'AWS::CertificateManager::Certificate',
        Properties: {
          DomainName: 'go.example.com',
          ValidationMethod: 'DNS',
          DomainValidationOptions: [{ DomainName: 'go.example.com', HostedZoneId: 'Z0123456789' }],
        },
      },
    ]);
    expect(Object.keys(own.Outputs)).toEqual(['CertificateArn']);
    const missing = 'go.example.com has no certificate yet: deploy Links-eu-central-1-Certificate';
    expect(JSON.stringify(files.metadata)).toContain(missing);
    expect(JSON.stringify(synthesize({ ...settings, certificateArn }).files.metadata)).not.toContain(
      'no certificate yet',
    );
  });

  it('rejects a certificate of another region', () => {
    const elsewhere = certificateArn.replace('us-east-1', 'eu-central-1');
    expect(() => synthesize({ domainName: 'go.example.com', certificateArn: elsewhere })).toThrow(
      `certificateArn is "${elsewhere}"; it must be the ARN of an ACM certificate in us-east-1, the only region that CloudFront reads`,
    );
  });

  it('synthesizes for another region without mentioning others', () => {
    const { template } = synthesize({ region: 'eu-central-1' });
    const named = JSON.stringify(template).match(/\b(us|ap|sa|ca|eu|me|af)-[a-z]+-\d\b/g);
    expect([...new Set(named)]).toEqual(['eu-central-1']);
  });

  // CloudFront, IAM and Budgets have one name space for all regions of an account.
  it('shares no name with a stack of the same name in another region', () => {
    const settings = { stackName: 'a'.repeat(63), managedWebAcl: true, monthlyBudget: 5, alarmEmail: 'a@example.com' };
    function namesIn(region: string): string[] {
      return globalNames(synthesize({ ...settings, region })).map((name) => name.replaceAll('AWS::Region', region));
    }
    const here = namesIn('eu-central-1');
    const there = namesIn('ap-southeast-1');
    expect(here.filter((name) => there.includes(name))).toEqual([]);
    // Nine policies and functions, two origin access controls, the stack of the web ACL.
    expect(here).toHaveLength(12);
    for (const name of there.filter((name) => name.startsWith('OriginAccessControl ')))
      expect(name.length, name).toBeLessThanOrEqual(64 + 'OriginAccessControl '.length);
  });

  it('deploys through the roles of the bootstrap stack, which is all that the policy of a deployer allows', () => {
    const { files } = synthesize();
    const roles = JSON.stringify(files.manifest).match(/cdk-hnb659fds-[a-z-]+-role-/g) ?? [];
    const allowed = deployerPolicy.Statement.filter(({ Action }) => Action === 'sts:AssumeRole').flatMap(
      ({ Resource }) => Resource,
    );
    // CloudFormation itself assumes the role of the execution; the one that uploads files is named in their own manifest.
    const assumed = new Set([
      ...roles.filter((role) => !role.includes('-cfn-exec-')),
      'cdk-hnb659fds-file-publishing-role-',
    ]);
    expect([...assumed].map((role) => `arn:*:iam::*:role/${role}*`).sort()).toEqual([...allowed].sort());
  });

  it('needs the version of the bootstrap stack that the preflight asks for', () => {
    const { artifacts } = z.object({ artifacts: z.record(z.string(), z.unknown()) }).parse(synthesize().files.manifest);
    const stack = z.object({ properties: z.object({ requiresBootstrapStackVersion: z.number() }) });
    expect(stack.parse(artifacts['Hopcount']).properties.requiresBootstrapStackVersion).toBe(requiredBootstrap);
  });

  it('declares exactly the outputs that the CLI reads, and four for users', () => {
    const { template } = synthesize({ domainName: 'go.example.com', certificateArn });
    expect(Object.keys(template.Outputs).sort()).toEqual(
      [...stackOutputNames, 'DnsRecords', 'FirstAdminCommand', 'HighAlarmsTopic', 'LowAlarmsTopic'].sort(),
    );
  });

  it('accepts tokens of a configured issuer instead of a user pool', () => {
    const { template } = synthesize({ oidcIssuer: 'https://id.example.com', oidcAudience: 'hopcount' });
    expect(template.Outputs['IdentityIssuer']?.Value).toBe('https://id.example.com');
    expect(resourcesOf(template, 'AWS::Cognito::UserPool')).toEqual([]);
    expect(plain(template.Outputs['FirstAdminCommand']?.Value)).toMatch(/^SUBJECT=/);
  });

  it('allows the dashboard to connect to the lake’s bucket, and to a token endpoint on another host than the issuer', () => {
    const issuer = { oidcIssuer: 'https://accounts.example.com/tenant', oidcAudience: 'hopcount' };
    function connectSources(settings: Record<string, unknown>) {
      const policies = JSON.stringify(
        resourcesOf(synthesize(settings).template, 'AWS::CloudFront::ResponseHeadersPolicy'),
      );
      return /connect-src ([^;]+) https:\/\/[^;]+LakeBucket[^;]+"RegionalDomainName"[^;]+;/.exec(policies)?.[1];
    }
    expect(connectSources(issuer)).toBe("'self' https://accounts.example.com");
    expect(connectSources({ ...issuer, oidcTokenEndpoint: 'https://accounts.example.com/token' })).toBe(
      "'self' https://accounts.example.com",
    );
    expect(connectSources({ ...issuer, oidcTokenEndpoint: 'https://oauth2.example.net/token' })).toBe(
      "'self' https://accounts.example.com https://oauth2.example.net",
    );
  });

  it('sends an initial password that is valid as long as the invitation, and ignores the case of addresses', () => {
    const { Properties } = resourceNamed(synthesize().template, 'IdentityUserPool');
    expect(Properties).toMatchObject({
      UsernameAttributes: ['email'],
      UsernameConfiguration: { CaseSensitive: false },
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      Policies: { PasswordPolicy: { TemporaryPasswordValidityDays: invitationDays } },
    });
    const message = JSON.stringify(Properties['AdminCreateUserConfig']);
    for (const part of ['{username}', '{####}', '/app/', `within ${invitationDays} days`])
      expect(message).toContain(part);
  });

  it('prints commands that create the first admin as the API expects', () => {
    const command = plain(synthesize().template.Outputs['FirstAdminCommand']?.Value);
    const [, item = ''] = / --item "(.+)"$/.exec(command) ?? [];
    // As the shell passes it: quotes unescaped, the variable replaced.
    const stored: unknown = JSON.parse(item.replaceAll(String.raw`\"`, '"').replaceAll('$SUBJECT', 'ab-12'));
    const attributes = z
      .record(
        z.string(),
        z.object({ S: z.string() }).transform(({ S }) => S),
      )
      .parse(stored);
    expect(userSchema.parse(attributes)).toMatchObject({ subject: 'ab-12', role: 'admin' });
    expect(attributes).toMatchObject({ ...catalogKeys.user('ab-12'), ...listingKeys.users('ab-12') });
  });

  // A URL on another qualifier would be a new one, which CloudFront may not invoke until its own update is complete.
  it.each([{}, { provisionedConcurrency: 5 }, { stagedRollout: true }])(
    'has the URL of redirect on the same alias with %j',
    (settings) => {
      const { template } = synthesize(settings);
      const [[id, url] = []] = resourcesOf(template, 'AWS::Lambda::Url');
      expect(id).toBe('EntranceRedirectFunctionAliasliveFunctionUrl918E998F');
      expect(url?.Properties).toMatchObject({ Qualifier: 'live', InvokeMode: 'RESPONSE_STREAM', AuthType: 'AWS_IAM' });
    },
  );

  it('keeps environments of redirect warm', () => {
    const [[, alias] = []] = resourcesOf(synthesize({ provisionedConcurrency: 5 }).template, 'AWS::Lambda::Alias');
    expect(alias?.Properties).toMatchObject({ ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 5 } });
  });

  it('gives a new version of redirect a tenth of the requests first, and none if an alarm fires', () => {
    const { template } = synthesize({ stagedRollout: true });
    const [[id, group] = []] = resourcesOf(template, 'AWS::CodeDeploy::DeploymentGroup');
    expect(group?.Properties).toMatchObject({
      DeploymentConfigName: 'CodeDeployDefault.LambdaCanary10Percent15Minutes',
      AutoRollbackConfiguration: { Enabled: true, Events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM'] },
      AlarmConfiguration: { Enabled: true },
    });
    const alarms = JSON.stringify(group?.Properties['AlarmConfiguration']).match(/Monitoring[a-z]+/g);
    expect(alarms).toEqual(
      ['canaryfailing', 'redirectfailing', 'lookupsfailed', 'eventsunsent'].map((name) => `Monitoring${name}`),
    );
    const [[, alias] = []] = resourcesOf(template, 'AWS::Lambda::Alias');
    expect(alias?.UpdatePolicy).toMatchObject({ CodeDeployLambdaAliasUpdate: { DeploymentGroupName: { Ref: id } } });
    expect(resourcesOf(synthesize().template, 'AWS::CodeDeploy::DeploymentGroup')).toEqual([]);
    expect(() => synthesize({ stagedRollout: true, provisionedConcurrency: 5 })).toThrow(
      'stagedRollout is true; it must be false if provisionedConcurrency is not 0',
    );
  });

  it.each([
    ['layer', 1, 'none'],
    ['none', 0, 'none'],
    ['s3://places/city.mmdb', 0, 's3://places/city.mmdb'],
  ])('looks up places with geography %s', (geography, layers, object) => {
    const { template } = synthesize({ geography });
    const enrich = resourceNamed(template, 'IngestEnrichFunction').Properties;
    expect(z.array(z.unknown()).default([]).parse(enrich['Layers'])).toHaveLength(layers);
    expect(enrich['Environment']).toMatchObject({ Variables: { GEOGRAPHY_OBJECT: object } });
  });

  it.each([
    [0, false],
    [365, true],
  ])('with %i settled days, backs the counters up: %s, because they cannot be rebuilt without events', (days, on) => {
    const { template } = synthesize({ settledDays: days });
    const { PointInTimeRecoverySpecification } = resourceNamed(template, 'TablesRollups').Properties;
    expect(PointInTimeRecoverySpecification).toEqual(on ? { PointInTimeRecoveryEnabled: true } : undefined);
  });

  it('reserves no concurrency if that is disabled', () => {
    const { template } = synthesize({ reserveConcurrency: false });
    for (const [id, { Properties }] of resourcesOf(template, 'AWS::Lambda::Function'))
      expect(Properties, id).not.toHaveProperty('ReservedConcurrentExecutions');
  });

  it('keeps a web ACL attached, because a deployment sends the whole configuration of the distribution', () => {
    const webAclArn = 'arn:aws:wafv2:us-east-1:123456789012:global/webacl/mine/0f5b3f5e-1111-2222-3333-444455556666';
    expect(distributionOf(synthesize({ webAclArn }))).toMatchObject({ WebACLId: webAclArn });
    expect(distributionOf(synthesize())).not.toHaveProperty('WebACLId');
  });

  it('has a web ACL of its own in another stack, which blocks by rate and never by reputation alone', () => {
    const { others } = synthesize({ managedWebAcl: true, stackName: 'Links', region: 'eu-central-1' });
    expect(Object.keys(others)).toEqual(['Links-eu-central-1-WebAcl']);
    const own = others['Links-eu-central-1-WebAcl'] ?? { Resources: {}, Outputs: {} };
    const [[, webAcl] = []] = resourcesOf(own, 'AWS::WAFv2::WebACL');
    expect(webAcl?.Properties).toMatchObject({ Scope: 'CLOUDFRONT', DefaultAction: { Allow: {} } });
    const rules = z.array(z.looseObject({ Name: z.string() })).parse(webAcl?.Properties['Rules']);
    const tooMany = { Block: { CustomResponse: { ResponseCode: 429 } } };
    expect(rules).toMatchObject([
      { Name: 'AmazonIpReputation', Priority: 0, OverrideAction: { Count: {} } },
      {
        Name: 'ListedAddresses',
        Priority: 1,
        Action: tooMany,
        Statement: { RateBasedStatement: { AggregateKeyType: 'IP', Limit: 100 } },
      },
      {
        Name: 'EveryAddress',
        Priority: 2,
        Action: tooMany,
        Statement: { RateBasedStatement: { AggregateKeyType: 'IP', Limit: 15_000 } },
      },
    ]);
    expect(rules).toHaveLength(stackShape.webAclRules);
    expect(Object.keys(own.Outputs)).toEqual(['WebAclArn']);
    expect(synthesize().others).toEqual({});
  });

  it('keeps access logs for 30 days, only if enabled', () => {
    const { template } = synthesize({ accessLogs: true });
    expect(resourceNamed(template, 'EdgeAccessLogs').Properties['LifecycleConfiguration']).toMatchObject({
      Rules: [{ ExpirationInDays: 30, Status: 'Enabled' }],
    });
  });

  it('sends through an SES identity that exists, and creates one otherwise', () => {
    const own = { senderAddress: 'go@mail.example.com' };
    expect(resourcesOf(synthesize(own).template, 'AWS::SES::EmailIdentity')).toHaveLength(1);
    const { template } = synthesize({ ...own, senderIdentity: 'example.com' });
    expect(resourcesOf(template, 'AWS::SES::EmailIdentity')).toEqual([]);
    expect(JSON.stringify(template)).toContain(':identity/example.com');
    // Cognito refuses an address that is not verified yet, as one whose identity the stack creates.
    expect(resourceNamed(synthesize(own).template, 'IdentityUserPool').Properties).not.toHaveProperty(
      'EmailConfiguration',
    );
    expect(resourceNamed(template, 'IdentityUserPool').Properties['EmailConfiguration']).toMatchObject({
      EmailSendingAccount: 'DEVELOPER',
      From: 'go@mail.example.com',
      SourceArn: { 'Fn::Join': ['', expect.arrayContaining([':identity/example.com'])] },
    });
    expect(() => synthesize({ ...own, senderIdentity: 'ample.com' })).toThrow(
      'senderIdentity is "ample.com"; it must be go@mail.example.com or its domain',
    );
  });

  it.each(['AlertsRole', 'ApiRole'])('lets %s send mails with the configuration set of the sender', (role) => {
    const { template } = synthesize({ senderAddress: 'go@example.com' });
    // A policy that is too long continues in a managed one.
    const policies = JSON.stringify(Object.entries(template.Resources).filter(([id]) => id.startsWith(role)));
    for (const part of ['"ses:SendEmail"', ':identity/go@example.com', ':configuration-set/'])
      expect(policies).toContain(part);
  });

  it('notifies the alarm topic about the budget', () => {
    const { template } = synthesize({ monthlyBudget: 50, alarmEmail: 'owner@example.com' });
    expect(resourceNamed(template, 'MonitoringBudget').Properties['Budget']).toMatchObject({
      BudgetLimit: { Amount: 50, Unit: 'USD' },
      CostFilters: { TagKeyValue: ['user:hopcount-stack$Hopcount'] },
    });
    for (const type of ['AWS::DynamoDB::Table', 'AWS::Lambda::Function', 'AWS::S3::Bucket', 'AWS::Athena::WorkGroup'])
      for (const [id, { Properties }] of resourcesOf(template, type))
        expect(Properties['Tags'], id).toContainEqual({ Key: 'hopcount-stack', Value: 'Hopcount' });
    expect(resourcesOf(template, 'AWS::SNS::Subscription')).toHaveLength(2);
  });

  it("bounds every role, also those of CDK's own functions", () => {
    const permissionsBoundary = 'arn:aws:iam::123456789012:policy/team/developer';
    const roles = resourcesOf(synthesize({ permissionsBoundary }).template, 'AWS::IAM::Role');
    expect(roles.map(([id]) => id).filter((id) => id.startsWith('CustomCDK'))).toHaveLength(1);
    for (const [id, { Properties }] of roles) expect(Properties['PermissionsBoundary'], id).toBe(permissionsBoundary);
  });

  it('needs a permissions boundary that allows the services in the runbook', () => {
    const runbook = readFileSync(path.join(import.meta.dirname, '../../docs/runbook.md'), 'utf8');
    const [, listed = ''] = /## A permissions boundary\n[\s\S]*?```\n([\s\S]*?)\n```/.exec(runbook) ?? [];
    const { template } = synthesize({ senderAddress: 'go@example.com', geography: 's3://places/city.mmdb' });
    // A policy that is too long continues in a managed one.
    const types = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'];
    const policies = JSON.stringify(types.flatMap((type) => resourcesOf(template, type)));
    // CDK's uploader may write logs by a managed policy.
    const actions = [...policies.matchAll(/"Action":("[^"]+"|\[[^\]]+\])/g)].flatMap(([, action = '']) =>
      action.match(/[a-z0-9-]+:/g),
    );
    expect(listed.split(/, */).sort()).toEqual([...new Set(actions)].map((service) => `${service ?? ''}*`).sort());
  });

  it('allows replays only on the local stack', () => {
    const { template } = synthesize({ local: true, allowReplay: true });
    for (const name of ['EntranceRedirectFunction', 'EntranceCollectFunction'])
      expect(resourceNamed(template, name).Properties['Environment']).toMatchObject({
        Variables: { ALLOW_REPLAY: 'true' },
      });
    expect(() => synthesize({ allowReplay: true })).toThrow(
      'allowReplay is true; it must be false: only the local stack can replay',
    );
  });
});

const globalTypes = /^AWS::(CloudFront|IAM|Budgets)::/;

/** Returns the physical names of resources that are named per account, with their types, and of the other stacks. */
function globalNames({ template, others }: ReturnType<typeof synthesize>): string[] {
  const named = Object.values(template.Resources).flatMap(({ Type, Properties }) => {
    if (!globalTypes.test(Type)) return [];
    const nested = Object.entries(Properties).filter(([key]) => /Config$|^Budget$/.test(key));
    const properties = [Properties, ...nested.map(([, value]) => z.record(z.string(), z.unknown()).parse(value))];
    return properties.flatMap((values) =>
      ['Name', 'RoleName', 'ManagedPolicyName', 'BudgetName'].flatMap((key) =>
        key in values ? [`${Type.split('::')[2] ?? ''} ${plain(values[key])}`] : [],
      ),
    );
  });
  return [...named, ...Object.keys(others)];
}
