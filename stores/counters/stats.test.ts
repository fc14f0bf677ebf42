import { sumWindows } from '#core/ledger/windows.ts';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { fc } from '#test/property.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { monthDayText, parseMonthDay } from './counter-items.ts';
import { startDynamoDb, type TestDynamoDb } from '#test/dynamodb.ts';
import { createTable } from '../dynamodb/table.ts';
import { DamagedItem } from '../errors.ts';
import { pack, unpack } from './compressed-json.ts';
import { createRollupReader } from './rollup-reader.ts';
import { createSettledRollups } from './settled-counters.ts';
import { createStatsStore, type StatsStore } from './stats.ts';

function now(): number {
  return Date.parse('2026-11-22T12:00:00Z');
}
const [live, expired] = [now() / 1000 + 60, now() / 1000 - 60];
const pk = 'page#/ada';

let db: TestDynamoDb;
let stats: StatsStore;
function put(item: Record<string, unknown>) {
  return db.client.send(
    new PutItemCommand({ TableName: db.tables.rollups, Item: marshall({ pk, expires: live, ...item }) }),
  );
}
beforeAll(async () => {
  db = await startDynamoDb();
  stats = createStatsStore({ client: db.client, table: db.tables.rollups, freshnessSeconds: 20, now });
  await put({ sk: 'h#2026-11-21T22+01:00', views: 3, expires: expired });
  await put({ sk: 'h#2026-11-22T07+01:00', views: 9, 'm.05': 1, final: { views: 7 }, finalRun: 'r' });
  await put({ sk: 'h#2026-11-22T08+01:00', views: 5 });
  await put({ sk: 'h#2026-11-22T09+01:00', views: 4, final: { views: 4 }, finalRun: 'r' });
  await put({ sk: 'h#2026-11-22T10+01:00', views: 2 });
  await put({ sk: 'q#2026-11-22T07+01:00', '20261122T0600': 5, '20261122T0615': 4 });
  await put({ sk: 'q#2026-11-22T11+01:00', '20261122T1000': 6 });
  await put({ sk: 'q#2026-11-21T22+01:00', '20261121T2100': 3, expires: expired });
});
afterAll(() => db.stop());

describe('the last date', () => {
  it('is that of the last hour with views or clicks, or of the last settled day', async () => {
    expect(await stats.lastDate('page#/none')).toBeUndefined();
    expect(await stats.lastDate(pk)).toBe('2026-11-22');
    const other = 'page#/replayed';
    await put({
      pk: other,
      sk: 'm#2015-07',
      '03': monthDayText('01K', { views: 5, clicks: 0, visitors: 1, sessions: 1 }),
    });
    await put({
      pk: other,
      sk: 'm#2015-08',
      '01': monthDayText('01K', { views: 0, clicks: 0, visitors: 0, sessions: 0 }),
    });
    expect(await stats.lastDate(other)).toBe('2015-07-03');
    await put({ pk: other, sk: 'h#2026-11-20T10+01:00', clicks: 1 });
    // Bots alone.
    await put({ pk: other, sk: 'h#2026-11-21T10+01:00', bots: 1 });
    expect(await stats.lastDate(other)).toBe('2026-11-20');
  });
});

describe('hours', () => {
  const settledHour = '2026-11-22T09';

  it('are read with final counters only if settled, and whole otherwise', async () => {
    expect(await stats.hours(pk, '2026-11-21', '2026-11-22', settledHour)).toEqual([
      { hour: '2026-11-22T07+01:00', hot: {}, final: { views: 7 } },
      { hour: '2026-11-22T08+01:00', hot: { views: 5 }, final: undefined },
      { hour: '2026-11-22T09+01:00', hot: { views: 4 }, final: { views: 4 } },
      { hour: '2026-11-22T10+01:00', hot: { views: 2 }, final: undefined },
    ]);
  });

  it.each(['', '2026-11-22T00', '2026-11-22T08', '2026-11-23T00', '2027-01-01T00'])(
    'have the same counts for any settled hour: %s',
    async (border) => {
      const hours = await stats.hours(pk, '2026-11-14', '2026-11-22', border);
      const best = hours.map(({ hot, final }) => (final ?? hot)['views']);
      expect(best).toEqual([7, 5, 4, 2]);
    },
  );

  it('have zero totals if settled without views or clicks, whatever their hot counters are', async () => {
    await put({ pk: 'page#/bob', sk: 'h#2026-11-22T07+01:00', views: 9, final: { 'x.bot': 9 }, finalRun: 'r' });
    await put({ pk: 'page#/bob', sk: 'h#2026-11-22T08+01:00', clicks: 2 });
    const totals = [
      { entity: 'page#/bob', hour: '2026-11-22T07+01:00', views: 0, clicks: 0 },
      { entity: 'page#/bob', hour: '2026-11-22T08+01:00', views: 0, clicks: 2 },
    ];
    expect(await stats.totalsOfDates('page#/bob', '2026-11-22', '2026-11-22')).toEqual(totals);
    const byKey = await stats.hourTotals(totals);
    expect(byKey.toSorted((a, b) => (a.hour < b.hour ? -1 : 1))).toEqual(totals);
  });

  it('include received requests, even without counted events', async () => {
    const received = await stats.received(pk, '2026-11-21', '2026-11-22');
    expect([...received].map(([hour, requests]) => [hour, sumWindows(requests.requests)])).toEqual([
      ['2026-11-22T07+01:00', 9],
      ['2026-11-22T11+01:00', 6],
    ]);
    const reader = createRollupReader({ client: db.client, table: db.tables.rollups, now });
    const hours = await reader.hours(pk, '2026-11-22', '2026-11-22');
    expect(hours.map(({ hour, received: count }) => [hour.slice(11, 13), count])).toEqual([
      ['07', 9],
      ['08', 0],
      ['09', 0],
      ['10', 0],
      ['11', 6],
    ]);
  });
});

