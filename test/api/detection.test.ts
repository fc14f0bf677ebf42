import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changed, steady } from '#core/detect/steady-hours/steady-hours.fixture.ts';
import { addDays } from '#core/ledger/time-range.ts';
import { type Incident, type PageForecast, incidentSchema, pageForecastSchema } from '#schemas/alerts.ts';
import { problemSchema } from '#schemas/api.ts';
import { agencyDashboardSchema } from '#schemas/api/agencies.ts';
import { anomaliesSchema, backtestsSchema, forecastSchema } from '#schemas/api/detection.ts';
import { pageSettingsSchema } from '#schemas/api/pages.ts';
import { createApp } from '#functions/api/create-app.ts';
import { mutedAt } from '#jobs/mailing/recipients.ts';
import { entityKeys } from '#schemas/counters.ts';
import {
  monthAttribute,
  monthDayText,
  monthKey,
  openDayKey,
  openHourAttribute,
  openHourText,
  progressKeys,
} from '#stores/counters/counter-items.ts';
import { createAlerts } from '#stores/alerts/alerts.ts';
import { faultyClient } from '#test/dynamodb-faults.ts';
import { now, startWorld, type World } from './world.ts';

/** Alerts and forecasts in the API, and backtests of a setting. */

/** Half a year of about 1,000 views a day, with four days at 30, 48, 83 and 88% of that. */
const lastDay = '2026-11-21';
const days = 200;
const fell: Readonly<Record<string, number>> = {
  '2026-09-15': 300,
  '2026-10-10': 480,
  '2026-10-26': 830,
  '2026-11-10': 880,
};
function viewsOf(date: string, at: number): number {
  return fell[date] ?? 990 + ((at * 37) % 21);
}

let world: World;
function put(item: Record<string, unknown>) {
  return world.db.client.send(
    new PutItemCommand({ TableName: world.db.tables.rollups, Item: marshall(item, { removeUndefinedValues: true }) }),
  );
}

async function seedMonths(pk: string): Promise<void> {
  const months = new Map<string, Record<string, unknown>>();
  for (let at = 0; at < days; at++) {
    const date = addDays(lastDay, at - days + 1);
    const day = { views: viewsOf(date, at), clicks: 100, visitors: 0, sessions: 0 };
    months.set(monthKey(date), { ...months.get(monthKey(date)), [monthAttribute(date)]: monthDayText('01KAH', day) });
  }
  for (const [sk, counts] of months) await put({ pk, sk, ...counts });
}

/** Twelve weeks of a steady page's hours, with six hours at 60%. */
async function seedHours(pk: string): Promise<void> {
  const counts = steady({ zone: 'Europe/Vienna', from: Date.parse('2026-08-29T22:00:00Z') });
  const at = counts.findIndex(({ hour }) => hour.startsWith('2026-11-12T10'));
  const byDate = Map.groupBy(changed(counts, at, 6, 0.6), ({ hour }) => hour.slice(0, 10));
  for (const [date, hours] of byDate) {
    const texts = hours.map(({ hour, views }) => [openHourAttribute(hour), openHourText('01KAH', { views })]);
    await put({ pk, sk: openDayKey(date), ...Object.fromEntries(texts) });
  }
}

function dropOf(since: string, changes: Partial<Incident> = {}): Incident {
  return incidentSchema.parse({
    id: `${since}#traffic`,
    page: '/ada',
    metric: 'traffic',
    method: 'default',
    direction: 'drop',
    since,
    lastAlert: since,
    recovered: null,
    openedAt: Date.parse(`${since}T23:20:00Z`),
    recoveredAt: null,
    unit: 'views',
    first: { expected: 1238, actual: 470, score: 6.1 },
    end: null,
    cause: {
      change: -0.62,
      dimensions: [
        {
          dimension: 'referrer',
          values: [{ value: 'Instagram', before: 800, after: 78, share: 0.94 }],
          share: 0.94,
          surprise: 0.2,
        },
        {
          dimension: 'link',
          values: [{ value: 'merch', before: 610, after: 4, share: 0.97 }],
          share: 0.97,
          surprise: 0.1,
        },
      ],
      bots: { before: 0.03, after: 0.12 },
    },
    broken: [{ code: 'k3x9', url: 'https://shop.example/merch', problem: 'returns HTTP 404' }],
    checked: true,
    ...changes,
  });
}

