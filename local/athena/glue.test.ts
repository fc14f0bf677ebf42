import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createGlue } from './glue.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'hopcount-glue-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function open() {
  const table = { Name: 'events', PartitionKeys: [{ Name: 'dt' }, { Name: 'hr' }] };
  const glue = createGlue({ directory, database: 'lake', tables: [table] });
  const target = { DatabaseName: 'lake', TableName: 'events' };
  function partition(hr: string, run: string) {
    return { Values: ['2026-11-22', hr], StorageDescriptor: { Location: `s3://lake/${hr}/${run}/` } };
  }
  return {
    create: (hr: string) => glue.handle('CreatePartition', { ...target, PartitionInput: partition(hr, 'a') }),
    move: (hr: string) =>
      glue.handle('UpdatePartition', {
        ...target,
        PartitionValueList: ['2026-11-22', hr],
        PartitionInput: partition(hr, 'b'),
      }),
    remove: (hr: string) => glue.handle('DeletePartition', { ...target, PartitionValues: ['2026-11-22', hr] }),
    locations: () => glue.partitions('events').map(({ StorageDescriptor }) => StorageDescriptor.Location),
  };
}

it('keeps partitions over restarts: created, moved and removed ones', async () => {
  const first = open();
  await first.create('07');
  await first.create('08');
  await first.create('09');
  await first.move('08');
  await first.remove('09');
  expect(open().locations()).toEqual(['s3://lake/07/a/', 's3://lake/08/b/']);
  const third = open();
  await third.remove('07');
  expect(open().locations()).toEqual(['s3://lake/08/b/']);
});

it('writes a change without the partitions that were there before', async () => {
  const glue = open();
  for (const hr of ['07', '08']) await glue.create(hr);
  const journal = readFileSync(path.join(directory, 'partitions.jsonl'), 'utf8').trimEnd().split('\n');
  expect(journal).toHaveLength(2);
  expect(journal[1]).not.toContain('/07/');
  open();
  expect(existsSync(path.join(directory, 'partitions.jsonl'))).toBe(false);
});

it('leaves out a change that was cut off', async () => {
  await open().create('07');
  appendFileSync(path.join(directory, 'partitions.jsonl'), '{"table":"events","key":"2026-11-22/08","par');
  expect(open().locations()).toEqual(['s3://lake/07/a/']);
});
