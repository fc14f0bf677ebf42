import { gzipSync } from 'node:zlib';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { type AttributeValue, paginateScan } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, paginateListObjectsV2, PutObjectCommand } from '@aws-sdk/client-s3';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { compareHour } from '#core/ledger/report.ts';
import { hashSubject } from '#core/settle/tombstone.ts';
import { erase } from '#jobs/erase/erase.ts';
import { exportPage } from '#jobs/export/export-page.ts';
import { retain } from '#jobs/retention/retain.ts';
import type { SettleDeps } from '#jobs/settle/deps.ts';
import { rebuild } from '#jobs/settle/rebuild.ts';
import { settle } from '#jobs/settle/settle.ts';
import { classifierVersion, type EventRow } from '#schemas/event.ts';
import { maxErasures } from '#schemas/lake-jobs.ts';
import { failedKey, rawKey, rawPrefix } from '#schemas/lake-keys.ts';
import { finalRunAttribute, packedAttribute, parseMonthDay } from '#stores/counters/counter-items.ts';
import { createAlerts } from '#stores/alerts/alerts.ts';
import { unpack } from '#stores/counters/compressed-json.ts';
import { dayVisitors, plausibleEvents, plausibleVisits } from '#stores/lake/lake-queries.ts';
import { createPageTraces } from '#stores/catalog/page-traces.ts';
import { eventRow, olderRawFileOf, rawFileOf } from '#test/raw-file.ts';
import { bucket } from './start-lake.ts';
import { createWorld, type Servers, startServers, type World } from './settle-world.ts';

// Each test runs dozens of queries on two cores, which it shares with other test files.
vi.setConfig({ testTimeout: 120_000 });

let servers: Servers;
let world: World;
beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());
beforeEach(async () => {
  world = await createWorld(servers, ['Europe/Vienna']);
});

const evening = Date.parse('2026-11-22T22:11:00Z');
const nextDay = Date.parse('2026-11-23T05:11:00Z');

function at(time: string, id: bigint, changes: Partial<EventRow> = {}): EventRow {
  const occurred = Date.parse(`2026-11-22T${time}Z`);
  const local = localTimeOf('Europe/Vienna', occurred);
  return eventRow({
    event_id: id,
    occurred_at: occurred,
    received_at: occurred,
    local_hour: local.hour,
    local_date: local.date,
    city: 'Vienna',
    ...changes,
  });
}

function traffic(): EventRow[] {
  return [
    at('06:10:00', 101n, { visitor_id: 555111222333n, event_type: 'page_view', link_id: null }),
    at('06:11:00', 102n, { visitor_id: 555111222333n, campaign_id: 'spring' }),
    at('06:12:00', 103n, { visitor_id: 8n, campaign_id: 'spring', asn: 64500 }),
    at('06:40:00', 104n, { visitor_id: 9n, consented_id: 'person-42' }),
    at('07:10:00', 105n, { visitor_id: 9n, consented_id: 'person-42' }),
    at('07:20:00', 106n, { page_path: '/bob', link_id: 'bobslink', visitor_id: 10n, campaign_id: 'spring' }),
    at('08:20:00', 107n, { page_path: '/bob', link_id: 'bobslink', visitor_id: 11n }),
  ];
}

/** Requests that the edge has logged of this traffic, by hour. */
const receivedByHour = { '2026-11-22T06': 4, '2026-11-22T07': 2, '2026-11-22T08': 1 };

/** Returns an item with its packed content unpacked. */
function readable(item: Record<string, unknown>): Record<string, unknown> {
  const packed = item[packedAttribute];
  return packed instanceof Uint8Array ? { ...item, [packedAttribute]: unpack(packed) } : item;
}

async function allItems(table: string): Promise<Record<string, unknown>[]> {
  const items: Record<string, AttributeValue>[] = [];
  for await (const page of paginateScan({ client: world.db.client }, { TableName: table }))
    items.push(...(page.Items ?? []));
  return items.map((item) => readable(unmarshall(item)));
}

