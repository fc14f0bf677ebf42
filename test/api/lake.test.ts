import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { ledgerSchema, statsSchema } from '#schemas/api.ts';
import { dimensionNames } from '#schemas/dimensions.ts';
import { exportColumns } from '#schemas/export/columns.ts';
import { dashboardSchema } from '#schemas/api/dashboard.ts';
import { createdShareSchema } from '#schemas/api/shares.ts';
import { exportSchema } from '#schemas/api/exports.ts';
import { ledgerExamplesSchema, ruleEffectSchema } from '#schemas/api/ledger.ts';
import { type LakeWorld, startLakeWorld } from './lake-world.ts';

let world: LakeWorld;
beforeAll(async () => {
  world = await startLakeWorld();
});
afterAll(() => world.stop());

const range = 'from=2026-11-22&to=2026-11-22';
async function parsed<Schema extends z.ZodType>(schema: Schema, answer: Promise<Response>): Promise<z.output<Schema>> {
  return schema.parse(await (await answer).json());
}

describe('filters', () => {
  it('limit stats to matching settled events', async () => {
    const stats = await parsed(statsSchema, world.ask(`pages/ada/stats?${range}&city=Wien&country=AT`));
    expect(stats).toMatchObject({
      totals: {
        views: 3,
        clicks: 2,
        uniques: 5,
        ctr: 2 / 3,
      },
      outcomes: {
        counted: 5,
        bot: 0,
      },
      received: null,
      lost: null,
      source: 'lake',
      series: [
        {
          start: '2026-11-22',
          views: 3,
          clicks: 2,
        },
      ],
      breakdowns: {
        country: [
          {
            value: 'AT',
            views: 3,
            clicks: 2,
          },
        ],
      },
    });
    const place = await parsed(statsSchema, world.ask(`pages/ada/stats?${range}&city=AT/Wien`));
    expect(place.totals).toEqual(stats.totals);
  });

  it('return the counters’ values if they match everything', async () => {
    const whole = await parsed(statsSchema, world.ask(`pages/ada/stats?${range}&interval=hour`));
    const mobile = await parsed(statsSchema, world.ask(`pages/ada/stats?${range}&interval=hour&device=mobile`));
    expect(mobile.totals).toEqual({
      ...whole.totals,
      uniques: mobile.totals.uniques,
      sessions: mobile.totals.sessions,
    });
    expect([mobile.outcomes, mobile.series]).toEqual([whole.outcomes, whole.series]);
  });

  it('bind any value as a parameter', async () => {
    for (const value of ["' OR '1'='1", '%27; DROP TABLE settled_events', '\u202E<script>']) {
      const stats = await parsed(statsSchema, world.ask(`pages/ada/stats?${range}&city=${encodeURIComponent(value)}`));
      expect(stats.totals).toMatchObject({ views: 0, clicks: 0 });
    }
  });

  it.each([
    ['country=AT&country=US', 4, 3],
    ['country.not=AT', 1, 1],
    ['country.not=AT&country.not=US', 0, 0],
    ['city.contains=WIE', 3, 2],
    ['city.contains=at/w&city.contains=nowhere', 3, 2],
    ['city.contains=%25', 0, 0],
    ['host=', 1, 1],
    ['host=&host=news.example', 4, 3],
    ['host.not=', 3, 2],
    ['host.not=news.example', 1, 1],
    ['country=AT&country.not=AT', 0, 0],
    ['campaign=spring', 0, 1],
    ['campaign=spring&country=US', 0, 0],
    ['city=AT/Wien&host.contains=news&utm_source.not=bio', 0, 0],
    ['link=k3x9&link=unknown', 0, 3],
  ])('%s', async (filters, views, clicks) => {
    const stats = await parsed(statsSchema, world.ask(`pages/ada/stats?${range}&${filters}`));
    expect(stats).toMatchObject({ totals: { views, clicks }, source: 'lake' });
    const dashboard = await parsed(dashboardSchema, world.ask(`pages/ada/dashboard?${range}&${filters}`));
    expect(dashboard).toMatchObject({ current: { totals: { views, clicks } }, errors: [] });
    const ledger = await parsed(ledgerSchema, world.ask(`pages/ada/ledger?${range}&${filters}`));
    expect(ledger.outcomes.counted).toBe(views + clicks);
  });

  it.each([
    ['values', 'country', Array.from({ length: 21 }, (_, at) => `country=${at}`)],
    ['characters of a value', 'country[0]', [`country=${'x'.repeat(254)}`]],
    ['text to contain', 'host.contains[0]', ['host.contains=']],
    ['characters', 'filters', Array.from({ length: 9 }, (_, at) => `host=${String(at).repeat(at < 8 ? 250 : 1)}`)],
    ['filters', 'filters', [...dimensionNames.slice(0, 10).map((name) => `${name}=x`), 'country.not=x']],
    ['dimensions', 'nothing.not', ['nothing.not=x']],
  ])('have a bound for %s', async (_what, field, filters) => {
    const inBounds =
      filters.length > 1 ? await world.ask(`pages/ada/stats?${range}&${filters.slice(0, -1).join('&')}`) : null;
    expect(inBounds?.status ?? 200).toBe(200);
    const answer = await world.ask(`pages/ada/stats?${range}&${filters.join('&')}`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ field }] });
  });

  it('compare up to the same time, in lists as in totals', async () => {
    const today = 'from=2026-11-23&to=2026-11-23&country=AT&period=previous';
    for (const [time, views, clicks] of [
      ['05:30', 0, 0],
      ['06:02', 2, 0],
      ['09:00', 3, 2],
    ] as const) {
      const app = world.again({ now: () => Date.parse(`2026-11-23T${time}:00Z`) });
      const stats = await parsed(statsSchema, world.ask(`pages/ada/stats?${today}`, { app }));
      expect(stats, time).toMatchObject({ totals: { views, clicks } });
      const { cities, links } = await parsed(dashboardSchema, world.ask(`pages/ada/dashboard?${today}`, { app }));
      expect(cities, time).toEqual(views === 0 ? [] : [{ value: 'AT/Wien', views, clicks, customEvents: 0 }]);
      expect(links, time).toMatchObject(clicks === 0 ? [] : [{ code: 'k3x9', clicks }]);
    }
  });

  it('say when the rest is available', async () => {
    const today = 'from=2026-11-23&to=2026-11-23';
    const filtered = await parsed(dashboardSchema, world.ask(`pages/ada/dashboard?${today}&country=AT`));
    expect(filtered.unsettled).toEqual({
      from: filtered.freshness.settledThrough,
      settlesAt: '2026-11-23T12:25:00.000Z',
    });
    const all = await parsed(dashboardSchema, world.ask(`pages/ada/dashboard?${today}`));
    // Midnight in Vienna.
    expect(all.unsettled).toEqual({ from: '2026-11-23', settlesAt: '2026-11-23T23:25:00.000Z' });
    expect((await parsed(dashboardSchema, world.ask(`pages/ada/dashboard?${range}&country=AT`))).unsettled).toBeNull();
  });

  it('limit dashboards and ledgers', async () => {
    const dashboard = await parsed(dashboardSchema, world.ask(`pages/ada/dashboard?${range}&country=AT`));
    expect(dashboard).toMatchObject({
      cities: [{ value: 'AT/Wien', views: 3, clicks: 2 }],
      hosts: [{ value: 'news.example' }],
      utm: { source: [{ value: 'bio' }] },
      links: [{ code: 'k3x9', clicks: 2 }],
      visitors: { visitors: 5 },
      sources: { cities: { source: 'lake' } },
      errors: [],
    });
    const ledger = await parsed(ledgerSchema, world.ask(`pages/ada/ledger?${range}&country=DE`));
    expect(ledger).toMatchObject({ received: null, outcomes: { bot: 3, counted: 0 }, source: 'lake' });
  });

  it('for a single link return the link’s counters', async () => {
    const dashboard = await parsed(dashboardSchema, world.ask(`pages/ada/dashboard?${range}&link=k3x9`));
    expect(dashboard.current?.totals).toMatchObject({ views: 0, clicks: 3 });
    expect(dashboard.sources.current?.source).toBe('rollups');
  });
});

