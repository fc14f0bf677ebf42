import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { erase } from '#jobs/erase/erase.ts';
import { type Retention, retentionSchema } from '#schemas/api/insights/retention.ts';
import { problemSchema } from '#schemas/api.ts';
import { createdShareSchema } from '#schemas/api/shares.ts';
import type { EventRow } from '#schemas/event.ts';
import { fc } from '#test/property.ts';
import { createPageTraces } from '#stores/catalog/page-traces.ts';
import { naiveRetention } from './naive-retention.ts';
import { insightsNow, type InsightsWorld, seen, startInsightsWorld } from './world.ts';

const randomPages = Array.from({ length: 8 }, (_, at) => `/random-${at}`);
const pages = ['/vector', '/erased', '/joined', '/late', '/moved', '/edges', '/small', '/typed', '/unused', '/other'];

/** Each person of the specification five times, because smaller cohorts are hidden. */
const copies = [1, 2, 3, 4, 5];

interface Step {
  person: number;
  day: number;
  /** The device's id in the same event, if another. */
  device: number;
  signsUp: boolean;
  bot: boolean;
}

const step = fc.record<Step>({
  person: fc.integer({ min: 0, max: 5 }),
  day: fc.integer({ min: 1, max: 25 }),
  device: fc.integer({ min: 0, max: 20 }),
  signsUp: fc.boolean(),
  bot: fc.integer({ min: 0, max: 7 }).map((number) => number === 0),
});

let world: InsightsWorld;
const randomRows = new Map(randomPages.map((page, at) => [page, randomTraffic(page, at + 1)]));

beforeAll(async () => {
  world = await startInsightsWorld([...pages, ...randomPages]);
  await world.addPage('/off', {});
  await world.settled.write([
    ...pages.slice(0, 4).flatMap(vector),
    ...movedRows(),
    ...edgeRows(),
    ...smallRows(),
    ...typedRows(),
    // The same people on another page, and events without an id.
    ...crowd('/other', 'u1', ['2026-11-02', '2026-11-10']),
    seen('/off', null, '2026-11-10'),
    seen('/unused', null, '2026-11-10'),
    ...[...randomRows.values()].flat(),
  ]);
  await world.settleAt();
}, 300_000);
afterAll(() => world.stop());

function crowd(page: string, person: string, dates: readonly string[]): EventRow[] {
  return dates.flatMap((date) => copies.map((copy) => seen(page, `${page}-${person}-${copy}`, date)));
}

function vector(page: string): EventRow[] {
  return [
    ...crowd(page, 'u1', ['2026-11-02', '2026-11-03', '2026-11-10']),
    ...crowd(page, 'u2', ['2026-11-02', '2026-11-16']),
    ...crowd(page, 'u3', ['2026-11-09', '2026-11-10', '2026-11-17']),
    ...crowd(page, 'u4', ['2026-11-09']),
    ...crowd(page, 'u5', ['2026-11-16']),
  ];
}

const november = 'by=week&from=2026-11-02&to=2026-11-16';

async function read(page: string, query = november, subject = 'creator'): Promise<Retention> {
  const response = await world.askAs(subject, `pages${page}/retention?${query}`);
  expect(response.status).toBe(200);
  return retentionSchema.parse(await response.json());
}

/** `size: back of k = 1, 2, 3`, with the state where a cell is not closed. */
function rows({ cohorts }: Retention, periods = 3): string[] {
  return cohorts.map(
    ({ period, size, cells }) =>
      `${period.slice(5)} ${size}: ${cells
        .slice(0, periods)
        .map(({ back, state }) => `${back ?? '–'}${state === 'closed' ? '' : ` ${state}`}`)
        .join(', ')}`,
  );
}