/** Reads the items that settle wrote, without their run ids. */
async function settledItems() {
  const items = (await allItems(world.tables.rollups)).flatMap((item) => {
    const sk = String(item['sk']);
    if (sk.startsWith('h#')) return 'final' in item ? [{ pk: item['pk'], sk, final: item['final'] }] : [];
    if (!/^[dtm]#/.test(sk)) return [];
    const content = Object.entries(item).filter(([name]) => name !== finalRunAttribute);
    return [
      Object.fromEntries(
        content.map(([name, value]) => [name, /^\d\d$/.test(name) ? parseMonthDay(String(value)) : value]),
      ),
    ];
  });
  return items.toSorted((a, b) =>
    `${String(a['pk'])} ${String(a['sk'])}`.localeCompare(`${String(b['pk'])} ${String(b['sk'])}`),
  );
}

async function emptyRollups() {
  const { DeleteItemCommand } = await import('@aws-sdk/client-dynamodb');
  for await (const page of paginateScan({ client: world.db.client }, { TableName: world.tables.rollups }))
    for (const item of page.Items ?? [])
      await world.db.client.send(
        new DeleteItemCommand({
          TableName: world.tables.rollups,
          Key: { pk: item['pk'] ?? { S: '' }, sk: item['sk'] ?? { S: '' } },
        }),
      );
}

async function allObjects(): Promise<{ key: string; bytes: Buffer }[]> {
  const objects: { key: string; bytes: Buffer }[] = [];
  for await (const page of paginateListObjectsV2({ client: world.lake.s3 }, { Bucket: bucket }))
    for (const { Key } of page.Contents ?? []) {
      const { Body } = await world.lake.s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
      objects.push({ key: Key ?? '', bytes: Buffer.from((await Body?.transformToByteArray()) ?? []) });
    }
  return objects;
}

async function rowsOf(sql: string) {
  return (await world.deps.athena.statement(sql)).rows;
}

/** Lists every place in the lake, the tables and the local copies that contains the text, also in columns. */
async function traces(word: string, column: string): Promise<string[]> {
  const found: string[] = [];
  for (const table of [world.tables.catalog, world.tables.rollups])
    for (const item of await allItems(table))
      if (JSON.stringify(item).includes(word)) found.push(`${table} ${JSON.stringify(item)}`);
  for (const { key, bytes } of await allObjects()) if (key.includes(word) || bytes.includes(word)) found.push(key);
  for (const table of ['raw_events', 'settled_events'])
    for (const row of await rowsOf(
      `SELECT dt, hr FROM ${table} WHERE dt BETWEEN '2026-01-01' AND '2027-01-01' AND CAST(${column} AS varchar) = '${word}'`,
    ))
      found.push(`${table} ${row.join()}`);
  const copies = path.join(world.lake.directory, 'athena', 'lake', 'copies');
  for (const file of readdirSync(copies, { recursive: true, withFileTypes: true }))
    if (file.isFile() && readFileSync(path.join(file.parentPath, file.name)).includes(word)) found.push(file.name);
  return found;
}

function eraser() {
  return {
    ...world.deps,
    linksOfPage: async () => ['bobslink'],
    markerDays: 40,
    traces: createPageTraces({ client: world.db.client, table: world.tables.catalog }),
  };
}

describe('erase', () => {
  it('leaves no trace of a consented id, and does not change other counts', async () => {
    await world.write(traffic());
    await settle(world.deps, { time: nextDay });
    const receipt = await erase(eraser(), { subject: { kind: 'consented', value: 'person-42' }, time: nextDay });
    expect(receipt).toMatchObject({ rewritten: ['2026-11-22T06', '2026-11-22T07'], pending: [], failed: [] });
    expect(await traces('person-42', 'consented_id')).toEqual([]);
    const [seven, eight] = await world.reader.hours('page#/ada', '2026-11-22', '2026-11-22');
    expect(seven?.final).toMatchObject({ views: 1, clicks: 2 });
    expect(eight?.final).toEqual({});
    expect(await rowsOf("SELECT count(*) FROM events WHERE dt = '2026-11-22'")).toEqual([['5']]);
  });

  it('leaves no trace of what a person did before they were identified, unless others used the device', async () => {
    const linked = { consented_id: 'user-b', anonymous_id: 'device-a' };
    await world.write([
      at('06:10:00', 201n, { consented_id: 'device-a' }),
      at('07:10:00', 202n, { ...linked, outcome: 'identify', outcome_rule: 'identify', event_type: 'custom' }),
      at('07:11:00', 203n, linked),
      at('07:12:00', 204n, { consented_id: 'user-b', anonymous_id: 'shared-s' }),
      at('07:13:00', 205n, { consented_id: 'user-c', anonymous_id: 'shared-s' }),
      at('08:10:00', 206n, { consented_id: 'shared-s' }),
    ]);
    await settle(world.deps, { time: nextDay });
    const counters = await world.reader.hours('page#/ada', '2026-11-22', '2026-11-22');
    expect(counters[1]?.final).toMatchObject({ clicks: 3, 'x.identify': 1 });
    // As docs/events.md says: user-b, who had device-a, user-c, and whoever had the shared device.
    const [, , query = ''] =
      /## Identities(.*?)\n\n((?: {4}[^\n]*\n)+)/s.exec(readFileSync('docs/events.md', 'utf8')) ?? [];
    expect(await rowsOf(query)).toEqual([['2026-11-22', '3']]);
    const receipt = await erase(eraser(), { subject: { kind: 'consented', value: 'user-b' }, time: nextDay });
    expect(receipt).toMatchObject({ rewritten: ['2026-11-22T06', '2026-11-22T07'], pending: [], failed: [] });
    expect(await traces('user-b', 'consented_id')).toEqual([]);
    expect(await traces('device-a', 'consented_id')).toEqual([]);
    expect(await traces('device-a', 'anonymous_id')).toEqual([]);
    expect(await rowsOf("SELECT event_id FROM events WHERE dt = '2026-11-22' ORDER BY 1")).toEqual([['205'], ['206']]);
    // A late event of the device, which was offline.
    await world.write([at('06:15:00', 207n, { consented_id: 'device-a' })]);
    await settle(world.deps, { time: nextDay + 3_600_000 });
    expect(await traces('device-a', 'consented_id')).toEqual([]);
    // The id of a device is erased as well as that of a user, with the events that name both.
    await erase(eraser(), { subject: { kind: 'consented', value: 'shared-s' }, time: nextDay });
    expect(await rowsOf("SELECT event_id FROM events WHERE dt = '2026-11-22'")).toEqual([]);
  });

  it('leaves no ids of a page, and all its events', async () => {
    const morning = traffic();
    await world.write([
      ...morning,
      at('07:30:00', 301n, { page_path: '/bob', link_id: null, consented_id: 'person-42' }),
    ]);
    await settle(world.deps, { time: nextDay });
    const before = await settledItems();
    const failed = { page: '/ada', consentedId: 'person-42', title: 5 };
    await world.lake.s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: failedKey('2026-11-22', '1'.repeat(26)),
        Body: gzipSync(`${JSON.stringify({ reason: 'invalid.title', body: JSON.stringify(failed) })}\n`),
      }),
    );
    const time = Date.parse('2026-11-22T09:30:00Z');
    const receipt = await erase({ ...eraser(), now: () => time }, { subject: { kind: 'ids', value: '/ada' }, time });
    expect(receipt).toMatchObject({
      rewritten: ['2026-11-22T06', '2026-11-22T07'],
      pending: [],
      failed: [],
      deletedObjects: 1,
    });
    expect(await rowsOf("SELECT page_path FROM events WHERE dt = '2026-11-22' AND consented_id IS NOT NULL")).toEqual([
      ['/bob'],
    ]);
    expect(
      await rowsOf("SELECT count(*) FROM raw_events WHERE page_path = '/ada' AND consented_id IS NOT NULL"),
    ).toEqual([['0']]);
    expect(await settledItems()).toEqual(before);
    // Late events lose their ids, and those of later hours have the ones that the page keeps by then.
    await world.write([
      at('07:40:00', 302n, { consented_id: 'person-42' }),
      at('10:10:00', 303n, { consented_id: 'person-42' }),
    ]);
    await settle(world.deps, { time: nextDay + 3_600_000 });
    expect(await rowsOf("SELECT event_id FROM events WHERE page_path = '/ada' AND consented_id IS NOT NULL")).toEqual([
      ['303'],
    ]);
    await world.write([at('08:30:00', 304n)]);
    await settle(world.deps, { time: nextDay + 7_200_000 });
    expect((await rowsOf("SELECT count(*) FROM events WHERE page_path = '/ada'"))[0]).toEqual(['8']);
  });

  it('finds nobody of a misspelled visitor, and writes no tombstone', async () => {
    await world.write(traffic());
    const receipt = await erase(eraser(), { subject: { kind: 'visitor', value: '555111222334' }, time: nextDay });
    expect(receipt).toMatchObject({ tombstone: null, rewritten: [], pending: [], deletedObjects: 0, remaining: [] });
    expect(await world.deps.state.tombstones()).toEqual([]);
  });

  it('leaves no trace of a visitor', async () => {
    await world.write(traffic());
    await settle(world.deps, { time: nextDay });
    const receipt = await erase(eraser(), { subject: { kind: 'visitor', value: '555111222333' }, time: nextDay });
    expect(receipt.rewritten).toEqual(['2026-11-22T06']);
    expect(await traces('555111222333', 'visitor_id')).toEqual([]);
  });

  it('leaves no trace of a page, its links and its failed events', async () => {
    await world.write(traffic());
    const failed = gzipSync(`${JSON.stringify({ reason: 'time.future', body: JSON.stringify({ page: '/bob' }) })}\n`);
    await world.lake.s3.send(
      new PutObjectCommand({ Bucket: bucket, Key: failedKey('2026-11-22', '0'.repeat(26)), Body: failed }),
    );
    await settle(world.deps, { time: nextDay });
    const alerts = createAlerts({ client: world.db.client, table: world.tables.catalog, now: () => nextDay });
    const calm = { kind: 'calm', through: '2026-11-22' } as const;
    await alerts.commitDay({
      page: '/bob',
      through: '2026-11-22',
      states: { traffic: calm, 'click-through': calm },
      incidents: [],
      mails: [],
    });
    const receipt = await erase(eraser(), { subject: { kind: 'page', value: '/bob' }, time: nextDay });
    expect(receipt).toMatchObject({ rewritten: ['2026-11-22T07', '2026-11-22T08'], deletedObjects: 1, failed: [] });
    expect(receipt.erased).toMatchObject({ alerts: 1, forecasts: 0, shares: 0 });
    // Rollup's stored updates name the page for 40 days, and DynamoDB deletes them within two more.
    expect(receipt.remaining).toContainEqual({
      place: 'counts of groups of raw files (file# in rollups)',
      until: new Date(nextDay + 42 * 86_400_000).toISOString(),
    });
    expect(await traces('/bob', 'page_path')).toEqual([]);
    expect(await traces('bobslink', 'link_id')).toEqual([]);
    expect(await lostOfStack(receivedByHour)).toEqual([0, 0, 0]);
    // A late event: rollup counts it, and settle removes it.
    await world.write([at('07:25:00', 108n, { page_path: '/bob', link_id: 'bobslink' })]);
    await settle(world.deps, { time: nextDay + 3_600_000 });
    expect(await traces('/bob', 'page_path')).toEqual([]);
    expect(await lostOfStack({ ...receivedByHour, '2026-11-22T07': 3 })).toEqual([0, 0, 0]);
  });
});

