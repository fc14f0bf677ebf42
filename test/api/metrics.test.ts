import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  metricLimits,
  metricPreviewSchema,
  metricsSchema,
  metricValuesSchema,
  metricViewSchema,
} from '#schemas/insights/metrics.ts';
import { campaignReportSchema, campaignSchema, publicCampaignSchema } from '#schemas/api/insights/campaigns.ts';
import { createdShareSchema } from '#schemas/api/shares.ts';
import { createMetricAlerts } from '#stores/alerts/metric-alerts.ts';
import { lakeNow, type LakeWorld, startLakeWorld } from './lake-world.ts';

/** Custom metrics over the API, from counters and from the lake. Noon on 23 November; everything happened on the 22nd. */

let world: LakeWorld;
beforeAll(async () => {
  world = await startLakeWorld();
});
afterAll(() => world.stop());

async function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await world.ask(`pages/${path}`, { method, body, headers });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
}

interface Draft {
  name?: string;
  measures?: Record<string, object>;
  [field: string]: unknown;
}

const purchases = { of: 'events', filters: [{ field: 'event', operator: 'is', values: ['purchase'] }] };

const weekly = { when: 'below', value: 0.05, period: 'week', periods: 2 } as const;

/** What the daily job writes. */
function metricAlerts() {
  return createMetricAlerts({ client: world.settled.db.client, table: 'api-catalog', now: Date.now });
}

function draft(changes: Draft = {}) {
  return {
    name: 'Sales per click',
    unit: 'percent',
    measures: { a: purchases, b: { of: 'clicks' } },
    formula: 'a / b',
    ...changes,
  };
}

async function create(changes: Draft = {}, page = 'shop') {
  const { status, body } = await send('post', `${page}/metrics`, draft(changes));
  expect(status, JSON.stringify(body)).toBe(201);
  return metricViewSchema.parse(body);
}

async function values(id: string, query = '?from=2026-11-20', page = 'shop', headers: Record<string, string> = {}) {
  return metricValuesSchema.parse((await send('get', `${page}/metrics/${id}/values${query}`, undefined, headers)).body);
}

async function list(page = 'shop', headers: Record<string, string> = {}) {
  return metricsSchema.parse((await send('get', `${page}/metrics`, undefined, headers)).body).rows;
}

beforeEach(async () => {
  for (const page of ['shop', 'ada'])
    for (const { id } of await list(page)) expect((await send('delete', `${page}/metrics/${id}`)).status).toBe(204);
});