describe('retention', () => {
  it('has the table of the specification, each person five times', async () => {
    const table = await read('/vector');
    expect(rows(table)).toEqual([
      '11-02 10: 5, 5, 0 running',
      '11-09 10: 5, 0 running, – future',
      '11-16 5: 0 running, – future, – future',
    ]);
    expect(table.cohorts[0]?.cells).toHaveLength(12);
    expect(table.mean.slice(0, 3)).toEqual([
      { k: 1, rate: 0.5, cohorts: 2 },
      { k: 2, rate: 0.5, cohorts: 1 },
      { k: 3, rate: null, cohorts: 0 },
    ]);
    expect(table).toMatchObject({
      coverage: { counted: 50, withId: 50, share: 1, low: false },
      identitiesSince: '2026-11-02',
      identityConflicts: 0,
      unavailable: null,
      settledThrough: table.freshness.settledThrough,
      sources: { retention: { source: 'lake', stale: false } },
      errors: [],
    });
    const unbounded = await read('/vector', `${november}&unbounded=true`);
    expect(rows(unbounded)[0]).toBe('11-02 10: 10, 5, 0 running');
  });

  it('has days, months and every cohort of a person', async () => {
    const days = await read('/vector', 'by=day&from=2026-11-02&to=2026-11-03');
    expect(days.cohorts.map(({ size }) => size)).toEqual([10, 0]);
    expect(days.cohorts[0]?.cells.flatMap(({ k, back }) => (back === 0 || back === null ? [] : [[k, back]]))).toEqual([
      [1, 5],
      [8, 5],
      [14, 5],
    ]);
    expect(rows(await read('/vector', 'by=month'), 1).slice(-2)).toEqual(['10-01 0: – running', '11-01 25: – future']);
    const each = await read('/vector', `${november}&mode=each`);
    expect(rows(each)).toEqual([
      '11-02 10: 5, 5, 0 running',
      '11-09 15: 5, 0 running, – future',
      '11-16 15: 0 running, – future, – future',
    ]);
  });

  it('forgets an erased person', async () => {
    const { settled } = world;
    const { db, tables } = settled;
    await erase(
      {
        ...settled.deps,
        linksOfPage: async () => [],
        markerDays: 40,
        traces: createPageTraces({ client: db.client, table: tables.catalog }),
      },
      { subject: { kind: 'consented', value: '/erased-u1-1' }, time: insightsNow },
    );
    expect(rows(await read('/erased'))[0]).toBe('11-02 9: 4, 5, 0 running');
    expect(rows(await read('/vector'))[0]).toBe('11-02 10: 5, 5, 0 running');
  }, 60_000);

  it('follows an id to the one person whom it names, also one that had another before', async () => {
    const edge = { outcome: 'identify', outcome_rule: 'identify', event_type: 'custom' } as const;
    await world.settled.write(
      copies.map((copy) =>
        seen('/joined', `/joined-u1-${copy}`, '2026-11-24', { ...edge, anonymous_id: `/joined-u2-${copy}` }),
      ),
    );
    await world.settleAt();
    expect(rows(await read('/joined'))[0]).toBe('11-02 5: 5, 5, 0 running');
    expect(await read('/joined')).toMatchObject({ identityConflicts: 0 });
    // u3 was a device of u4, who is u5.
    await world.settled.write(
      copies.flatMap((copy) => [
        seen('/joined', `/joined-u4-${copy}`, '2026-11-24', { ...edge, anonymous_id: `/joined-u3-${copy}` }),
        seen('/joined', `/joined-u5-${copy}`, '2026-11-24', { ...edge, anonymous_id: `/joined-u4-${copy}` }),
      ]),
    );
    await world.settleAt();
    expect(rows(await read('/joined')).slice(1)).toEqual([
      '11-09 5: 5, 0 running, – future',
      '11-16 0: – running, – future, – future',
    ]);
    // A device of two people stays a person of its own.
    await world.settled.write(
      copies.map((copy) =>
        seen('/joined', `stranger-${copy}`, '2026-11-24', { ...edge, anonymous_id: `/joined-u2-${copy}` }),
      ),
    );
    await world.settleAt();
    expect(rows(await read('/joined'))[0]).toBe('11-02 10: 5, 5, 0 running');
    expect(await read('/joined')).toMatchObject({ identityConflicts: 5 });
  }, 60_000);

  it('counts an event that arrives late', async () => {
    await world.settled.write(crowd('/late', 'u2', ['2026-11-10']));
    expect(rows(await read('/late'))[0]).toBe('11-02 10: 5, 5, 0 running');
    await world.settleAt();
    expect(rows(await read('/late'))[0]).toBe('11-02 10: 10, 5, 0 running');
  }, 60_000);

  it('keeps the dates that events have when the time zone changes', async () => {
    await world.changePage('/moved', { timeZone: 'America/New_York' });
    expect(rows(await read('/moved'))).toEqual([
      '11-02 5: 0, 0, 0 running',
      '11-09 10: 0, 0 running, – future',
      '11-16 5: 0 running, – future, – future',
    ]);
  });

  it('counts a person once a period, on both sides of midnight, and on the day with 25 hours', async () => {
    const table = await read('/edges', 'by=week&from=2026-10-19&to=2026-11-16');
    expect(rows(table)).toEqual([
      // At 23:30 on the 25th, an hour later than without the clock change.
      '10-19 10: 0, 5, 5',
      '10-26 0: –, –, –',
      // Sunday 23:59, and Monday 00:01.
      '11-02 5: 5, 0, 0 running',
      '11-09 0: –, – running, – future',
      '11-16 0: – running, – future, – future',
    ]);
  });

  it('limits what starts a cohort, and what is a return', async () => {
    const start = encodeURIComponent('{"type":"custom","name":"Signed Up"}');
    const back = encodeURIComponent(
      '{"link":"offer","filters":[{"dimension":"country","operator":"is","values":["AT"]}]}',
    );
    expect(rows(await read('/typed', `${november}&start=${start}`))[1]).toBe('11-09 5: 5, 0 running, – future');
    expect(rows(await read('/typed', `${november}&start=${start}&return=${back}`))[1]).toBe(
      '11-09 5: 0, 0 running, – future',
    );
    expect(rows(await read('/typed', `${november}&return=${back}`))[0]).toBe('11-02 5: 5, 0, 0 running');
  });

  it('hides few people from everyone, and few who returned from all but the creator', async () => {
    const query = 'by=week&from=2026-11-02&to=2026-11-09';
    const exact = await read('/small', query);
    expect(rows(exact, 1)).toEqual(['11-02 5: 2', '11-09 <5: ']);
    expect(exact.mean[0]).toEqual({ k: 1, rate: 0.4, cohorts: 1 });
    const masked = await read('/small', query, 'ada');
    expect(rows(masked, 1)).toEqual(['11-02 5: <3', '11-09 <5: ']);
    expect(masked.cohorts[0]?.cells[0]?.rate).toBeNull();
    expect(masked.mean[0]?.rate).toBe(0.3);
    expect(JSON.stringify(masked)).not.toContain('small-p');
    // A tenth is not few yet.
    expect(masked.coverage).toMatchObject({ counted: 110, withId: 11, share: 0.1, low: false });
    expect((await read('/small', 'by=week&from=2026-11-09&to=2026-11-09', 'ada')).coverage.low).toBe(true);
  });

  it('says why there is nothing', async () => {
    for (const [path, reason] of [
      ['/off', 'identities-off'],
      ['/unused', 'no-ids-yet'],
    ] as const)
      expect(await read(path, '', 'ada')).toMatchObject({ cohorts: [], mean: [], unavailable: { reason } });
    await world.changePage('/unused', { identities: 'none' });
    expect(await read('/unused', '', 'ada')).toMatchObject({ unavailable: { reason: 'identities-off' } });
  });

  it.each([
    ['day', '2026-09-28', '2026-09-27', 60],
    ['week', '2025-11-24', '2025-11-23', 53],
    ['month', '2025-12-01', '2025-11-30', 12],
  ])('has a bound by %s', async (by, first, before, cohorts) => {
    expect((await read('/vector', `by=${by}&from=${first}&to=2026-11-26`)).cohorts).toHaveLength(cohorts);
    const response = await world.askAs('creator', `pages/vector/retention?by=${by}&from=${before}&to=2026-11-26`);
    expect(problemSchema.parse(await response.json())).toMatchObject({ status: 400, errors: [{ field: 'from' }] });
  });

  it.each([
    ['start', 'start={"type":"nothing"}'],
    ['start', 'start={"unknown":1}'],
    ['start', 'start={"type":"page_view","name":"Signed Up"}'],
    ['return', 'return={"type":"custom","link":"offer"}'],
    ['return', 'return=click'],
    ['return', `return={"filters":[${Array.from({ length: 11 }, () => '{}').join()}]}`],
    ['to', 'from=2026-11-10&to=2026-11-02'],
    ['by', 'by=year'],
    ['from', 'from=2026-02-30'],
    ['unbounded', 'unbounded=yes'],
    ['nothing', 'nothing=1'],
  ])('names a wrong %s', async (field, query) => {
    const response = await world.askAs('creator', `pages/vector/retention?${query}`);
    expect(problemSchema.parse(await response.json())).toMatchObject({ status: 400, errors: [{ field }] });
  });

  it('says no value of a parameter that is missing', async () => {
    const response = await world.askAs('creator', 'pages/vector/retention?from=2026-12-10');
    expect(await response.json()).toMatchObject({
      detail: '`to` must be `from` or later.',
      errors: [{ field: 'to', value: null }],
    });
  });

  it('is in a share only if its owner says so', async () => {
    for (const [extras, status] of [
      [[], 403],
      [['retention'], 200],
    ] as const) {
      const body = { page: '/small', expiresAt: '2026-12-01T00:00:00Z', extras };
      const { token } = createdShareSchema.parse(
        await (await world.askAs('ada', 'shares', { method: 'POST', body })).json(),
      );
      const response = await world.app.request('/api/v1/pages/small/retention', {
        headers: { authorization: `Share ${token}` },
      });
      expect(response.status).toBe(status);
      if (status === 200) expect(JSON.stringify(await response.json())).toContain('"<3"');
    }
  });

  it.each(['lake', 'counters'] as const)('shows the last table while the %s fails, and else nothing', async (store) => {
    const query = 'by=week&from=2026-10-26&to=2026-11-16';
    const working = await read('/vector', query);
    const failing = world.failing(store);
    function ask(more: string) {
      return failing.request(`/api/v1/pages/vector/retention?${query}${more}`, {
        headers: { authorization: 'Bearer creator', 'cache-control': 'no-cache' },
      });
    }
    const stale = retentionSchema.parse(await (await ask('')).json());
    expect(stale).toMatchObject({
      cohorts: working.cohorts,
      settledThrough: working.settledThrough,
      sources: { retention: { stale: true } },
    });
    expect(stale.errors).toContainEqual({ part: 'retention', message: expect.stringContaining('Showing the data of') });
    expect((await ask('&mode=each')).status).toBe(503);
  });

  it('asks the lake once until the next hour settles', async () => {
    const before = world.queries();
    const query = 'by=week&from=2026-11-02&to=2026-11-09';
    async function ask(more = '') {
      const headers = { authorization: 'Bearer creator' };
      await world.app.request(`/api/v1/pages/vector/retention?${query}${more}`, { headers });
    }
    for (const more of ['', '&unbounded=true', '&mean=simple']) await ask(more);
    expect(world.queries() - before).toBe(1);
    await world.settled.write([seen('/other', null, '2026-11-26T10:30:00Z')]);
    await world.settleAt(insightsNow + 2 * 3_600_000);
    await ask();
    expect(world.queries() - before).toBe(2);
  });
});

