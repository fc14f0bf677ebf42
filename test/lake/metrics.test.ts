import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addDays } from '#core/ledger/time-range.ts';
import { hashSubject } from '#core/settle/tombstone.ts';
import { buildTestMetric, measure } from '#core/metrics/metrics.fixture.ts';
import { settle } from '#jobs/settle/settle.ts';
import type { EventRow } from '#schemas/event.ts';
import { type Measure, type Metric, metricLimits, metricSchema } from '#schemas/insights/metrics.ts';
import { createSavedRecords } from '#stores/catalog/saved-records.ts';
import { createStatsStore } from '#stores/counters/stats.ts';
import { QueryFailed } from '#stores/lake/errors.ts';
import { type LakeMetric, readMetricDays } from '#stores/lake/metric-queries.ts';
import { eventRow } from '#test/raw-file.ts';
import { createWorld, type Servers, startServers, type World } from './settle-world.ts';

/** Measures of custom metrics: their query, and how settle keeps them. */

let servers: Servers;
let world: World;
beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());
beforeEach(async () => {
  world = await createWorld(servers, ['UTC']);
});

let id = 1n;
function event(changes: Partial<EventRow> = {}, time = '2026-11-22T06:05:00Z'): EventRow {
  id += 2n;
  const at = Date.parse(time);
  return eventRow({
    event_id: id,
    visitor_id: id,
    occurred_at: at,
    received_at: at,
    local_hour: `${time.slice(0, 13)}+00:00`,
    local_date: time.slice(0, 10),
    ...changes,
  });
}

function custom(properties: string | null, changes: Partial<EventRow> = {}, time?: string): EventRow {
  return event({ event_type: 'custom', link_id: null, event_name: 'purchase', properties, ...changes }, time);
}

async function settleAt(time: string) {
  const summary = await settle(world.deps, { time: Date.parse(time) });
  expect(summary.state).toBe('done');
}

function lakeMetric(measures: Readonly<Record<string, Measure>>, changes: Partial<LakeMetric> = {}): LakeMetric {
  return { page: '/ada', id: 'm1', version: 1, currency: null, measures: { ...measures }, ...changes };
}

async function read(metrics: readonly LakeMetric[], from = '2026-11-22', to = from) {
  return (await readMetricDays(world.deps.athena, metrics, { from, to })).days;
}

/** Returns the sum, the numbers and the ignored events of one measure on the 22nd. */
async function sumOf(tested: Measure, currency: string | null = null) {
  const [day] = await read([lakeMetric({ a: tested }, { currency })]);
  const { sum, numbers, ignored } = day?.metrics['m1@1']?.['a'] ?? { sum: -1, numbers: -1, ignored: -1 };
  return [sum, numbers, ignored];
}

