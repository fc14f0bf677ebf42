import { describe, expect, it } from 'vitest';
import { InvalidConfiguration, parseConfiguration } from './configuration.ts';

const certificateArn = 'arn:aws:acm:us-east-1:123456789012:certificate/0f5b3f5e-1111-2222-3333-444455556666';
function message(context: Record<string, unknown>): string {
  try {
    parseConfiguration(context);
  } catch (error) {
    if (error instanceof InvalidConfiguration) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('the configuration', () => {
  it('has a default for every required setting', () => {
    expect(parseConfiguration({})).toEqual({
      stackName: 'Hopcount',
      managedCertificate: false,
      adopt: false,
      managedWebAcl: false,
      redirectAccess: 'signed',
      priceClass: 'PriceClass_All',
      ignoreCase: false,
      homeUrl: '/app/',
      accessLogs: false,
      geography: 'layer',
      hotDays: 90,
      rawDays: 35,
      lakeFrom: '2015-01-01',
      settledDays: 0,
      duplicateSeconds: 10,
      duplicateSecondsWithoutPort: 2,
      queryAlertMegabytes: 1000,
      dailyQueryCents: 100,
      queryMegabytes: 10_000,
      freshnessSeconds: 20,
      provisionedConcurrency: 0,
      stagedRollout: false,
      enrichConcurrency: 20,
      rollupConcurrency: 2,
      limitPollers: false,
      reserveConcurrency: true,
      accountConcurrency: 1000,
      lostThreshold: 1,
      queueAgeSeconds: 300,
      runbookUrl: 'https://github.com/hopcount/hopcount/blob/main/docs/runbook.md',
      linkDomains: [],
      local: false,
      allowReplay: false,
    });
  });

  it('parses text as `cdk -c` passes it', () => {
    expect(parseConfiguration({ hotDays: '30', accessLogs: 'true', reserveConcurrency: 'false' })).toMatchObject({
      hotDays: 30,
      accessLogs: true,
      reserveConcurrency: false,
    });
  });

  it('parses the other domains from a list or from text', () => {
    const linkDomains = [
      { name: 'go.acme.example', agency: 'acme', page: '/ada' },
      { name: 'old.example', serves: 'all' },
    ];
    const parsed = [{ ...linkDomains[0], serves: 'own' }, linkDomains[1]];
    for (const given of [linkDomains, JSON.stringify(linkDomains)])
      expect(parseConfiguration({ domainName: 'go.example.com', certificateArn, linkDomains: given })).toMatchObject({
        linkDomains: parsed,
      });
    const most = Array.from({ length: 20 }, (_, at) => ({ name: `d${at}.example` }));
    expect(message({ local: true, linkDomains: most })).toBe('accepted');
  });

  it.each([
    [
      [{ name: 'Go.Example' }],
      'linkDomains.0.name is "Go.Example"; it must be a host name in lower case, such as go.example.com',
    ],
    [[{ name: 'a.example', page: 'ada' }], 'linkDomains.0.page is "ada"; it must be the path of a page, such as /ada'],
    [
      [{ name: 'a.example', zone: 'Z1' }],
      'linkDomains.0 has zone; it must be an object with name, and optionally hostedZoneId, agency, page and serves',
    ],
    ['a.example', 'linkDomains is "a.example"; it must be a list of objects'],
    [[{ name: 'a.example' }, { name: 'a.example' }], /it must not name a domain twice$/],
    [Array.from({ length: 21 }, (_, at) => ({ name: `d${at}.example` })), /it must have at most 20 domains$/],
    [
      Array.from({ length: 20 }, (_, at) => ({ name: `d${at}.${'a'.repeat(60)}.example`, agency: 'a' })),
      /it must have at most 2000 characters as JSON$/,
    ],
    [[{ name: 'go.example.com' }], /it must not contain domainName$/],
  ])('rejects the other domains %j', (linkDomains, expected) => {
    expect(message({ domainName: 'go.example.com', certificateArn, linkDomains })).toEqual(
      typeof expected === 'string' ? expected : expect.stringMatching(expected),
    );
  });

  it('needs a main domain for others, and zones for their certificate', () => {
    const linkDomains = [{ name: 'a.example' }];
    expect(message({ linkDomains })).toMatch(/it must be given together with domainName$/);
    const managed = {
      domainName: 'go.example.com',
      hostedZoneId: 'Z0123456789',
      managedCertificate: true,
      linkDomains,
    };
    expect(message(managed)).toMatch(
      /it must have a hostedZoneId for each domain, because managedCertificate is true$/,
    );
  });

  it("ignores CDK's own context", () => {
    expect(message({ '@aws-cdk/core:checkSecretUsage': true, 'aws:cdk:bundling-stacks': [] })).toBe('accepted');
  });

  it.each([
    [{ hotDays: 0 }, 'hotDays is 0; it must be a whole number from 1 to 3650'],
    [{ hotDays: '1.5' }, 'hotDays is "1.5"; it must be a whole number from 1 to 3650'],
    [{ freshnessSeconds: 4 }, 'freshnessSeconds is 4; it must be a whole number from 5 to 60'],
    [{ freshnessSeconds: 61 }, 'freshnessSeconds is 61; it must be a whole number from 5 to 60'],
    [{ hotDays: '' }, 'hotDays is ""; it must be a whole number from 1 to 3650'],
    [{ accessLogs: 'yes' }, 'accessLogs is "yes"; it must be true or false'],
    [
      { priceClass: 'cheap' },
      'priceClass is "cheap"; it must be one of PriceClass_100, PriceClass_200, PriceClass_All',
    ],
    [{ redirectAccess: 'none' }, 'redirectAccess is "none"; it must be one of signed, secret'],
    [{ geography: '/tmp/city' }, 'geography is "/tmp/city"; it must be layer, none or s3://bucket/key'],
    [{ region: 'Frankfurt' }, 'region is "Frankfurt"; it must be a region such as eu-central-1'],
    [{ alarmEmail: 'me' }, 'alarmEmail is "me"; it must be an e-mail address'],
    [{ certificateArn }, `certificateArn is "${certificateArn}"; it must be given together with domainName`],
    [{ domainName: 'go.example.com' }, 'domainName is "go.example.com"; it must be given together with certificateArn'],
    [
      { domainName: 'go.example.com', managedCertificate: true },
      'managedCertificate is true; it must be given together with domainName and hostedZoneId',
    ],
    [{ hostedZoneId: 'Z0123456789' }, 'hostedZoneId is "Z0123456789"; it must be given together with domainName'],
    [
      { domainName: 'go.example.com', certificateArn, hostedZoneId: 'example.com' },
      'hostedZoneId is "example.com"; it must be the id of a Route 53 hosted zone, such as Z0123456789ABCDEFGHIJ',
    ],
    [
      { domainName: 'https://go.example.com', certificateArn },
      'domainName is "https://go.example.com"; it must be a host name in lower case, such as go.example.com',
    ],
    [
      { oidcIssuer: 'http://id.example.com', oidcAudience: 'hopcount' },
      'oidcIssuer is "http://id.example.com"; it must be an https URL',
    ],
    [
      { oidcTokenEndpoint: 'https://token.example.com/oauth2' },
      'oidcTokenEndpoint is "https://token.example.com/oauth2"; it must be given together with oidcIssuer',
    ],
    ...[
      'arn:aws:wafv2:eu-central-1:123456789012:global/webacl/mine/0f5b3f5e-1111-2222-3333-444455556666',
      'arn:aws:wafv2:us-east-1:123456789012:regional/webacl/mine/0f5b3f5e-1111-2222-3333-444455556666',
      'arn:aws:waf::123456789012:webacl/0f5b3f5e-1111-2222-3333-444455556666',
      '0f5b3f5e-1111-2222-3333-444455556666',
    ].map((webAclArn): [Record<string, unknown>, string] => [
      { webAclArn },
      `webAclArn is "${webAclArn}"; it must be the ARN of a WAFv2 web ACL for CloudFront: arn:aws:wafv2:us-east-1:<account>:global/webacl/<name>/<id>`,
    ]),
    [{ runbookUrl: 'docs/runbook.md' }, 'runbookUrl is "docs/runbook.md"; it must be an https URL'],
    [
      { accountConcurrency: 268 },
      'accountConcurrency is 268; it must be at least 269, unless reserveConcurrency is false',
    ],
    [
      { accountConcurrency: 1000, enrichConcurrency: 1000 },
      'accountConcurrency is 1000; it must be at least 1249, unless reserveConcurrency is false',
    ],
    [
      { provisionedConcurrency: 499 },
      'provisionedConcurrency is 499; it must be at most 498, which accountConcurrency leaves for redirect',
    ],
    [
      { permissionsBoundary: 'developer' },
      'permissionsBoundary is "developer"; it must be the ARN of a managed policy: arn:aws:iam::<account>:policy/<name>',
    ],
    [
      { kmsKeyArn: 'arn:aws:kms:us-east-1:123456789012:alias/mine' },
      'kmsKeyArn is "arn:aws:kms:us-east-1:123456789012:alias/mine"; it must be the ARN of a KMS key, not of an alias: arn:aws:kms:<region>:<account>:key/<id>',
    ],
    [
      { kmsKeyArn: 'arn:aws:kms:us-east-1:123456789012:key/mrk-0f5b3f5e', region: 'eu-central-1' },
      'kmsKeyArn is "arn:aws:kms:us-east-1:123456789012:key/mrk-0f5b3f5e"; it must be of a key in eu-central-1',
    ],
    [{ monthlyBudget: 50 }, 'monthlyBudget is 50; it must be given together with alarmEmail'],
    [{ allowReplay: 'true' }, 'allowReplay is "true"; it must be false: only the local stack can replay'],
  ])('rejects %j', (context, expected) => {
    expect(message(context)).toBe(expected);
  });

  it('rejects unknown names, because a misspelled setting would have no effect', () => {
    expect(message({ domain: 'go.example.com' })).toMatch(
      /^domain is not a setting; the settings are stackName, region/,
    );
  });

  it('names every wrong value at once', () => {
    expect(message({ hotDays: -1, geography: 'mars' }).split('\n')).toHaveLength(2);
  });

  it('accepts any account limit if nothing is reserved', () => {
    expect(message({ accountConcurrency: 10, reserveConcurrency: false, provisionedConcurrency: 5 })).toBe('accepted');
    expect(message({ accountConcurrency: 269 })).toBe('accepted');
  });

  it('allows the local stack to replay', () => {
    expect(message({ local: true, allowReplay: true })).toBe('accepted');
  });
});