describe('custom events', () => {
  const page = 'pages/shop/dashboard';
  async function eventsOf(path: string, query = '') {
    const dashboard = await parsed(dashboardSchema, world.ask(`${path}?${range}${query}`));
    expect(dashboard.errors).toEqual([]);
    return dashboard.events;
  }
  const signedUp = { event: 'Signed\tUp', kind: 'lead', count: 1, visitors: 1, revenue: [] };
  const refunds = {
    event: 'purchase',
    kind: 'refund',
    count: 1,
    visitors: 1,
    revenue: [{ currency: 'EUR', amount: '-20.00' }],
  };
  const played = { event: 'video played', kind: null, count: 1, visitors: 1, revenue: [] };

  it('are listed by name and kind, with their visitors and what they earned', async () => {
    const sales = { event: 'purchase', kind: 'sale', count: 4, visitors: 3, rate: 0.75 };
    for (const everything of ['', '&device=mobile'])
      expect(await eventsOf(page, everything)).toEqual([
        {
          ...sales,
          revenue: [
            { currency: 'EUR', amount: '60.00' },
            { currency: 'USD', amount: '5.00' },
          ],
        },
        { ...signedUp, rate: 0.25 },
        { ...refunds, rate: 0.25 },
        { ...played, rate: 0.25 },
      ]);
  });

  it('of a link are those that followed a click on it in the same visit', async () => {
    const sales = {
      event: 'purchase',
      kind: 'sale',
      count: 1,
      visitors: 1,
      rate: 0.5,
      revenue: [{ currency: 'EUR', amount: '20.00' }],
    };
    const brought = [{ ...signedUp, rate: 0.5 }, { ...refunds, rate: 0.5 }, sales];
    for (const everything of ['', '&device=mobile'])
      expect(await eventsOf('links/offer/dashboard', everything)).toEqual(brought);
    expect(await eventsOf(page, '&link=offer')).toEqual(brought);
    expect(await eventsOf('links/spare/dashboard')).toEqual([]);
  });

  it('can be filtered by any dimension, and by name', async () => {
    expect(await eventsOf(page, '&country=US')).toMatchObject([{ event: 'purchase', count: 1, rate: 1 }]);
    const sold = await parsed(dashboardSchema, world.ask(`${page}?${range}&event=purchase`));
    expect(sold).toMatchObject({
      current: {
        totals: { views: 0, clicks: 0, customEvents: 5, uniques: 3 },
        series: [{ customEvents: 5 }],
        breakdowns: {
          country: [
            { value: 'AT', customEvents: 4 },
            { value: 'US', customEvents: 1 },
          ],
        },
      },
      events: [
        { event: 'purchase', kind: 'sale', count: 4, visitors: 3, rate: null },
        { event: 'purchase', kind: 'refund' },
      ],
    });
    expect(await eventsOf(page, '&event.contains=signed')).toMatchObject([{ event: 'Signed\tUp' }]);
    expect(await eventsOf(page, '&event.not=purchase&event.not=video played')).toMatchObject([signedUp]);
  });

  it('are seen by shares only if their owner says so', async () => {
    async function share(extras: string[]): Promise<string> {
      const created = await world.ask('shares', {
        method: 'post',
        body: { page: '/shop', extras, expiresAt: '2026-12-01T00:00:00Z' },
      });
      return createdShareSchema.parse(await created.json()).token;
    }
    async function ask(token: string, path: string): Promise<Response> {
      return world.ask(`${path}?${range}`, { headers: { authorization: `Share ${token}` } });
    }
    const [closed, open] = [await share(['annotations']), await share(['conversions'])];
    for (const path of [page, `shares/${closed}/dashboard`])
      expect(await (await ask(closed, path)).json()).toMatchObject({ events: null, current: { conversions: null } });
    for (const path of [page, `shares/${open}/dashboard`])
      expect(await (await ask(open, path)).json()).toMatchObject({
        events: [{ event: 'purchase', count: 4 }, {}, {}, {}],
        current: { conversions: { kinds: [{ kind: 'lead' }, { kind: 'sale' }, { kind: 'refund' }] } },
      });
    for (const path of [
      page,
      'pages/shop/stats',
      'pages/shop/ledger',
      'pages/shop/changes',
      `shares/${closed}/dashboard`,
    ]) {
      for (const filter of ['event=purchase', 'event.not=purchase', 'event.contains=p']) {
        const headers = { authorization: `Share ${closed}` };
        expect((await world.ask(`${path}?${range}&${filter}`, { headers })).status, path).toBe(403);
      }
    }
  });
});

