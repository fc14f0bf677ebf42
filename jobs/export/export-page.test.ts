import { parquetWriteBuffer } from 'hyparquet-writer';
import { expect, it } from 'vitest';
import { createExportHandler } from '#functions/export/export.ts';
import type { StoredJob } from '#schemas/lake-jobs.ts';
import { exportResultKey, exportsPrefix } from '#schemas/lake-keys.ts';
import { type ExportDependencies, maxExportBytes } from './export-page.ts';

const id = 'A'.repeat(26);
const request = { page: '/ada', from: '2026-11-01', to: '2026-11-22', id };
const report = { query: '', id: '', state: 'SUCCEEDED', milliseconds: 0, rows: 0, bytes: 0, dollars: 0, reused: false };

/** Dependencies whose query writes one Parquet file with this many events, listed with this size. */
function createLake(events: number, size?: number) {
  const key = `${exportsPrefix}${id}/part`;
  const objects = new Map<string, Uint8Array>();
  function unexpected(): Promise<never> {
    return Promise.reject(new Error('an export needs no other query'));
  }
  const deps: ExportDependencies = {
    athena: {
      rows: unexpected,
      statement: unexpected,
      unload: async () => {
        const data = Array.from({ length: events }, (_, at) => `e${at}`);
        objects.set(
          key,
          new Uint8Array(parquetWriteBuffer({ columnData: [{ name: 'event_id', data, type: 'STRING' }] })),
        );
        return { ...report, state: 'SUCCEEDED' };
      },
    },
    lake: {
      get: async (name) => objects.get(name) ?? new Uint8Array(),
      put: async (name, bytes) => void objects.set(name, bytes),
      listRawHour: unexpected,
    },
    files: {
      list: async (prefix) =>
        [...objects].flatMap(([name, bytes]) =>
          name.startsWith(prefix) ? [{ key: name, size: size ?? bytes.byteLength, modified: 0 }] : [],
        ),
      delete: async (names) => names.forEach((name) => objects.delete(name)),
      folders: unexpected,
      rawDates: unexpected,
      rawOfDate: unexpected,
    },
    bucket: 'lake',
  };
  function stored(): StoredJob {
    return JSON.parse(Buffer.from(objects.get(exportResultKey(id)) ?? []).toString('utf8'));
  }
  return { objects, stored, run: createExportHandler(deps) };
}

it('writes 100,000 events to a CSV file, so that it needs the memory of no more', async () => {
  const { objects, run } = createLake(100_001);
  const { keys, events } = await run({ ...request, format: 'csv' });
  expect(events).toBe(100_001);
  const lines = keys.map(
    (key) =>
      Buffer.from(objects.get(key) ?? [])
        .toString('utf8')
        .trimEnd()
        .split('\r\n').length - 1,
  );
  expect(lines).toEqual([100_000, 1]);
  expect([...objects.keys()].sort()).toEqual([...keys, exportResultKey(id)].sort());
});

it('fails for good, and keeps nothing, above its limit', async () => {
  const atLimit = createLake(1, maxExportBytes);
  expect(await atLimit.run({ ...request, format: 'parquet' })).toMatchObject({ events: 1 });
  const above = createLake(1, maxExportBytes + 1);
  expect(await above.run({ ...request, format: 'parquet' })).toEqual({ keys: [], events: 0 });
  expect(above.stored()).toEqual({ state: 'failed', message: expect.stringContaining('Export fewer days') });
  expect([...above.objects.keys()]).toEqual([exportResultKey(id)]);
});