describe('random traffic', () => {
  const signUp = { type: 'custom', name: 'Signed Up' } as const;
  const definitions = [
    [{}, {}],
    [signUp, {}],
    [{}, signUp],
    [{ type: 'page_view' }, signUp],
  ] as const;
  const ends = {
    day: { closed: '2026-11-25', present: '2026-11-26' },
    week: { closed: '2026-11-16', present: '2026-11-23' },
    month: { closed: '2026-10-01', present: '2026-11-01' },
  } as const;

  it.each(randomPages)(
    '%s agrees with a second implementation',
    async (path) => {
      const traffic = randomRows.get(path) ?? [];
      const [start, back] = definitions[randomPages.indexOf(path) % definitions.length] ?? definitions[0];
      const definition = new URLSearchParams({ start: JSON.stringify(start), return: JSON.stringify(back) });
      for (const by of ['day', 'week', 'month'] as const)
        for (const mode of ['first', 'each'] as const)
          for (const unbounded of [false, true]) {
            const query = `by=${by}&from=2026-11-01&to=2026-11-25&mode=${mode}&unbounded=${unbounded}&${definition}`;
            const response = await world.app.request(`/api/v1/pages${path}/retention?${query}`, {
              headers: { authorization: 'Bearer creator' },
            });
            const { cohorts } = retentionSchema.parse(await response.json());
            const periods = cohorts[0]?.cells.length ?? 0;
            const options = { by, mode, unbounded, start, back, periods, ...ends[by] };
            const expected = naiveRetention(traffic, { ...options, cohorts: cohorts.map(({ period }) => period) });
            expect(
              cohorts.map(({ size, cells }) => ({ size, cells: cells.map((cell) => cell.back) })),
              query,
            ).toEqual(
              expected.map(({ size, cells }) => ({
                size,
                cells: cells.map((people) => (size > 0 && people !== undefined ? people : null)),
              })),
            );
          }
    },
    60_000,
  );
});