/** Returns what is lost by the hours of the stack. @param received requests that the edge has logged, by hour */
async function lostOfStack(received: Readonly<Record<string, number>>): Promise<number[]> {
  const hours = await world.reader.hours('stack#', '2026-11-22', '2026-11-22');
  return hours.map((item) => {
    const requests = received[item.hour.slice(0, 13)] ?? 0;
    const logged = { received: requests, receivedByWindow: { '20261122T0700': requests } };
    return compareHour({ ...item, ...logged }, nextDay).lost;
  });
}

it('an erasure that has no time for all hours leaves them to the next settle, and there can be only so many', async () => {
  await world.write(traffic());
  await settle(world.deps, { time: nextDay });
  let clock = 0;
  const subject = { kind: 'consented', value: 'person-42' } as const;
  const receipt = await erase({ ...eraser(), now: () => (clock += 240_000) }, { subject, time: nextDay });
  expect(receipt).toMatchObject({ rewritten: [], pending: ['2026-11-22T06', '2026-11-22T07'], failed: [] });
  await settle(world.deps, { time: nextDay });
  expect(await traces('person-42', 'consented_id')).toEqual([]);
  const others = Array.from(
    { length: maxErasures },
    (_, other) => ({ hash: `${other}`, kind: 'page', createdAt: 0 }) as const,
  );
  const full = { ...eraser(), state: { ...world.deps.state, tombstones: async () => others } };
  await expect(erase(full, { subject, time: nextDay })).rejects.toThrow('as many as there can be');
});

