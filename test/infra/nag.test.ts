import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { synthesize } from './synthesize.ts';
import { variants } from './variants.ts';

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

describe.each(Object.entries(variants))('cdk-nag, %s', (_name, configuration) => {
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