describe('a measure', () => {
  it('adds up numbers only, and counts what it ignores', async () => {
    await world.write([
      custom('{"price":12.5}'),
      custom('{"price":"12.5"}'),
      custom('{"price":null}'),
      custom('{}', { outcome: 'bot' }),
      custom('{"price":1}', { page_path: '/bob' }),
      event(),
    ]);
    await settleAt('2026-11-22T08:00:00Z');
    expect(await sumOf(measure('sum', [], 'price'))).toEqual([12.5, 1, 2]);
    expect(await sumOf(measure('average', [], 'price'))).toEqual([12.5, 1, 2]);
    expect(await sumOf(measure('sum', [], 'none'))).toEqual([0, 0, 3]);
  });

  it('takes every kind of value for what it is', async () => {
    await world.write([
      ...['0.1', '0.2', '-1.25', '1e3', '9007199254740992', '9007199254740994', 'true', '[1]', '{"a":1}', '"x"'].map(
        (value) => custom(`{"cart.total":${value}}`),
      ),
      custom(null),
      custom('{"cart":{"total":5}}'),
    ]);
    await settleAt('2026-11-22T08:00:00Z');
    const sum = 0.1 + 0.2 - 1.25 + 1000 + 9007199254740992;
    expect(await sumOf(measure('sum', [], 'cart.total'))).toEqual([sum, 5, 7]);
  });

  it('of money is in smallest units, of one currency', async () => {
    await world.write([
      custom('{"price":12.5}', { conversion: 'sale', currency: 'EUR', value_minor: 1250n }),
      custom('{"price":1.005}', { conversion: 'sale', currency: null }),
      custom('{"price":7}', { conversion: 'sale', currency: 'USD', value_minor: 700n }),
      custom('{"price":-2}', { conversion: 'refund', currency: 'EUR', value_minor: -200n }),
      custom(null, { event_name: 'add_to_cart', conversion: 'cart', currency: 'EUR', value_minor: 9900n }),
    ]);
    await settleAt('2026-11-22T08:00:00Z');
    expect(await sumOf(measure('sum', [], 'price'), 'EUR')).toEqual([1250 + 101 - 200, 3, 2]);
    // Revenue, as in the overview: carts have amounts, too.
    expect(await sumOf(measure('sum'), 'EUR')).toEqual([1050, 2, 2]);
    const carts: [string, 'is', string[]] = ['event', 'is', ['add_to_cart']];
    expect(await sumOf(measure('sum', [carts]), 'EUR')).toEqual([9900, 1, 0]);
    expect(await sumOf(measure('sum', [], 'price'), 'JPY')).toEqual([1, 1, 4]);
    expect(await sumOf(measure('sum'), 'USD')).toEqual([700, 1, 3]);
  });

  it('counts people and visits once a day', async () => {
    await world.write([
      event({ visitor_id: 1n }),
      event({ visitor_id: 1n }, '2026-11-22T06:06:00Z'),
      event({ visitor_id: 3n, event_type: 'page_view', link_id: null }),
      event({ visitor_id: 1n }, '2026-11-22T06:59:00Z'),
    ]);
    await settleAt('2026-11-22T08:00:00Z');
    expect(await sumOf(measure('visitors'))).toEqual([2, 2, 0]);
    expect(await sumOf(measure('sessions'))).toEqual([3, 3, 0]);
    expect(await sumOf(measure('visitors', [['link', 'is', ['k3x9']]]))).toEqual([1, 1, 0]);
  });

  it('of a campaign counts its clicks, and other events of visits whose last clicked link belonged to it', async () => {
    const spring = { campaign_id: 'spring', visitor_id: 10n };
    function sale(minute: number, minor: bigint, visitor: bigint | null = 10n) {
      const changes = { conversion: 'sale' as const, currency: 'EUR', value_minor: minor, visitor_id: visitor };
      return custom(null, changes, `2026-11-22T06:${String(minute).padStart(2, '0')}:00Z`);
    }
    const view = { event_type: 'page_view' as const, link_id: null, visitor_id: 10n };
    await world.write([
      event(view, '2026-11-22T06:00:00Z'),
      event(spring, '2026-11-22T06:01:00Z'),
      event(view, '2026-11-22T06:02:00Z'),
      sale(3, 1_000n),
      // Another link is clicked last from here on.
      event({ visitor_id: 10n, campaign_id: null, link_id: 'other' }, '2026-11-22T06:04:00Z'),
      sale(5, 2_000n),
      event({ ...spring, campaign_id: 'autumn' }, '2026-11-22T06:06:00Z'),
      sale(7, 4_000n),
      event(spring, '2026-11-22T06:08:00Z'),
      sale(9, 8_000n),
      // Another visitor, one without a visit, and another page.
      sale(10, 16_000n, 20n),
      sale(11, 32_000n, null),
      event({ ...spring, page_path: '/bob' }, '2026-11-22T06:12:00Z'),
      event({ ...spring, outcome: 'bot' }, '2026-11-22T06:13:00Z'),
    ]);
    await settleAt('2026-11-22T08:00:00Z');
    const measures = {
      clicks: measure('clicks'),
      views: measure('views'),
      revenue: measure('sum'),
      visitors: measure('visitors'),
    };
    async function sumsOf(campaign: string) {
      const range = { from: '2026-11-22', to: '2026-11-22', campaign };
      const { days } = await readMetricDays(world.deps.athena, [lakeMetric(measures, { currency: 'EUR' })], range);
      const sums = days[0]?.metrics['m1@1'] ?? {};
      return ['clicks', 'views', 'revenue', 'visitors'].map((name) => sums[name]?.sum);
    }
    expect(await sumsOf('spring')).toEqual([2, 1, 9_000, 1]);
    expect(await sumsOf('autumn')).toEqual([1, 0, 4_000, 1]);
    expect(await sumsOf("o'none")).toEqual([undefined, undefined, undefined, undefined]);
  });

  const people: Partial<EventRow>[] = [
    {
      country: 'AT',
      city: 'Wien',
      referrer_class: 'social',
      referrer_name: 'Instagram',
      campaign_id: 'spring',
      utm_term: 'shoes',
    },
    { country: 'DE', city: null, referrer_class: 'search', referrer_name: 'Google', link_id: 'k3x9~x81kd03f' },
    { country: null, referrer_class: null, browser: "O'Hara", utm_content: 'ä%_\\' },
    { event_type: 'custom', event_name: 'Sign\tUp', link_id: null, properties: '{"plan":"pro","n":12.5,"yes":true}' },
    { event_type: 'custom', event_name: 'signup', link_id: null, properties: '{"plan":"free"}' },
  ];
  it.each<[Measure, number]>([
    [measure('clicks'), 3],
    [measure('clicks', [['country', 'is', ['AT', 'DE']]]), 2],
    [measure('clicks', [['country', 'is', ['']]]), 1],
    [measure('clicks', [['country', 'is-not', ['AT']]]), 2],
    [measure('clicks', [['country', 'is-not', ['AT', '']]]), 1],
    [measure('clicks', [['country', 'starts-with', ['A']]]), 1],
    [measure('clicks', [['referrer', 'is', ['Instagram', 'search']]]), 2],
    [measure('clicks', [['referrer', 'starts-with', ['Insta']]]), 1],
    [measure('clicks', [['referrer', 'is-not', ['Instagram']]]), 2],
    [measure('clicks', [['link', 'is', ['k3x9']]]), 3],
    [measure('clicks', [['city', 'is', ['AT/Wien']]]), 1],
    [measure('clicks', [['campaign', 'is', ['spring']]]), 1],
    [
      measure('clicks', [
        ['utm_term', 'is', ['shoes']],
        ['country', 'is', ['AT']],
      ]),
      1,
    ],
    [
      measure('clicks', [
        ['utm_term', 'is', ['shoes']],
        ['country', 'is', ['DE']],
      ]),
      0,
    ],
    [measure('clicks', [['browser', 'is', ["O'Hara"]]]), 1],
    [measure('clicks', [['browser', 'is', ["' OR '1'='1"]]]), 0],
    [measure('clicks', [['utm_content', 'is', ['ä%_\\']]]), 1],
    [measure('clicks', [['utm_content', 'starts-with', ['%']]]), 0],
    [measure('events'), 2],
    [measure('events', [['event', 'is', ['Sign\tUp', 'signup']]]), 2],
    [measure('events', [['properties.plan', 'is', ['pro']]]), 1],
    [measure('events', [['properties.plan', 'is-not', ['pro']]]), 1],
    [measure('events', [['properties.plan', 'starts-with', ['p', 'f']]]), 2],
    [measure('events', [['properties.n', 'is', ['12.5']]]), 1],
    [measure('events', [['properties.yes', 'is', ['true']]]), 1],
    [measure('events', [['properties.none', 'is', ['']]]), 2],
    [measure('views'), 0],
  ])('%j counts %d', async (tested, expected) => {
    await world.write(people.map((changes) => event(changes)));
    await settleAt('2026-11-22T08:00:00Z');
    expect(await sumOf(tested)).toEqual([expected, expected, 0]);
  });

  it('of as many pages and metrics as there can be takes few queries, each short enough for Athena', async () => {
    await world.write([event(), event({ page_path: '/bob' })]);
    await settleAt('2026-11-22T08:00:00Z');
    world.queries.length = 0;
    const values = Array.from({ length: 7 }, (_, at) => `${at}${"'".repeat(metricLimits.value - 1)}`);
    const long = measure('sum', [['link', 'is-not', values]], 'price');
    const metrics = Array.from({ length: metricLimits.ofPage }, (_, at) =>
      lakeMetric({ a: long, b: measure('clicks') }, { page: at % 2 ? '/ada' : '/bob', id: `m${at}` }),
    );
    const days = await read(metrics);
    expect(days.map(({ page, metrics: found }) => [page, Object.keys(found).length])).toEqual([
      ['/ada', 10],
      ['/bob', 10],
    ]);
    expect(days[0]?.metrics['m1@1']?.['b']).toMatchObject({ sum: 1 });
    expect(world.queries.length).toBeLessThanOrEqual(3);
  });
});