/** Six people, each five times, on days of November, with edges between their ids. */
function randomTraffic(path: string, seed: number): EventRow[] {
  const [steps = []] = fc.sample(fc.array(step, { minLength: 10, maxLength: 20 }), { numRuns: 1, seed });
  return steps.flatMap(({ person, day, device, signsUp, bot }) =>
    copies.map((copy) =>
      seen(path, `${path}-${person}-${copy}`, `2026-11-${String(day).padStart(2, '0')}`, {
        ...(signsUp && { event_type: 'custom', event_name: 'Signed Up' }),
        ...(bot && { outcome: 'bot', outcome_rule: 'bot.user-agent' }),
        ...(device < 6 && device !== person && { anonymous_id: `${path}-${device}-${copy}` }),
      }),
    ),
  );
}

/** At 22:00 on Sunday, 15 November in New York, and a day later; before the change, the dates were those of Vienna. */
function movedRows(): EventRow[] {
  const night = { local_date: '2026-11-15', local_hour: '2026-11-15T22-05:00' };
  return copies.flatMap((copy) => [
    seen('/moved', `first-${copy}`, '2026-11-02'),
    seen('/moved', `before-${copy}`, '2026-11-14T23:30:00Z'),
    seen('/moved', `after-${copy}`, '2026-11-16T03:00:00Z', night),
    seen('/moved', `monday-${copy}`, '2026-11-16T12:00:00Z'),
  ]);
}