describe('rebuild', () => {
  it('restores an emptied table, and counts nothing twice', async () => {
    await world.write(traffic());
    await settle(world.deps, { time: nextDay });
    const before = await settledItems();
    expect(before.length).toBeGreaterThan(20);
    await emptyRollups();
    const announced: string[] = [];
    const deps = { ...world.deps, enqueueFiles: async (keys: readonly string[]) => void announced.push(...keys) };
    await world.write([at('06:59:00', 200n, { page_path: '/late', link_id: null, event_type: 'page_view' })]);
    const summary = await rebuild(deps, { time: nextDay });
    expect(summary).toMatchObject({ state: 'done', refused: [], enqueued: 0 });
    const after = (await settledItems()).filter(({ pk }) => pk !== 'page#/late' && pk !== 'stack#');
    expect(after).toEqual(before.filter(({ pk }) => pk !== 'stack#'));
  });

  it('rewrites the first hour of a day, even if the day before was just rebuilt', async () => {
    const midnight = Date.parse('2026-11-23T00:10:00Z');
    const { hour: local_hour, date: local_date } = localTimeOf('Europe/Vienna', midnight);
    const after = { occurred_at: midnight, received_at: midnight, local_hour, local_date };
    await world.write([at('22:30:00', 1n), at('23:30:00', 2n), at('00:10:00', 3n, after)]);
    await settle(world.deps, { time: nextDay });
    const before = await settledItems();
    await emptyRollups();
    const summary = await rebuild({ ...world.deps, enqueueFiles: async () => {} }, { time: nextDay });
    expect(summary.settled).toEqual(['2026-11-22T22', '2026-11-22T23', '2026-11-23T00']);
    expect(await settledItems()).toEqual(before);
    expect((await world.deps.state.work()).forced).toEqual([]);
  });

  it('queues the raw files of unsettled hours for rollup', async () => {
    const [first] = await world.write([at('21:30:00', 1n)]);
    await settle(world.deps, { time: Date.parse('2026-11-22T20:11:00Z') });
    const announced: string[] = [];
    const deps = { ...world.deps, enqueueFiles: async (keys: readonly string[]) => void announced.push(...keys) };
    await rebuild(deps, { time: Date.parse('2026-11-22T20:12:00Z') });
    expect(announced).toEqual([first]);
  });
});

