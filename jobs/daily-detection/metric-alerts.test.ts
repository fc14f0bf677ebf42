import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addDays } from '#core/ledger/time-range.ts';
import { buildTestMetric, measure } from '#core/metrics/metrics.fixture.ts';
import { newCounts } from '#jobs/alert-run.ts';
import { createRecipients } from '#jobs/mailing/recipients.ts';
import { type PageAlerts, pageAlertsSchema } from '#schemas/alerts.ts';
import { type Page, pageSchema } from '#schemas/catalog.ts';
import type { Channel } from '#schemas/channels.ts';
import { entityHourKey, entityKeys } from '#schemas/counters.ts';
import type { MetricAlert } from '#schemas/insights/metric-alert.ts';
import { type Metric, metricSchema } from '#schemas/insights/metrics.ts';
import { createConfirmations } from '#stores/alerts/confirmations.ts';
import { createMetricAlerts } from '#stores/alerts/metric-alerts.ts';
import { createOutgoingMails } from '#stores/alerts/outgoing-mails.ts';
import { createCountedHistory } from '#stores/alerts/detection-history.ts';
import { createCatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { createPageMetricList } from '#stores/catalog/page-metrics.ts';
import { createSavedRecords } from '#stores/catalog/saved-records.ts';
import { pack } from '#stores/counters/compressed-json.ts';
import { dayKey } from '#stores/counters/counter-items.ts';
import { createRollupReader } from '#stores/counters/rollup-reader.ts';
import { startDynamoDb, type TestDynamoDb } from '#test/dynamodb.ts';
import type { MetricAlertRun } from './commit-step.ts';
import { evaluateMetricAlerts } from './metric-alerts.ts';

/** Alerts of custom metrics, with the tables of a stack. */

let db: TestDynamoDb;
beforeAll(async () => {
  db = await startDynamoDb();
});
afterAll(() => db.stop());

const at = '2026-01-01T00:00:00Z';
const clicksBelow: MetricAlert = { when: 'below', value: 500, period: 'day', periods: 1 };

async function putPage(path: string, timeZone = 'UTC', alerts: Partial<PageAlerts> = {}): Promise<Page> {
  const settings = pageAlertsSchema.parse({ recipients: [`${path.slice(1)}@example.com`], ...alerts });
  const page = pageSchema.parse({
    path,
    title: `Page ${path}`,
    timeZone,
    alerts: settings,
    createdAt: at,
    updatedAt: at,
  });
  await createCatalogAdmin({ client: db.client, table: db.tables.catalog }).putPage(page);
  return page;
}

function metrics() {
  return createSavedRecords({ client: db.client, table: db.tables.catalog, kind: 'metric', schema: metricSchema });
}

async function putMetric(path: string, changes: Partial<Metric> = {}): Promise<Metric> {
  const metric = buildTestMetric({
    unit: 'count',
    decimals: 0,
    measures: { a: measure('clicks') },
    formula: 'a',
    alert: clicksBelow,
    ...changes,
  });
  await metrics().put(path, metric);
  return metric;
}

async function putDay(path: string, date: string, clicks: number, views = 0): Promise<void> {
  const item = marshall({ pk: entityKeys.page(path), sk: dayKey(date), packed: pack({ clicks, views }) });
  await db.client.send(new PutItemCommand({ TableName: db.tables.rollups, Item: item }));
}

function createRun(time: number, changes: Partial<MetricAlertRun['deps']> = {}, channels: Channel[] = []) {
  const { client, tables } = db;
  const catalog = createCatalogAdmin({ client, table: tables.catalog });
  const failed: unknown[] = [];
  const run: MetricAlertRun = {
    deps: {
      listMetrics: createPageMetricList({ client, table: tables.catalog }),
      getPage: catalog.getPage,
      metricAlerts: createMetricAlerts({ client, table: tables.catalog, now: () => time }),
      settledMetrics: createRollupReader({ client, table: tables.rollups, now: () => time }).settledMetrics,
      history: createCountedHistory({ client, rollups: tables.rollups }),
      now: () => time,
      ...changes,
    },
    recipients: createRecipients({
      listUsers: catalog.listUsers,
      confirmations: createConfirmations({ client, table: tables.catalog, now: () => time }),
      secret: async () => 'secret',
      listChannels: async (owner) => channels.filter((channel) => channel.owner === owner),
      maySend: true,
    }),
    time,
    deadline: time + 60_000,
    counts: newCounts(),
    attempt: async (_page, work) => {
      try {
        await work();
      } catch (error) {
        failed.push(error);
      }
    },
  };
  return { run, failed };
}

/** Evaluates as of a moment until which everything has settled. */
async function evaluateAt(moment: string, changes: Partial<MetricAlertRun['deps']> = {}) {
  const time = Date.parse(moment);
  const { run, failed } = createRun(time, changes);
  await evaluateMetricAlerts(run, time);
  return { counts: run.counts, failed };
}

async function mailsTo(path: string, moment = '2027-01-01T00:00:00Z') {
  const due = await createOutgoingMails({ client: db.client, table: db.tables.catalog }).due(Date.parse(moment), 1000);
  return due.filter(({ address }) => address === `${path.slice(1)}@example.com`);
}

async function startsOfMails(
  path: string,
  moment?: string,
  kind: 'metric-alert' | 'metric-recovery' = 'metric-alert',
): Promise<string[]> {
  return (await mailsTo(path, moment)).flatMap(({ content }) =>
    content.kind === kind && 'start' in content ? [content.start] : [],
  );
}

function stateOf(path: string, id = 'm1') {
  return createMetricAlerts({ client: db.client, table: db.tables.catalog, now: Date.now }).state(path, id);
}

it('sends one message a closed period, however often runs repeat or overlap', async () => {
  await putPage('/repeat');
  await putMetric('/repeat');
  await putDay('/repeat', '2026-11-20', 600);
  await putDay('/repeat', '2026-11-21', 400);
  const moment = '2026-11-22T00:30:00Z';
  await Promise.all([evaluateAt(moment), evaluateAt(moment)]);
  await evaluateAt(moment);
  await evaluateAt('2026-11-22T12:30:00Z');
  const [mail, ...others] = await mailsTo('/repeat');
  expect(others).toEqual([]);
  expect(mail).toMatchObject({
    kind: 'metric-alert',
    content: { page: '/repeat', metric: { id: 'm1', name: 'Sales per click' }, start: '2026-11-21', value: 400 },
  });
  expect(await stateOf('/repeat')).toMatchObject({ start: '2026-11-21', since: '2026-11-21', outcome: 'beyond' });
  // Another low day, then one as usual, and a low one again.
  for (const [date, clicks] of [
    ['2026-11-22', 300],
    ['2026-11-23', 600],
    ['2026-11-24', 350],
  ] as const) {
    await putDay('/repeat', date, clicks);
    await evaluateAt(`2026-11-${Number(date.slice(8)) + 1}T00:30:00Z`);
  }
  expect(await startsOfMails('/repeat')).toEqual(['2026-11-21', '2026-11-24']);
  const recoveries = (await mailsTo('/repeat')).filter(({ kind }) => kind === 'metric-recovery');
  expect(recoveries.map(({ content }) => content)).toMatchObject([
    { since: '2026-11-21', start: '2026-11-23', value: 600, metric: { id: 'm1' } },
  ]);
});

it('sends one message about each state of an alert and channel, however often runs repeat', async () => {
  const page = await putPage('/states', 'UTC', { kinds: ['recovery'] });
  await putMetric('/states');
  const channels = ['c1', 'c2'].map((id) => ({ owner: page.path, id }) as Channel);
  for (const [date, clicks] of [
    ['2026-11-20', 600],
    ['2026-11-21', 400],
    ['2026-11-22', 450],
    ['2026-11-23', 700],
  ] as const) {
    await putDay('/states', date, clicks);
    const time = Date.parse(`${date}T00:30:00Z`) + 86_400_000;
    const runs = [1, 2].map(() => createRun(time, {}, channels).run);
    await Promise.all(runs.map((run) => evaluateMetricAlerts(run, time)));
  }
  const outbox = createOutgoingMails({ client: db.client, table: db.tables.catalog });
  const due = await outbox.dueMessages(Date.parse('2027-01-01T00:00:00Z'), 1000);
  const states = due
    .filter(({ channel }) => channel.owner === '/states')
    .map(({ kind, channel }) => `${kind} ${channel.id}`);
  expect(states.toSorted()).toEqual(['metric-alert c1', 'metric-alert c2', 'metric-recovery c1', 'metric-recovery c2']);
  // The page has chosen mails about recoveries only.
  expect((await mailsTo('/states')).map(({ kind }) => kind)).toEqual(['metric-recovery']);
});

it('catches up on an alert that opened and ended meanwhile, unless the page was muted when it opened', async () => {
  await putPage('/outage');
  await putPage('/unheard', 'UTC', { mutedUntil: '2026-11-23T00:00:00Z' });
  for (const path of ['/outage', '/unheard']) {
    await putMetric(path);
    await putDay(path, '2026-11-20', 600);
  }
  await evaluateAt('2026-11-21T00:30:00Z');
  for (const path of ['/outage', '/unheard']) {
    await putDay(path, '2026-11-21', 400);
    await putDay(path, '2026-11-22', 600);
  }
  const { run } = createRun(Date.parse('2026-11-22T00:30:00Z'));
  // Only one of the two pages is evaluated on the 22nd.
  async function listMetrics() {
    return (await run.deps.listMetrics()).filter(({ page }) => page === '/unheard');
  }
  await evaluateAt('2026-11-22T00:30:00Z', { listMetrics });
  await evaluateAt('2026-11-23T00:30:00Z');
  expect((await mailsTo('/outage')).map(({ kind }) => kind).toSorted()).toEqual(['metric-alert', 'metric-recovery']);
  expect(await mailsTo('/unheard')).toEqual([]);
});

describe('an unusual day', () => {
  const unusual = { when: 'unusual', period: 'day', periods: 1 } as const;

  /** Eight weeks of about 300 clicks, and then these. */
  async function putDays(path: string, clicks: readonly number[], views = 0): Promise<void> {
    const first = addDays('2026-11-20', -56);
    const usual = Array.from({ length: 56 }, (_, at) => Math.round(300 * (1 + 0.2 * Math.sin(at * 2.3))));
    for (const [at, count] of [...usual, ...clicks].entries()) await putDay(path, addDays(first, at), count, views);
  }

  it('opens an alert with what was expected, which ends after three usual days', async () => {
    await putPage('/unusual');
    await putMetric('/unusual', { alert: unusual });
    await putDays('/unusual', [40, 310, 290, 300]);
    const runs = ['2026-11-21', '2026-11-22', '2026-11-23', '2026-11-24'].map((date) => `${date}T00:30:00Z`);
    for (const moment of runs) await Promise.all([evaluateAt(moment), evaluateAt(moment)]);
    const contents = (await mailsTo('/unusual')).map(({ content }) => content);
    expect(contents.toSorted((a, b) => (a.kind < b.kind ? -1 : 1))).toMatchObject([
      { kind: 'metric-alert', start: '2026-11-20', value: 40, rule: unusual },
      { kind: 'metric-recovery', since: '2026-11-20', start: '2026-11-23', value: 300 },
    ]);
    const [opened] = contents;
    expect(opened?.kind === 'metric-alert' && opened.recent.at(-1)).toEqual({ date: '2026-11-20', value: 40 });
    expect(await stateOf('/unusual')).toMatchObject({ outcome: 'within', since: null, detection: { kind: 'calm' } });
  });

  it('is bounded among the metrics of an owner, as their number makes chance likelier', async () => {
    // 140 of about 300 alerts alone, but not among 20 metrics that are as usual.
    await putPage('/alone');
    await putMetric('/alone', { alert: unusual });
    await putDays('/alone', [140]);
    await putPage('/many');
    await putDays('/many', [140], 500);
    await putMetric('/many', { alert: unusual });
    const others = Array.from({ length: 19 }, (_, at) => `m${at + 2}`);
    for (const id of others)
      await metrics().put('/many', {
        ...buildTestMetric({ id, unit: 'count', measures: { a: measure('views') }, formula: 'a' }),
        alert: unusual,
      });
    await evaluateAt('2026-11-21T00:30:00Z');
    expect([await startsOfMails('/alone'), await startsOfMails('/many')]).toEqual([['2026-11-20'], []]);
    expect(await stateOf('/many')).toMatchObject({ outcome: 'within', value: 140 });
  });

  it('is none while the stack was down, with a short history, or excluded', async () => {
    await putPage('/short');
    await putMetric('/short', { alert: unusual });
    await putDay('/short', '2026-11-20', 1);
    await putPage('/exclude', 'UTC', { badDays: ['2026-11-20'] });
    await putMetric('/exclude', { alert: unusual });
    await putDays('/exclude', [40]);
    await putPage('/down');
    await putMetric('/down', { alert: unusual });
    await putDays('/down', [40]);
    // The canary has come all day, and the stack has counted in one hour of it.
    const canary = new Set(Array.from({ length: 24 }, (_, hour) => `${String(hour).padStart(2, '0')}`));
    await evaluateAt('2026-11-21T00:30:00Z', {
      history: {
        hours: async (wanted) =>
          new Map(
            wanted.flatMap(({ entity, hour }) => {
              const isThere =
                entity === entityKeys.stack ? hour.slice(11, 13) === '07' : canary.has(hour.slice(11, 13));
              return isThere ? [[entityHourKey({ entity, hour }), { views: 1, clicks: 1, bots: 0 }] as const] : [];
            }),
          ),
      },
    });
    for (const path of ['/short', '/exclude', '/down']) expect([path, await startsOfMails(path)]).toEqual([path, []]);
    expect(await stateOf('/down')).toMatchObject({ outcome: 'unknown', since: null });
  });
});

it('sends it after a crash between the message and the state, and not twice', async () => {
  await putPage('/crash');
  await putMetric('/crash');
  await putDay('/crash', '2026-11-21', 400);
  const store = createMetricAlerts({ client: db.client, table: db.tables.catalog, now: Date.now });
  const moment = '2026-11-22T00:30:00Z';
  // The run ends before it has queued anything.
  await evaluateAt(moment, {
    metricAlerts: { ...store, commit: (page, ...rest) => (page === '/crash' ? crash() : store.commit(page, ...rest)) },
  });
  expect([await startsOfMails('/crash'), await stateOf('/crash')]).toEqual([[], undefined]);
  // It has queued the message, and ends before it has stored the state.
  await evaluateAt(moment, {
    metricAlerts: {
      ...store,
      commit: async (page, metric, state, mails) => {
        await store.commit(page, metric, state, mails);
        if (page !== '/crash') return;
        await store.remove(page, metric);
        await crash();
      },
    },
  });
  expect([await startsOfMails('/crash'), await stateOf('/crash')]).toEqual([['2026-11-21'], undefined]);
  // A late event has settled the day again: the message is still the same one.
  await putDay('/crash', '2026-11-21', 410);
  await evaluateAt(moment);
  expect(await startsOfMails('/crash')).toEqual(['2026-11-21']);
  // Nor does another rule send a second one about the same day.
  await putMetric('/crash', { alert: { ...clicksBelow, value: 450 } });
  await evaluateAt(moment);
  expect(await startsOfMails('/crash')).toEqual(['2026-11-21']);
  expect(await stateOf('/crash')).toMatchObject({ value: 410, rule: { value: 450 } });
});

function crash(): Promise<never> {
  return Promise.reject(new Error('the run ended'));
}

it.each([
  // Days end at local midnight, also on those with 23 and 25 hours.
  ['Europe/Vienna', '2026-10-25', '2026-10-25T22:59:00Z', '2026-10-25T23:00:00Z'],
  ['Europe/Vienna', '2026-03-29', '2026-03-29T21:59:00Z', '2026-03-29T22:00:00Z'],
  ['America/New_York', '2026-11-01', '2026-11-02T04:59:00Z', '2026-11-02T05:00:00Z'],
  ['Asia/Kolkata', '2026-11-21', '2026-11-21T18:29:00Z', '2026-11-21T18:30:00Z'],
  ['Pacific/Kiritimati', '2026-11-21', '2026-11-21T09:59:00Z', '2026-11-21T10:00:00Z'],
])('in %s, evaluates %s only when its hours have settled', async (zone, date, before, after) => {
  const path = `/zone-${zone.replace(/\W/g, '-').toLowerCase()}-${date}`;
  await putPage(path, zone);
  await putMetric(path);
  await putDay(path, date, 100);
  await evaluateAt(before);
  expect(await startsOfMails(path, after)).toEqual([]);
  await evaluateAt(after);
  expect(await startsOfMails(path, after)).toEqual([date]);
});

it('follows the settings of the page: off, muted, without mails, and its excluded days', async () => {
  await putPage('/off', 'UTC', { enabled: false });
  await putPage('/muted', 'UTC', { mutedUntil: '2026-12-01T00:00:00Z' });
  await putPage('/silent', 'UTC', { kinds: ['digest'] });
  await putPage('/excluded', 'UTC', { badDays: ['2026-11-21'] });
  await putPage('/quiet', 'UTC', { quietHours: { from: 22, to: 7 } });
  const paths = ['/off', '/muted', '/silent', '/excluded', '/quiet'];
  for (const path of paths) {
    await putMetric(path);
    await putDay(path, '2026-11-21', 400);
  }
  const { counts } = await evaluateAt('2026-11-22T00:30:00Z');
  expect(await Promise.all(paths.map((path) => startsOfMails(path)))).toEqual([[], [], [], [], ['2026-11-21']]);
  expect((await mailsTo('/quiet'))[0]?.notBefore).toBe('2026-11-22T07:00:00.000Z');
  expect(counts.skipped).toMatchObject({ 'metric: alerts-off': 1, 'metric: unknown': 1 });
  expect([await stateOf('/off'), (await stateOf('/excluded'))?.since]).toEqual([undefined, null]);
});

it('sends a message to each channel, although the page has no mails of alerts', async () => {
  const page = await putPage('/channel', 'UTC', { kinds: [] });
  await putMetric('/channel');
  await putDay('/channel', '2026-11-21', 400);
  const channel = { owner: page.path, id: 'c1' } as Channel;
  const time = Date.parse('2026-11-22T00:30:00Z');
  const { run } = createRun(time, {}, [channel]);
  await evaluateMetricAlerts(run, time);
  const outbox = createOutgoingMails({ client: db.client, table: db.tables.catalog });
  const messages = (await outbox.dueMessages(time, 100)).filter((message) => message.channel.owner === '/channel');
  expect(messages.map(({ kind, content }) => [kind, content.kind])).toEqual([['metric-alert', 'metric-alert']]);
});

it('waits for the measures of the lake, and goes on when one page fails', async () => {
  const measures = { a: measure('events', [['event', 'is', ['purchase']]]) };
  await putPage('/lake');
  await putMetric('/lake', { measures });
  await putPage('/broken');
  await putMetric('/broken');
  await putPage('/fine');
  await putMetric('/fine');
  for (const path of ['/broken', '/fine']) await putDay(path, '2026-11-21', 400);
  const { settledMetrics } = createRun(0).run.deps;
  const { counts, failed } = await evaluateAt('2026-11-22T00:30:00Z', {
    settledMetrics: {
      ...settledMetrics,
      days: (entity, ...dates) =>
        entity === entityKeys.page('/broken') ? crash() : settledMetrics.days(entity, ...dates),
    },
  });
  expect([counts.skipped['metric: not-computed'], failed.length]).toEqual([1, 1]);
  expect(await stateOf('/lake')).toBeUndefined();
  expect(await Promise.all(['/lake', '/broken', '/fine'].map((path) => startsOfMails(path)))).toEqual([
    [],
    [],
    ['2026-11-21'],
  ]);
});