async function seedAlerts(): Promise<void> {
  const alerts = createAlerts({ client: world.db.client, table: world.db.tables.catalog, now: world.deps.now });
  const old = dropOf('2026-10-10', {
    lastAlert: '2026-10-12',
    recovered: '2026-10-15',
    recoveredAt: Date.parse('2026-10-16T00:20:00Z'),
    cause: null,
    broken: [],
  });
  await alerts.commitDay({
    page: '/ada',
    through: lastDay,
    states: {
      traffic: {
        kind: 'open',
        through: lastDay,
        direction: 'drop',
        since: '2026-11-12',
        usual: 1000,
        lastAlert: '2026-11-12',
        quietDays: 0,
        relapsed: false,
      },
      'click-through': { kind: 'calm', through: lastDay },
    },
    incidents: [old, dropOf('2026-11-12')],
    mails: [],
  });
  const since = '2026-11-20T07+01:00';
  const silent = dropOf(since, {
    id: `${since}#early`,
    metric: 'early',
    direction: 'silent',
    openedAt: Date.parse('2026-11-20T08:20:00Z'),
    first: { expected: 90, actual: 0, score: 9 },
    cause: null,
    broken: [],
  });
  const early = { since, direction: 'silent', actual: 0, open: false, quiet: 0 } as const;
  await alerts.commitEarly({
    page: '/ada',
    early: { ...early, through: '2026-11-22T07:00:00Z' },
    incidents: [silent],
    mails: [],
  });
}

function forecast(page: string, changes: Partial<PageForecast> = {}): PageForecast {
  return pageForecastSchema.parse({
    page,
    through: lastDay,
    state: 'forecast',
    reason: null,
    unit: 'views',
    days: Array.from({ length: 28 }, (_, at) => ({ date: addDays(lastDay, at + 1), views: 100, low: 80, high: 130 })),
    pace: {
      month: '2026-11',
      unit: 'views',
      goal: 10_000,
      soFar: 9100,
      expected: 12_400,
      low: 11_200,
      high: 13_900,
      probability: 0.97,
      verdict: 'ahead',
    },
    ...changes,
  });
}

beforeAll(async () => {
  world = await startWorld();
  await put({ ...progressKeys.settled, at: '2026-11-21T23:00:00.000Z' });
  await seedMonths(entityKeys.page('/ada'));
  await seedMonths(entityKeys.stack);
  await seedHours(entityKeys.page('/ada'));
  await seedAlerts();
});
afterAll(() => world.stop());

function plain(text: string): string {
  return text.replaceAll('\u00a0', ' ');
}
async function answer(path: string, as = 'ada') {
  return (await world.ask(as, `pages/ada/${path}`)).json();
}

