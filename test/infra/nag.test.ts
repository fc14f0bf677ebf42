import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { synthesize } from './synthesize.ts';

const reportSchema = z.object({
  pluginReports: z.array(
    z.object({
      pluginName: z.string(),
      violations: z.array(z.object({ ruleName: z.string() })),
      suppressedViolations: z
        .array(z.object({ acknowledgedId: z.string(), acknowledgedAt: z.string(), reason: z.string() }))
        .default([]),
    }),
  ),
});

const metadataSchema = z.record(z.string(), z.array(z.object({ type: z.string(), data: z.unknown().optional() })));

const configurations = {
  'as it is configured': {},
  'with mails and alarms by mail': {
    senderAddress: 'alerts@example.com',
    alarmEmail: 'owner@example.com',
    monthlyBudget: 50,
  },
  'with a domain, access logs and warm environments': {
    domainName: 'go.example.com',
    certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/0f1e2d3c',
    accessLogs: true,
    provisionedConcurrency: 2,
  },
  'with a web ACL, and a secret for redirect': {
    redirectAccess: 'secret',
    managedWebAcl: true,
    webAclArn: 'arn:aws:wafv2:us-east-1:123456789012:global/webacl/mine/0f5b3f5e-1111-2222-3333-444455556666',
  },
  'with your own issuer': { oidcIssuer: 'https://id.example.com', oidcAudience: 'hopcount' },
} as const;

describe.each(Object.entries(configurations))('cdk-nag, %s', (_name, configuration) => {
  const { files } = synthesize(configuration, true);
  const report = reportSchema.parse(files.report);

  it('runs both packs', () => {
    expect(report.pluginReports.map(({ pluginName }) => pluginName)).toEqual(
      expect.arrayContaining(['AwsSolutions', 'Serverless']),
    );
  });

  it('has no unacknowledged findings, including warnings', () => {
    expect(report.pluginReports.flatMap(({ violations }) => violations)).toEqual([]);
  });

  // cdk-nag does not report ids that match nothing, such as a typo or an outdated acknowledgement.
  it('has no acknowledgement that matches nothing', () => {
    const used = report.pluginReports
      .flatMap(({ suppressedViolations }) => suppressedViolations)
      .map(({ acknowledgedAt, acknowledgedId }) => `${acknowledgedAt} ${acknowledgedId}`);
    const given = Object.entries(metadataSchema.parse(files.metadata)).flatMap(([construct, entries]) =>
      entries
        .filter(({ type }) => type === 'aws:cdk:acknowledged-rules')
        .flatMap(({ data }) => Object.keys(z.record(z.string(), z.unknown()).parse(data)))
        .map((id) => `${construct.slice(1)} ${id}`),
    );
    expect(given.length).toBeGreaterThan(20);
    expect([...new Set(given)].filter((acknowledgement) => !used.includes(acknowledgement))).toEqual([]);
  });
});