describe('a metric of the lake', () => {
  it('is pending until the next hour settles, then it has its history', async () => {
    const metric = await create();
    expect(metric).toMatchObject({ version: 1, source: 'lake', decimals: 1, currency: null, goal: null });
    expect((await values(metric.id)).rows.map(({ state, value }) => [state, value])).toEqual([
      ['pending', null],
      ['pending', null],
      ['pending', null],
      ['running', null],
    ]);
    await world.settle();
    const { rows, total, metric: view, errors, freshness } = await values(metric.id);
    // 5 purchases, one of them refunded, and 2 clicks; the crawler's is not counted.
    expect(rows).toEqual([
      { start: '2026-11-20', value: null, error: null, ignored: 0, state: 'missing', version: 0 },
      { start: '2026-11-21', value: null, error: null, ignored: 0, state: 'missing', version: 0 },
      { start: '2026-11-22', value: 2.5, error: null, ignored: 0, state: 'settled', version: 1 },
      { start: '2026-11-23', value: null, error: null, ignored: 0, state: 'running', version: 1 },
    ]);
    expect(total).toEqual({ value: 2.5, error: null, ignored: 0, days: 4, known: 2 });
    expect([view, errors]).toEqual([metric, []]);
    expect(freshness.settledThrough).toBe('2026-11-23T11:00:00.000Z');
    const weeks = await values(metric.id, '?from=2026-11-16&by=week');
    expect(weeks.rows).toMatchObject([{ start: '2026-11-16', value: 2.5, state: 'settled' }, { start: '2026-11-23' }]);
  });

  it('begins a new version with another formula, and none with another name', async () => {
    const metric = await create();
    await world.settle();
    const renamed = await send('put', `shop/metrics/${metric.id}`, draft({ name: 'Conversion', decimals: 2 }));
    expect(renamed).toMatchObject({ status: 200, body: { name: 'Conversion', version: 1, since: metric.since } });
    const changed = await send('put', `shop/metrics/${metric.id}`, draft({ formula: '(a - b) / a' }));
    expect(changed).toMatchObject({ status: 200, body: { version: 2 } });
    // The day still has the first version.
    expect((await values(metric.id)).rows[2]).toMatchObject({ value: 2.5, state: 'pending', version: 1 });
    expect((await values(metric.id)).total).toMatchObject({ known: 1 });
    await world.settle();
    expect((await values(metric.id)).rows[2]).toMatchObject({ value: 0.6, state: 'settled', version: 2 });
  });

  it('adds up money of one currency, and says what it ignores', async () => {
    const metric = await create({
      unit: 'money',
      currency: 'EUR',
      measures: { a: { of: 'sum', filters: purchases.filters } },
      formula: 'a',
    });
    await world.settle();
    // €20 − €20 + €30 + €10, and $5.
    expect((await values(metric.id)).rows[2]).toMatchObject({ value: 4000, ignored: 1 });
  });

  it('is previewed with its price before it is saved', async () => {
    const { status, body } = await send('post', 'shop/metrics/preview', draft());
    expect(status).toBe(200);
    const preview = metricPreviewSchema.parse(body);
    expect(preview).toMatchObject({ source: 'lake', from: '2026-10-27', to: '2026-11-23', total: { value: 2.5 } });
    expect(preview.rows).toEqual([{ start: '2026-11-22', value: 2.5, error: null, ignored: 0 }]);
    // 10 MB at least a query: one now, 13 for 400 days, one for each date and zone a month.
    expect(preview.cost.preview).toBeCloseTo(0.00005, 8);
    expect(preview.cost.history).toBeCloseTo(13 * 0.00005, 8);
    expect(preview.cost.month).toBeGreaterThan(0.00005 * 60);
    expect(await list()).toEqual([]);
  });

  it('with a goal asks the lake once for what has not settled', async () => {
    const metric = await create({ goal: { target: 0.5, period: 'month', at: 'least' } });
    await world.settle();
    let queries = 0;
    world.settled.lake.athena.middlewareStack.add(
      (next) => (args) => {
        if ('QueryString' in args.input) queries += 1;
        return next(args);
      },
      { step: 'initialize', name: 'counting' },
    );
    for (const [query, expected] of [
      ['?from=2026-11-20', 1],
      ['?from=2026-11-23', 1],
      ['?from=2026-11-20&to=2026-11-22', 1],
    ] as const) {
      queries = 0;
      const { goal } = await values(metric.id, query);
      expect([goal?.value, queries]).toEqual([2.5, expected]);
    }
    world.settled.lake.athena.middlewareStack.remove('counting');
  });

  it('shows its settled days while the lake fails', async () => {
    const metric = await create();
    await world.settle();
    const broken = world.again({ clients: { athena: { send: () => Promise.reject(new Error('down')) } as never } });
    const answer = await world.ask(`pages/shop/metrics/${metric.id}/values?from=2026-11-22`, { app: broken });
    const { rows, errors } = metricValuesSchema.parse(await answer.json());
    expect(rows).toMatchObject([
      { value: 2.5, state: 'settled' },
      { value: null, state: 'running', version: 0 },
    ]);
    expect(errors).toEqual([{ part: 'running', message: 'Temporarily unavailable: days that are not settled yet.' }]);
    const preview = await world.ask('pages/shop/metrics/preview', { method: 'post', body: draft(), app: broken });
    expect(preview.status).toBe(503);
  });
});