describe('anomalies', () => {
  it('are listed newest first, in the words of their mails, with their state', async () => {
    const { rows } = anomaliesSchema.parse(await answer('anomalies'));
    expect(rows.map(({ state, words }) => [state, plain(words.sentence), words.state])).toEqual([
      ['closed', 'Traffic stopped: 0 views in two hours from 07:00 on 20 Nov; about 90 expected.', 'Closed'],
      [
        'open',
        '62% fewer views than usual since 12 Nov: 470 views, about 1,240 expected; 94% of the change from Instagram, only /merch changed.',
        'Open',
      ],
      [
        'recovered',
        '62% fewer views than usual from 10 Oct to 12 Oct: 470 views, about 1,240 expected.',
        'Back to normal on 15 Oct',
      ],
    ]);
    const open = rows[1];
    expect(open?.words.facts.map(plain)).toEqual([
      '94% of the change comes from Instagram (800 → 78).',
      'Only /merch changed; other links did not.',
      'Bots made 12% of all requests (usually 3%). They are not counted.',
    ]);
    expect(open?.words.broken).toEqual([{ name: '/k3x9', problem: 'https://shop.example/merch: returns HTTP 404' }]);
  });

  it('continue with a cursor', async () => {
    const first = anomaliesSchema.parse(await answer('anomalies?limit=2'));
    const second = anomaliesSchema.parse(await answer(`anomalies?limit=2&cursor=${first.next}`));
    expect([...first.rows, ...second.rows].map(({ since }) => since.slice(0, 10))).toEqual([
      '2026-11-20',
      '2026-11-12',
      '2026-10-10',
    ]);
    expect(second.next).toBeNull();
  });

  it('appear in the agency’s table in the same words while open', async () => {
    const dashboard = agencyDashboardSchema.parse(await (await world.ask('nora', 'agencies/north/dashboard')).json());
    const ada = dashboard.pages.find(({ path }) => path === '/ada');
    expect(ada?.alerts.map(({ summary, ...rest }) => ({ ...rest, summary: plain(summary) }))).toEqual([
      { kind: 'traffic', at: '2026-11-12', summary: '62% fewer views than usual since 12 Nov' },
    ]);
  });
});

describe('an alert', () => {
  const id = encodeURIComponent('2026-11-12#traffic');
  const path = `pages/ada/anomalies/${id}`;
  function appAt(now: number) {
    const recipients = { ...world.deps.recipients, secret: async () => 'a secret of the test' };
    return createApp({ ...world.deps, recipients, now: () => now });
  }
  async function change(body: object, as = 'ada', url = path) {
    const answered = await world.ask(as, url, { method: 'patch', body, app: appAt(now) });
    return { status: answered.status, body: await answered.json() };
  }
  async function listed(as = 'ada') {
    const body: unknown = await (await world.ask(as, 'pages/ada/anomalies', { app: appAt(now) })).json();
    return anomaliesSchema.parse(body).rows.find((row) => row.id === '2026-11-12#traffic');
  }

  it('is acknowledged for everyone, and the acknowledgement is taken back', async () => {
    expect(await change({ acknowledged: true })).toMatchObject({
      status: 200,
      body: { acknowledgedAt: new Date(now).toISOString(), state: 'open', feedback: null },
    });
    expect((await listed('nora'))?.acknowledgedAt).toBe(new Date(now).toISOString());
    expect((await change({ acknowledged: false })).body).toMatchObject({ acknowledgedAt: null });
    expect((await listed())?.acknowledgedAt).toBeNull();
  });

  it('is useful or not, for each user once, and changes the threshold of the page', async () => {
    expect((await change({ feedback: 'not-useful' })).body).toMatchObject({ feedback: 'not-useful' });
    expect((await change({ feedback: 'not-useful' }, 'nora')).status).toBe(200);
    expect(await world.deps.detection.threshold('/ada')).toBeCloseTo(2 ** (2 / 5));
    expect((await change({ feedback: 'useful' }, 'nora')).body).toMatchObject({ feedback: 'useful' });
    expect(await world.deps.detection.threshold('/ada')).toBeCloseTo(2 ** (1 / 5) * 2 ** (-1 / 20));
    expect([(await listed())?.feedback, (await listed('nora'))?.feedback, (await listed('root'))?.feedback]).toEqual([
      'not-useful',
      'useful',
      null,
    ]);
  });

  it('is changed by nobody else, and not if it does not exist', async () => {
    expect((await change({ acknowledged: true }, 'bob')).status).toBe(404);
    expect((await change({ acknowledged: true }, 'ada', 'pages/ada/anomalies/none')).status).toBe(404);
    expect(await change({ feedback: 'maybe' })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'feedback', value: 'maybe', allowed: 'one of useful, not-useful' }] },
    });
  });

  it('is not mailed while the page is muted, for at most 90 days', async () => {
    async function mute(until: string | null) {
      const answered = await world.ask('ada', 'pages/ada/mute', { method: 'put', body: { until }, app: appAt(now) });
      return { status: answered.status, body: await answered.json() };
    }
    const day = 86_400_000;
    const until = new Date(now + 90 * day).toISOString();
    expect(await mute(new Date(now).toISOString())).toMatchObject({ status: 400 });
    expect(await mute(new Date(now + 90 * day + 1).toISOString())).toMatchObject({ status: 400 });
    expect(await mute(until)).toEqual({ status: 200, body: { until } });
    async function mutedUntil(app = appAt(now)) {
      return anomaliesSchema.parse(await (await world.ask('ada', 'pages/ada/anomalies', { app })).json()).mutedUntil;
    }
    expect([await mutedUntil(), await mutedUntil(appAt(Date.parse(until)))]).toEqual([until, null]);
    const page = await world.deps.catalog.getPage('/ada');
    expect(page && [mutedAt(page, now), mutedAt(page, Date.parse(until))]).toEqual([true, false]);
    // The settings keep it.
    const settings: unknown = await answer('settings');
    await world.ask('ada', 'pages/ada/settings', { method: 'put', body: settings });
    expect(await mutedUntil()).toBe(until);
    expect(await mute(null)).toEqual({ status: 200, body: { until: null } });
    expect(await mutedUntil()).toBeNull();
  });
});

