import { expect, test } from 'vitest';
import { z } from 'zod';
import { stackShape } from '#core/cost/stack-shape.ts';
import { type Resource, resourcesOf, synthesize } from './synthesize.ts';

const { template } = synthesize();
const functions = resourcesOf(template, 'AWS::Lambda::Function').map(([, resource]) => resource);

function memoryOf(source: string): number {
  const found = functions.find(({ Properties }) => Properties['Description'] === `functions/${source}/handler.ts`);
  return z.number().parse(found?.Properties['MemorySize']) / 1024;
}

function count(type: string): number {
  return resourcesOf(template, type).length;
}

const sources = resourcesOf(template, 'AWS::Lambda::EventSourceMapping').map(([, resource]: [string, Resource]) =>
  z.object({ BatchSize: z.number(), MaximumBatchingWindowInSeconds: z.number().default(0) }).parse(resource.Properties),
);

test('the cost model uses the stack’s memory sizes', () => {
  expect(stackShape).toMatchObject({
    redirectMemoryGb: memoryOf('redirect'),
    enrichMemoryGb: memoryOf('enrich'),
    rollupMemoryGb: memoryOf('rollup'),
    receiptsMemoryGb: memoryOf('receipts'),
    canaryMemoryGb: memoryOf('canary'),
    apiMemoryGb: memoryOf('api'),
    alertsMemoryGb: memoryOf('alerts'),
  });
});

test('the cost model uses the batches and windows of the event sources', () => {
  const shapes = sources.map(({ BatchSize, MaximumBatchingWindowInSeconds }) => ({
    maxBatch: BatchSize,
    windowSeconds: MaximumBatchingWindowInSeconds,
  }));
  expect(shapes).toContainEqual(stackShape.clicks);
  expect(shapes).toContainEqual(stackShape.files);
});

function watchedMetrics([, { Properties }]: [string, Resource]): unknown[] {
  const metrics = z.array(z.looseObject({ MetricStat: z.unknown().optional() })).optional();
  return metrics.parse(Properties['Metrics'])?.filter(({ MetricStat }) => MetricStat !== undefined) ?? [Properties];
}

test('the cost model counts the alarms, secrets and keys of the stack', () => {
  expect(stackShape).toMatchObject({
    alarms: resourcesOf(template, 'AWS::CloudWatch::Alarm').flatMap(watchedMetrics).length,
    secrets: count('AWS::SecretsManager::Secret'),
    keys: count('AWS::KMS::Key'),
  });
});