describe('settled dates', () => {
  it('are shown with their cities, visitors and links', async () => {
    const dashboard = await parsed(dashboardSchema, world.ask(`pages/ada/dashboard?${range}`));
    expect(dashboard).toMatchObject({
      current: { totals: { views: 4, clicks: 3, uniques: 7 }, outcomes: { bot: 3 } },
      visitors: { visitors: 7 },
      cities: [{ value: 'AT/Wien', views: 3, clicks: 2 }],
      links: [{ code: 'k3x9', clicks: 3, ctr: 0.75 }],
      errors: [],
    });
  });
});

describe('two links of one code, one after the other', () => {
  const oneClick = { views: 0, clicks: 1 };

  it('have separate counters, settled dates and events', async () => {
    for (const filter of ['', '&country=US']) {
      const stats = await parsed(statsSchema, world.ask(`links/spare/stats?${range}${filter}`));
      expect(stats).toMatchObject({ totals: { ...oneClick, uniques: 1 }, outcomes: { counted: 1, bot: 1 } });
      const dashboard = await parsed(dashboardSchema, world.ask(`links/spare/dashboard?${range}${filter}`));
      expect(dashboard).toMatchObject({ current: { totals: oneClick }, visitors: { visitors: 1 }, errors: [] });
      const ledger = await parsed(ledgerSchema, world.ask(`links/spare/ledger?${range}${filter}`));
      expect(ledger.outcomes).toMatchObject({ counted: 1, bot: 1 });
    }
  });

  it('are shown by their code, each on its page', async () => {
    for (const filter of ['', '&country=US']) {
      const { links } = await parsed(dashboardSchema, world.ask(`pages/bob/dashboard?${range}${filter}`));
      expect(links).toEqual([{ code: 'spare', title: null, clicks: 1, ctr: 1 }]);
    }
    for (const [page, clicks] of [
      ['zed', 3],
      ['bob', 1],
    ]) {
      const stats = await parsed(statsSchema, world.ask(`pages/${page}/stats?${range}&link=spare`));
      expect(stats.totals).toMatchObject({ views: 0, clicks });
    }
    const examples = await parsed(
      ledgerExamplesSchema,
      world.ask(`pages/bob/ledger/examples?${range}&outcome=bot&link=spare`),
    );
    expect(examples.rows).toMatchObject([{ events: 1 }]);
  });
});

