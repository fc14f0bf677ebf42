import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { localTimeOf } from '#core/enrich/local-time.ts';
import type { UtcHour } from '#core/settle/hours.ts';
import { hashSubject } from '#core/settle/tombstone.ts';
import { createReceipts } from '#functions/receipts/receipts.ts';
import { settle } from '#jobs/settle/settle.ts';
import type { EventRow } from '#schemas/event.ts';
import { maxRules, settleMinute, type SettleSummary } from '#schemas/lake-jobs.ts';
import type { RequestLine } from '#schemas/log-lines.ts';
import { eventRow } from '#test/raw-file.ts';
import { goldenFiles } from '#test/golden/golden-files.ts';
import type { Athena, QueryOptions } from '#stores/lake/athena.ts';
import { QueryFailed, QueryTimedOut } from '#stores/lake/errors.ts';
import { createTable } from '#stores/dynamodb/table.ts';
import { settleKeys } from '#stores/settle/settle-keys.ts';
import { createReceivedStore } from '#stores/counters/received-counts.ts';
import { createHourCounts } from '#stores/settle/hour-counts.ts';
import type { SettledRollups } from '#stores/counters/settled-counters.ts';
import { createWorld, startWorld, type World } from './settle-world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld(['Europe/Vienna', 'Asia/Kolkata']);
});
afterAll(() => world.stop());

let ids = 1n;
function click(zone: string, at: string, changes: Partial<EventRow> = {}): EventRow {
  const occurred = Date.parse(at);
  const local = localTimeOf(zone, occurred);
  ids += 17n;
  return eventRow({
    event_id: ids,
    occurred_at: occurred,
    received_at: occurred,
    local_hour: local.hour,
    local_date: local.date,
    visitor_id: 7n,
    ...changes,
  });
}

it('settles a closed hour exactly', async () => {
  function vienna(at: string, changes: Partial<EventRow> = {}) {
    return click('Europe/Vienna', at, changes);
  }
  const once = vienna('2026-11-22T06:10:00Z', { event_type: 'page_view', link_id: null });
  const rows = [
    once,
    once,
    vienna('2026-11-22T06:20:00Z', { repeat_key: 5n }),
    vienna('2026-11-22T06:20:09Z', { repeat_key: 5n }),
    vienna('2026-11-22T06:20:40Z', { repeat_key: 5n }),
    vienna('2026-11-22T06:59:58Z', { repeat_key: 8n }),
    vienna('2026-11-22T07:00:01Z', { repeat_key: 8n }),
    vienna('2026-11-22T07:00:03Z', { repeat_key: 8n }),
    vienna('2026-11-22T07:40:00Z', { outcome: 'bot', outcome_rule: 'isbot' }),
    click('Asia/Kolkata', '2026-11-22T06:40:00Z', { page_path: '/kol', link_id: 'kk' }),
    click('Asia/Kolkata', '2026-11-22T07:10:00Z', { page_path: '/kol', link_id: 'kk' }),
  ];
  await world.write(rows);
  const summary = await settle(world.deps, { time: Date.parse('2026-11-22T08:11:00Z') });
  expect(summary).toMatchObject({ state: 'done', settled: ['2026-11-22T06', '2026-11-22T07'], refused: [] });
  const [seven, eight] = await world.reader.hours('page#/ada', '2026-11-22', '2026-11-22');
  expect(seven).toMatchObject({
    hour: '2026-11-22T07+01:00',
    hot: { views: 2, clicks: 4 },
    final: { views: 1, clicks: 3, 'x.duplicate': 1 },
  });
  expect(eight?.final).toMatchObject({ clicks: 1, 'x.duplicate': 1, 'x.bot': 1 });
  const [kolkata] = await world.reader.hours('link#kk', '2026-11-22', '2026-11-22');
  expect(kolkata).toMatchObject({ hour: '2026-11-22T12+05:30', final: { clicks: 2 } });
  expect(await world.reader.settledThrough()).toBe(Date.parse('2026-11-22T08:00:00Z'));
});

it('does nothing if nothing has changed', async () => {
  const summary = await settle(world.deps, { time: Date.parse('2026-11-22T08:11:00Z') });
  expect(summary).toMatchObject({ settled: [], refused: [] });
});

