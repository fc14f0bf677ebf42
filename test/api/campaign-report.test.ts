import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '#functions/api/create-app.ts';
import type { ApiDeps } from '#functions/api/deps.ts';
import { annotationSchema } from '#schemas/api/saved.ts';
import {
  type CampaignReport,
  campaignReportSchema,
  campaignSchema,
  publicCampaignSchema,
} from '#schemas/api/insights/campaigns.ts';
import { linkSchema, pageSchema } from '#schemas/catalog.ts';
import { entityKeys, mostCampaignLinks } from '#schemas/counters.ts';
import { createRollupWriter } from '#stores/counters/rollup-writer.ts';
import { createSettledRollups } from '#stores/counters/settled-counters.ts';
import { StoreUnavailable } from '#stores/errors.ts';
import { apiDependencies } from './api-deps.ts';
import { now, startWorld, type World } from './world.ts';

/**
 * Campaign `spring` of agency north: /ada in Vienna, whose dates are settled through 20 November, and /edo in Tokyo, settled
 * through the 21st. It is 22 November, 08:30 in Vienna. Page /zoe of another agency has links with the same label.
 */
let world: World;
let id: string;
let runs = 0;

beforeAll(async () => {
  world = await startWorld();
  const times = { createdAt: '2026-01-01T00:00:00Z', updatedAt: '2026-01-01T00:00:00Z' };
  const page = { path: '/edo', title: 'Edo', agency: 'north', timeZone: 'Asia/Tokyo', ...times };
  await world.deps.catalog.createPage(pageSchema.parse(page));
  const link = { id: 'edo1', code: 'edo1', page: '/edo', campaign: 'spring', url: 'https://example.org/', ...times };
  await world.deps.catalog.putLink(linkSchema.parse(link));
  await settleDay('/ada', '2026-11-13', { clicks: 7, visitors: 5, 'l.k3x9': 7 });
  await settleDay('/ada', '2026-11-16', { clicks: 100, visitors: 90, 'l.k3x9': 100 });
  await settleDay('/ada', '2026-11-19', {
    clicks: 10,
    visitors: 6,
    first: Date.parse('2026-11-19T06:00:01Z') / 1000,
    last: Date.parse('2026-11-19T18:00:00Z') / 1000,
    'l.k3x9': 7,
    'l.moved~aaaaaaaa': 3,
    'c.AT': 8,
    'r.social': 10,
    'd.mobile': 9,
    'x.bot': 5,
    'g.sale': 2,
    'g.EUR': 1_998,
  });
  await settleDay('/ada', '2026-11-20', { clicks: 4, visitors: 4, 'l.k3x9': 4, 'c.AT': 4 });
  await settleDay('/edo', '2026-11-20', { clicks: 5, visitors: 5, 'l.edo1': 5, 'c.JP': 5 });
  await settleDay('/edo', '2026-11-21', { clicks: 2, visitors: 2, 'l.edo1': 2, 'c.JP': 2, 'x.bot': 2 });
  await settleDay('/zoe', '2026-11-20', { clicks: 1_000, visitors: 1_000, 'l.zoe': 1_000 });
  await rollups().advance(Date.parse('2026-11-21T16:00:00Z'));
  // World's own hour of the 22nd has 4 more clicks on k3x9.
  await countClicks('/ada', 'k3x9', '2026-11-21T10+01:00', 3);
  await countClicks('/zoe', 'zoe', '2026-11-22T08+01:00', 50);
  id = await create('nora', { agency: 'north', label: 'spring' });
});
afterAll(() => world.stop());

function rollups() {
  return createSettledRollups({ client: world.db.client, table: world.db.tables.rollups, now: () => now, hotDays: 90 });
}

async function settleDay(path: string, date: string, numbers: Record<string, number>, label = 'spring'): Promise<void> {
  const run = `01${String(++runs).padStart(8, '0')}${'0'.repeat(16)}`;
  await rollups().writeDays([{ entity: entityKeys.campaign(path, label), date, numbers, tops: {} }], run);
}

