import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawKey } from '#schemas/lake-keys.ts';
import { createRollupReader } from '#stores/counters/rollup-reader.ts';
import { createRollupWriter } from '#stores/counters/rollup-writer.ts';
import { FileMissing } from '#stores/lake/raw-files.ts';
import { startDynamoDb, type TestDynamoDb } from '#test/dynamodb.ts';
import { eventRow, rawFileOf } from '#test/raw-file.ts';
import { StoreUnavailable } from '#stores/errors.ts';
import { createRollup } from './rollup.ts';

let db: TestDynamoDb;
beforeAll(async () => {
  db = await startDynamoDb();
});
afterAll(() => db.stop());

let time = Date.parse('2026-11-22T06:10:00Z');
function now(): number {
  return time;
}
const bucket = 'lake';
let serial = 0;

/** Returns a key that states this number of rows. */
function createKey(rows: number): string {
  return rawKey({ dt: '2026-11-22', hr: '06' }, String(serial++).padStart(26, '0'), rows);
}

function createNotification(key: string, changes: { bucket?: string; eventName?: string } = {}): string {
  return JSON.stringify({
    Records: [
      {
        eventName: changes.eventName ?? 'ObjectCreated:Put',
        s3: {
          bucket: { name: changes.bucket ?? bucket },
          object: { key: encodeURIComponent(key).replaceAll('%2F', '/'), size: 1 },
        },
      },
    ],
  });
}

/** @param hanging keys that S3 does not return: their reads take all their time */
function startRollup(files: Record<string, Uint8Array>, hanging: readonly string[] = []) {
  const logged: { level: string; message: string; more: Record<string, unknown> }[] = [];
  function at(level: string) {
    return (message: string, more: Record<string, unknown>): void => void logged.push({ level, message, more });
  }
  const handler = createRollup({
    bucket,
    rawFiles: {
      read: async (key, milliseconds) => {
        if (hanging.includes(key)) {
          time += milliseconds;
          throw new StoreUnavailable(`${key} was not returned within ${milliseconds} ms`);
        }
        const file = files[key];
        if (!file) throw new FileMissing(`${key} is not in ${bucket}`);
        return file;
      },
    },
    rollups: createRollupWriter({
      client: db.client,
      table: db.tables.rollups,
      backoff: { now, sleep: async () => undefined, random: () => 0.5 },
      hotDays: 90,
      markerDays: 40,
    }),
    now,
    log: { info: at('info'), warn: at('warn'), error: at('error') },
  });
  function send(bodies: string[]) {
    return handler(
      {
        Records: bodies.map((body, at) => ({
          messageId: `m${at}`,
          body,
          receiptHandle: '',
          attributes: {
            SentTimestamp: String(now() - 700),
            ApproximateReceiveCount: '1',
            SenderId: '',
            ApproximateFirstReceiveTimestamp: '0',
          },
          messageAttributes: {},
          md5OfBody: '',
          eventSource: 'aws:sqs',
          eventSourceARN: '',
          awsRegion: 'us-east-1',
        })),
      },
      { getRemainingTimeInMillis: () => 30_000 },
    );
  }
  return { send, logged };
}

async function readClicks(entity: string): Promise<number | undefined> {
  const reader = createRollupReader({ client: db.client, table: db.tables.rollups, now });
  const [item] = await reader.hours(entity, '2026-11-22', '2026-11-22');
  return item?.hot['clicks'];
}