describe('a filter by tag', () => {
  async function tag(tags: string[]) {
    const answer = await world.ask('links/offer', { method: 'patch', body: { tags } });
    expect(answer.status).toBe(200);
  }
  async function preview(operator: string, values: string[]): Promise<number | null> {
    const filters = [{ field: 'tag', operator, values }];
    const body = draft({ measures: { a: { of: 'clicks', filters } }, formula: 'a', unit: 'count' });
    return metricPreviewSchema.parse((await send('post', 'shop/metrics/preview', body)).body).total.value;
  }

  it('is one by the links that have it now, in upper or lower case', async () => {
    await tag(['spring sale', 'bio']);
    // Two clicks of the shop, both on the link.
    expect(await preview('is', ['Spring  SALE'])).toBe(2);
    expect(await preview('is', ['autumn', 'bio'])).toBe(2);
    expect(await preview('is', ['autumn'])).toBe(0);
    expect(await preview('is-not', ['autumn'])).toBe(2);
    expect(await preview('is-not', ['bio'])).toBe(0);
    expect(await preview('starts-with', ['spr'])).toBe(2);
    expect(await preview('is', [''])).toBe(0);
    await tag([]);
    expect(await preview('is', [''])).toBe(2);
    expect(await preview('is-not', [''])).toBe(0);
  });

  it('is computed when a day settles, and for days that have not settled', async () => {
    await tag(['bio']);
    const filters = [{ field: 'tag', operator: 'is', values: ['bio'] }];
    const metric = await create({ measures: { a: { of: 'clicks', filters } }, formula: 'a', unit: 'count' });
    expect(metric.source).toBe('lake');
    await world.settle();
    const { rows } = await values(metric.id, '?from=2026-11-22');
    expect(rows).toMatchObject([
      { value: 2, state: 'settled' },
      { value: 0, state: 'running' },
    ]);
    await tag([]);
  });
});