describe('rebuild with reclassify', () => {
  const old = { referrer_class: 'other', referrer_name: null, classifier_version: 1 } as const;
  function visits(): EventRow[] {
    return [
      at('06:10:00', 1n, { ...old, referrer_host: 'gmx.net', visitor_id: 1n }),
      at('06:20:00', 2n, { ...old, referrer_host: 'gmx.net', visitor_id: 2n, classifier_version: null }),
      at('06:30:00', 3n, {
        ...old,
        referrer_host: null,
        utm_medium: 'paid-social',
        utm_source: "it's",
        visitor_id: 3n,
      }),
      at('06:40:00', 4n, { ...old, referrer_host: 'gmx.net', referrer_class: 'internal', visitor_id: 4n }),
      at('06:45:00', 5n, { ...old, referrer_host: 'gmx.net', classifier_version: classifierVersion, visitor_id: 5n }),
      at('06:50:00', 6n, { ...old, referrer_host: 'gmx.net', consented_id: 'person-42', visitor_id: 6n }),
      at('06:55:00', 7n, { ...old, referrer_host: 'gmx.net', outcome: 'bot', outcome_rule: 'ua.bot', visitor_id: 7n }),
    ];
  }
  function reclassify() {
    const deps = { ...world.deps, enqueueFiles: async () => {} };
    return rebuild(deps, { time: nextDay, reclassify: true });
  }
  const classes = `SELECT event_id, referrer_class, referrer_name, outcome FROM events
    WHERE dt = '2026-11-22' ORDER BY event_id`;

  it('gives rows of older versions their present class, in the lake and in the counters', async () => {
    await world.write(visits());
    await settle(world.deps, { time: nextDay });
    await erase(eraser(), { subject: { kind: 'consented', value: 'person-42' }, time: nextDay });
    const [before] = await world.reader.hours('page#/ada', '2026-11-22', '2026-11-22');
    expect(await reclassify()).toMatchObject({ state: 'done', refused: [] });
    const rows = await rowsOf(classes);
    expect(rows).toEqual([
      ['1', 'email', 'GMX', 'counted'],
      ['2', 'email', 'GMX', 'counted'],
      ['3', 'paid', null, 'counted'],
      ['4', 'internal', null, 'counted'],
      ['5', 'other', null, 'counted'],
      ['7', 'email', 'GMX', 'bot'],
    ]);
    const [after] = await world.reader.hours('page#/ada', '2026-11-22', '2026-11-22');
    expect(after?.final).toMatchObject({
      clicks: 5,
      'x.bot': 1,
      'r.email': 2,
      'r.paid': 1,
      'r.internal': 1,
      'r.other': 1,
    });
    expect(before?.final).toMatchObject({ clicks: 5, 'x.bot': 1, 'r.internal': 1, 'r.other': 4 });
    expect(await traces('person-42', 'consented_id')).toEqual([]);

    const items = await settledItems();
    await reclassify();
    expect(await rowsOf(classes)).toEqual(rows);
    expect(await settledItems()).toEqual(items);
    // An ordinary settle reads the raw rows, which still have their first class.
    await rebuild({ ...world.deps, enqueueFiles: async () => {} }, { time: nextDay });
    expect(await rowsOf(classes)).toEqual(rows);
  });

  it('is still done if an erasure marks the hour again before it settles', async () => {
    await world.write(visits());
    await settle(world.deps, { time: nextDay });
    await world.deps.state.mark(['2026-11-22T06'], { reclassify: true });
    await world.deps.state.mark(['2026-11-22T06']);
    await settle(world.deps, { time: nextDay });
    expect((await rowsOf(classes))[0]).toEqual(['1', 'email', 'GMX', 'counted']);
    expect((await world.deps.state.work()).reclassify.size).toBe(0);
  });
});

