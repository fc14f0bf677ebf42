import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { countEvents } from '#core/aggregate/count-events.ts';
import { readEventColumns } from '#core/aggregate/event-columns.ts';
import { hourName, type UtcHour } from '#core/settle/hours.ts';
import { retain } from '#jobs/retention/retain.ts';
import type { SettleDeps } from '#jobs/settle/deps.ts';
import { settle } from '#jobs/settle/settle.ts';
import type { EventRow } from '#schemas/event.ts';
import { partitionOf, rawKey } from '#schemas/lake-keys.ts';
import { createRollupWriter } from '#stores/counters/rollup-writer.ts';
import { faultyClient } from '#test/dynamodb-faults.ts';
import { eventRow, rawFileOf } from '#test/raw-file.ts';
import { Died } from './mortal.ts';
import { createWorld, type Servers, startServers, type World } from './settle-world.ts';
import { bucket } from './start-lake.ts';

/** Which hours settle looks at, and what makes it look. The clock of a world is at 2026-12-01T00:00. */

let servers: Servers;
let world: World;
beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());
beforeEach(async () => {
  world = await createWorld(servers, ['UTC']);
});

let ids = 1n;
function click(at: string, changes: Partial<EventRow> = {}): EventRow {
  ids += 17n;
  return eventRow({
    event_id: ids,
    occurred_at: Date.parse(at),
    received_at: Date.parse(at),
    local_hour: `${at.slice(0, 13)}+00:00`,
    local_date: at.slice(0, 10),
    visitor_id: ids,
    ...changes,
  });
}

/** Writes a raw file that S3 announces to nobody. */
async function writeUnannounced(row: EventRow): Promise<string> {
  const key = rawKey(partitionOf(row.occurred_at), String(ids).padStart(26, '0'), 1);
  await world.lake.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: rawFileOf([row]) }));
  return key;
}

/** Settles at a time, and returns the summary with the hours whose raw files it listed to settle them. */
async function settleAt(time: string, deps: SettleDeps = world.deps) {
  const looked: string[] = [];
  const lake: SettleDeps['lake'] = {
    ...deps.lake,
    listRawHour: async (hour) => {
      const files = await deps.lake.listRawHour(hour);
      looked.push(hourName(hour));
      return files;
    },
  };
  const summary = await settle({ ...deps, lake }, { time: Date.parse(time) });
  return { ...summary, looked: [...new Set(looked)] };
}

async function clicksOf(hour: string): Promise<number | undefined> {
  const date = hour.slice(0, 10);
  const items = await world.reader.hours('link#k3x9', date, date);
  const final = items.find((item) => item.hour === `${hour}+00:00`)?.final;
  return final && (final['clicks'] ?? 0);
}

const old = '2026-11-02T10';

/** Settles an hour of the past and everything up to the morning of the 30th. */
async function settlePast(): Promise<void> {
  await world.write([click(`${old}:05:00Z`), click('2026-11-30T05:05:00Z')]);
  expect(await settleAt('2026-11-30T06:11:00Z')).toMatchObject({ settled: [old, '2026-11-30T05'] });
  await settleAt('2026-11-30T07:11:00Z');
  expect(await world.deps.dirty.marks()).toEqual(new Map());
}

describe('a late file', () => {
  it('makes settle look at its hour, however old, and at no other', async () => {
    await settlePast();
    await world.write([click(`${old}:06:00Z`)]);
    expect([...(await world.deps.dirty.marks()).keys()]).toEqual([old]);
    expect(await settleAt('2026-11-30T08:11:00Z')).toMatchObject({
      settled: [old],
      looked: [old, '2026-11-23T07', '2026-11-29T07'],
    });
    expect(await clicksOf(old)).toBe(2);
    expect((await settleAt('2026-11-30T09:11:00Z')).looked).toEqual(['2026-11-23T08', '2026-11-29T08']);
  });

  it('in an hour that had none settles for the first time', async () => {
    await settlePast();
    await world.write([click('2026-11-10T03:00:00Z')]);
    expect((await settleAt('2026-11-30T08:11:00Z')).settled).toEqual(['2026-11-10T03']);
  });

  it('that arrives while its hour is listed keeps the mark for the next settle', async () => {
    await settlePast();
    await world.write([click(`${old}:06:00Z`)]);
    let listed = 0;
    const lake: SettleDeps['lake'] = {
      ...world.deps.lake,
      listRawHour: async (hour) => {
        const files = await world.deps.lake.listRawHour(hour);
        if (hourName(hour) === old && listed++ === 0) await world.write([click(`${old}:07:00Z`)]);
        return files;
      },
    };
    await settleAt('2026-11-30T08:11:00Z', { ...world.deps, lake });
    expect([...(await world.deps.dirty.marks()).keys()]).toEqual([old]);
    await settleAt('2026-11-30T08:11:00Z');
    expect(await clicksOf(old)).toBe(3);
    expect(await world.deps.dirty.marks()).toEqual(new Map());
  });

  it.each(['die-before', 'die-after'] as const)('counts once if rollup dies at its claim (%s)', async (fault) => {
    await settlePast();
    const row = click(`${old}:06:00Z`);
    const key = await writeUnannounced(row);
    function roll(client = world.db.client) {
      const writer = createRollupWriter({
        client,
        table: world.tables.rollups,
        backoff: { now: world.deps.now, sleep: async () => undefined, random: () => 0.5 },
        hotDays: 90,
        markerDays: 40,
      });
      return writer.applyFiles([key], {
        count: async () => countEvents(await readEventColumns(rawFileOf([row]))),
        deadline: Number.POSITIVE_INFINITY,
      });
    }
    const { failures } = await roll(faultyClient(world.db, 'TransactWriteItemsCommand', [fault]));
    expect(failures.size).toBe(1);
    expect((await settleAt('2026-11-30T08:11:00Z')).settled).toEqual([old]);
    expect(await clicksOf(old)).toBe(2);
    // SQS delivers the file again.
    await roll();
    expect((await settleAt('2026-11-30T08:11:00Z')).settled).toEqual([]);
    expect(await clicksOf(old)).toBe(2);
  });

  it('settles again if settle dies before it removes the mark', async () => {
    await settlePast();
    await world.write([click(`${old}:06:00Z`)]);
    const dirty = { ...world.deps.dirty, clear: () => Promise.reject(new Died('before clear')) };
    await expect(settleAt('2026-11-30T08:11:00Z', { ...world.deps, dirty })).rejects.toThrow(Died);
    expect(await settleAt('2026-11-30T08:11:00Z')).toMatchObject({ state: 'done', settled: [] });
    expect(await clicksOf(old)).toBe(2);
    expect(await world.deps.dirty.marks()).toEqual(new Map());
  });
});