describe('the metric of a campaign', () => {
  const dates = { from: '2026-11-20', to: '2026-11-30' };
  async function request(method: string, path: string, body?: unknown, app = world.app) {
    const answer = await world.ask(path, { method, ...(body !== undefined && { body }), app });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
  }
  async function createCampaign(body: object): Promise<string> {
    const { status, body: created } = await request('post', 'campaigns', {
      name: 'x',
      page: '/ada',
      ...dates,
      ...body,
    });
    expect(status, JSON.stringify(created)).toBe(201);
    return campaignSchema.parse(created).id;
  }
  async function report(id: string, app = world.again({})) {
    return campaignReportSchema.parse((await request('get', `campaigns/${id}/report`, undefined, app)).body);
  }

  it('is computed for its events, and is on its public page', async () => {
    const measures = { a: { of: 'clicks' }, b: { of: 'visitors' } };
    const metric = await create({ measures, formula: 'a / b', unit: 'ratio' }, 'ada');
    const id = await createCampaign({ label: 'spring', metric: metric.id, public: true });
    const found = await report(id);
    // One of the three clicks of the page had the label.
    const expected = {
      name: metric.name,
      unit: 'ratio',
      currency: null,
      decimals: 2,
      value: 1,
      error: null,
      ignored: 0,
    };
    expect([found.campaign.metric, found.metric]).toEqual([metric.id, expected]);
    expect(found.sources.metric).toMatchObject({ source: 'lake', stale: false });
    const page = await request('get', `public/campaigns/${id}`);
    expect(publicCampaignSchema.parse(page.body).metric).toEqual(expected);
    expect(JSON.stringify(page.body)).not.toContain(metric.id);
    // Without events, nothing is divided.
    const none = await createCampaign({ label: 'none', metric: metric.id });
    expect((await report(none)).metric).toMatchObject({ value: null, error: null });
    const changed = await request('put', `campaigns/${none}`, { name: 'x', label: 'none', ...dates });
    expect(changed).toMatchObject({ status: 200, body: { metric: null } });
    expect((await report(none)).metric).toBeNull();
    expect(await request('delete', `campaigns/${id}`)).toMatchObject({ status: 204 });
  });

  it('asks the lake once until the next hour settles, and shows what it has while the lake fails', async () => {
    const metric = await create({ measures: { a: { of: 'clicks' } }, formula: 'a', unit: 'count' }, 'ada');
    const id = await createCampaign({ label: 'once', metric: metric.id });
    await report(id);
    const broken = { clients: { athena: { send: () => Promise.reject(new Error('down')) } as never } };
    // Another instance, a minute later: the part is in the table.
    const later = world.again({ ...broken, now: () => lakeNow + 61_000 });
    expect(await report(id, later)).toMatchObject({ metric: { value: 0 }, errors: [] });
    const cold = await createCampaign({ label: 'cold', metric: metric.id });
    expect(await report(cold, world.again(broken))).toMatchObject({
      metric: { value: null },
      totals: { clicks: 0 },
      errors: [{ part: 'metric', message: 'Temporarily unavailable.' }],
    });
  });

  it('can be the goal: with a pace if it grows with time, and without one if it is a ratio', async () => {
    const sum = await create({ name: 'All', measures: { a: { of: 'clicks' } }, formula: 'a', unit: 'count' }, 'ada');
    const ratio = await create(
      { name: 'Each', measures: { a: { of: 'clicks' }, b: { of: 'visitors' } }, formula: 'a / b', unit: 'ratio' },
      'ada',
    );
    const growing = await createCampaign({ label: 'spring', metric: sum.id, goal: { of: 'metric', target: 11 } });
    // One click so far. The metric is known until the last settled hour: 3.5 of 11 days in Vienna.
    expect((await report(growing)).goal).toEqual({
      of: 'metric',
      target: 11,
      value: 1,
      share: 1 / 11,
      expected: 3.5,
      pace: 'behind',
    });
    const fixed = await createCampaign({ label: 'fixed', metric: ratio.id, goal: { of: 'metric', target: 0.5 } });
    expect((await report(fixed)).goal).toEqual({
      of: 'metric',
      target: 0.5,
      value: null,
      share: null,
      expected: null,
      pace: null,
    });
    const body = { name: 'x', page: '/ada', ...dates };
    expect(
      await request('post', 'campaigns', { ...body, label: 'no', goal: { of: 'metric', target: 1 } }),
    ).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'goal.of', value: 'metric', allowed: 'clicks or conversions without a `metric`' }] },
    });
    expect(
      await request('post', 'campaigns', { ...body, label: 'no', goal: { of: 'clicks', target: 1.5 } }),
    ).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'goal.target', value: '1.5', allowed: 'a whole number' }] },
    });
  });

  it('is one of the page, and gone when it is deleted', async () => {
    const ofShop = await create();
    const own = await create({}, 'ada');
    const body = { name: 'x', label: 'which', page: '/ada', ...dates };
    for (const metric of [ofShop.id, 'unknown'])
      expect(await request('post', 'campaigns', { ...body, metric })).toMatchObject({
        status: 400,
        body: { errors: [{ field: 'metric', value: metric, allowed: 'the id of a metric of the page' }] },
      });
    const id = await createCampaign({ label: 'which', metric: own.id });
    await send('delete', `ada/metrics/${own.id}`);
    expect((await report(id)).metric).toBeNull();
    // It may be saved with what it had.
    const kept = { name: 'renamed', label: 'which', ...dates, metric: own.id };
    expect(await request('put', `campaigns/${id}`, kept)).toMatchObject({ status: 200 });
  });
});

