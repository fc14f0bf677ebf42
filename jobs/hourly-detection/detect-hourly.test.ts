import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { alertMailLimit } from '#core/alerts/mail-limit.ts';
import { unwatched } from '#core/detect/alert-state.ts';
import { buildLead, listFacts } from '#core/mails/incident-words.ts';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { createRecipients } from '#jobs/mailing/recipients.ts';
import { incidentSchema } from '#schemas/alerts.ts';
import { pageSchema } from '#schemas/catalog.ts';
import { entityKeys } from '#schemas/counters.ts';
import { hourKey } from '#stores/counters/counter-items.ts';
import { createAlerts } from '#stores/alerts/alerts.ts';
import { createCatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { createCountedHistory } from '#stores/alerts/detection-history.ts';
import { createConfirmations } from '#stores/alerts/confirmations.ts';
import { createOutgoingMails } from '#stores/alerts/outgoing-mails.ts';
import { createRollupReader } from '#stores/counters/rollup-reader.ts';
import { startDynamoDb, type TestDynamoDb } from '#test/dynamodb.ts';
import { detectHourly } from './detect-hourly.ts';

let db: TestDynamoDb;
let sent: { to: string; subject: string }[];

beforeAll(async () => {
  db = await startDynamoDb();
});
afterAll(() => db.stop());
beforeEach(() => {
  sent = [];
});

const hourLength = 3_600_000;
const start = Date.parse('2026-11-01T00:00:00Z');

function dependencies() {
  const { client, tables } = db;
  const catalog = createCatalogAdmin({ client, table: tables.catalog });
  async function secret() {
    return 'a secret of the test';
  }
  return {
    listPages: catalog.listPages,
    listLinksOfPage: catalog.listLinksOfPage,
    alerts: createAlerts({ client, table: tables.catalog, now: () => start }),
    history: createCountedHistory({ client, rollups: tables.rollups }),
    hours: createRollupReader({ client, table: tables.rollups, now: () => start }).hours,
    checkDestination: async () => undefined,
    recipients: () =>
      createRecipients({
        listUsers: catalog.listUsers,
        confirmations: createConfirmations({ client, table: tables.catalog, now: () => start }),
        secret,
        listChannels: async () => [],
        maySend: true,
      }),
    mailing: {
      mails: createOutgoingMails({ client, table: tables.catalog }),
      send: async ({ to, subject }: { to: string; subject: string }) => {
        sent.push({ to, subject });
        return { kind: 'sent', messageId: 'm' } as const;
      },
      brands: () => async () => undefined,
      render: async (content: { kind: string }) => ({ subject: content.kind, html: '', text: '' }),
      secret,
      sendMessages: async () => ({}),
      publicUrl: 'https://go.example',
      now: Date.now,
    },
    now: Date.now,
    catalog,
  };
}

async function putHour(entity: string, zone: string, at: number, numbers: Record<string, number>): Promise<void> {
  const sk = hourKey(localTimeOf(zone, at).hour);
  await db.client.send(
    new PutItemCommand({ TableName: db.tables.rollups, Item: marshall({ pk: entity, sk, ...numbers }) }),
  );
}

async function putPage(path: string, timeZone: string, badDays: readonly string[] = []): Promise<void> {
  const at = '2026-01-01T00:00:00Z';
  const alerts = { recipients: [`${path.slice(1)}@example.com`], badDays };
  const page = pageSchema.parse({ path, title: path, timeZone, alerts, createdAt: at, updatedAt: at });
  await createCatalogAdmin({ client: db.client, table: db.tables.catalog }).putPage(page);
}

/** Returns a page's usual views in an hour: most at noon, fewest at midnight. */
function usual(at: number): number {
  return Math.round(120 + 80 * Math.sin(((at / hourLength - 6) / 24) * 2 * Math.PI));
}

/** Writes ten usual days and then these hourly views. Returns the end of the last hour. */
async function traffic(path: string, zone: string, after: readonly number[]): Promise<number> {
  const end = start + 240 * hourLength;
  for (let at = start; at < end; at += hourLength)
    await putHour(entityKeys.page(path), zone, at, { views: usual(at), 'vr.search': usual(at), 'vc.AT': usual(at) });
  for (const [hour, views] of after.entries())
    if (views > 0)
      await putHour(entityKeys.page(path), zone, end + hour * hourLength, {
        views,
        'vr.search': 100,
        'vr.social': views - 100,
        'vc.AT': views,
      });
  for (let at = start; at < end + after.length * hourLength; at += hourLength)
    await putHour(entityKeys.stack, 'UTC', at, { views: 1 });
  return end + after.length * hourLength;
}

const soon = 3 * 60_000;

it.each(['UTC', 'Europe/Vienna', 'Asia/Kolkata'])(
  'sends one alert within two hours when traffic stops, in %s',
  async (zone) => {
    const path = `/silent-${zone.length}`;
    await putPage(path, zone);
    const silent = zone === 'Asia/Kolkata' ? [0, 0, 0] : [0, 0];
    const end = await traffic(path, zone, silent);
    const deps = dependencies();
    function mailsOfPage() {
      return sent.filter(({ to }) => to === `${path.slice(1)}@example.com`);
    }
    await Promise.all([detectHourly(deps, end + soon), detectHourly(deps, end + soon)]);
    await detectHourly(deps, end + soon);
    await detectHourly(deps, end + hourLength + soon);
    expect(mailsOfPage().map(({ subject }) => subject)).toEqual(['alert']);
    for (let hour = 0; hour < 4; hour++) {
      const at = end + (hour + 1) * hourLength;
      await putHour(entityKeys.page(path), zone, at, { views: usual(at) });
      await detectHourly(deps, at + hourLength + soon);
      await detectHourly(deps, at + hourLength + soon);
    }
    expect(mailsOfPage().map(({ subject }) => subject)).toEqual(['alert', 'recovery']);
    const [incident] = await deps.alerts.incidents(path);
    expect(incident).toMatchObject({ metric: 'early', direction: 'silent', first: { actual: 0 }, unit: 'views' });
    expect(incident?.recovered).not.toBeNull();
  },
);

it('sends an alert about a surge after one hour, with its cause', async () => {
  await putPage('/viral', 'UTC');
  const end = await traffic('/viral', 'UTC', [4000]);
  const deps = dependencies();
  await detectHourly(deps, end + soon);
  expect(sent).toEqual([{ to: 'viral@example.com', subject: 'alert' }]);
  const [incident] = await deps.alerts.incidents('/viral');
  expect(incident?.cause?.dimensions.map(({ dimension, values }) => [dimension, values[0]?.value])).toEqual([
    ['referrer', 'social'],
  ]);
  expect(incident && listFacts(incident)[0]).toMatch(/comes from social networks \(0 → 3,900\)\.$/);
});

it.each([
  ['mails at the limit', alertMailLimit.mails - 1, ['alert', 'recovery']],
  ['mails neither alert nor recovery beyond it', alertMailLimit.mails, []],
])('%s', async (_, mails, subjects) => {
  const path = `/restless-${mails}`;
  await putPage(path, 'UTC');
  const end = await traffic(path, 'UTC', [4000]);
  const deps = dependencies();
  const incidents = Array.from({ length: mails }, (__, day) => mailedIncident(path, `2026-11-0${day + 3}`));
  await deps.alerts.commitDay({
    page: path,
    through: '2026-11-06',
    states: { traffic: unwatched, 'click-through': unwatched },
    incidents,
    mails: [],
  });
  await detectHourly(deps, end + soon);
  for (let hour = 0; hour < 3; hour++) {
    const at = end + hour * hourLength;
    await putHour(entityKeys.page(path), 'UTC', at, { views: usual(at) });
    await detectHourly(deps, at + hourLength + soon);
  }
  expect(sent.filter(({ to }) => to.startsWith(path.slice(1))).map(({ subject }) => subject)).toEqual(subjects);
  const stored = (await deps.alerts.incidents(path)).find(({ metric }) => metric === 'early');
  expect(stored).toMatchObject({ direction: 'surge', mailed: subjects.length > 0 });
  expect(stored?.recovered).not.toBeNull();
});

function mailedIncident(page: string, since: string) {
  return incidentSchema.parse({
    id: `${since}#traffic`,
    page,
    metric: 'traffic',
    method: 'default',
    direction: 'drop',
    since,
    lastAlert: since,
    recovered: since,
    openedAt: Date.parse(since),
    recoveredAt: Date.parse(since),
    unit: 'views',
    first: { expected: 1000, actual: 400, score: 5 },
    end: null,
    cause: null,
    broken: [],
    checked: false,
    mailed: true,
  });
}

/** Views in an hour of a steady page: weekends at 70 %, and days and hours that vary a little. */
function steadyViews(at: number, zone: string, factor = 1): number {
  const local = new Date(at + (zone === 'Asia/Kolkata' ? 5.5 : 0) * hourLength);
  const weekend = local.getUTCDay() % 6 === 0 ? 0.7 : 1;
  const share = 1 + 0.5 * Math.sin((2 * Math.PI * (local.getUTCHours() - 8)) / 24);
  const varied = 1 + 0.03 * Math.sin(at / hourLength) + 0.02 * Math.sin(local.getUTCDate() * 5);
  return Math.round(600 * factor * share * weekend * varied);
}

/** Writes sixty days of a steady page up to `start`. */
async function steadyPage(path: string, zone: string, size: number): Promise<void> {
  await putPage(path, zone);
  const hours = Array.from({ length: 60 * 24 }, (_, ago) => firstHour(zone) - (ago + 1) * hourLength);
  for (let from = 0; from < hours.length; from += 100)
    await Promise.all(hours.slice(from, from + 100).map((at) => putSteadyHour(path, zone, at, size)));
}

/** A whole local hour. */
function firstHour(zone: string): number {
  return zone === 'Asia/Kolkata' ? start + hourLength / 2 : start;
}

async function putSteadyHour(path: string, zone: string, at: number, factor: number): Promise<void> {
  const views = steadyViews(at, zone, factor);
  await putHour(entityKeys.page(path), zone, at, { views, 'vr.search': Math.round(views * 0.6), 'vc.AT': views });
}

it.each(['UTC', 'Asia/Kolkata'])('reports a drop of a steady page within four hours, once, in %s', async (zone) => {
  const path = `/steady-${zone.length}`;
  await steadyPage(path, zone, 1);
  const deps = dependencies();
  const begin = firstHour(zone);
  await detectHourly(deps, begin + soon);
  expect((await deps.alerts.states([path])).get(path)?.steady).toMatchObject({ timeZone: zone, unit: 'views' });
  function subjects() {
    return sent.filter(({ to }) => to === `${path.slice(1)}@example.com`).map(({ subject }) => subject);
  }
  async function pass(hour: number, factor: number): Promise<void> {
    await putSteadyHour(path, zone, begin + hour * hourLength, factor);
    const time = begin + (hour + 1) * hourLength + soon;
    await Promise.all([detectHourly(deps, time), detectHourly(deps, time)]);
    await detectHourly(deps, time);
  }
  for (let hour = 0; hour < 4; hour++) await pass(hour, 0.65);
  expect(subjects()).toEqual(['alert']);
  const [incident] = await deps.alerts.incidents(path);
  expect(incident).toMatchObject({ metric: 'early', direction: 'drop', hours: 3, unit: 'views' });
  expect(incident && buildLead(incident)).toMatch(/^[\d,]+ views in the 3 hours from \d\d:00 on /);
  for (let hour = 4; hour < 8; hour++) await pass(hour, 0.65);
  expect(subjects()).toEqual(['alert']);
  for (let hour = 8; hour < 14; hour++) await pass(hour, 1);
  expect(subjects()).toEqual(['alert', 'recovery']);
  expect(await deps.alerts.incidents(path)).toHaveLength(1);
});

it('learns nothing of a small page', async () => {
  await steadyPage('/small', 'UTC', 0.02);
  const deps = dependencies();
  await detectHourly(deps, start + soon);
  expect((await deps.alerts.states(['/small'])).get('/small')?.steady).toBeUndefined();
});

it('sends nothing about an excluded date', async () => {
  await putPage('/excluded', 'UTC', ['2026-11-11']);
  const end = await traffic('/excluded', 'UTC', [4000]);
  await detectHourly(dependencies(), end + soon);
  expect(sent.filter(({ to }) => to.startsWith('excluded'))).toEqual([]);
});

it('sends nothing for usual hours, nights and pages without data', async () => {
  await putPage('/calm', 'UTC');
  await putPage('/empty', 'UTC');
  const end = await traffic('/calm', 'UTC', []);
  const deps = dependencies();
  for (let hour = 0; hour < 24; hour++) await detectHourly(deps, end - hour * hourLength + soon);
  expect(sent.filter(({ to }) => /calm|empty/.test(to))).toEqual([]);
});

it('evaluates no page while events are late', async () => {
  await putPage('/late', 'UTC');
  const end = await traffic('/late', 'UTC', [0, 0]);
  for (let hour = 3; hour < 20; hour++)
    await putHour(entityKeys.page('/_canary'), 'UTC', end - hour * hourLength, { 'x.bot': 12 });
  const record = await detectHourly(dependencies(), end + soon);
  expect(record.skipped).toMatchObject({ 'events-are-late': 1 });
  expect(sent).toEqual([]);
});
