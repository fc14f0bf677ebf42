import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRecipients } from '#jobs/mailing/recipients.ts';
import { type MailContent, mailContentSchema, mailKinds, type OutgoingNotification } from '#schemas/alerts.ts';
import { annotationSchema } from '#schemas/api/saved.ts';
import { linkSchema, pageSchema, userSchema } from '#schemas/catalog.ts';
import { entityKeys } from '#schemas/counters.ts';
import { summaryLimits } from '#schemas/mails/summary-parts.ts';
import { createAlerts } from '#stores/alerts/alerts.ts';
import { createConfirmations } from '#stores/alerts/confirmations.ts';
import { createCountedHistory } from '#stores/alerts/detection-history.ts';
import { createOutgoingMails } from '#stores/alerts/outgoing-mails.ts';
import { createCatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { createCampaigns } from '#stores/catalog/campaigns.ts';
import { QueryFailed } from '#stores/lake/errors.ts';
import { metricSchema } from '#schemas/insights/metrics.ts';
import { buildTestMetric, measure } from '#core/metrics/metrics.fixture.ts';
import { countSum } from '#core/metrics/measures.ts';
import { createSavedRecords } from '#stores/catalog/saved-records.ts';
import { pack } from '#stores/counters/compressed-json.ts';
import { dayKey, topListsKey } from '#stores/counters/counter-items.ts';
import { startDynamoDb, type TestDynamoDb } from '#test/dynamodb.ts';
import type { DigestDeps } from './deps.ts';
import { digest } from './digest.ts';

/** Summaries of months, with real tables and a mail service of the test. */

let db: TestDynamoDb;
let sent: { to: string; content: MailContent; dashboard: string }[];

beforeEach(async () => {
  db = await startDynamoDb();
  sent = [];
});
afterEach(() => db.stop());

const madeAt = '2026-01-01T00:00:00Z';
/** 8:50 in Vienna on the first of November. */
const morning = '2026-11-01T07:50:00Z';

interface Faults {
  settled?: string;
  /** Called after a mail is queued. */
  afterQueue?: () => void;
  /** @default - fails */
  readMeasures?: DigestDeps['readMeasures'];
}

function dependencies({
  settled = '2027-06-01T00:00:00Z',
  afterQueue = () => undefined,
  readMeasures = () => Promise.reject(new QueryFailed('campaign-metric', 'no lake in this test')),
}: Faults = {}) {
  const { client, tables } = db;
  const table = { client, table: tables.catalog };
  const catalog = createCatalogAdmin(table);
  const mails = createOutgoingMails(table);
  async function secret() {
    return 'a secret of the test';
  }
  async function queue(mail: OutgoingNotification) {
    const isNew = await mails.queue(mail);
    afterQueue();
    return isNew;
  }
  return {
    catalog,
    annotations: createSavedRecords({ ...table, kind: 'annotation', schema: annotationSchema }),
    campaigns: createCampaigns(table),
    metrics: createSavedRecords({ ...table, kind: 'metric', schema: metricSchema }),
    listLinksOfPage: catalog.listLinksOfPage,
    readMeasures,
    listPages: catalog.listPages,
    getLink: catalog.getLink,
    settledThrough: async () => Date.parse(settled),
    alerts: createAlerts({ ...table, now: Date.now }),
    history: createCountedHistory({ client, rollups: tables.rollups }),
    recipients: () =>
      createRecipients({
        listUsers: catalog.listUsers,
        confirmations: createConfirmations({ ...table, now: Date.now }),
        secret,
        listChannels: async () => [],
        maySend: true,
      }),
    mailing: {
      mails: { ...mails, queue },
      send: async ({ to, subject, html }: { to: string; subject: string; html: string }) => {
        sent.push({ to, content: mailContentSchema.parse(JSON.parse(subject)), dashboard: html });
        return { kind: 'sent', messageId: 'm' } as const;
      },
      brands: () => async () => undefined,
      render: async (content: MailContent, { dashboard }: { dashboard: string }) => ({
        subject: JSON.stringify(content),
        html: dashboard,
        text: '',
      }),
      secret,
      sendMessages: async () => ({}),
      publicUrl: 'https://go.example',
      now: Date.now,
    },
    now: Date.now,
  };
}

function run(at: string, faults?: Faults) {
  return digest(dependencies(faults), Date.parse(at));
}

function sentKinds(): string[] {
  return sent.map(({ to, content }) => `${to}: ${content.kind}`).toSorted();
}

function monthOf(page: string) {
  const found = sent.find(({ content }) => content.kind === 'monthly' && content.page === page);
  return found && { ...found, content: mailContentSchema.options[3].parse(found.content) };
}

interface PageOptions {
  zone?: string;
  agency?: string | null;
  alerts?: object;
  createdAt?: string;
}

async function putPage(
  path: string,
  { zone = 'Europe/Vienna', agency = null, alerts = {}, createdAt = madeAt }: PageOptions = {},
): Promise<void> {
  const page = pageSchema.parse({
    path,
    title: `Page ${path}`,
    timeZone: zone,
    agency,
    alerts: { recipients: [`${path.slice(1)}@example.com`], ...alerts },
    createdAt,
    updatedAt: createdAt,
  });
  await dependencies().catalog.putPage(page);
}

async function putUser(subject: string, user: object): Promise<void> {
  await dependencies().catalog.putUser(userSchema.parse({ subject, email: `${subject}@example.com`, ...user }));
}

/** Stores a settled date of a page, as settle does. */
async function putDay(page: string, date: string, numbers: Record<string, number>, tops: object = {}): Promise<void> {
  for (const [sk, content] of [
    [dayKey(date), numbers],
    [topListsKey(date), tops],
  ] as const) {
    const Item = marshall({ pk: entityKeys.page(page), sk, packed: pack(content) });
    await db.client.send(new PutItemCommand({ TableName: db.tables.rollups, Item }));
  }
}

it('sends a month with its links, goal, campaigns, conversions and annotations', async () => {
  await putPage('/ada', { alerts: { goal: 300 } });
  const { catalog, annotations, alerts } = dependencies();
  await catalog.putLink(
    linkSchema.parse({
      id: 'merch',
      code: 'merch',
      page: '/ada',
      title: 'My merch',
      url: 'https://shop.example/',
      createdAt: madeAt,
      updatedAt: madeAt,
    }),
  );
  await putDay('/ada', '2026-08-30', { views: 5000 });
  await putDay('/ada', '2026-08-31', { views: 100, clicks: 10 }, { link: [['merch', 10, 0]] });
  await putDay('/ada', '2026-10-01', { views: 200, clicks: 20 }, { link: [['merch', 20, 0]] });
  await putDay(
    '/ada',
    '2026-10-31',
    { views: 101, clicks: 1, 'g.sale': 2, 'g.EUR': 1999 },
    { link: [['gone', 1, 0]], utm_campaign: [['autumn', 0, 90]] },
  );
  await putDay('/ada', '2026-11-01', { views: 9000 });
  for (const [id, at, text] of [
    ['a1', '2026-10-31', 'Last day'],
    ['a2', '2026-10-31T22:59:00Z', 'Last minute'],
    ['a3', '2026-10-31T23:00:00Z', 'Next month'],
  ] as const)
    await annotations.put('/ada', { id, at, text, url: null, source: 'user' });
  const pace = {
    month: '2026-11',
    goal: 300,
    soFar: 0,
    expected: 320,
    low: 250,
    high: 390,
    verdict: 'on-course',
  } as const;
  const forecast = { page: '/ada', through: '2026-10-31', state: 'forecast', reason: null, unit: 'views' } as const;
  await alerts.putForecast({ ...forecast, days: [], pace: { ...pace, probability: 0.61 } });
  expect(await run(morning)).toMatchObject({ evaluated: 1, mails: 1 });
  const mail = monthOf('/ada');
  expect(mail).toMatchObject({
    to: 'ada@example.com',
    dashboard: 'https://go.example/app/pages/ada/overview?from=2026-10-01&to=2026-10-31&compare=previous',
    content: {
      totals: { views: 301, clicks: 21 },
      previous: { views: 100, clicks: 10 },
      links: [
        { code: 'merch', title: 'My merch', clicks: 20, previous: 10 },
        { code: 'gone', title: '', clicks: 1, previous: 0 },
      ],
      goal: { goal: 300, actual: 301, unit: 'views' },
      campaigns: [{ name: 'autumn', count: 90, previous: 0 }],
      conversions: { kinds: [{ kind: 'sale', count: 2 }], revenue: [{ currency: 'EUR', amount: '19.99' }] },
      annotations: { rows: [{ text: 'Last day' }, { text: 'Last minute' }], more: 0 },
      pace: { month: '2026-11', probability: 0.61 },
    },
  });
  expect(mail?.content.days).toHaveLength(31);
});

it('has the metric of each campaign that ran, to the end of the month', async () => {
  await putPage('/ada');
  await putDay('/ada', '2026-10-05', { views: 3 });
  const { campaigns, metrics, catalog } = dependencies();
  const tagged = measure('clicks', [['tag', 'is', ['bio']]]);
  await metrics.put('/ada', buildTestMetric({ measures: { a: measure('clicks'), b: tagged }, formula: 'b / a' }));
  const link = { url: 'https://shop.example/', page: '/ada', createdAt: madeAt, updatedAt: madeAt };
  await catalog.putLink(linkSchema.parse({ ...link, id: 'bio', code: 'bio', tags: ['bio'] }));
  async function putCampaign(id: string, from: string, to: string, metric: string | null) {
    await campaigns.create({
      id,
      page: '/ada',
      agency: null,
      name: `Campaign ${id}`,
      label: id,
      from,
      to,
      utm: {},
      budget: null,
      goal: null,
      metric,
      note: '',
      public: false,
      createdAt: madeAt,
      updatedAt: madeAt,
    });
  }
  await putCampaign('runs', '2026-09-20', '2026-11-20', 'm1');
  await putCampaign('ended', '2026-10-01', '2026-10-02', 'm1');
  await putCampaign('fails', '2026-10-03', '2026-10-09', 'm1');
  await putCampaign('before', '2026-09-01', '2026-09-30', 'm1');
  await putCampaign('after', '2026-11-01', '2026-11-30', 'm1');
  await putCampaign('plain', '2026-10-01', '2026-10-31', null);
  await putCampaign('gone', '2026-10-01', '2026-10-31', 'deleted');
  const asked: unknown[] = [];
  const faults: Faults = {
    readMeasures: async ([metric], { from, to, campaign = '' }) => {
      asked.push([campaign, from, to, metric?.measures['b']?.filters]);
      if (campaign === 'fails') throw new QueryFailed('campaign-metric', 'a test');
      const sums = { 'm1@1': { a: countSum(50), b: countSum(2) } };
      const days =
        campaign === 'runs' ? [1, 2].map((day) => ({ page: '/ada', date: `2026-10-0${day}`, metrics: sums })) : [];
      return { days, bytes: 10, dollars: 0.00005 };
    },
  };
  expect(await run(morning, faults)).toMatchObject({
    mails: 1,
    queries: 2,
    dollars: 0.0001,
    skipped: { 'campaign-metric: query-failed': 1 },
  });
  const links = [{ field: 'link', operator: 'is', values: ['bio'] }];
  expect(asked).toEqual([
    ['fails', '2026-10-03', '2026-10-09', links],
    ['ended', '2026-10-01', '2026-10-02', links],
    ['runs', '2026-09-20', '2026-10-31', links],
  ]);
  const metric = { name: 'Sales per click', unit: 'percent', currency: null, decimals: 1 };
  expect(monthOf('/ada')?.content.campaignMetrics).toEqual([
    { campaign: 'Campaign ended', metric, value: null },
    { campaign: 'Campaign runs', metric, value: 0.04 },
  ]);
});

it('names no forecast of a month that has ended', async () => {
  await putPage('/ada');
  await putDay('/ada', '2026-10-05', { views: 3 });
  const pace = { month: '2026-10', goal: null, soFar: 1, expected: 2, low: 1, high: 3, verdict: null };
  const forecast = { page: '/ada', through: '2026-10-20', state: 'forecast', reason: null, unit: 'views' } as const;
  await dependencies().alerts.putForecast({ ...forecast, days: [], pace });
  await run(morning);
  expect(monthOf('/ada')?.content.pace).toBeNull();
});

it('sends one mail for a month, however often it runs, at once, on later days, and after it stopped in between', async () => {
  await putPage('/ada', { alerts: { recipients: ['a@example.com', 'b@example.com'] } });
  await putDay('/ada', '2026-10-05', { views: 3 });
  const crash = run(morning, {
    afterQueue: () => {
      throw new Error('the function was killed');
    },
  });
  await expect(crash).rejects.toThrow('1 pages failed');
  await Promise.all([run(morning), run(morning)]);
  for (const at of ['2026-11-01T08:50:00Z', '2026-11-01T10:50:00Z', '2026-11-02T07:50:00Z', '2026-11-03T10:50:00Z'])
    await run(at);
  const months = sentKinds().filter((each) => each.endsWith('monthly'));
  expect(months).toEqual(['a@example.com: monthly', 'b@example.com: monthly']);
});

it('reads the month of a page once, not again for every run of its days', async () => {
  await putPage('/ada');
  await putDay('/ada', '2026-10-05', { views: 3 });
  await run(morning);
  expect(await run('2026-11-01T08:50:00Z')).toMatchObject({ evaluated: 0, skipped: { 'already-queued': 1 } });
});

it('waits until the days have settled, for three days', async () => {
  await putPage('/ada');
  await putDay('/ada', '2026-10-05', { views: 3 });
  const before = '2026-10-31T22:59:59Z';
  expect(await run(morning, { settled: before })).toMatchObject({ skipped: { unsettled: 1 } });
  expect(await run('2026-11-04T07:50:00Z')).toMatchObject({ skipped: { 'not-due': 1 } });
  expect(sent).toEqual([]);
  await run('2026-11-03T07:50:00Z', { settled: '2026-10-31T23:00:00Z' });
  expect(sentKinds()).toEqual(['ada@example.com: monthly']);
});

it('counts a month by the clock of its own zone, which changes within it', async () => {
  for (const [path, zone] of [
    ['/vienna', 'Europe/Vienna'],
    ['/new-york', 'America/New_York'],
    ['/auckland', 'Pacific/Auckland'],
  ] as const) {
    await putPage(path, { zone });
    await putDay(path, '2026-10-01', { views: 1 });
    await putDay(path, '2026-10-31', { views: 2 });
    await putDay(path, '2026-11-01', { views: 4 });
  }
  const hours: Record<string, string[]> = {};
  for (let at = Date.parse('2026-10-31T12:50:00Z'); at < Date.parse('2026-11-02T00:00:00Z'); at += 3_600_000) {
    const count = sent.length;
    await run(new Date(at).toISOString(), { settled: new Date(at - 3_000_000).toISOString() });
    const found = sent.slice(count).flatMap(({ content }) => (content.kind === 'monthly' ? content.page : []));
    if (found.length > 0) hours[new Date(at).toISOString().slice(0, 16)] = found;
  }
  // New York ends its summer time on the morning of the first: 8:50 is 13:50 UTC by then.
  expect(hours).toEqual({
    '2026-10-31T19:50': ['/auckland'],
    '2026-11-01T07:50': ['/vienna'],
    '2026-11-01T13:50': ['/new-york'],
  });
  for (const page of ['/auckland', '/vienna', '/new-york'])
    expect(monthOf(page)?.content).toMatchObject({ totals: { views: 3 } });
});

it('sends each page what its settings say: weekly, monthly, both or none', async () => {
  const week = mailKinds.filter((kind) => kind !== 'monthly');
  for (const [path, kinds] of [
    ['/both', mailKinds],
    ['/weekly', week],
    ['/monthly', ['monthly']],
    ['/none', []],
  ] as const) {
    await putPage(path, { alerts: { kinds } });
    await putDay(path, '2026-05-28', { views: 3 });
  }
  // A Monday, and the first of June.
  const record = await run('2026-06-01T06:50:00Z');
  expect(sentKinds()).toEqual([
    'both@example.com: digest',
    'both@example.com: monthly',
    'monthly@example.com: monthly',
    'weekly@example.com: digest',
  ]);
  expect(record).toMatchObject({ skipped: { 'digest-off': 2, 'monthly-off': 2 } });
});

it('is ended by a reader without the weekly one', async () => {
  await putPage('/ada');
  await putDay('/ada', '2026-05-28', { views: 3 });
  const { mails } = dependencies().mailing;
  const queued: OutgoingNotification[] = [];
  const deps = dependencies();
  await digest(
    {
      ...deps,
      mailing: {
        ...deps.mailing,
        mails: { ...mails, due: async () => [], queue: async (mail) => (queued.push(mail), true) },
      },
    },
    Date.parse('2026-06-01T06:50:00Z'),
  );
  const [first] = queued;
  if (first === undefined || !('recipient' in first)) throw new Error('nothing was queued');
  await mails.refuse(first.recipient, 'monthly', '/ada', 0);
  for (const mail of queued) await mails.queue(mail);
  expect(await run('2026-06-01T07:50:00Z')).toMatchObject({ mails: 1, skipped: { 'mail: refused': 1 } });
  expect(sentKinds()).toEqual(['ada@example.com: digest']);
});

it('sends nothing to a person without access', async () => {
  await putPage('/ada', { agency: 'north', alerts: { recipients: [] } });
  await putPage('/bob', { agency: 'south', alerts: { recipients: [] } });
  await putDay('/ada', '2026-10-05', { views: 3 });
  await putUser('ada', { role: 'creator', pages: ['/ada'] });
  await putUser('former', { role: 'creator', pages: [] });
  await putUser('bob', { role: 'creator', pages: ['/bob'] });
  await putUser('nora', { role: 'agency', agency: 'north' });
  await putUser('sam', { role: 'agency', agency: 'south' });
  await run(morning);
  expect(sentKinds()).toEqual(['ada@example.com: monthly', 'nora@example.com: agency-monthly']);
});

it('of an empty month compares with the one before; of two empty ones sends nothing', async () => {
  await putPage('/quiet');
  await putPage('/never', { alerts: { goal: 10 } });
  await putPage('/views-only');
  await putDay('/quiet', '2026-09-10', { views: 50, clicks: 5 });
  await putDay('/views-only', '2026-10-10', { views: 7 });
  expect(await run(morning)).toMatchObject({ skipped: { 'nothing-to-report': 1 } });
  expect(monthOf('/quiet')?.content).toMatchObject({
    totals: { views: 0, clicks: 0 },
    previous: { views: 50 },
    links: [],
  });
  expect(monthOf('/views-only')?.content).toMatchObject({
    totals: { views: 7, clicks: 0 },
    links: [],
    conversions: null,
  });
  expect(sent).toHaveLength(2);
});

it('does not compare a page’s first month', async () => {
  await putPage('/new', { createdAt: '2026-10-20T00:00:00Z' });
  await putDay('/new', '2026-10-21', { views: 7 });
  await run(morning);
  expect(monthOf('/new')?.content.previous).toBeNull();
});

it('sends an agency one mail for a month, when the last of its zones has settled, with its busiest pages', async () => {
  await putUser('nora', { role: 'agency', agency: 'north' });
  const none = { kinds: [], goal: null };
  for (let at = 0; at <= summaryLimits.pages; at++) {
    const path = `/p${String(at).padStart(2, '0')}`;
    await putPage(path, { agency: 'north', alerts: { kinds: ['agency'], goal: at < 2 ? 99 : null } });
    await putDay(path, '2026-09-10', { views: 50 });
    await putDay(path, '2026-10-10', { views: 100 - at, 'g.sale': 1, 'g.EUR': 100 });
  }
  await putPage('/hidden', { agency: 'north', alerts: none });
  await putDay('/hidden', '2026-10-10', { views: 10_000 });
  await putPage('/hawaii', { agency: 'north', zone: 'Pacific/Honolulu', alerts: { kinds: ['agency'] } });
  await putDay('/hawaii', '2026-10-10', { clicks: 500 });
  // Honolulu's October ends at 10:00 UTC.
  expect(await run(morning, { settled: '2026-11-01T07:00:00Z' })).toMatchObject({ skipped: { 'agency-unsettled': 1 } });
  expect(sent).toEqual([]);
  await Promise.all([run('2026-11-01T10:50:00Z'), run('2026-11-02T08:50:00Z')]);
  await run('2026-11-03T08:50:00Z');
  expect(sentKinds()).toEqual(['nora@example.com: agency-monthly']);
  const [mail] = sent;
  expect(mail?.dashboard).toBe('https://go.example/app/agencies/north/overview?from=2026-10-01&to=2026-10-31');
  expect(mail?.content).toMatchObject({
    pages: 22,
    totals: { views: 1890, clicks: 500 },
    previous: { views: 1050, clicks: 0 },
    goals: { set: 2, reached: 2 },
    conversions: { kinds: [{ kind: 'sale', count: 21 }], revenue: [{ amount: '21.00', previous: '0' }] },
    more: 2,
  });
  const month = mailContentSchema.options[5].parse(mail?.content);
  expect(month.rows).toHaveLength(summaryLimits.pages);
  expect(month.rows.slice(0, 2)).toMatchObject([{ page: '/hawaii' }, { page: '/p00', goal: { actual: 100 } }]);
});
