import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { batchWindows, freshness } from '#schemas/counters.ts';
import { stackShape } from '#core/cost/stack-shape.ts';
import { metricNames } from '#schemas/log-lines.ts';
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
    settleMemoryGb: memoryOf('settle'),
    saltsMemoryGb: memoryOf('salts'),
  });
});

test('the cost model uses the retention of the logs', () => {
  const days = resourcesOf(template, 'AWS::Logs::LogGroup').map(([id, { Properties }]) => [
    /Redirect|Collect/.test(id) ? 'edge' : 'other',
    Properties['RetentionInDays'],
  ]);
  expect(new Set(days.map((pair) => pair.join(' ')))).toEqual(
    new Set([`edge ${stackShape.edgeLogDays}`, `other ${stackShape.logDays}`]),
  );
});

test('the cost model uses the schedules of receipts and the canary', () => {
  const expressions = resourcesOf(template, 'AWS::Scheduler::Schedule').map(([, { Properties }]) =>
    String(Properties['ScheduleExpression']),
  );
  expect(expressions).toContain(`cron(0/${stackShape.receiptsWindowSeconds / 60} * * * ? *)`);
  expect(expressions).toContain(`cron(0/${stackShape.canarySecondsBetween / 60} * * * ? *)`);
});

test('the cost model uses the batches and windows of the event sources', () => {
  const shapes = sources.map(({ BatchSize, MaximumBatchingWindowInSeconds }) => ({
    maxBatch: BatchSize,
    windowSeconds: MaximumBatchingWindowInSeconds,
  }));
  const { clicks, files } = batchWindows(freshness.usual);
  expect(shapes.toSorted((a, b) => b.maxBatch - a.maxBatch)).toEqual([
    { maxBatch: stackShape.clicksPerBatch, windowSeconds: clicks },
    { maxBatch: stackShape.filesPerBatch, windowSeconds: files },
  ]);
});

function watchedMetrics([, { Properties }]: [string, Resource]): unknown[] {
  const metrics = z.array(z.looseObject({ MetricStat: z.unknown().optional() })).optional();
  return metrics.parse(Properties['Metrics'])?.filter(({ MetricStat }) => MetricStat !== undefined) ?? [Properties];
}

const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm');

test('the cost model counts the alarms, secrets and keys of the stack', () => {
  expect(alarms.length).toBeLessThanOrEqual(25);
  expect(stackShape).toMatchObject({
    alarms: alarms.flatMap(watchedMetrics).length,
    secrets: count('AWS::SecretsManager::Secret'),
    keys: count('AWS::KMS::Key'),
  });
});

test('the cost model uses the tables that have backups', () => {
  const schema = z.object({ PointInTimeRecoveryEnabled: z.boolean() }).optional();
  const tables = resourcesOf(template, 'AWS::DynamoDB::Table').filter(
    ([, { Properties }]) =>
      schema.parse(Properties['PointInTimeRecoverySpecification'])?.PointInTimeRecoveryEnabled === true,
  );
  expect(tables.map(([id]) => id)).toEqual([expect.stringMatching(/^TablesCatalog/)]);
  expect(tables).toHaveLength(stackShape.tablesWithBackups);
});

const alarmSchema = z.object({ Namespace: z.string().optional(), MetricName: z.string().optional() });
const filterSchema = z.object({
  MetricTransformations: z.array(
    z.strictObject({
      MetricNamespace: z.string(),
      MetricName: z.string(),
      MetricValue: z.literal('1'),
    }),
  ),
});

test('each custom metric is watched by an alarm, is only sent when it is not zero, and is counted by the cost model', () => {
  const watched = alarms
    .map(([, { Properties }]) => alarmSchema.parse(Properties))
    .flatMap(({ Namespace, MetricName }) => (Namespace?.startsWith('AWS/') ? [] : (MetricName ?? [])));
  // Without `DefaultValue`, a filter sends nothing for the lines that it does not match.
  const filtered = resourcesOf(template, 'AWS::Logs::MetricFilter').flatMap(([, { Properties }]) =>
    filterSchema.parse(Properties).MetricTransformations.map(({ MetricName }) => MetricName),
  );
  const written = [...new Set([...metricNames, ...filtered])];
  expect(written.toSorted()).toEqual([...new Set(watched)].toSorted());
  expect(written).toHaveLength(stackShape.metrics);
  expect(written.length).toBeLessThanOrEqual(15);
});

test('functions write metrics only through the one list of names', () => {
  const sources = ['core', 'functions', 'jobs', 'stores', 'schemas'].flatMap((folder) => globSync(`${folder}/**/*.ts`));
  const writers = sources.filter(
    (file) => !file.endsWith('.test.ts') && /CloudWatchMetrics|PutMetricData/.test(readFileSync(file, 'utf8')),
  );
  expect(writers).toEqual(['core/edge/metric-line.ts']);
});