async function countClicks(path: string, link: string, hour: string, clicks: number): Promise<void> {
  const backoff = { now: () => now, sleep: async () => undefined, random: () => 0.5 };
  const options = { client: world.db.client, table: world.db.tables.rollups, backoff, hotDays: 90, markerDays: 40 };
  const deltas = [
    { entity: entityKeys.link(link), hour, add: { clicks, 'c.DE': clicks } },
    { entity: entityKeys.page(path), hour, add: { clicks, 'c.DE': clicks } },
  ];
  await createRollupWriter(options).applyFiles([`raw/${path}${hour}`], {
    count: async () => deltas,
    deadline: now + 60_000,
  });
}

async function create(as: string, body: object): Promise<string> {
  const campaign = { name: 'Spring', from: '2026-11-19', to: '2026-11-24', ...body };
  const answer = await world.ask(as, 'campaigns', { method: 'post', body: campaign });
  expect(answer.status).toBe(201);
  return campaignSchema.parse(await answer.json()).id;
}

async function report(as: string, of = id, app = instance()): Promise<CampaignReport> {
  const answer = await world.ask(as, `campaigns/${of}/report`, { app });
  expect(answer.status).toBe(200);
  return campaignReportSchema.parse(await answer.json());
}

let clock = now;
afterEach(() => {
  clock = now;
});

type Stats = ApiDeps['stats'];

/** Another instance with empty caches in memory, over other counters if given, without a rate limit. */
function instance(changes: Partial<Stats> = {}) {
  const deps = apiDependencies({
    db: world.db,
    now: () => clock,
    identify: async (token) => ({ subject: token, email: null }),
  });
  return createApp({ ...deps, stats: { ...deps.stats, ...changes }, rate: async () => true });
}

/** Waits until nothing of an earlier test is in the cache. */
function passMinute(): void {
  clock += 60_000;
}

function fails(): Promise<never> {
  return Promise.reject(new StoreUnavailable('no counters'));
}