describe('a forecast', () => {
  function store(changes: Partial<PageForecast>) {
    return createAlerts({ client: world.db.client, table: world.db.tables.catalog, now: world.deps.now }).putForecast(
      forecast('/ada', changes),
    );
  }

  it('is null before the first', async () => {
    expect(forecastSchema.parse(await answer('forecast'))).toEqual({
      forecast: null,
      recent: [],
      totals: [],
      words: { pace: null, skipped: null },
    });
  });

  it('comes with recent days, its totals and the pace of the month', async () => {
    await store({});
    const { recent, totals, words } = forecastSchema.parse(await answer('forecast'));
    expect([recent?.length, recent?.[0]?.date, recent?.at(-1)]).toEqual([
      28,
      '2026-10-25',
      { date: lastDay, value: viewsOf(lastDay, days - 1) },
    ]);
    expect(recent?.find(({ date }) => date === '2026-11-10')?.value).toBe(880);
    expect(totals).toEqual([
      { days: 7, expected: 700, low: 560, high: 910 },
      { days: 28, expected: 2800, low: 2240, high: 3640 },
    ]);
    expect(words).toEqual({
      pace: 'Forecast for November: 12,400 views (11,200 to 13,900), ahead of the goal of 10,000: 97% likely to reach it.',
      skipped: null,
    });
  });

  it('comes without recent days while the counters are unavailable', async () => {
    await store({});
    // Only the counters are read with a batch.
    const faults = Array.from({ length: 8 }, () => 'die-before' as const);
    const app = world.again({ client: faultyClient(world.db, 'BatchGetItemCommand', faults) });
    const shown = forecastSchema.parse(await (await world.ask('ada', 'pages/ada/forecast', { app })).json());
    expect([shown.recent, shown.totals.length]).toEqual([null, 2]);
  });

  it('explains why it was skipped', async () => {
    await store({ state: 'skipped', reason: 'short-history', days: [], pace: null });
    const { totals, words } = forecastSchema.parse(await answer('forecast'));
    expect([totals, words.skipped]).toEqual([[], expect.stringContaining('two weeks of settled days')]);
  });
});