it('settles an hour again after a late event, but not the next hour', async () => {
  await world.write([click('Europe/Vienna', '2026-11-22T06:15:00Z', { visitor_id: 99n })]);
  const summary = await settle(world.deps, { time: Date.parse('2026-11-22T09:11:00Z') });
  expect(summary.settled).toEqual(['2026-11-22T06']);
  const [seven] = await world.reader.hours('page#/ada', '2026-11-22', '2026-11-22');
  expect(seven?.final).toMatchObject({ views: 1, clicks: 4 });
});

it('writes days, top lists and months after a local date has ended', async () => {
  const summary = await settle(world.deps, { time: Date.parse('2026-11-23T02:11:00Z') });
  expect(summary.state).toBe('done');
  expect(world.events.filter(({ kind }) => kind === 'date-settled')).toHaveLength(1);
});

it('writes views with the columns of their tables', async () => {
  for (const view of ['hourly_traffic', 'audience_distribution', 'link_performance', 'events']) {
    const { rows } = await world.deps.athena.statement(`SELECT * FROM ${view} WHERE dt = '2026-11-22'`);
    expect(rows.length, view).toBeGreaterThan(0);
  }
  const { rows } = await world.deps.athena.statement(
    "SELECT hour, views, unique_sessions, unique_visitors, clicks, ctr FROM hourly_traffic WHERE dt = '2026-11-22' AND page_path = '/ada' ORDER BY 1",
  );
  expect(rows).toEqual([
    ['2026-11-22 06:00:00.000', '1', '3', '2', '4', '1.0'],
    ['2026-11-22 07:00:00.000', '0', '1', '1', '1', null],
  ]);
});

it('keeps a row for each time that a client sent an event, and counts the first', async () => {
  const first = click('Europe/Vienna', '2026-11-23T05:59:59Z', { page_path: '/sdk', session_id: 4n });
  const sentAgain = [7_000, 9_000].map((later) => ({ ...first, received_at: first.received_at + later }));
  // A client that sends its id for two moments of two hours must not stop settle.
  const otherHour = { ...first, occurred_at: first.occurred_at + 60_000, received_at: first.received_at + 60_000 };
  await world.write([...sentAgain, first, first, otherHour]);
  const summary = await settle(world.deps, { time: Date.parse('2026-11-23T08:11:00Z') });
  expect(summary).toMatchObject({ state: 'done', refused: [] });
  const { rows } = await world.deps.athena.statement(
    "SELECT received_at, outcome, outcome_rule, session_id FROM settled_events WHERE dt = '2026-11-23' AND page_path = '/sdk' ORDER BY received_at",
  );
  const session = String(first.event_id - (first.event_id % 2n) + 1n);
  expect(rows).toEqual([
    ['2026-11-23 05:59:59.000', 'counted', 'counted', session],
    ['2026-11-23 06:00:06.000', 'duplicate', 'settle.duplicate.id|counted|counted', '4'],
    ['2026-11-23 06:00:08.000', 'duplicate', 'settle.duplicate.id|counted|counted', '4'],
    ['2026-11-23 06:00:59.000', 'counted', 'counted', session],
  ]);
});

it('replaces a failed event when it was sent again and did not fail', async () => {
  const event = click('Europe/Vienna', '2026-11-23T09:10:00Z', { page_path: '/redriven' });
  await world.write([{ ...event, outcome: 'failed', outcome_rule: 'unexpected' }]);
  await settle(world.deps, { time: Date.parse('2026-11-23T10:11:00Z') });
  await world.write([event]);
  await settle(world.deps, { time: Date.parse('2026-11-23T11:11:00Z') });
  const [hour] = await world.reader.hours('page#/redriven', '2026-11-23', '2026-11-23');
  expect(hour?.final).toEqual(expect.objectContaining({ clicks: 1 }));
  expect(hour?.final?.['x.failed'] ?? 0).toBe(0);
});

/** Events of one visitor, in seconds after the start of the hour; `links: each` opens a new link every time. */
const behavior = z.object({
  says: z.string(),
  events: z.array(
    z.object({
      after: z.number(),
      times: z.int().default(1),
      apart: z.number().default(0),
      links: z.literal('each').optional(),
      changes: z.looseObject({ visitor_id: z.string().nullable().default('7') }).prefault({}),
    }),
  ),
});
const behaviorOutcomes = z.object({ outcomes: z.record(z.string(), z.int()) });