describe('a metric of counters', () => {
  const measures = {
    a: { of: 'clicks', filters: [{ field: 'country', operator: 'is', values: ['AT'] }] },
    b: { of: 'clicks' },
  };

  it('is live, and has every day', async () => {
    const metric = await create({ measures }, 'ada');
    expect(metric.source).toBe('counters');
    const { rows, total } = await values(metric.id, '?from=2026-11-21', 'ada');
    expect(rows).toEqual([
      { start: '2026-11-21', value: null, error: null, ignored: 0, state: 'settled', version: 1 },
      { start: '2026-11-22', value: 2 / 3, error: null, ignored: 0, state: 'settled', version: 1 },
      { start: '2026-11-23', value: null, error: null, ignored: 0, state: 'running', version: 1 },
    ]);
    expect(total).toMatchObject({ value: 2 / 3, days: 3, known: 3 });
    const changed = await send('put', `ada/metrics/${metric.id}`, draft({ measures, formula: 'b' }));
    expect(changed).toMatchObject({ body: { version: 2 } });
    expect((await values(metric.id, '?from=2026-11-22', 'ada')).rows[0]).toMatchObject({ value: 3, version: 2 });
    const preview = metricPreviewSchema.parse((await send('post', 'ada/metrics/preview', draft({ measures }))).body);
    expect([preview.source, preview.cost, preview.total.value]).toEqual([
      'counters',
      { preview: 0, history: 0, month: 0 },
      2 / 3,
    ]);
    expect(preview.rows).toHaveLength(metricLimits.previewDays);
  });

  it('counts what is not settled yet', async () => {
    const metric = await create({ measures: { a: { of: 'clicks' } }, formula: 'a', unit: 'count' }, 'ada');
    const before = world.again({ now: () => Date.parse('2026-11-22T12:00:00Z') });
    const answer = await world.ask(`pages/ada/metrics/${metric.id}/values?from=2026-11-22`, { app: before });
    expect(metricValuesSchema.parse(await answer.json()).rows).toMatchObject([{ value: 3 }]);
  });

  it('has a goal, and how far it should be by now', async () => {
    const goal = { target: 30, period: 'month', at: 'least' };
    const metric = await create({ measures: { a: { of: 'clicks' } }, formula: 'a', unit: 'count', goal }, 'ada');
    expect((await values(metric.id, '', 'ada')).goal).toMatchObject({
      from: '2026-11-01',
      to: '2026-11-30',
      value: 3,
      share: 0.1,
      pace: 'behind',
    });
    const ratio = await create({ name: 'Ratio', measures, goal: { ...goal, target: 0.5 } }, 'ada');
    expect((await values(ratio.id, '', 'ada')).goal).toMatchObject({ value: 2 / 3, expected: null, pace: null });
  });
});

describe('an alert', () => {
  it.each([
    { ...weekly, periods: 14, value: -1e12 },
    { when: 'above', value: 1e12, period: 'day', periods: 14 },
    { when: 'above', value: 1, period: 'month', periods: 12 },
    { when: 'unusual', period: 'day', periods: 1 },
  ])('may be %j', async (alert) => {
    expect(await create({ alert })).toMatchObject({ alert });
  });

  it('on unusual days has days, one by one', async () => {
    expect(await create({ alert: { when: 'unusual' } })).toMatchObject({
      alert: { when: 'unusual', period: 'day', periods: 1 },
    });
  });

  it('is no new version, and has a status once it is evaluated, until the metric is deleted', async () => {
    const metric = await create();
    const changed = metricViewSchema.parse(
      (await send('put', `shop/metrics/${metric.id}`, draft({ alert: weekly }))).body,
    );
    expect(changed).toEqual({ ...metric, alert: weekly });
    expect((await values(metric.id)).alert).toBeNull();
    const status = {
      start: '2026-11-16',
      outcome: 'beyond',
      value: 0.04,
      expected: null,
      since: '2026-11-16',
    } as const;
    await metricAlerts().commit('/shop', metric.id, { ...status, rule: weekly, version: 1, announced: true }, []);
    expect((await values(metric.id)).alert).toEqual(status);
    // Another rule is not evaluated yet.
    await send('put', `shop/metrics/${metric.id}`, draft({ alert: { ...weekly, periods: 3 } }));
    expect((await values(metric.id)).alert).toBeNull();
    await send('delete', `shop/metrics/${metric.id}`);
    expect(await metricAlerts().state('/shop', metric.id)).toBeUndefined();
  });
});