describe('a backtest', () => {
  async function backtest(query: string) {
    return backtestsSchema.parse(await answer(`backtest?${query}`));
  }

  it('finds more with a higher sensitivity, and days below half with the classic rules', async () => {
    const { through, unit, compared } = await backtest('');
    expect([through, unit]).toEqual([lastDay, 'views']);
    expect(
      compared.map(({ method, sensitivity, incidents }) => [method, sensitivity, incidents.map(({ from }) => from)]),
    ).toEqual([
      ['default', 'low', ['2026-09-15', '2026-10-10']],
      // 26 October is within four weeks of the last alert, and its change is not 10% larger.
      ['default', 'normal', ['2026-09-15', '2026-10-10']],
      ['default', 'high', ['2026-09-15', '2026-10-10', '2026-10-26', '2026-11-10']],
      ['classic', null, ['2026-09-15', '2026-10-10']],
    ]);
    expect(compared.map(({ evaluated }) => evaluated)).toEqual([90, 90, 90, 90]);
  });

  it('uses the saved setting, or the requested one', async () => {
    expect((await backtest('')).asked).toMatchObject({ method: 'default', sensitivity: 'normal' });
    expect((await backtest('sensitivity=high')).asked.words).toBe(
      'With the setting “high”, you would have received 4 alerts in 90 days (15 Sept, 10 Oct, 26 Oct, 10 Nov).',
    );
    expect((await backtest('method=classic')).asked.words).toBe(
      'With the setting “classic”, you would have received 2 alerts in 90 days (15 Sept, 10 Oct).',
    );
    const { asked } = await backtest('sensitivity=low&days=30');
    expect(asked.words).toBe('With the setting “low”, you would have received no alerts in 30 days.');
  });

  it('returns the evaluation of each day', async () => {
    const [first] = (await backtest('')).asked.incidents;
    expect(first && plain(first.words)).toBe('70% fewer views than usual on 15 Sept');
    expect(first).toMatchObject({ direction: 'drop', actual: 300, days: 1 });
  });

  it('lists the alerts about three hours of a steady page, and none for the classic rules', async () => {
    const { compared } = await backtest('');
    const [low, normal, high, classic] = compared.map(({ hourly }) =>
      hourly?.incidents.map(({ direction }) => direction),
    );
    expect([low, normal, high?.[0], classic]).toEqual([['drop'], ['drop'], 'drop', undefined]);
    const hourly = compared[1]?.hourly;
    expect(hourly?.days).toBe(28);
    expect(hourly && plain(hourly.words)).toBe('Hourly detection would have sent 1 alert in 28 days (12 Nov).');
    expect(hourly?.incidents[0]?.from).toMatch(/^2026-11-12T(?:08|09|10)\+01:00$/);
    expect(hourly && plain(hourly.incidents[0]?.words ?? '')).toMatch(
      /^\d+% fewer views than usual from \d\d:00 on 12 Nov to/,
    );
    const excluded = (await backtest('badDays=2026-11-12')).compared[1]?.hourly;
    expect(excluded).toMatchObject({ incidents: [], words: 'Hourly detection would have sent no alerts in 28 days.' });
    expect((await backtest('days=5')).compared[1]?.hourly).toMatchObject({ days: 5, incidents: [] });
  });

  it('ignores excluded days that are not saved yet', async () => {
    const { asked } = await backtest('sensitivity=high&badDays=2026-10-10,2026-11-10');
    expect([asked.evaluated, asked.incidents.map(({ from }) => from)]).toEqual([88, ['2026-09-15', '2026-10-26']]);
  });

  it.each([
    ['method=guess', 'method', 'one of default, classic'],
    ['sensitivity=huge', 'sensitivity', 'one of low, normal, high'],
    ['badDays=2026-11-03,yesterday', 'badDays', 'a date such as 2026-11-22'],
    ['days=0', 'days', 'at least 1'],
    ['limit=3', 'limit', 'a known field or parameter'],
  ])('rejects %s', async (query, field, allowed) => {
    const refused = await world.ask('ada', `pages/ada/backtest?${query}`);
    expect([refused.status, problemSchema.parse(await refused.json()).errors]).toEqual([
      400,
      [expect.objectContaining({ field, allowed })],
    ]);
  });

  it('explains that a page has no history', async () => {
    await put({ ...progressKeys.settled });
    const { through, asked } = await backtest('days=91');
    await put({ ...progressKeys.settled, at: '2026-11-21T23:00:00.000Z' });
    expect([through, asked.incidents, asked.words]).toEqual([null, [], expect.stringContaining('could be evaluated')]);
    const empty = backtestsSchema.parse(await (await world.ask('root', 'pages/zoe/backtest')).json());
    expect([empty.through, empty.asked.evaluated, empty.asked.incidents]).toEqual([lastDay, expect.any(Number), []]);
  });
});

