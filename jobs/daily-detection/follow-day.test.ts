import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unwatched } from '#core/detect/alert-state.ts';
import type { Evaluation } from '#core/detect/evaluation.ts';
import { alertMailLimit } from '#core/alerts/mail-limit.ts';
import { comparedDates } from '#core/alerts/compare-days.ts';
import { plainLink } from '#core/links/link.fixture.ts';
import { addDays } from '#core/ledger/time-range.ts';
import { alertsOf, createRecipients } from '#jobs/mailing/recipients.ts';
import { newCounts } from '#jobs/alert-run.ts';
import type { EarlySignal } from '#schemas/alerts.ts';
import { pageSchema } from '#schemas/catalog.ts';
import { createAlerts } from '#stores/alerts/alerts.ts';
import { createConfirmations } from '#stores/alerts/confirmations.ts';
import { createCatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { createCountedHistory } from '#stores/alerts/detection-history.ts';
import { startDynamoDb, type TestDynamoDb } from '#test/dynamodb.ts';
import { followDay, type PageWork, type RunContext } from './follow-day.ts';

const time = Date.parse('2026-11-22T00:25:00Z');
const date = '2026-11-21';
const page = pageSchema.parse({
  path: '/ada',
  title: 'Ada',
  timeZone: 'UTC',
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
  alerts: { recipients: ['ada@example.org'] },
});

let db: TestDynamoDb;
beforeAll(async () => {
  db = await startDynamoDb();
});
afterAll(() => db.stop());

function createContext(): RunContext {
  const catalog = createCatalogAdmin({ client: db.client, table: db.tables.catalog });
  const recipients = createRecipients({
    listUsers: catalog.listUsers,
    confirmations: createConfirmations({ client: db.client, table: db.tables.catalog, now: Date.now }),
    secret: async () => 'secret',
    listChannels: async () => [],
    maySend: true,
  });
  function unexpected() {
    return Promise.reject(new Error('following a day must not run a query'));
  }
  const counted = createCountedHistory({ client: db.client, rollups: db.tables.rollups });
  return {
    deps: {
      listLinksOfPage: catalog.listLinksOfPage,
      getLink: catalog.getLink,
      alerts: createAlerts({ client: db.client, table: db.tables.catalog, now: () => time }),
      history: { ...counted, daily: unexpected },
      checkDestination: async () => undefined,
      now: () => time,
    },
    recipients,
    time,
    checkDeadline: () => time + 60_000,
    counts: newCounts(),
  };
}

const days = Array.from({ length: 40 }, (_, ago) => ({
  date: addDays(date, ago - 39),
  views: 1000,
  clicks: 80,
  hours: 24,
  bad: false,
}));
function startWork(early?: EarlySignal): PageWork {
  return {
    page,
    history: { days, unit: 'views' },
    setting: { sensitivity: 'normal', threshold: 1 },
    states: { traffic: unwatched, 'click-through': unwatched },
    early,
    through: addDays(date, -1),
    incidents: new Map(),
    mails: [],
    failed: false,
  };
}

const statistics = { expected: 1000, actual: 2600, usual: 1000, score: 7, probability: 1e-9 };
const surge: Evaluation = { kind: 'alert', direction: 'surge', ...statistics };
const rateDrop: Evaluation = { kind: 'alert', direction: 'drop', ...statistics, expected: 0.08, actual: 0.03 };
const usual: Evaluation = { kind: 'not-significant', reason: 'usual', ...statistics };

function mailedMetrics({ mails }: PageWork) {
  return mails.map(({ content }) =>
    content.kind === 'alert' ? [content.incident.metric, ...content.also.map(({ metric }) => metric)] : [content.kind],
  );
}

it('reports all incidents of a day in one mail, and stores each', async () => {
  const work = startWork();
  await followDay(createContext(), work, date, { traffic: surge, 'click-through': rateDrop });
  expect(mailedMetrics(work)).toEqual([['traffic', 'click-through']]);
  expect([...work.incidents.keys()]).toEqual([`${date}#traffic`, `${date}#click-through`]);
});

it('mails neither an alert while the page is muted, nor its recovery afterwards', async () => {
  const work = startWork();
  const muted = { ...work.page, alerts: { ...alertsOf(work.page), mutedUntil: new Date(time + 1).toISOString() } };
  const context = createContext();
  await followDay(context, { ...work, page: muted }, date, { traffic: surge, 'click-through': usual });
  expect([mailedMetrics(work), context.counts.skipped]).toEqual([[], { muted: 1 }]);
  expect([...work.incidents.values()]).toMatchObject([{ mailed: false }]);
  for (const day of [1, 2, 3])
    await followDay(context, work, addDays(date, day), { traffic: usual, 'click-through': usual });
  expect(mailedMetrics(work)).toEqual([]);
  expect([...work.incidents.values()]).toMatchObject([{ recovered: addDays(date, 3) }]);
});

it('names the links of the cause by their titles', async () => {
  const catalog = createCatalogAdmin({ client: db.client, table: db.tables.catalog });
  const links = { k3x9: 'Spring merch', old: 'Moved away' };
  for (const [code, title] of Object.entries(links))
    await catalog.putLink({ ...plainLink, id: code, code, title, page: code === 'old' ? '/bob' : '/ada' });
  const context = createContext();
  const days = [...comparedDates(date), date].map((each) => ({
    date: each,
    numbers: { views: 2600, clicks: each === date ? 1300 : 500 },
    tops: {
      link: [
        ['k3x9', each === date ? 500 : 50, 0] as const,
        ['old', each === date ? 400 : 50, 0] as const,
        ['calm', 400, 0] as const,
      ],
    },
  }));
  const work = startWork();
  work.history.unit = 'clicks';
  await followDay(
    { ...context, deps: { ...context.deps, history: { ...context.deps.history, settled: async () => days } } },
    work,
    date,
    {
      traffic: { ...surge, expected: 500, actual: 1300 },
      'click-through': usual,
    },
  );
  const [incident] = work.incidents.values();
  expect(incident?.cause?.dimensions.find(({ dimension }) => dimension === 'link')?.values).toEqual([
    expect.objectContaining({ value: 'k3x9', title: 'Spring merch' }),
    expect.not.objectContaining({ title: 'Moved away' }),
  ]);
});

it.each([
  [{ traffic: surge, 'click-through': usual }, [['traffic']]],
  [{ traffic: usual, 'click-through': rateDrop }, [['click-through']]],
  [{ traffic: usual, 'click-through': usual }, []],
])('reports a single incident alone', async (evaluations, mailed) => {
  const work = startWork();
  await followDay(createContext(), work, date, evaluations);
  expect(mailedMetrics(work)).toEqual(mailed);
});

describe('the limit of alert mails', () => {
  const dateOfLast = addDays(date, -1);
  /** Mails on this many earlier days, stored by earlier runs, the oldest `oldest` days ago. */
  async function follow(path: string, mails: number, oldest = 29) {
    const context = createContext();
    const work = { ...startWork(), page: { ...page, path } };
    for (let mail = 0; mail < mails; mail += 1) {
      const since = mail === 0 ? addDays(date, -oldest) : addDays(date, -2 * mail);
      const early = startWork();
      early.page = work.page;
      early.through = addDays(since, -1);
      await followDay(context, early, since, { traffic: surge, 'click-through': usual });
      const incidents = [...early.incidents.values()].map((incident) => ({ ...incident, mailed: true }));
      const { states } = early;
      await context.deps.alerts.commitDay({
        page: path,
        through: `${dateOfLast}-${mail}`,
        states,
        incidents,
        mails: [],
      });
    }
    await followDay(context, work, date, { traffic: surge, 'click-through': rateDrop });
    return { context, work };
  }

  it('mails at the limit', async () => {
    const { work } = await follow('/at-limit', alertMailLimit.mails - 1);
    expect(mailedMetrics(work)).toEqual([['traffic', 'click-through']]);
  });
  it('stores an incident beyond the limit without an alert and without a recovery', async () => {
    const { context, work } = await follow('/beyond', alertMailLimit.mails);
    expect(mailedMetrics(work)).toEqual([]);
    expect([...work.incidents.values()].map(({ mailed }) => mailed)).toEqual([false, false]);
    expect(context.counts.skipped).toMatchObject({ 'mail-limit': 2 });
    for (const day of [1, 2, 3])
      await followDay(context, work, addDays(date, day), { traffic: usual, 'click-through': usual });
    expect(context.counts.recoveries).toBe(2);
    expect(mailedMetrics(work)).toEqual([]);
  });
  it('forgets a mail after 30 days', async () => {
    const { work } = await follow('/thirty', alertMailLimit.mails, alertMailLimit.days);
    expect(mailedMetrics(work)).toHaveLength(1);
  });
  it('counts each page alone', async () => {
    await follow('/restless', alertMailLimit.mails);
    const { work } = await follow('/calm', 0);
    expect(mailedMetrics(work)).toHaveLength(1);
  });
});

it.each([
  ['of the same day', 0, false, [['click-through']]],
  ['that began days before and is still open', -2, true, [['click-through']]],
  ['but not one that ended days before', -2, false, [['traffic', 'click-through']]],
])('leaves out a change that hourly detection has reported, %s', async (_, days, open, metrics) => {
  const early: EarlySignal = {
    since: `${addDays(date, days)}T09+00:00`,
    direction: 'surge',
    actual: 300,
    open,
    quiet: 0,
    through: `${date}T20:00:00Z`,
  };
  const work = startWork(early);
  await followDay(createContext(), work, date, { traffic: surge, 'click-through': rateDrop });
  expect(mailedMetrics(work)).toEqual(metrics);
});
