import { type AttributeValue, paginateScan, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { alertKeys } from '../alerts/alert-keys.ts';
import type { Incident, MailContent, OutgoingMail, PageForecast, RunRecord } from '#schemas/alerts.ts';
import { settleKeys } from '../settle/settle-keys.ts';
import { startDynamoDb, type TestDynamoDb } from '#test/dynamodb.ts';
import { createAlerts } from '../alerts/alerts.ts';
import { createCampaigns } from './campaigns.ts';
import { createInvitations } from './invitations.ts';
import { createLakeJobs } from './lake-jobs.ts';
import { createOutgoingMails } from '../alerts/outgoing-mails.ts';
import { newPull } from '#core/history/pulls/new-pull.ts';
import { createPulls } from './pulls.ts';
import { createPageTraces } from './page-traces.ts';
import { segmentSchema } from '#schemas/api/saved.ts';
import { createSavedRecords } from './saved-records.ts';
import { plainShare } from './share.fixture.ts';
import { createShares } from './shares.ts';

let db: TestDynamoDb;
beforeAll(async () => {
  db = await startDynamoDb();
});
afterAll(() => db.stop());

const instant = '2026-11-22T07:00:00Z';
const late = 'recipient-1';

function incidentOf(page: string): Incident {
  return {
    id: '2026-11-20#traffic',
    page,
    metric: 'traffic',
    method: 'default',
    direction: 'drop',
    since: '2026-11-20',
    lastAlert: '2026-11-20',
    recovered: null,
    openedAt: 1,
    recoveredAt: null,
    unit: 'views',
    first: { expected: 100, actual: 10, score: 9 },
    end: null,
    cause: null,
    broken: [],
    checked: false,
  };
}
function forecastOf(page: string): PageForecast {
  return {
    page,
    through: '2026-11-21',
    state: 'skipped',
    reason: 'no data',
    unit: 'views',
    days: [],
    pace: null,
  };
}
function told(page: string) {
  return { page, title: page, incident: incidentOf(page) };
}
function mailOf(id: string, content: MailContent): OutgoingMail {
  return {
    id,
    kind: content.kind,
    address: 'ada@example.org',
    recipient: late,
    content,
    notBefore: instant,
  };
}
function alertMail(page: string): MailContent {
  return {
    kind: 'alert',
    page,
    title: page,
    incident: incidentOf(page),
    also: [],
    recent: [],
    backtest: null,
    sensitivity: 'normal',
  };
}
function agencyMail(...pages: string[]): MailContent {
  return {
    kind: 'agency',
    agency: 'north',
    date: '2026-11-21',
    pages: 2,
    opened: pages.map(told),
    continuing: [],
    recovered: [],
  };
}

function agencyMonth(...pages: string[]): MailContent {
  const none = { views: 0, clicks: 0 };
  return {
    kind: 'agency-monthly',
    agency: 'north',
    from: '2026-10-01',
    to: '2026-10-31',
    pages: 2,
    totals: none,
    previous: none,
    conversions: null,
    goals: { set: 0, reached: 0 },
    rows: pages.map((page) => ({ page, title: page, totals: none, previous: null, goal: null })),
    more: 0,
  };
}

/** Everything that the stores keep of a page, written by themselves. */
async function seed(page: string): Promise<void> {
  const options = { client: db.client, table: db.tables.catalog };
  const alerts = createAlerts({ ...options, now: () => Date.parse(instant) });
  const calm = { kind: 'calm', through: '2026-11-20' } as const;
  await alerts.commitDay({
    page,
    through: '2026-11-20',
    states: { traffic: calm, 'click-through': calm },
    incidents: [incidentOf(page)],
    mails: [],
  });
  await alerts.answer(page, '2026-11-20#traffic', late, 'useful', 1);
  await alerts.putForecast(forecastOf(page));
  const mails = createOutgoingMails(options);
  await mails.queue(mailOf(`alert ${page}`, alertMail(page)));
  await mails.queue(mailOf(`agency ${page}`, agencyMail(page)));
  await mails.queue(mailOf(`month ${page}`, agencyMonth(page)));
  await alerts.putSummarized(page, 'monthly#2026-10-01');
  await mails.refuse(late, 'alert', page, 1);
  const id = page.slice(1);
  await createShares(options).create({ ...plainShare, id: `share-${id}`, page });
  const invited = { role: 'creator', agency: null, invitedAt: instant, subject: null } as const;
  await createInvitations(options).put({ ...invited, email: `${id}@example.org`, pages: [page] });
  const exported = { from: '2026-11-01', to: '2026-11-02', format: 'csv', createdAt: instant } as const;
  await createLakeJobs({ ...options, now: () => Date.parse(instant) }).put({
    kind: 'export',
    id: `export-${id}`,
    page,
    ...exported,
  });
  await createSavedRecords({ ...options, kind: 'segment', schema: segmentSchema }).put(page, {
    id: `segment-${id}`,
    name: page,
    filters: [],
  });
  await createCampaigns(options).create({
    id: `campaign-${id}`,
    page,
    agency: null,
    name: page,
    label: 'spring',
    from: '2026-11-01',
    to: '2026-11-30',
    utm: {},
    budget: null,
    goal: null,
    metric: null,
    note: '',
    public: false,
    createdAt: instant,
    updatedAt: instant,
  });
  await alerts.acknowledge(page, '2026-11-20#traffic', Date.parse(instant));
  const rule = { id: `rule-${id}`, page, field: 'asn', value: '64500', outcome: 'bot', state: 'applied' };
  await db.client.send(
    new PutItemCommand({
      TableName: db.tables.catalog,
      Item: marshall({ ...settleKeys.rule(rule.id), ...rule }),
    }),
  );
}

async function allItems(): Promise<Record<string, unknown>[]> {
  const items: Record<string, AttributeValue>[] = [];
  for await (const { Items } of paginateScan({ client: db.client }, { TableName: db.tables.catalog }))
    items.push(...(Items ?? []));
  return items.map((item) => unmarshall(item));
}
async function naming(word: string) {
  return (await allItems()).filter((item) => JSON.stringify(item).includes(word));
}

it('erases everything that the catalog keeps of a page, counts it, and leaves what is of others', async () => {
  await seed('/ada');
  await seed('/bob');
  const options = { client: db.client, table: db.tables.catalog };
  const mails = createOutgoingMails(options);
  await mails.queue(mailOf('both', agencyMail('/ada', '/bob')));
  await mails.queue(mailOf('month', agencyMonth('/ada', '/bob')));
  await mails.queue(mailOf('left', alertMail('/ada')));
  await mails.sent('left', 1, 'message');
  const invited = { role: 'creator', agency: null, invitedAt: instant, subject: 'sub-7' } as const;
  await createInvitations(options).put({ ...invited, email: 'both@example.org', pages: ['/ada', '/bob'] });
  const run: RunRecord = {
    job: 'daily',
    time: instant,
    pages: 2,
    evaluated: 2,
    alerts: 1,
    recoveries: 0,
    mails: 1,
    messages: 0,
    skipped: {},
    queries: 0,
    dollars: 0,
    milliseconds: 1,
  };
  await createAlerts({ ...options, now: () => Date.parse(instant) }).putRun(run);
  const ofBob = await naming('/bob');

  const traces = createPageTraces(options);
  const pulls = createPulls({ ...options, now: () => Date.parse(instant) });
  const request = { tool: 'dub', history: true } as const;
  const pull = newPull({ page: '/ada', request, dryRun: false, now: 1, random: (bytes) => new Uint8Array(bytes) });
  await pulls.create(pull);
  await pulls.putToken(pull.id, 'sealed');
  expect(await traces.importsOf('/ada')).toEqual([pull.id]);
  expect(await traces.erase('/ada')).toEqual({
    alerts: 5,
    forecasts: 1,
    mails: 5,
    refusals: 1,
    shares: 1,
    invitations: 2,
    exports: 1,
    imports: 0,
    pulls: 1,
    rules: 1,
    saved: 1,
    campaigns: 1,
  });
  expect(await naming('/ada')).toEqual([]);
  expect(await pulls.active()).toEqual([]);

  // The mail and the invitation that named both name the other one still, and an account waits for its invitation.
  expect(await naming('/bob')).toHaveLength(ofBob.length);
  const due = await mails.due(Date.parse(instant) + 1000, 100);
  const [both] = due.filter(({ id }) => id === 'both');
  expect(due.find(({ id }) => id === 'month')?.content).toMatchObject({ rows: [{ page: '/bob' }] });
  expect(both?.content).toMatchObject({ opened: [{ page: '/bob' }], continuing: [], recovered: [] });
  const user = await createInvitations(options).redeem({ subject: 'sub-7', email: null }, Date.parse(instant));
  expect(user?.pages).toEqual(['/bob']);
  // What has left keeps its claim: it is not sent again.
  expect(await mails.queue(mailOf('left', alertMail('/bob')))).toBe(false);
  expect((await naming('daily')).map((item) => item['pk'])).toEqual([alertKeys.run('daily', instant).pk]);

  const again = await traces.erase('/ada');
  expect(Object.values(again).every((items) => items === 0)).toBe(true);
});