describe('the behavior of a visitor on a page within an hour', () => {
  const examples = goldenFiles('behavior');
  const hour = Date.parse('2026-11-24T06:00:00Z');
  const settled = new Map<string, Record<string, number>>();

  beforeAll(async () => {
    await world.write(examples.flatMap(({ name, input }) => rowsOf(name, input)));
    await settle(world.deps, { time: hour + 3_600_000 + 660_000 });
    await readOutcomes();
  });

  /** Every example is a page of its own. */
  function rowsOf(name: string, input: unknown): EventRow[] {
    return behavior.parse(input).events.flatMap(({ after, times, apart, links, changes }) =>
      Array.from({ length: times }, (_, at) => {
        const { visitor_id: visitor, ...others } = changes;
        return click('UTC', new Date(hour + 1000 * (after + at * apart)).toISOString(), {
          page_path: `/${name}`,
          referrer_class: 'direct',
          visitor_id: visitor === null ? null : BigInt(visitor),
          ...(links && { link_id: `l${at}` }),
          ...others,
        });
      }),
    );
  }

  async function readOutcomes(): Promise<void> {
    const { rows } = await world.deps.athena.statement(
      `SELECT page_path, outcome || ' ' || outcome_rule, count(*) FROM settled_events
       WHERE dt = '2026-11-24' GROUP BY page_path, outcome || ' ' || outcome_rule`,
    );
    settled.clear();
    for (const [page, outcome, count] of rows) {
      const name = String(page).slice(1);
      settled.set(name, { ...settled.get(name), [String(outcome)]: Number(count) });
    }
  }

  it.each(examples)('$name', ({ name, output }) => {
    expect(settled.get(name)).toEqual(behaviorOutcomes.parse(output).outcomes);
  });

  it('is decided again from every event of the hour when one comes late', async () => {
    await world.write(rowsOf('walk', { says: '', events: [{ after: 500, changes: { event_type: 'page_view' } }] }));
    await world.write(rowsOf('walk-short', { says: '', events: [{ after: 100, changes: { link_id: 'l99' } }] }));
    await settle(world.deps, { time: hour + 3_600_000 + 660_000 });
    await readOutcomes();
    expect(settled.get('walk')).toEqual({ 'counted counted': 11 });
    expect(settled.get('walk-short')).toEqual({ 'bot settle.behavior.walks-links|counted|counted': 10 });
    expect(settled.get('fast')).toEqual({ 'bot settle.behavior.too-fast|counted|counted': 8 });
  });

  it('is reclassified by the name of its rule, and decided again without the reclassification', async () => {
    const id = '01'.padEnd(26, 'B');
    const rule = { id, page: '/fast', field: 'rule', value: 'behavior.too-fast', outcome: 'counted' } as const;
    await world.deps.state.putRule({ ...rule, state: 'pending' });
    await settle(world.deps, { time: hour + 3_600_000 + 660_000 });
    await readOutcomes();
    expect(settled.get('fast')).toEqual({ [`counted settle.reclassified.${id}|counted|counted`]: 8 });
    await world.deps.state.putRule({ ...rule, state: 'removed' });
    await settle(world.deps, { time: hour + 3_600_000 + 660_000 });
    await readOutcomes();
    expect(settled.get('fast')).toEqual({ 'bot settle.behavior.too-fast|counted|counted': 8 });
  });
});

/** Dependencies with a clock that every query moves: each takes this long, or is stopped at its deadline. */
function slow(queryMilliseconds: number) {
  const clock = { at: Date.parse('2026-12-02T00:00:00Z') };
  const { athena } = world.deps;
  function take(name: string, options: QueryOptions | undefined): void {
    const deadline = options?.deadline ?? 240_000;
    clock.at += Math.min(queryMilliseconds, deadline);
    if (queryMilliseconds > deadline) throw new QueryTimedOut(name, 'stopped');
  }
  const slowAthena: Athena = {
    rows: async (query, values, options) => {
      take(query.name, options);
      return athena.rows(query, values);
    },
    unload: async (query, values, location, options) => {
      take(query.name, options);
      return athena.unload(query, values, location);
    },
    statement: athena.statement,
  };
  const shown: string[] = [];
  const rollups: SettledRollups = {
    ...world.deps.rollups,
    putProgress: async (progress) => {
      shown.push(`${progress.done} of ${progress.total} ${progress.unit}${progress.running ? '' : ', ended'}`);
      await world.deps.rollups.putProgress(progress);
    },
  };
  return { clock, shown, deps: { ...world.deps, athena: slowAthena, rollups, now: () => clock.at } };
}