describe('an hour after one whose tail changed', () => {
  const tail = [click(`${old}:59:58Z`, { repeat_key: 9n }), click('2026-11-02T11:00:01Z', { repeat_key: 9n })];

  it('settles again, also if settle dies between the two', async () => {
    await world.write(tail.slice(1));
    for (const hour of ['06', '07']) await settleAt(`2026-11-30T${hour}:11:00Z`);
    expect(await clicksOf('2026-11-02T11')).toBe(1);
    await world.write(tail.slice(0, 1));
    const state: SettleDeps['state'] = {
      ...world.deps.state,
      commitHour: async (record) => {
        if (record.hr === '11') throw new Died('before the next hour');
        return world.deps.state.commitHour(record);
      },
    };
    await expect(settleAt('2026-11-30T08:11:00Z', { ...world.deps, state })).rejects.toThrow(Died);
    await settleAt('2026-11-30T08:11:00Z');
    expect(await clicksOf('2026-11-02T11')).toBe(0);
    expect(await world.deps.dirty.marks()).toEqual(new Map());
  });
});

describe('a file that rollup counts before settle can list its hour', () => {
  it('leaves no mark', async () => {
    await world.write([click('2026-11-30T23:30:00Z'), click('2026-12-01T00:00:00Z')]);
    expect(await world.deps.dirty.marks()).toEqual(new Map());
  });

  it('is found by the next settle, if one was ahead of the clock', async () => {
    await world.write([click('2026-11-30T23:30:00Z')]);
    expect((await settleAt('2026-12-01T00:11:00Z')).settled).toEqual(['2026-11-30T23']);
    expect((await settleAt('2026-12-01T00:11:00Z')).settled).toEqual([]);
    await world.write([click('2026-11-30T23:31:00Z')]);
    expect((await settleAt('2026-12-01T01:11:00Z')).settled).toEqual(['2026-11-30T23']);
    expect(await clicksOf('2026-11-30T23')).toBe(2);
  });
});

describe('a file that S3 announces to nobody', () => {
  it('is found when its hour is listed again, a day and a week later', async () => {
    await world.write([click('2026-11-20T10:05:00Z')]);
    await settleAt('2026-11-20T11:11:00Z');
    await writeUnannounced(click('2026-11-20T10:06:00Z'));
    expect((await settleAt('2026-11-21T10:11:00Z')).settled).toEqual([]);
    expect((await settleAt('2026-11-21T11:11:00Z')).settled).toEqual(['2026-11-20T10']);
    await writeUnannounced(click('2026-11-20T10:07:00Z'));
    expect((await settleAt('2026-11-27T10:11:00Z')).settled).toEqual([]);
    expect((await settleAt('2026-11-27T11:11:00Z')).settled).toEqual(['2026-11-20T10']);
    expect(await clicksOf('2026-11-20T10')).toBe(3);
  });

  it('is kept by retention, and settled then', async () => {
    await settlePast();
    await writeUnannounced(click(`${old}:06:00Z`));
    const policy = { rawDays: 20, settledDays: 0 };
    expect(await retain(world.deps, policy, Date.parse('2026-11-30T07:40:00Z'))).toMatchObject({
      rawFiles: 0,
      kept: [{ hour: old }],
    });
    expect((await settleAt('2026-11-30T08:11:00Z')).settled).toEqual([old]);
    expect(await retain(world.deps, policy, Date.parse('2026-11-30T08:40:00Z'))).toMatchObject({
      rawFiles: 2,
      kept: [],
    });
  });
});

it('takes as many dirty hours as there is time for, and leaves the others marked', async () => {
  await settlePast();
  const hours = Array.from({ length: 720 }, (_, at): UtcHour => {
    const time = new Date(Date.parse('2026-10-30T00:00:00Z') + at * 3_600_000).toISOString();
    return { dt: time.slice(0, 10), hr: time.slice(11, 13) };
  });
  await Promise.all(hours.map((hour) => world.deps.dirty.mark(hourName(hour))));
  const clock = { at: Date.parse('2026-12-01T00:00:00Z') };
  const deps = { ...world.deps, now: () => (clock.at += 10) };
  const time = Date.parse('2026-11-30T08:11:00Z');
  const first = await settle(deps, { time, deadline: clock.at + 5_000, end: clock.at + 9_000 });
  expect(first.state).toBe('unfinished');
  const left = await world.deps.dirty.marks();
  expect(left.size).toBeGreaterThan(0);
  expect(left.size).toBeLessThan(720);
  expect(await settle(world.deps, { time })).toMatchObject({ state: 'done', refused: [] });
  expect(await world.deps.dirty.marks()).toEqual(new Map());
});
