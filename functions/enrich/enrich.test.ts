import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';
import { expect, test } from 'vitest';
import { hmacKey } from '#core/visitors/hmac.ts';
import { createSalt } from '#core/visitors/identity.ts';
import type { QueueRecord } from '#core/enrich/read-message.ts';
import { ulidOf } from '#core/ulid.ts';
import { parseRawKey } from '#schemas/lake-keys.ts';
import { StoreUnavailable } from '#stores/errors.ts';
import { type EnrichOptions, enrichBatch } from './enrich.ts';
import { clickMessage } from '#test/click-message.ts';

const sentAt = Date.UTC(2026, 10, 22, 7, 59, 59, 500);
const key = hmacKey(new Uint8Array(32));

function message(id: number, part: object = {}): string {
  const headers = {
    userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/124.0.0.0 Safari/537.36',
    referrer: null,
  };
  return JSON.stringify(clickMessage(sentAt, { id: String(id), headers, ...part }));
}

function record(body: string, index = 0): QueueRecord {
  return { messageId: `m${index}`, body, sentAt };
}

function start(failing?: (key: string) => boolean) {
  const objects = new Map<string, Uint8Array>();
  let count = 0;
  const options: EnrichOptions = {
    lake: {
      put: async (name, bytes) => {
        if (failing?.(name)) throw new StoreUnavailable(`${name} was rejected`);
        objects.set(name, bytes);
      },
    },
    ownHosts: ['go.example'],
    pages: { get: async () => undefined },
    salts: { saltsOf: async (dates) => new Map(Array.from(dates.keys(), (date) => [date, createSalt(key)])) },
    showRecent: async () => {},
    geography: () => null,
    now: () => sentAt + 5_000,
    ulid: () => ulidOf(sentAt, new Uint8Array(16).fill(count++)),
  };
  return { objects, options };
}

async function readRows(bytes: Uint8Array | undefined): Promise<Record<string, unknown>[]> {
  return parquetReadObjects({
    file: new Uint8Array(bytes ?? []).buffer,
    compressors: { ZSTD: (input) => zstdDecompressSync(input) },
  });
}

test('every message is one row in the raw file of its UTC hour, whose key states the number of rows', async () => {
  const { objects, options } = start();
  const bodies = [0, 400, 600, 60_000].map((later, index) => message(index, { occurredAt: sentAt + later }));
  const report = await enrichBatch(bodies.map(record), options);
  expect(report).toMatchObject({ events: 4, failed: 0, files: 2 });
  const keys = Array.from(objects.keys(), (name) => parseRawKey(name));
  expect(keys.map((raw) => [raw?.dt, raw?.hr, raw?.rows])).toEqual([
    ['2026-11-22', '07', 2],
    ['2026-11-22', '08', 2],
  ]);
  for (const [name, bytes] of objects) expect(await readRows(bytes)).toHaveLength(parseRawKey(name)?.rows ?? -1);
});

test('an invalid message becomes a failed row and a kept original, and does not affect other messages', async () => {
  const alone = start();
  const withFailed = start();
  await enrichBatch([record(message(1), 1), record(message(2), 2)], alone.options);
  const report = await enrichBatch(
    [record(message(1), 1), record('{"id":"7","page":"/ada","x', 3), record(message(2), 2)],
    withFailed.options,
  );
  expect(report).toMatchObject({ events: 3, failed: 1, reasons: { 'body.not-json': 1 } });
  const [failedKey = '', rawKey = ''] = Array.from(withFailed.objects.keys()).toSorted();
  const rows = await readRows(withFailed.objects.get(rawKey));
  const others = rows.filter(({ outcome }) => outcome !== 'failed');
  expect(others).toEqual(await readRows(alone.objects.values().next().value));
  expect(failedKey).toMatch(/^failed\/dt=2026-11-22\/[0-9A-Z]{26}\.ndjson\.gz$/);
  const [line = ''] = gunzipSync(withFailed.objects.get(failedKey) ?? new Uint8Array())
    .toString()
    .split('\n');
  expect(JSON.parse(line)).toEqual({
    reason: 'body.not-json',
    field: 'body',
    value: String.raw`"{\"id\":\"7\",\"page\":\"/ada\",\"x"`,
    messageId: 'm3',
    sentAt,
    body: '{"id":"7","page":"/ada","x',
  });
});

test.for([['raw/'], ['failed/']])('nothing is acknowledged if a file under %s was not written', async ([prefix]) => {
  const { options } = start((name) => name.startsWith(prefix ?? ''));
  await expect(enrichBatch([record(message(1)), record('?', 1)], options)).rejects.toThrow(StoreUnavailable);
});

test('a row does not depend on the other messages of its batch', async () => {
  const bodies = Array.from({ length: 30 }, (_, index) =>
    message(index, { address: `203.0.113.${index % 7}`, link: `l${index % 3}`, occurredAt: sentAt + (index % 5) }),
  );
  const one = start();
  await enrichBatch(bodies.map(record), one.options);
  const many = start();
  for (const [index, body] of bodies.toReversed().entries()) await enrichBatch([record(body, index)], many.options);
  async function rows(objects: Map<string, Uint8Array>): Promise<Record<string, unknown>[]> {
    const files = await Promise.all(Array.from(objects.values(), readRows));
    return files.flat().toSorted((a, b) => Number(a['event_id']) - Number(b['event_id']));
  }
  expect(await rows(many.objects)).toEqual(await rows(one.objects));
});

test('a redelivered message has the same id, visitor and repeat key', async () => {
  const { objects, options } = start();
  await enrichBatch([record(message(5)), record(message(5))], options);
  const [first, second] = await readRows(objects.values().next().value);
  expect(second).toEqual(first);
});