describe('a settle that is slow', () => {
  const time = Date.parse('2026-11-25T12:11:00Z');
  function budgetOf(clock: { at: number }) {
    return { time, deadline: clock.at + 11 * 60_000, end: clock.at + 13.5 * 60_000 };
  }

  it('checks its budget before every unit, ends in time, shows its progress, and lets the next one continue', async () => {
    const hours = ['03', '04', '05', '06', '07', '08'];
    await world.write(hours.map((hour) => click('Europe/Vienna', `2026-11-25T${hour}:30:00Z`, { page_path: '/slow' })));
    const { clock, shown, deps } = slow(60_000);
    const start = clock.at;
    const first = await settle(deps, budgetOf(clock));
    expect(first.state).toBe('unfinished');
    expect(first.settled.length).toBeLessThan(hours.length);
    expect(clock.at - start).toBeLessThan(13.5 * 60_000);
    // The hours of the dates before have settled, and are looked at.
    const total = Number(/^0 of (\d+) hours$/.exec(shown[0] ?? '')?.[1]);
    expect(shown.at(-1)).toBe(`${total - hours.length + first.settled.length} of ${total} hours, ended`);
    const settled = [...first.settled];
    for (let runs = 0; runs < 8; runs++) {
      const next = await settle(deps, budgetOf(clock));
      expect(next.state).not.toBe('busy');
      expect(next.refused).toEqual([]);
      settled.push(...next.settled);
      if (next.state === 'done') break;
      expect(next.units).toBeGreaterThan(0);
    }
    expect(settled.filter((hour) => hour.startsWith('2026-11-25'))).toEqual(hours.map((hour) => `2026-11-25T${hour}`));
    expect(await world.reader.settledThrough()).toBe(Date.parse('2026-11-25T12:00:00Z'));
  });

  it('stops a query that would outlive it, and refuses no hour for that', async () => {
    await world.write([click('Europe/Vienna', '2026-11-25T09:30:00Z', { page_path: '/slow' })]);
    const { clock, deps } = slow(200_000);
    const end = clock.at + 300_000;
    const summary = await settle(deps, { time, deadline: end - 60_000, end });
    expect(summary).toMatchObject({ state: 'unfinished', settled: [], refused: [] });
    expect(clock.at).toBeLessThanOrEqual(end);
    expect(await settle(world.deps, { time })).toMatchObject({ state: 'done', settled: ['2026-11-25T09'] });
  });

  it('settles new hours and moves the watermark before it changes the past, and confirms each rule when its hours are done', async () => {
    const dates = ['2026-11-26', '2026-11-27'];
    const past = dates.flatMap((date) => ['05', '06'].map((hour) => `${date}T${hour}`));
    function spam(hour: string, asn: number) {
      return click('Europe/Vienna', `${hour}:30:00Z`, { page_path: '/spam', asn });
    }
    await world.write([...past.map((hour) => spam(hour, 64501)), spam(past[0] ?? '', 64502)]);
    await settle(world.deps, { time: Date.parse('2026-11-28T12:11:00Z') });
    const [narrow, wide] = [64502, 64501].map((asn, at) => ({
      id: `01${String(at).padStart(24, '0')}`,
      page: '/spam',
      field: 'asn' as const,
      value: String(asn),
      outcome: 'bot' as const,
    }));
    for (const rule of [narrow, wide]) if (rule) await world.deps.state.putRule({ ...rule, state: 'pending' });
    await world.write([spam('2026-11-28T12', 64501)]);
    async function stateOf() {
      return Object.fromEntries((await world.deps.state.rules()).map(({ value, state }) => [value, state]));
    }
    const { clock, deps } = slow(30_000);
    const next = Date.parse('2026-11-28T13:11:00Z');
    // Enough for the new hour and its view, and for finding the hours of the rules.
    const first = await settle(deps, { time: next, deadline: clock.at + 165_000, end: clock.at + 400_000 });
    expect(first).toMatchObject({ state: 'unfinished', through: Date.parse('2026-11-28T13:00:00Z') });
    expect(first.settled).toEqual(['2026-11-28T12']);
    expect(await stateOf()).toEqual({ 64501: 'pending', 64502: 'pending' });
    const states = [];
    for (let runs = 0; runs < 20; runs++) {
      const { state } = await settle(deps, { time: next, deadline: clock.at + 165_000, end: clock.at + 400_000 });
      states.push(await stateOf());
      if (state === 'done') break;
    }
    expect(states).toContainEqual({ 64501: 'pending', 64502: 'applied' });
    expect(states.at(-1)).toEqual({ 64501: 'applied', 64502: 'applied' });
  });

  it('goes on with everything else when the hours of the rules cannot be found', async () => {
    const rule = { id: '02'.padEnd(26, 'C'), page: '/slow', field: 'asn', value: '64503', outcome: 'bot' } as const;
    await world.deps.state.putRule({ ...rule, state: 'pending' });
    await world.deps.state.mark(['2026-11-25T09']);
    const failing: Athena = {
      ...world.deps.athena,
      rows: async (query, values, options) => {
        if (query.name === 'hours-ruled') throw new QueryFailed(query.name, 'out of memory');
        return world.deps.athena.rows(query, values, options);
      },
    };
    const summary = await settle({ ...world.deps, athena: failing }, { time: Date.parse('2026-11-28T13:11:00Z') });
    expect(summary).toMatchObject({ state: 'done', settled: ['2026-11-25T09'], refused: [] });
    expect(world.events).toContainEqual(expect.objectContaining({ kind: 'rules-failed', alert: true, rules: 1 }));
    expect(await world.deps.state.rules()).toContainEqual({ ...rule, state: 'pending' });
    await world.deps.state.deleteRule(rule.id);
  });

  it('takes no more rules into a query than fit, however many were stored at the same time', async () => {
    const ids = Array.from({ length: maxRules + 5 }, (_, at) => `03${String(at).padStart(24, '0')}`);
    const rule = { page: '/crowd', field: 'asn', value: '64504', outcome: 'bot', state: 'pending' } as const;
    await Promise.all(ids.map((id) => world.deps.state.putRule({ ...rule, id })));
    const sent: number[] = [];
    const watching: Athena = {
      ...world.deps.athena,
      rows: (query, values, options) => {
        if ('rules' in values && Array.isArray(values.rules)) sent.push(values.rules.length);
        return world.deps.athena.rows(query, values, options);
      },
    };
    await settle({ ...world.deps, athena: watching }, { time: Date.parse('2026-11-28T13:11:00Z') });
    // Less the rules of earlier tests, which are applied already.
    expect(sent[0]).toBeGreaterThan(maxRules - 5);
    expect(Math.max(...sent)).toBeLessThanOrEqual(maxRules);
    await Promise.all(ids.map((id) => world.deps.state.deleteRule(id)));
  });

  it('keeps each marked hour as an item of its own, and sends no query the links of erased pages', async () => {
    const hours = Array.from(
      { length: 300 },
      (_, at) => `2026-01-${String((at % 28) + 1).padStart(2, '0')}T${at % 24}`,
    );
    await world.deps.state.mark(hours);
    expect((await world.deps.state.work()).forced).toHaveLength(new Set(hours).size);
    const catalog = createTable({ client: world.db.client, table: world.tables.catalog });
    // The hours of three years would not fit into the item with the other lists.
    expect(await catalog.get(settleKeys.work)).not.toHaveProperty('forced');
    for (const [name, mark] of (await world.deps.state.work()).marks) await world.deps.state.unmark(name, mark);
    expect((await world.deps.state.work()).forced).toEqual([]);
    const hash = hashSubject({ kind: 'link', value: 'gone' });
    await world.deps.state.putTombstone({ hash, kind: 'link', createdAt: time });
    await world.deps.state.mark(['2026-11-25T09']);
    const erased: unknown[] = [];
    const watching: Athena = {
      ...world.deps.athena,
      rows: (query, values, options) => {
        if ('erased' in values) erased.push(values.erased);
        return world.deps.athena.rows(query, values, options);
      },
    };
    await settle({ ...world.deps, athena: watching }, { time: Date.parse('2026-11-28T13:11:00Z') });
    expect(erased.length).toBeGreaterThan(0);
    expect(erased.flat()).toEqual([]);
    await world.deps.state.deleteTombstone(hash);
  });
});