describe('alert settings', () => {
  async function put(alerts: Record<string, unknown>) {
    const body = { timeZone: 'Europe/Vienna', origins: [], identities: 'none', alerts };
    return world.ask('ada', 'pages/ada/settings', { method: 'put', body });
  }

  it('are stored as sent', async () => {
    const alerts = {
      enabled: true,
      method: 'classic',
      sensitivity: 'high',
      recipients: ['ada@example.com', 'office@example.com'],
      quietHours: { from: 22, to: 7 },
      kinds: ['alert', 'digest'],
      goal: 12_400,
      badDays: ['2026-11-10'],
    };
    expect((await put(alerts)).status).toBe(200);
    expect(pageSettingsSchema.parse(await answer('settings')).alerts).toEqual(alerts);
    const { asked } = backtestsSchema.parse(await answer('backtest'));
    expect([asked.method, asked.sensitivity]).toEqual(['classic', null]);
  });

  it.each<[string, Record<string, unknown>, string, string | null, string]>([
    ['a method', { method: 'magic' }, 'alerts.method', 'magic', 'one of default, classic'],
    ['a sensitivity', { sensitivity: 'huge' }, 'alerts.sensitivity', 'huge', 'one of low, normal, high'],
    [
      'a recipient',
      { recipients: ['ada@example.com', 'ada'] },
      'alerts.recipients[1]',
      'ada',
      'an address such as ada@example.com',
    ],
    ['an hour', { quietHours: { from: 22, to: 24 } }, 'alerts.quietHours.to', '24', 'an hour from 0 to 23'],
    [
      'a kind',
      { kinds: ['alert', 'fax'] },
      'alerts.kinds[1]',
      'fax',
      'one of alert, recovery, digest, monthly, agency',
    ],
    ['a goal', { goal: -5 }, 'alerts.goal', '-5', 'a whole number above 0'],
    ['half a goal', { goal: 0.5 }, 'alerts.goal', '0.5', 'a whole number above 0'],
    ['a bad day', { badDays: ['2026-02-30'] }, 'alerts.badDays[0]', '2026-02-30', 'a date such as 2026-11-22'],
    ['what is not known', { colour: 'red' }, 'alerts.colour', 'red', 'a known field or parameter'],
  ])('reject %s with the field, the value and what is allowed', async (_name, alerts, field, value, allowed) => {
    const refused = await put(alerts);
    expect([refused.status, problemSchema.parse(await refused.json()).errors]).toEqual([
      400,
      [{ field, value, allowed }],
    ]);
  });

  it('reject too many recipients and excluded days', async () => {
    const recipients = Array.from({ length: 21 }, (_, at) => `a${at}@example.com`);
    const badDays = Array.from({ length: 367 }, (_, at) => addDays('2026-01-01', at));
    for (const [alerts, field] of [
      [{ recipients }, 'alerts.recipients'],
      [{ badDays }, 'alerts.badDays'],
    ] as const) {
      const refused = await put(alerts);
      expect([refused.status, problemSchema.parse(await refused.json()).errors?.[0]?.field]).toEqual([400, field]);
    }
  });
});