describe('rollup', () => {
  it('counts a file once, even if its notification is repeated', async () => {
    const key = createKey(3);
    const file = rawFileOf([1, 2, 3].map(() => eventRow({ link_id: 'often' })));
    const { send, logged } = startRollup({ [key]: file });
    const response = await send([createNotification(key), createNotification(key)]);
    await send([createNotification(key)]);
    expect(response).toEqual({ batchItemFailures: [] });
    expect(await readClicks('link#often')).toBe(3);
    expect(logged.map(({ more }) => more)).toMatchObject([
      { files: 1, rows: 3, updates: 3, transactions: 1, claimedBefore: 0 },
      { files: 1, rows: 3, updates: 0, transactions: 0, claimedBefore: 1 },
    ]);
  });

  it('updates the items of many files once', async () => {
    const keys = Array.from({ length: 40 }, () => createKey(2));
    const file = rawFileOf([eventRow({ link_id: 'viral' }), eventRow({ link_id: 'viral' })]);
    const { send, logged } = startRollup(Object.fromEntries(keys.map((key) => [key, file])));
    expect(await send(keys.map((key) => createNotification(key)))).toEqual({ batchItemFailures: [] });
    expect(await readClicks('link#viral')).toBe(80);
    expect(logged.map(({ more }) => more)).toMatchObject([{ files: 40, rows: 80, updates: 3, transactions: 1 }]);
  });

  it('fails a message of several files if one of them is not counted', async () => {
    const [lost, key] = [createKey(1), createKey(1)];
    const { send } = startRollup({ [key]: rawFileOf([eventRow({ link_id: 'with-lost' })]) });
    const both = [lost, key].flatMap((each) => JSON.parse(createNotification(each)).Records);
    expect(await send([JSON.stringify({ Records: both }), createNotification(key)])).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm0' }],
    });
    expect(await readClicks('link#with-lost')).toBe(1);
  });

  it('fails only the message whose file is missing', async () => {
    const [lost, key] = [createKey(1), createKey(1)];
    const { send, logged } = startRollup({ [key]: rawFileOf([eventRow({ link_id: 'other' })]) });
    const response = await send([createNotification(lost), createNotification(key)]);
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
    expect(await readClicks('link#other')).toBe(1);
    expect(logged).toContainEqual(
      expect.objectContaining({ level: 'error', more: expect.objectContaining({ error: expect.any(FileMissing) }) }),
    );
  });

  it('counts the files that S3 returns, although it keeps others until half of the time is over', async () => {
    const hanging = Array.from({ length: 30 }, () => createKey(1));
    const key = createKey(1);
    const { send } = startRollup({ [key]: rawFileOf([eventRow({ link_id: 'beside' })]) }, hanging);
    const started = now();
    const response = await send([key, ...hanging].map((each) => createNotification(each)));
    expect(now() - started).toBeLessThanOrEqual(15_000);
    expect(response.batchItemFailures).toHaveLength(30);
    expect(await readClicks('link#beside')).toBe(1);
  });

  it.each([
    ['more', 1, 2],
    ['fewer', 3, 2],
  ])('does not count a file with %s rows than its name states', async (word, stated, rows) => {
    const key = createKey(stated);
    const file = rawFileOf(Array.from({ length: rows }, () => eventRow({ link_id: `rows-${word}` })));
    const { send, logged } = startRollup({ [key]: file });
    expect(await send([createNotification(key)])).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
    expect(await readClicks(`link#rows-${word}`)).toBeUndefined();
    expect(JSON.stringify(logged.map(({ more }) => String(more['error'])))).toContain(
      `has ${rows} rows, but its name states ${stated}`,
    );
  });

  it.each([
    ['not Parquet', 'hello'],
    ['empty', ''],
  ])('keeps the message of a file that is %s', async (_, content) => {
    const key = createKey(1);
    const { send } = startRollup({ [key]: new TextEncoder().encode(content) });
    expect(await send([createNotification(key)])).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
  });

  it('ignores and logs objects that are not raw files of this bucket', async () => {
    const { send, logged } = startRollup({});
    const bodies = [
      createNotification('settled/events/dt=2026-11-22/x.parquet'),
      createNotification(createKey(1), { bucket: 'other' }),
      createNotification(createKey(1), { eventName: 'ObjectRemoved:Delete' }),
      JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: bucket }),
    ];
    expect(await send(bodies)).toEqual({ batchItemFailures: [] });
    expect(logged.map(({ level }) => level)).toEqual(['warn', 'warn']);
  });

  it('keeps a message that is not a notification', async () => {
    const { send } = startRollup({});
    expect(await send(['{', '{"hello":1}'])).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm0' }, { itemIdentifier: 'm1' }],
    });
  });
});