describe('a definition is refused', () => {
  const filter = { field: 'country', operator: 'is', values: ['AT'] };
  function clicks(filters: object[]) {
    return { measures: { a: { of: 'clicks', filters } }, formula: 'a' };
  }
  it.each<[string, Draft]>([
    ['formula', { formula: 'a;b' }],
    ['formula', { formula: 'constructor' }],
    ['formula', { formula: 'a**b' }],
    ['formula', { formula: '1e9*1e9' }],
    ['formula', { formula: `a${' '.repeat(metricLimits.formula)}` }],
    ['formula', { formula: '' }],
    ['name', { name: 'x'.repeat(metricLimits.name + 1) }],
    ['name', { name: 'two\nlines' }],
    ['decimals', { decimals: 3 }],
    ['unit', { unit: 'meters' }],
    ['currency', { unit: 'money' }],
    ['currency', { unit: 'money', currency: 'EUX' }],
    ['currency', { currency: 'EUR' }],
    ['measures', { measures: {} }],
    ['measures', { measures: Object.fromEntries(Array.from('abcdefg', (name) => [name, { of: 'clicks' }])) }],
    ['measures.A', { measures: { A: { of: 'clicks' } } }],
    ['measures.a.property', { measures: { a: { of: 'sum' } }, formula: 'a' }],
    ['measures.a.property', { measures: { a: { of: 'clicks', property: 'price' } }, formula: 'a' }],
    ['measures.a.property', { measures: { a: { of: 'sum', property: 'a"b' } }, formula: 'a' }],
    ['measures.a.of', { measures: { a: { of: 'likes' } }, formula: 'a' }],
    ['measures.a.filters', clicks(Array.from({ length: metricLimits.filters + 1 }, () => filter))],
    ['measures.a.filters[0].field', clicks([{ ...filter, field: 'visitor_id' }])],
    ['measures.a.filters[0].field', clicks([{ ...filter, field: "properties.a'] OR 1" }])],
    [
      'measures.a.filters[0].values',
      clicks([{ ...filter, values: Array.from({ length: metricLimits.values + 1 }, String) }]),
    ],
    ['measures.a.filters[0].values', clicks([{ ...filter, values: [] }])],
    ['measures.a.filters[0]', clicks([{ ...filter, operator: 'starts-with', values: [''] }])],
    [
      'measures',
      clicks(Array.from({ length: 5 }, () => ({ ...filter, values: Array.from({ length: 9 }, () => 'x'.repeat(45)) }))),
    ],
    ['goal.target', { goal: { target: -1, period: 'day', at: 'least' } }],
    ['alert.when', { alert: { ...weekly, when: 'equal' } }],
    ['alert.value', { alert: { ...weekly, value: 1e12 + 1 } }],
    ['alert.period', { alert: { ...weekly, period: 'year' } }],
    ['alert.periods', { alert: { ...weekly, periods: 0 } }],
    ['alert.periods', { alert: { ...weekly, periods: 1.5 } }],
    ['alert.periods', { alert: { ...weekly, periods: 15 } }],
    ['alert.periods', { alert: { ...weekly, period: 'month', periods: 13 } }],
    ['alert.value', { alert: { when: 'unusual', value: 5 } }],
    ['alert.period', { alert: { when: 'unusual', period: 'week' } }],
    ['alert.periods', { alert: { when: 'unusual', periods: 2 } }],
    ['alert.to', { alert: { ...weekly, to: 'x@example.com' } }],
    ['shown', { shown: true }],
  ])('with a wrong %s: %j', async (field, changes) => {
    for (const path of ['shop/metrics', 'shop/metrics/preview'])
      expect(await send('post', path, draft(changes))).toMatchObject({ status: 400, body: { errors: [{ field }] } });
  });

  it('with the position in the formula', async () => {
    expect(await send('post', 'shop/metrics', draft({ formula: 'a;b' }))).toMatchObject({
      body: { detail: '`formula` must be a formula with an operator or the end at character 2; got `a;b`.' },
    });
  });

  it('but not at its limits', async () => {
    const values_ = Array.from({ length: metricLimits.values }, (_, at) => String(at).padEnd(16, 'x'));
    await create({
      name: '😀'.repeat(metricLimits.name / 2),
      measures: Object.fromEntries(
        Array.from('abcdef', (name) => [
          name,
          {
            of: 'views',
            filters: name === 'a' ? Array.from({ length: 5 }, () => ({ ...filter, values: values_ })) : [],
          },
        ]),
      ),
      formula: `a${'+b'.repeat((metricLimits.formula - 2) / 2)} `,
      decimals: 2,
    });
  });
});