describe('the report of a campaign', () => {
  it('adds up settled dates and those since, by the local dates of each page', async () => {
    const found = await report('nora');
    expect(found).toMatchObject({
      state: 'running',
      totals: { clicks: 28, visitors: 17, bots: 7, botShare: 7 / 28, costPerClick: null },
      settledThrough: '2026-11-20',
      days: [
        { date: '2026-11-19', clicks: 10, visitors: 6 },
        { date: '2026-11-20', clicks: 9, visitors: 9 },
        { date: '2026-11-21', clicks: 5, visitors: null },
        { date: '2026-11-22', clicks: 4, visitors: null },
      ],
      links: [
        { code: 'k3x9', page: '/ada', clicks: 18 },
        { code: 'edo1', page: '/edo', clicks: 7 },
        { code: 'moved', title: null, page: '/ada', clicks: 3 },
      ],
      otherLinks: 0,
      breakdowns: {
        country: [
          { value: 'AT', clicks: 12 },
          { value: 'JP', clicks: 7 },
          { value: 'DE', clicks: 3 },
          { value: 'US', clicks: 3 },
          { value: null, clicks: 3 },
        ],
        referrer: [
          { value: 'social', clicks: 10 },
          { value: null, clicks: 18 },
        ],
      },
      firstClick: { at: '2026-11-19T06:00:01.000Z', precision: 'second' },
      lastClick: { at: '2026-11-22T07:00:00.000Z', precision: 'hour' },
      errors: [],
    });
    expect(found.totals.conversions).toEqual({
      kinds: [{ kind: 'sale', count: 2, rate: 2 / 21 }],
      revenue: [{ currency: 'EUR', amount: '19.98' }],
    });
    const asOf = new Date(now).toISOString();
    const part = { source: 'rollups', asOf, stale: false };
    expect(found.sources).toEqual({ settled: part, open: part, titles: part });
  });

  it('compares the settled dates with as many of the equal span before', async () => {
    expect((await report('nora')).previous).toEqual({
      from: '2026-11-13',
      to: '2026-11-14',
      clicks: 7,
      visitors: 5,
      change: 19 / 7 - 1,
    });
  });

  it('compares a campaign that is over with the whole span before', async () => {
    const over = await create('ada', { page: '/ada', label: 'over', from: '2026-11-10', to: '2026-11-11' });
    await settleDay('/ada', '2026-11-09', { clicks: 4, visitors: 4 }, 'over');
    await settleDay('/ada', '2026-11-11', { clicks: 6, visitors: 5 }, 'over');
    expect(await report('ada', over)).toMatchObject({
      state: 'ended',
      previous: { from: '2026-11-08', to: '2026-11-09', clicks: 4, visitors: 4, change: 0.5 },
      totals: { clicks: 6, visitors: 5 },
    });
  });

  it('has nothing before the first date, and no rates of nothing', async () => {
    const budget = { minor: 100, currency: 'EUR' };
    const goal = { of: 'clicks', target: 10 };
    const upcoming = { page: '/ada', label: 'next', from: '2026-12-01', to: '2026-12-02', budget, goal };
    expect(await report('ada', await create('ada', upcoming))).toMatchObject({
      state: 'upcoming',
      totals: { clicks: 0, visitors: null, bots: 0, botShare: null, costPerClick: null },
      previous: null,
      days: [],
      links: [],
      firstClick: null,
      lastClick: null,
      goal: { value: 0, share: 0, expected: 0, pace: 'on' },
      settledThrough: null,
    });
  });

  it('tells what a click costs and how far the goal is', async () => {
    const budget = { minor: 10_000, currency: 'EUR' };
    const clicks = await create('ada', { page: '/ada', label: 'spring', budget, goal: { of: 'clicks', target: 40 } });
    // 21 clicks on /ada alone, and 3.35 of 6 days have passed.
    const found = await report('ada', clicks);
    expect(found.totals.costPerClick).toBe(476.19);
    expect(found.goal).toEqual({ of: 'clicks', target: 40, value: 21, share: 0.525, expected: 22, pace: 'on' });
    const path = `campaigns/${clicks}`;
    const body = {
      name: 'S',
      label: 'spring',
      from: '2026-11-19',
      to: '2026-11-24',
      goal: { of: 'conversions', target: 3 },
    };
    expect((await world.ask('ada', path, { method: 'put', body })).status).toBe(200);
    // Conversions are known of 2 of 6 days.
    expect((await report('ada', clicks)).goal).toEqual({
      of: 'conversions',
      target: 3,
      value: 2,
      share: 2 / 3,
      expected: 1,
      pace: 'ahead',
    });
  });

  it('has the annotations of its pages and dates', async () => {
    async function annotate(at: string, text: string) {
      const answer = await world.ask('nora', 'pages/ada/annotations', { method: 'post', body: { at, text } });
      return annotationSchema.parse(await answer.json());
    }
    // 18 November in UTC is the 19th in Vienna.
    const first = await annotate('2026-11-18T23:30:00Z', 'Launch');
    await annotate('2026-11-18', 'Before');
    await annotate('2026-11-24T23:30:00Z', 'After');
    const last = await annotate('2026-11-24', 'End');
    expect((await report('nora')).annotations).toEqual([first, last].map((each) => ({ ...each, page: '/ada' })));
  });

  it('names links beyond the longest list as one number', async () => {
    const many = await create('ada', { page: '/ada', label: 'many' });
    const links = Array.from({ length: 1_001 }, (_, at) => [`l.x${String(at).padStart(4, '0')}`, 2]);
    await settleDay('/ada', '2026-11-19', { clicks: 2_002, visitors: 9, ...Object.fromEntries(links) }, 'many');
    const found = await report('ada', many);
    expect([found.links.length, found.otherLinks, found.totals.clicks]).toEqual([1_000, 2, 2_002]);
    expect(mostCampaignLinks).toBeGreaterThan(1_000);
  });
});

