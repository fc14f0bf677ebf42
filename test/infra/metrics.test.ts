import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DockerImage } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { handlerBundle } from '../../lib/bundle.ts';
import { plain, resourcesOf, synthesize } from './synthesize.ts';

const metricSchema = z.object({ Namespace: z.string() });
const filterSchema = z.object({ MetricTransformations: z.array(z.object({ MetricNamespace: z.string() })) });

/** Returns the custom metric namespaces that a stack reads and writes. */
function namespacesOf(stackName: string): string[] {
  const { template } = synthesize({ stackName });
  const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm').flatMap(([, { Properties }]) => {
    const parsed = metricSchema.safeParse(Properties);
    return parsed.success ? [parsed.data.Namespace] : [];
  });
  const filters = resourcesOf(template, 'AWS::Logs::MetricFilter').flatMap(([, { Properties }]) =>
    filterSchema.parse(Properties).MetricTransformations.map(({ MetricNamespace }) => MetricNamespace),
  );
  const dashboards = resourcesOf(template, 'AWS::CloudWatch::Dashboard').flatMap(([, { Properties }]) =>
    [...plain(Properties['DashboardBody']).matchAll(/"metrics":\[\["([^"]+)"/g)].map(([, name]) => name ?? ''),
  );
  return [...new Set([...alarms, ...filters, ...dashboards])].filter((name) => !name.startsWith('AWS/'));
}

/** Returns a function's bundled code. */
function bundleOf(source: string, stackName: string): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'hopcount-bundle-'));
  try {
    handlerBundle(source, stackName).bundling?.local?.tryBundle(directory, {
      image: DockerImage.fromRegistry('unused'),
    });
    return readFileSync(path.join(directory, 'index.mjs'), 'utf8');
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe('two stacks of one account and region', () => {
  it.each(['Hopcount', 'Second'])('read and write separate metrics: %s', (stackName) => {
    expect(namespacesOf(stackName)).toEqual([stackName]);
  });

  it.each(['redirect', 'collect', 'canary', 'settle'])('measure in %s under their own name', (source) => {
    const bundle = bundleOf(source, 'Second');
    expect(bundle).toMatch(/["'`]Second["'`]/);
    expect(bundle).not.toMatch(/["'`]Hopcount["'`]/);
  });
});