describe('settle', () => {
  const metric = buildTestMetric({
    measures: { a: measure('events', [['event', 'is', ['purchase']]]), b: measure('clicks') },
  });
  function saved() {
    return createSavedRecords({
      client: world.db.client,
      table: world.tables.catalog,
      kind: 'metric',
      schema: metricSchema,
    });
  }
  function stats() {
    return createStatsStore({
      client: world.db.client,
      table: world.tables.rollups,
      freshnessSeconds: 20,
      now: world.deps.now,
    });
  }
  /** Returns `date name a b` of each day that is kept. */
  async function kept(page = '/ada') {
    const days = await stats().metricsDays(`page#${page}`, '2026-01-01', '2026-12-31');
    return days.flatMap(({ date, metrics }) =>
      Object.entries(metrics).map(([name, sums]) => [date, name, sums['a']?.sum, sums['b']?.sum].join(' ')),
    );
  }
  async function writeDays(...dates: string[]) {
    for (const date of dates)
      await world.write([
        custom('{}', {}, `${date}T06:05:00Z`),
        event({}, `${date}T06:05:00Z`),
        event({}, `${date}T06:07:00Z`),
      ]);
  }

  it('keeps the measures of each settled day, also of days without events', async () => {
    await saved().put('/ada', metric);
    await writeDays('2026-11-22');
    await settleAt('2026-11-23T08:00:00Z');
    expect(await kept()).toContain('2026-11-22 m1@1 1 2');
    await world.write([event({ page_path: '/bob' }, '2026-11-24T06:05:00Z')]);
    await settleAt('2026-11-25T08:00:00Z');
    expect(await kept()).toEqual(expect.arrayContaining(['2026-11-22 m1@1 1 2', '2026-11-24 m1@1 0 0']));
    expect(await kept('/bob')).toEqual([]);
  });

  it('computes them again when a late event or a rule changes the day, and without an erased visitor', async () => {
    await saved().put('/ada', metric);
    await writeDays('2026-11-22');
    await settleAt('2026-11-23T08:00:00Z');
    await world.write([event({ visitor_id: 77n }, '2026-11-22T06:30:00Z')]);
    await settleAt('2026-11-23T09:00:00Z');
    expect(await kept()).toContain('2026-11-22 m1@1 1 3');
    const hash = hashSubject({ kind: 'visitor', value: '77' });
    await world.deps.state.putTombstone({ hash, kind: 'visitor', createdAt: Date.parse('2026-11-23T09:30:00Z') });
    await world.deps.state.mark(['2026-11-22T06']);
    await settleAt('2026-11-23T10:00:00Z');
    expect(await kept()).toContain('2026-11-22 m1@1 1 2');
  });

  it('computes the history of a metric that is new or changed, as far as events are kept', async () => {
    await writeDays('2026-10-01', '2026-11-21', '2026-11-22');
    await settleAt('2026-11-23T08:00:00Z');
    expect(await kept()).toEqual([]);
    await saved().put('/ada', metric);
    await settleAt('2026-11-23T09:00:00Z');
    const days = await kept();
    expect(days[0]).toBe('2026-10-01 m1@1 1 2');
    expect(days).toEqual(expect.arrayContaining(['2026-10-02 m1@1 0 0', '2026-11-21 m1@1 1 2', '2026-11-22 m1@1 1 2']));
    expect(days).toHaveLength(54);
    // October's events are no longer kept.
    const { files, partitions } = world.deps;
    expect(partitions).toBeDefined();
    await files.delete((await files.list('settled/events/dt=2026-10-01/')).map(({ key }) => key));
    const changed: Metric = {
      ...metric,
      version: 2,
      measures: { a: measure('clicks', [['link', 'is', ['k3x9']]]), b: measure('views') },
    };
    await saved().replace('/ada', changed);
    await settleAt('2026-11-23T10:00:00Z');
    expect((await kept())[0]).toBe('2026-10-01 m1@1 1 2');
    expect(await kept()).toEqual(
      expect.arrayContaining(['2026-11-20 m1@1 0 0', '2026-11-21 m1@2 2 0', '2026-11-22 m1@2 2 0']),
    );
    world.queries.length = 0;
    await settleAt('2026-11-23T10:01:00Z');
    expect(world.queries).toEqual([]);
  });

  it('goes on where it was interrupted', async () => {
    const first = '2026-08-01';
    await writeDays(first, '2026-11-22');
    await settleAt('2026-11-23T08:00:00Z');
    await saved().put('/ada', metric);
    let calls = 0;
    const athena: typeof world.deps.athena = {
      ...world.deps.athena,
      rows: (query, values, options) => {
        if (query.name === 'metric-days' && ++calls > 2) throw new QueryFailed(query.name, 'broken');
        return world.deps.athena.rows(query, values, options);
      },
    };
    await settle({ ...world.deps, athena }, { time: Date.parse('2026-11-23T09:00:00Z') });
    expect(world.events).toContainEqual(expect.objectContaining({ kind: 'metrics-failed', alert: true }));
    expect(await kept()).toHaveLength(62);
    expect(await stats().filledMetrics('page#/ada')).toMatchObject({ next: addDays(first, 62), begun: true });
    await settleAt('2026-11-23T10:00:00Z');
    expect(await kept()).toHaveLength(115);
    expect((await stats().filledMetrics('page#/ada'))?.next).toBeUndefined();
  });

  it('is not stopped by a metric whose query fails, and tries again', async () => {
    await saved().put('/ada', metric);
    await writeDays('2026-11-22');
    const athena: typeof world.deps.athena = {
      ...world.deps.athena,
      rows: (query, values, options) => {
        if (query.name === 'metric-days') throw new QueryFailed(query.name, 'broken');
        return world.deps.athena.rows(query, values, options);
      },
    };
    const summary = await settle({ ...world.deps, athena }, { time: Date.parse('2026-11-23T08:00:00Z') });
    expect(summary).toMatchObject({ state: 'done', refused: [] });
    expect((await stats().days('page#/ada', '2026-11-22', '2026-11-22'))[0]?.numbers).toMatchObject({ clicks: 2 });
    expect(await kept()).toEqual([]);
    await settleAt('2026-11-23T09:00:00Z');
    expect(await kept()).toContain('2026-11-22 m1@1 1 2');
  });

  it('reads no lake for a metric that the counters hold', async () => {
    await saved().put('/ada', { ...metric, measures: { a: measure('clicks') }, formula: 'a' });
    await writeDays('2026-11-22');
    await settleAt('2026-11-23T08:00:00Z');
    expect(world.queries.filter(({ query }) => query === 'metric-days')).toEqual([]);
    expect(await kept()).toEqual([]);
  });

  it('deletes the measures of an erased page', async () => {
    await saved().put('/ada', metric);
    await writeDays('2026-11-22');
    await settleAt('2026-11-23T08:00:00Z');
    await world.deps.rollups.deleteEntity('page#/ada');
    expect(await kept()).toEqual([]);
    expect(await stats().filledMetrics('page#/ada')).toBeUndefined();
  });
});