function edgeRows(): EventRow[] {
  return copies.flatMap((copy) => [
    seen('/edges', `first-${copy}`, '2026-10-19'),
    ...['2026-10-25T22:30:00Z', '2026-11-02T10:00:00Z', '2026-11-02T10:00:01Z', '2026-11-10T10:00:00Z'].map((at) =>
      seen('/edges', `clock-${copy}`, at),
    ),
    ...['2026-11-08T22:59:00Z', '2026-11-08T23:01:00Z'].map((at) => seen('/edges', `midnight-${copy}`, at)),
  ]);
}

function smallRows(): EventRow[] {
  return [
    ...copies.map((copy) => seen('/small', `small-p${copy}`, '2026-11-02')),
    ...[1, 2].map((copy) => seen('/small', `small-p${copy}`, '2026-11-09')),
    ...[6, 7, 8, 9].map((copy) => seen('/small', `small-p${copy}`, '2026-11-09')),
    ...Array.from({ length: 34 }, () => seen('/small', null, '2026-11-02')),
    ...Array.from({ length: 65 }, () => seen('/small', null, '2026-11-09')),
  ];
}

function typedRows(): EventRow[] {
  const signUp = { event_type: 'custom', event_name: 'Signed Up' } as const;
  return copies.flatMap((copy) => [
    seen('/typed', `t-${copy}`, '2026-11-02'),
    seen('/typed', `t-${copy}`, '2026-11-09', signUp),
    seen('/typed', `t-${copy}`, '2026-11-10', { event_type: 'link_click', link_id: 'offer', country: 'AT' }),
    seen('/typed', `t-${copy}`, '2026-11-16', { event_type: 'link_click', link_id: 'offer', country: 'DE' }),
    seen('/typed', `t-${copy}`, '2026-11-17', { event_type: 'link_click', link_id: 'other', country: 'AT' }),
  ]);
}