it('a page has at most 20 metrics, each with its own name', async () => {
  for (let at = 0; at < metricLimits.ofPage; at++) await create({ name: `Metric ${at}` });
  expect(await send('post', 'shop/metrics', draft({ name: 'One more' }))).toMatchObject({ status: 409 });
  expect(await send('post', 'shop/metrics', draft({ name: 'METRIC 1' }))).toMatchObject({
    status: 409,
    body: { errors: [{ field: 'name' }] },
  });
  const [first] = await list();
  expect(await send('put', `shop/metrics/${first?.id}`, draft({ name: 'Metric 1' }))).toMatchObject({ status: 409 });
});

it('a page has a number of previews an hour', async () => {
  let last = 200;
  for (let at = 0; at <= metricLimits.readsAnHour && last === 200; at++)
    last = (await send('post', 'zed/metrics/preview', draft({ measures: { a: { of: 'clicks' } }, formula: 'a' })))
      .status;
  expect(last).toBe(429);
  expect(
    (await send('post', 'bob/metrics/preview', draft({ measures: { a: { of: 'clicks' } }, formula: 'a' }))).status,
  ).toBe(200);
});

it.each([
  ['to', '?from=2026-11-22&to=2026-11-21'],
  ['from', '?from=2025-01-01'],
  ['from', '?from=yesterday'],
  ['by', '?by=hour'],
])('a wrong %s is refused: %s', async (field, query) => {
  const { id } = await create();
  expect(await send('get', `shop/metrics/${id}/values${query}`)).toMatchObject({
    status: 400,
    body: { errors: [{ field }] },
  });
});

describe('a share', () => {
  async function share(metrics: string[]) {
    const body = { page: '/shop', expiresAt: '2026-12-01T00:00:00Z', metrics };
    const answer = await world.ask('shares', { method: 'post', body });
    return { authorization: `Share ${createdShareSchema.parse(await answer.json()).token}` };
  }

  it('shows the metrics that are ticked, without how they are computed', async () => {
    const shown = await create({ goal: { target: 1, period: 'day', at: 'least' }, alert: weekly });
    const hidden = await create({ name: 'Hidden' });
    const headers = await share([shown.id]);
    expect(await list('shop', headers)).toEqual([{ ...shown, measures: {}, formula: '', alert: null }]);
    await world.settle();
    const { metric, rows, alert } = await values(shown.id, '?from=2026-11-22', 'shop', headers);
    expect([metric.formula, rows[0]?.value, alert]).toEqual(['', 2.5, null]);
    expect(await send('get', `shop/metrics/${hidden.id}/values`, undefined, headers)).toMatchObject({ status: 404 });
    expect(await list('shop', await share([]))).toEqual([]);
    for (const [method, path] of [
      ['post', 'shop/metrics'],
      ['post', 'shop/metrics/preview'],
      ['put', `shop/metrics/${shown.id}`],
    ] as const)
      expect((await send(method, path, draft({ name: 'x' }), headers)).status).toBe(404);
    expect((await send('get', `ada/metrics`, undefined, headers)).status).toBe(404);
  });
});