describe('retention', () => {
  const policy = { rawDays: 35, settledDays: 0 };
  const later = nextDay + 40 * 86_400_000;

  it('deletes superseded runs, and raw files of settled hours whose counts match exactly', async () => {
    await world.write(traffic());
    await settle(world.deps, { time: nextDay });
    const summary = await retain(world.deps, policy, later);
    expect(summary).toMatchObject({ rawFiles: 3, kept: [] });
    expect(await world.deps.files.list(rawPrefix)).toEqual([]);
    // A late event is added to the settled hour.
    await world.write([at('06:50:00', 300n, { visitor_id: 77n })]);
    await settle(world.deps, { time: later, through: later });
    const [seven] = await world.reader.hours('page#/ada', '2026-11-22', '2026-11-22');
    expect(seven?.final).toMatchObject({ views: 1, clicks: 4 });
  });

  it('keeps and reports data whose counts differ', async () => {
    await world.write(traffic());
    await settle(world.deps, { time: nextDay });
    await world.write([at('06:50:00', 300n)]);
    await world.deps.rollups.writeFinals(
      [{ entity: 'page#/ada', hour: '2026-11-22T08+01:00', final: { clicks: 9 } }],
      'Z'.repeat(26),
    );
    const summary = await retain(world.deps, policy, later);
    expect(summary.kept.map(({ hour }) => hour)).toEqual(['2026-11-22T06', '2026-11-22T07']);
    expect(summary.kept[0]?.reason).toContain('is not in the run');
    expect(summary.kept[1]?.reason).toBe('page#/ada 2026-11-22T08+01:00 differs from the run');
    expect(world.events.filter(({ kind }) => kind === 'hour-kept')).toHaveLength(2);
    expect(await world.deps.files.list(`${rawPrefix}dt=2026-11-22/hr=06/`)).toHaveLength(2);
  });

  it('deletes settled events after their retention, but not days and months', async () => {
    await world.write(traffic());
    await settle(world.deps, { time: nextDay });
    const days = (await settledItems()).filter(({ sk }) => /^[dtm]#/.test(String(sk)));
    await retain(world.deps, { rawDays: 1, settledDays: 30 }, later);
    expect(await rowsOf("SELECT count(*) FROM events WHERE dt = '2026-11-22'")).toEqual([['0']]);
    expect((await settledItems()).filter(({ sk }) => /^[dtm]#/.test(String(sk)))).toEqual(days);
  });
});

describe('a raw file that differs from its key', () => {
  it('is skipped and reported if it cannot be read', async () => {
    await world.write(traffic());
    const key = rawKey({ dt: '2026-11-22', hr: '06' }, '9'.repeat(26), 2);
    const whole = rawFileOf([at('06:01:00', 400n), at('06:02:00', 401n)]);
    await world.lake.s3.send(
      new PutObjectCommand({ Bucket: bucket, Key: key, Body: whole.subarray(0, whole.length - 40) }),
    );
    const summary = await settle(world.deps, { time: evening });
    expect(summary).toMatchObject({ refused: [], unreadable: 1 });
    expect(world.events).toContainEqual(expect.objectContaining({ kind: 'file-unreadable', alert: true, key }));
    expect((await world.deps.state.hour({ dt: '2026-11-22', hr: '06' }))?.unreadable[0]).toContain(key);
  });

  it('keeps the current run if it has another number of rows than its key states', async () => {
    await world.write(traffic());
    await settle(world.deps, { time: evening });
    const before = await world.deps.state.hour({ dt: '2026-11-22', hr: '06' });
    const key = rawKey({ dt: '2026-11-22', hr: '06' }, '9'.repeat(26), 3);
    await world.lake.s3.send(
      new PutObjectCommand({ Bucket: bucket, Key: key, Body: rawFileOf([at('06:01:00', 400n), at('06:02:00', 401n)]) }),
    );
    await world.deps.dirty.mark('2026-11-22T06');
    const summary = await settle(world.deps, { time: evening });
    expect(summary.refused).toEqual([{ hour: '2026-11-22T06', reason: `${key} promises 3 rows and holds 2` }]);
    expect(await world.deps.state.hour({ dt: '2026-11-22', hr: '06' })).toEqual(before);
  });
});

describe('a reclassification rule', () => {
  it('changes past and future hours, which are restored when it is removed', async () => {
    await world.write(traffic());
    await settle(world.deps, { time: evening });
    const rule = { id: '01'.padEnd(26, 'A'), page: null, field: 'asn', value: '64500', outcome: 'bot' } as const;
    await world.deps.state.putRule({ ...rule, state: 'pending' });
    await world.write([at('20:10:00', 500n, { asn: 64500 })]);
    await settle(world.deps, { time: evening });
    async function bots() {
      return (await world.reader.hours('page#/ada', '2026-11-22', '2026-11-22')).map(({ hour, final }) => [
        hour.slice(11, 13),
        final?.['x.bot'] ?? 0,
      ]);
    }
    expect(await bots()).toEqual([
      ['07', 1],
      ['08', 0],
      ['21', 1],
    ]);
    await world.deps.files.delete((await world.deps.files.list(rawPrefix)).map(({ key }) => key));
    await world.deps.state.putRule({ ...rule, state: 'removed' });
    await settle(world.deps, { time: evening });
    expect((await bots()).map(([, count]) => count)).toEqual([0, 0, 0]);
    expect(await world.deps.state.rules()).toEqual([]);
  });

  it('costs one query with all other new and removed rules', async () => {
    await world.write(traffic());
    await settle(world.deps, { time: evening });
    const rules = Array.from({ length: 40 }, (_, index) => ({
      id: `01${String(index).padStart(24, '0')}`,
      page: index % 2 === 0 ? '/ada' : null,
      field: 'asn' as const,
      value: index === 39 ? '64500' : `${index}`,
      outcome: 'bot' as const,
    }));
    async function queriesWith(state: 'pending' | 'removed'): Promise<number> {
      for (const rule of rules) await world.deps.state.putRule({ ...rule, state });
      world.queries.length = 0;
      await settle(world.deps, { time: evening });
      return world.queries.filter(({ query }) => query === 'hours-ruled').length;
    }
    expect(await queriesWith('pending')).toBe(1);
    expect((await world.deps.state.rules()).every(({ state }) => state === 'applied')).toBe(true);
    const [seven] = await world.reader.hours('page#/ada', '2026-11-22', '2026-11-22');
    expect(seven?.final?.['x.bot']).toBe(1);
    expect(await queriesWith('removed')).toBe(1);
    expect(await world.deps.state.rules()).toEqual([]);
  });

  it('that is removed while settle runs is kept until its changes are undone', async () => {
    const rule = { id: '01'.padEnd(26, 'A'), page: null, field: 'asn', value: '64500', outcome: 'bot' } as const;
    await world.deps.state.putRule({ ...rule, state: 'pending' });
    await world.write(traffic());
    await settle(world.deps, { time: evening });
    async function bots() {
      const [seven] = await world.reader.hours('page#/ada', '2026-11-22', '2026-11-22');
      return seven?.final?.['x.bot'] ?? 0;
    }
    expect(await bots()).toBe(1);
    await settle(
      meanwhile(() => world.deps.state.putRule({ ...rule, state: 'removed' })),
      { time: evening },
    );
    await world.deps.state.confirmRule(rule.id);
    expect(await world.deps.state.rules()).toEqual([{ ...rule, state: 'removed' }]);
    await settle(world.deps, { time: evening });
    expect(await bots()).toBe(0);
    expect(await world.deps.state.rules()).toEqual([]);
  });
});

it.each([false, true])(
  'keeps the mark of an erasure that starts while settle runs, marked before: %s',
  async (marked) => {
    await world.write(traffic());
    await settle(world.deps, { time: evening });
    const { state } = world.deps;
    if (marked) await state.mark(['2026-11-22T07']);
    const hash = hashSubject({ kind: 'visitor', value: '9' });
    const erasing = meanwhile(async () => {
      await state.putTombstone({ hash, kind: 'visitor', createdAt: evening });
      await state.mark(['2026-11-22T07']);
    });
    await settle(erasing, { time: evening });
    expect((await state.work()).forced).toEqual([{ dt: '2026-11-22', hr: '07' }]);
    await settle(world.deps, { time: evening });
    expect((await state.work()).forced).toEqual([]);
    expect((await state.hour({ dt: '2026-11-22', hr: '07' }))?.events).toBe(1);
  },
);

/** Returns dependencies that run `work` after the second pass has read its state and before its first hour. */
function meanwhile(happens: () => Promise<void>): SettleDeps {
  const { state } = world.deps;
  let passes = 0;
  async function tombstones() {
    const read = await state.tombstones();
    passes += 1;
    if (passes === 2) await happens();
    return read;
  }
  return { ...world.deps, state: { ...state, tombstones } };
}

describe('export', () => {
  it('writes a page’s events as Parquet, or as CSV without formulas', async () => {
    await world.write([at('06:10:00', 1n, { link_title: '=HYPERLINK("https://evil.example")' }), at('06:11:00', -2n)]);
    await settle(world.deps, { time: evening });
    const request = { page: '/ada', from: '2026-11-22', to: '2026-11-22' };
    const parquet = await exportPage(world.deps, { ...request, format: 'parquet', id: 'A'.repeat(26) });
    expect(parquet).toMatchObject({ events: 2 });
    const csv = await exportPage(world.deps, { ...request, format: 'csv', id: 'B'.repeat(26) });
    const text = Buffer.from(await world.deps.lake.get(csv.keys[0] ?? '')).toString('utf8');
    expect(text.startsWith('\uFEFFevent_id,')).toBe(true);
    expect(text).toContain(`"'=HYPERLINK(""https://evil.example"")"`);
    expect(text.split('\r\n')[2]).toMatch(/^'-2,link_click,1,2026-11-22T06:11:00\.000Z/);
  });
});

describe('export for Plausible', () => {
  it('has the visits of a page by each table, which add up to those of the day', async () => {
    const safari = { visitor_id: 21n, referrer_host: 'instagram.com', referrer_name: 'Instagram', browser: 'Safari' };
    const chrome = { visitor_id: 22n, browser: 'Chrome', browser_version: '142', country: null, utm_source: 'mail' };
    await world.write([
      at('06:10:00', 1n, { ...safari, event_type: 'page_view', link_id: null }),
      // The source of a visit is that of its first event.
      at('06:15:30', 2n, {
        ...safari,
        event_type: 'page_view',
        link_id: null,
        referrer_host: null,
        referrer_name: null,
      }),
      at('06:16:00', 3n, { ...safari, destination_url: 'https://shop.example/größe' }),
      at('07:30:00', 4n, { ...chrome, event_type: 'page_view', link_id: null }),
      at('07:40:00', 5n, { ...chrome, event_type: 'custom', link_id: null, event_name: 'Signup' }),
      at('08:30:00', 8n, { ...chrome, event_type: 'custom', link_id: null, event_name: 'Signup' }),
      at('08:30:01', 6n, { ...chrome, outcome: 'bot', outcome_rule: 'user-agent.isbot', event_type: 'page_view' }),
      at('06:10:00', 7n, { ...safari, page_path: '/bob' }),
    ]);
    await settle(world.deps, { time: evening });
    const values = {
      page: '/ada',
      from: '2026-11-22',
      to: '2026-11-22',
      first_dt: '2026-11-21',
      last_dt: '2026-11-23',
    };
    const visits = (await world.deps.athena.rows(plausibleVisits, values)).rows;
    const day = await world.deps.athena.rows(dayVisitors, {
      date: '2026-11-22',
      first_dt: values.first_dt,
      last_dt: values.last_dt,
    });
    const whole = day.rows.find(({ entity }) => entity === 'page#/ada');
    for (const table of ['sources', 'locations', 'devices', 'browsers', 'operating_systems']) {
      const rows = visits.filter(({ name }) => name === table);
      expect(sumOf(rows, 'visits'), table).toBe(whole?.sessions);
      expect(sumOf(rows, 'bounces'), table).toBe(whole?.bounces);
      expect(sumOf(rows, 'pageviews'), table).toBe(3);
      expect(sumOf(rows, 'seconds') * 1000, table).toBe(whole?.milliseconds);
    }
    expect(visits.filter(({ name }) => name === 'sources')).toEqual([
      expect.objectContaining({ value_1: 'Instagram', value_2: 'instagram.com', visits: 1, visitors: 1, pageviews: 2 }),
      expect.objectContaining({ value_1: 'mail', value_3: 'mail', visits: 2, visitors: 1, pageviews: 1, bounces: 1 }),
    ]);
    expect(visits.filter(({ name }) => name === 'browsers').map((row) => [row.value_1, row.value_2])).toEqual([
      ['Chrome', '142'],
      ['Safari', expect.any(String)],
    ]);
    expect((await world.deps.athena.rows(plausibleEvents, values)).rows).toEqual([
      {
        local_date: '2026-11-22',
        name: 'Outbound Link: Click',
        link_url: 'https://shop.example/größe',
        visitors: 1,
        events: 1,
      },
      { local_date: '2026-11-22', name: 'Signup', link_url: '', visitors: 1, events: 2 },
    ]);
  });
});

function sumOf<Name extends string>(rows: readonly Record<Name, number>[], name: Name): number {
  return rows.reduce((sum, row) => sum + row[name], 0);
}

describe('an older contract', () => {
  it('is read together with the current one: missing columns are NULL', async () => {
    const older = Object.keys(eventRow()).filter((name) => name !== 'asn');
    await world.lake.s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: rawKey({ dt: '2026-11-22', hr: '06' }, '1'.repeat(26), 1),
        Body: olderRawFileOf([at('06:10:00', 1n)], older),
      }),
    );
    await world.write([at('06:20:00', 2n, { asn: 64500 })]);
    const select = "FROM raw_events WHERE dt = '2026-11-22' ORDER BY event_id";
    expect(await rowsOf(`SELECT event_id, asn ${select}`)).toEqual([
      ['1', null],
      ['2', '64500'],
    ]);
    await settle(world.deps, { time: evening });
    expect(await rowsOf("SELECT count(*), count(asn) FROM events WHERE dt = '2026-11-22'")).toEqual([['2', '1']]);
  });
});