describe('on the schedule, under steady traffic', () => {
  const start = Date.parse('2026-12-05T06:00:00Z');
  const log: { loggedAt: number; line: RequestLine }[] = [];
  let steady: World;
  beforeAll(async () => {
    steady = await createWorld({ lake: world.lake, db: world.db, stop: async () => undefined });
  });

  /** Logs 60 requests of an hour. All but the lost ones, and those in `late`, reach the lake and the counters. */
  async function visit(hour: number, { lost = 0, late = 0 } = {}): Promise<EventRow[]> {
    const rows = Array.from({ length: 60 }, (_, minute) =>
      click('UTC', new Date(start + hour * 3_600_000 + minute * 60_000).toISOString(), { visitor_id: BigInt(minute) }),
    );
    for (const { event_id, occurred_at: at } of rows)
      log.push({ loggedAt: at, line: { message: 'request', id: `${event_id}`, at, page: '/ada', link: 'k3x9' } });
    await steady.write(rows.slice(lost + late));
    return rows.slice(lost, lost + late);
  }

  /** Runs receipts and settle at the minutes of one hour at which the stack does. */
  async function runJobs(hour: number): Promise<SettleSummary> {
    const { client, table } = { client: steady.db.client, table: steady.tables.rollups };
    const rollups = steady.reader;
    const received = createReceivedStore({
      client,
      table,
      backoff: { now: steady.deps.now, sleep: async () => undefined, random: () => 0.5 },
      hotDays: 90,
    });
    const receipts = createReceipts({
      lines: {
        requests: async function* ({ start, end }) {
          for (const { loggedAt, line } of log) if (loggedAt >= start && loggedAt < end) yield line;
        },
      },
      received,
      rollups,
      zoneOf: async () => 'UTC',
      now: steady.deps.now,
      log: { info: () => undefined },
      writeMetrics: () => undefined,
    });
    const { backlog } = createHourCounts({ sqs: new SQSClient({ region: 'us-east-1' }), queueUrls: [], rollups });
    const waiting = { ...steady.deps, backlog: async (hour: UtcHour) => ({ ...(await backlog(hour)), waiting: 3 }) };
    const runs = [0, 15, 30, 45].map((minute) => ({ minute, run: count })).concat({ minute: settleMinute, run: close });
    async function count(time: number): Promise<void> {
      await receipts({ time: new Date(time).toISOString() }, { getRemainingTimeInMillis: () => 60_000 });
    }
    const summaries: SettleSummary[] = [];
    async function close(time: number): Promise<void> {
      summaries.push(await settle(waiting, { time }));
    }
    for (const { minute, run } of runs.toSorted((a, b) => a.minute - b.minute))
      await run(start + hour * 3_600_000 + minute * 60_000);
    const [summary] = summaries;
    if (!summary) throw new Error('settle did not run');
    return summary;
  }

  function end(hour: number): number {
    return start + (hour + 1) * 3_600_000;
  }

  async function clicksByHour(): Promise<unknown[]> {
    const hours = await steady.reader.hours('page#/ada', '2026-12-05', '2026-12-05');
    return hours.map(({ final }) => final?.['clicks']);
  }

  it('an hour settles 20 minutes after its end', async () => {
    await visit(0);
    await runJobs(0);
    await visit(1);
    expect(await runJobs(1)).toMatchObject({ through: end(0), settled: ['2026-12-05T06'], waiting: 3 });
    await visit(2);
    expect(await runJobs(2)).toMatchObject({ through: end(1), settled: ['2026-12-05T07'] });
  });

  it('a lost event holds neither its hour nor later ones', async () => {
    await visit(3, { lost: 1 });
    expect(await runJobs(3)).toMatchObject({ through: end(2), settled: ['2026-12-05T08'] });
    await visit(4);
    expect(await runJobs(4)).toMatchObject({ through: end(3), settled: ['2026-12-05T09'] });
    expect(await clicksByHour()).toEqual([60, 60, 60, 59, undefined]);
  });

  it('an hour that misses more is held until a later hour is complete, and settles again with what comes late', async () => {
    const late = await visit(5, { late: 12 });
    expect(await runJobs(5)).toMatchObject({ through: end(4), settled: ['2026-12-05T10'] });
    await visit(6);
    expect(await runJobs(6)).toMatchObject({ through: end(4), settled: [] });
    expect(await runJobs(7)).toMatchObject({ through: end(6), settled: ['2026-12-05T11', '2026-12-05T12'] });
    expect(await clicksByHour()).toEqual([60, 60, 60, 59, 60, 48, 60]);
    await steady.write(late);
    expect((await runJobs(8)).settled).toEqual(['2026-12-05T11']);
    expect(await clicksByHour()).toEqual([60, 60, 60, 59, 60, 60, 60]);
  });

  it('an hour that nothing vouches for closes after six hours', async () => {
    await visit(9, { late: 30 });
    for (const hour of [10, 11, 12, 13, 14, 15]) expect((await runJobs(hour)).through).toBeLessThan(end(9));
    expect(await runJobs(16)).toMatchObject({ through: end(9), settled: ['2026-12-05T15'] });
  });
});