describe('settled dates', () => {
  function settled() {
    return createSettledRollups({ client: db.client, table: db.tables.rollups, now, hotDays: 90 });
  }
  const numbers = { views: 10, clicks: 4, 'vc.AT': 10, visitors: 5, sessions: 6 };
  function day(views: number) {
    return {
      entity: 'page#/eva',
      date: '2026-10-31',
      numbers: { ...numbers, views },
      tops: { city: [['Ĝenevo, CH', 4, 9]] as [string, number, number][] },
    };
  }

  it('are read as written, and only a later run replaces them', async () => {
    await settled().writeDays([day(10)], '01B');
    await settled().writeDays([day(99)], '01A');
    expect(await stats.days('page#/eva', '2026-10-01', '2026-11-30')).toEqual([{ date: '2026-10-31', numbers }]);
    expect(await stats.topLists('page#/eva', '2026-10-31', '2026-10-31')).toEqual([
      { date: '2026-10-31', lists: { city: [['Ĝenevo, CH', 4, 9]] } },
    ]);
    const totals = { views: 10, clicks: 4, visitors: 5, sessions: 6 };
    expect(await stats.months(['page#/eva'], '2026-09-15', '2026-12-15')).toEqual(
      new Map([['page#/eva', new Map([['2026-10-31', totals]])]]),
    );
    await settled().writeDays([day(11)], '01C');
    expect((await stats.days('page#/eva', '2026-10-31', '2026-10-31'))[0]?.numbers['views']).toBe(11);
    expect((await stats.months(['page#/eva'], '2026-10-31', '2026-10-31')).get('page#/eva')?.get('2026-10-31')).toEqual(
      { ...totals, views: 11 },
    );
  });

  it('that are still open contain their settled hours; other hours are read from their own items', async () => {
    function finals(hour: string, final: Record<string, number>) {
      return { entity: 'page#/ivo', hour, final };
    }
    await put({ pk: 'page#/ivo', sk: 'h#2026-11-22T02+01:00', views: 5 });
    await settled().writeFinals([finals('2026-11-22T00+01:00', { views: 3, clicks: 1 })], '01KAPZ8Q4B');
    await settled().writeFinals([finals('2026-11-22T01+01:00', { 'x.bot': 2 })], '01KAPZ8Q4B');
    await settled().writeFinals([finals('2026-11-22T00+01:00', { views: 99 })], '01KAPZ8Q4A');
    const hours = ['2026-11-22T00+01:00', '2026-11-22T01+01:00', '2026-11-22T02+01:00', '2026-11-22T03+01:00'];
    const totals = await stats.hourTotals(hours.map((hour) => ({ entity: 'page#/ivo', hour })));
    expect(totals.map(({ hour, views, clicks }) => [hour.slice(11, 13), views, clicks])).toEqual([
      ['00', 3, 1],
      ['01', 0, 0],
      ['02', 5, 0],
    ]);
  });

  it('are the same when written together, also next to an item of a later run, and with two writes to one item', async () => {
    const run = '01KAPZ8Q4B';
    const items = createTable({ client: db.client, table: db.tables.rollups });
    async function writeAll(prefix: string, entitiesAtOnce: number): Promise<unknown> {
      const together = createSettledRollups({
        client: db.client,
        table: db.tables.rollups,
        now,
        hotDays: 90,
        entitiesAtOnce,
      });
      const entities = Array.from({ length: 70 }, (_, at) => `page#/${prefix}/${String(at).padStart(2, '0')}`);
      // The first of the second group, and the last, have a later run.
      for (const entity of [entities[25] ?? '', entities[69] ?? ''])
        await together.writeDays([{ ...day(99), entity }], '01KAPZ8Q4C');
      await together.writeDays(
        entities.map((entity) => ({ ...day(1), entity })),
        run,
      );
      // Both hours of a page are in the item of its date.
      const hours = ['2026-11-22T05+05:30', '2026-11-22T06+05:30'];
      await together.writeFinals(
        entities.flatMap((entity) => hours.map((hour) => ({ entity, hour, final: { views: 2 } }))),
        run,
      );
      const written = await Promise.all(entities.map((pk) => items.query({ pk })));
      return JSON.parse(JSON.stringify(written.flat()).replaceAll(`/${prefix}/`, '/'));
    }
    const alone = await writeAll('alone', 1);
    expect(alone).toHaveLength(70 * 6);
    // More than a transaction can hold is divided.
    for (const size of [25, 1_000]) expect(await writeAll(`by-${size}`, size)).toEqual(alone);
  });

  it('without packed content are reported as damaged', async () => {
    await put({ pk: 'page#/odd', sk: 'd#2026-10-31', views: 1 });
    await expect(stats.days('page#/odd', '2026-10-31', '2026-10-31')).rejects.toThrow(DamagedItem);
  });

  it('survive encoding as text, and other text is rejected', () => {
    const count = fc.nat({ max: 1_000_000_000 });
    fc.assert(
      fc.property(fc.record({ views: count, clicks: count, visitors: count, sessions: count }), (totals) => {
        expect(parseMonthDay(monthDayText('01KAPZ8Q4S3W4F1V6Z0XQH2N7R', totals))).toEqual(totals);
      }),
    );
    for (const text of ['', '01K', '01K 1 2 3', '01K 1 2 3 4 5', '01K 1 2 x 4', '01K 1.5 2 3 4', '01K 1 2  4'])
      expect(parseMonthDay(text)).toBeUndefined();
  });

  it('can pack any JSON', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(unpack(pack(JSON.parse(json)))).toEqual(JSON.parse(json));
      }),
    );
  });
});