describe('why not counted', () => {
  it('groups the events of an outcome', async () => {
    const examples = await parsed(ledgerExamplesSchema, world.ask(`pages/ada/ledger/examples?${range}&outcome=bot`));
    expect(examples.rows).toEqual([
      {
        rule: 'bot.user-agent',
        family: 'Crawler',
        bot: 'Crawler',
        country: 'DE',
        referrer: null,
        requested: null,
        lastHour: '2026-11-22T07+01:00',
        events: 3,
      },
    ]);
  });

  it('shows the requested path of codes that do not exist', async () => {
    const request = world.ask(`pages/ada/ledger/examples?${range}&outcome=refused`);
    expect((await parsed(ledgerExamplesSchema, request)).rows).toMatchObject([
      { rule: 'link.unknown', requested: '/K3X9', events: 1 },
    ]);
  });

  it('previews a rule, applies it with the next settle, and removes it', async () => {
    const rule = { field: 'bot', value: 'Crawler', outcome: 'counted' };
    function send(body: object) {
      return world.ask('pages/ada/reclassify', { method: 'post', body });
    }
    const preview = await parsed(ruleEffectSchema, send({ ...rule, preview: true }));
    expect(preview).toEqual({
      rule: null,
      events: 3,
      hours: 1,
      from: { bot: 3 },
      views: {
        before: 4,
        after: 6,
      },
      clicks: {
        before: 3,
        after: 4,
      },
    });
    const applied = await parsed(ruleEffectSchema, send(rule));
    await world.settle();
    const after = await parsed(statsSchema, world.ask(`pages/ada/stats?${range}`));
    expect(after).toMatchObject({ totals: { views: 6, clicks: 4 }, outcomes: { bot: 0 } });
    const id = applied.rule?.id ?? '';
    expect((await world.ask(`pages/ada/reclassify/${id}`, { method: 'delete' })).status).toBe(204);
    await world.settle();
    expect((await parsed(statsSchema, world.ask(`pages/ada/stats?${range}`))).totals).toMatchObject({ views: 4 });
  });
});

it('an export is written by its function and downloaded by its id', async () => {
  const body = { page: '/ada', from: '2026-11-22', to: '2026-11-22', format: 'csv' };
  const started = await parsed(exportSchema, world.ask('exports', { method: 'post', body }));
  const done = await parsed(exportSchema, world.ask(`exports/${started.id}`));
  expect(done).toMatchObject({ state: 'done', rows: 11 });
  expect(new URL(done.url ?? '').searchParams.get('response-content-disposition')).toBe(
    'attachment; filename="ada-2026-11-22-to-2026-11-22.csv"',
  );
  const csv = await (await fetch(done.url ?? '')).text();
  expect(csv.split('\r\n')[0]).toBe(exportColumns.join(','));
  expect(csv).not.toContain('repeat_key":');
});