describe('who sees a part of a campaign', () => {
  it('sees the numbers of their pages, and no budget, goal or conversions', async () => {
    const whole = {
      agency: 'north',
      label: 'paid',
      budget: { minor: 1, currency: 'EUR' },
      goal: { of: 'clicks', target: 1 },
    };
    await settleDay('/ada', '2026-11-19', { clicks: 2, visitors: 2, 'l.k3x9': 2, 'g.sale': 1 }, 'paid');
    await settleDay('/edo', '2026-11-19', { clicks: 40, visitors: 40, 'l.edo1': 40 }, 'paid');
    const paid = await create('nora', whole);
    const [all, part] = [await report('nora', paid), await report('ada', paid)];
    expect(all).toMatchObject({ totals: { clicks: 42, costPerClick: 0.02 }, goal: { value: 42 } });
    expect(part).toMatchObject({
      campaign: { partial: true, budget: null, goal: null },
      totals: { clicks: 2, costPerClick: null, conversions: null },
      goal: null,
      links: [{ code: 'k3x9', clicks: 2 }],
    });
    expect(JSON.stringify(part)).not.toContain('edo');
  });

  it('sees none of an unknown or foreign campaign', async () => {
    const missing = await world.ask('bob', 'campaigns/unknown/report');
    const foreign = await world.ask('bob', `campaigns/${id}/report`);
    expect([foreign.status, await foreign.text()]).toEqual([404, await missing.text()]);
    expect((await world.ask('sam', `campaigns/${id}/report`)).status).toBe(404);
  });

  it('does not get the cached report of somebody else', async () => {
    const app = instance();
    await report('nora', id, app);
    expect((await report('ada', id, app)).links.map(({ page }) => page)).not.toContain('/edo');
  });
});

describe('a public page', () => {
  function open(of: string, options: { method?: string } = {}) {
    return world.ask('', `public/campaigns/${of}`, { app: instance(), ...options });
  }

  it('is shown to everyone only while its owner has published it', async () => {
    const secrets = {
      budget: { minor: 4_242, currency: 'EUR' },
      goal: { of: 'clicks', target: 4_243 },
      note: 'not for all',
    };
    const campaign = { name: 'Spring', label: 'spring', from: '2026-11-19', to: '2026-11-24', ...secrets };
    const shown = await create('ada', { page: '/ada', ...campaign, label: 'published' });
    await settleDay('/ada', '2026-11-19', { clicks: 3, visitors: 2, 'l.k3x9': 3, 'g.sale': 1 }, 'published');
    const missing = await open('unknown');
    expect([missing.status, missing.headers.get('cache-control')]).toEqual([404, 'private, no-cache']);
    expect(await (await open(shown)).text()).toBe(await missing.text());
    const body = { ...campaign, label: 'published', public: true };
    expect((await world.ask('ada', `campaigns/${shown}`, { method: 'put', body })).status).toBe(200);
    const answer = await open(shown);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([
      200,
      'public, max-age=60, stale-while-revalidate=300',
    ]);
    const text = await answer.text();
    expect(publicCampaignSchema.parse(JSON.parse(text))).toMatchObject({
      name: 'Spring',
      totals: { clicks: 3, visitors: 2 },
      links: [{ code: 'k3x9', clicks: 3 }],
    });
    for (const hidden of ['4242', '4243', 'not for all', 'conversions', 'published', 'utm'])
      expect(text).not.toContain(hidden);
    expect((await world.ask('', `campaigns/${shown}/report`)).status).toBe(401);
    expect((await open(shown, { method: 'post' })).status).toBe(401);
    const hide = { method: 'put', body: { ...body, public: false } };
    expect((await world.ask('ada', `campaigns/${shown}`, hide)).status).toBe(200);
    expect((await open(shown)).status).toBe(404);
  });

  it('of an agency has all of its pages, and its brand', async () => {
    const brand = { name: 'North Agency', poweredBy: false };
    expect((await world.ask('nora', 'agencies/north/brand', { method: 'put', body: brand })).status).toBe(200);
    const shared = await create('nora', { agency: 'north', label: 'both', public: true });
    await settleDay('/ada', '2026-11-19', { clicks: 3, visitors: 2, 'l.k3x9': 3 }, 'both');
    await settleDay('/edo', '2026-11-19', { clicks: 4, visitors: 4, 'l.edo1': 4 }, 'both');
    await settleDay('/zoe', '2026-11-19', { clicks: 50, visitors: 4, 'l.zoe': 50 }, 'both');
    const found = publicCampaignSchema.parse(await (await open(shared)).json());
    expect(found).toMatchObject({ totals: { clicks: 7 }, brand: { name: 'North Agency', poweredBy: false } });
  });
});

describe('1,000 readers at the same time', () => {
  it('cause one reading of the counters, over all instances', async () => {
    passMinute();
    const reads: string[] = [];
    const apps = Array.from({ length: 20 }, () => {
      const { stats } = world.deps;
      return instance({
        months: (...input) => (reads.push('months'), stats.months(...input)),
        days: (...input) => (reads.push(`days ${input[0]}`), stats.days(...input)),
        hours: (...input) => (reads.push(`hours ${input[0]}`), stats.hours(...input)),
      });
    });
    const cold = await create('nora', { agency: 'north', label: 'cold' });
    await settleDay('/ada', '2026-11-19', { clicks: 3, visitors: 2, 'l.k3x9': 3 }, 'cold');
    const found = await Promise.all(apps.flatMap((app) => Array.from({ length: 50 }, () => report('nora', cold, app))));
    expect(found).toHaveLength(1_000);
    expect(new Set(found.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(found[0]?.totals.clicks).toBe(3);
    expect(reads.toSorted()).toEqual(['days campaign#/ada#cold', 'hours page#/ada', 'hours page#/edo', 'months']);
  });
});

describe('settled dates', () => {
  it('are read again once after a settle, and not before', async () => {
    let reads = 0;
    const changes: Partial<Stats> = {
      days: (...input) => {
        reads++;
        return world.deps.stats.days(...input);
      },
    };
    const apps = [instance(changes), instance(changes), instance(changes)];
    async function clicks(): Promise<Set<number>> {
      return new Set(await Promise.all(apps.map(async (app) => (await report('ada', kept, app)).totals.clicks)));
    }
    const kept = await create('ada', { page: '/ada', label: 'kept' });
    await settleDay('/ada', '2026-11-19', { clicks: 3, visitors: 2, 'l.k3x9': 3 }, 'kept');
    expect(await clicks()).toEqual(new Set([3]));
    passMinute();
    expect(await clicks()).toEqual(new Set([3]));
    expect(reads).toBe(1);
    await settleDay('/ada', '2026-11-19', { clicks: 5, visitors: 2, 'l.k3x9': 5 }, 'kept');
    await rollups().advance(Date.parse('2026-11-21T17:00:00Z'));
    passMinute();
    await report('ada', kept, apps[0]);
    expect(await clicks()).toEqual(new Set([5]));
    passMinute();
    await clicks();
    expect(reads).toBe(2);
  });
});

describe('while counters cannot be read', () => {
  it('a part that was read before is shown, with its time', async () => {
    const shown = await create('ada', { page: '/ada', label: 'spring-2' });
    await settleDay('/ada', '2026-11-19', { clicks: 3, visitors: 2, 'l.k3x9': 3 }, 'spring-2');
    await report('ada', shown);
    const read = new Date(clock).toISOString();
    await rollups().advance(Date.parse('2026-11-21T18:00:00Z'));
    passMinute();
    const found = await report('ada', shown, instance({ months: fails }));
    expect(found.totals.clicks).toBe(3);
    expect(found.sources).toMatchObject({
      settled: { asOf: read, stale: true },
      open: { asOf: new Date(clock).toISOString(), stale: false },
    });
    expect(found.errors.map(({ part }) => part)).toEqual(['settled']);
    const open = await report('ada', shown, instance({ hours: fails }));
    expect(open.errors.map(({ part }) => part)).toEqual(['open']);
    expect(open.sources).toMatchObject({ settled: { stale: false }, open: { stale: true } });
  });

  it('a part that was never read is missing, and the others are shown', async () => {
    const cold = await create('ada', { page: '/ada', label: 'never-read' });
    await settleDay('/ada', '2026-11-19', { clicks: 3, visitors: 2, 'l.k3x9': 3 }, 'never-read');
    const found = await report('ada', cold, instance({ months: fails, hours: fails }));
    expect(found).toMatchObject({ totals: { clicks: 0, visitors: null }, days: [] });
    expect(found.errors.map(({ part, message }) => [part, message])).toEqual([
      ['settled', 'Temporarily unavailable.'],
      ['open', 'Temporarily unavailable.'],
    ]);
    expect(Object.keys(found.sources)).toEqual(['titles']);
    // It is not kept: the next instance reads it.
    expect((await report('ada', cold)).totals.clicks).toBe(3);
  });
});
