import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alertKeys } from '../alerts/alert-keys.ts';
import type { Incident } from '#schemas/alerts.ts';
import { catalogKeys } from './catalog-keys.ts';
import { keptDays } from '#schemas/catalog.ts';
import { expiryAttribute } from '#schemas/tables.ts';
import { settleKeys } from '../settle/settle-keys.ts';
import { startDynamoDb, type TestDynamoDb } from '#test/dynamodb.ts';
import { createAlerts } from '../alerts/alerts.ts';
import { createInvitations, invitationEnd, type InvitationRecord } from './invitations.ts';
import { createLakeJobs } from './lake-jobs.ts';
import { createOutgoingMails } from '../alerts/outgoing-mails.ts';
import { createQueryCosts } from '../lake/query-costs.ts';
import { createSettleState } from '../settle/settle-state.ts';
import { plainShare } from './share.fixture.ts';
import { createShares } from './shares.ts';

let db: TestDynamoDb;
beforeAll(async () => {
  db = await startDynamoDb();
});
afterAll(() => db.stop());

const day = 86_400_000;
const instant = '2026-11-22T07:00:00.000Z';
const now = Date.parse(instant);
function options() {
  return { client: db.client, table: db.tables.catalog };
}

/** When an item expires, milliseconds since the epoch; undefined where it does not. */
async function expiryOf({ pk, sk }: { pk: string; sk: string }): Promise<number | undefined> {
  const command = new GetItemCommand({ TableName: db.tables.catalog, Key: { pk: { S: pk }, sk: { S: sk } } });
  const { Item } = await db.client.send(command);
  if (Item === undefined) throw new Error(`${pk} ${sk} is not there`);
  const seconds: unknown = unmarshall(Item)[expiryAttribute];
  return typeof seconds === 'number' ? seconds * 1000 : undefined;
}

function run(time: string) {
  return {
    job: 'daily' as const,
    time,
    pages: 1,
    evaluated: 1,
    alerts: 0,
    recoveries: 0,
    mails: 0,
    messages: 0,
    skipped: {},
    queries: 0,
    dollars: 0,
    milliseconds: 1,
  };
}

function incident(recoveredAt: number | null): Incident {
  return {
    id: '2026-11-20#traffic',
    page: '/ada',
    metric: 'traffic',
    method: 'default',
    direction: 'drop',
    since: '2026-11-20',
    lastAlert: '2026-11-20',
    recovered: recoveredAt === null ? null : '2026-11-22',
    openedAt: 1,
    recoveredAt,
    unit: 'views',
    first: { expected: 100, actual: 10, score: 9 },
    end: null,
    cause: null,
    broken: [],
    checked: false,
  };
}

function commit(through: string, recoveredAt: number | null, incidentDays: number) {
  const calm = { kind: 'calm', through } as const;
  return createAlerts({ ...options(), now: () => now, incidentDays }).commitDay({
    page: '/ada',
    through,
    states: { traffic: calm, 'click-through': calm },
    incidents: [incident(recoveredAt)],
    mails: [],
  });
}
function incidentsAt(at: number) {
  return createAlerts({ ...options(), now: () => at }).incidents('/ada');
}

describe('in the catalog', () => {
  it('a run record expires after the run, also one by hand for a time long ago', async () => {
    const alerts = createAlerts({ ...options(), now: () => now });
    for (const time of [instant, '2020-01-01T00:00:00.000Z']) {
      await alerts.putRun(run(time));
      expect(await expiryOf(alertKeys.run('daily', time))).toBe(now + keptDays.runs * day);
    }
  });

  it('an incident expires as long after its end as the owner keeps settled events, and is not read from then on', async () => {
    const key = alertKeys.incident('/ada', '2026-11-20', 'traffic');
    await commit('2026-11-20', null, 30);
    expect(await expiryOf(key)).toBeUndefined();
    await commit('2026-11-22', now, 30);
    expect(await expiryOf(key)).toBe(now + 30 * day);
    expect(await incidentsAt(now + 30 * day - 1)).toHaveLength(1);
    expect(await incidentsAt(now + 30 * day)).toEqual([]);
    await commit('2026-11-23', now, 0);
    expect(await expiryOf(key)).toBeUndefined();
  });

  it('a mail leaves its claim for longer than any job is repeated, and one that never left is not sent any more', async () => {
    const mails = createOutgoingMails(options());
    const agency = { agency: 'north', date: '2026-11-21', pages: 0, opened: [], continuing: [], recovered: [] };
    const mail = {
      id: 'mail-1',
      kind: 'agency',
      address: 'ada@example.org',
      recipient: 'r',
      content: { kind: 'agency', ...agency },
      notBefore: instant,
    } as const;
    await mails.queue(mail);
    await mails.queue({ ...mail, id: 'mail-2' });
    await mails.sent('mail-1', now, 'message');
    const end = now + keptDays.mails * day;
    expect(await expiryOf(alertKeys.mail('mail-1'))).toBe(end);
    expect(await mails.queue(mail)).toBe(false);
    expect((await mails.due(end - 1, 10)).map(({ id }) => id)).toEqual(['mail-2']);
    expect(await mails.due(end, 10)).toEqual([]);
  });

  it('an answer to a mail teaches for a while', async () => {
    function answer(incidentName: string, at: number) {
      return createAlerts({ ...options(), now: () => at }).answer('/bob', incidentName, 'r', 'not-useful', at);
    }
    const first = await answer('one', now);
    const second = await answer('two', now + day);
    expect(second).toBeGreaterThan(first);
    expect(await expiryOf(alertKeys.feedback('/bob', 'one', 'r'))).toBe(now + keptDays.answers * day);
    expect(await answer('three', now + (keptDays.answers + 2) * day)).toBe(first);
  });

  it('an invitation and a share expire after their end', async () => {
    const invitations = createInvitations(options());
    const invited: InvitationRecord = {
      email: 'ada@example.org',
      role: 'admin',
      agency: null,
      pages: [],
      subject: null,
      invitedAt: instant,
    };
    await invitations.put(invited);
    const end = invitationEnd(invited) + keptDays.ended * day;
    expect(await expiryOf(catalogKeys.invitation('ada@example.org'))).toBe(end);
    expect(await invitations.list(end - 1)).toHaveLength(1);
    expect(await invitations.list(end)).toEqual([]);
    await createShares(options()).create({ ...plainShare, id: 's', expiresAt: instant });
    expect(await expiryOf(catalogKeys.share('s'))).toBe(now + keptDays.ended * day);
  });

  it('an export expires with its files, and that something was erased does not', async () => {
    function jobsAt(at: number) {
      return createLakeJobs({ ...options(), now: () => at });
    }
    const asked = { page: '/ada', from: '2026-11-01', to: '2026-11-02', format: 'csv', createdAt: instant } as const;
    for (const id of ['01A', '01B', '01C']) await jobsAt(now).put({ kind: 'export', id, ...asked });
    await jobsAt(now).put({ kind: 'erasure', id: '01D', subject: 'page', createdAt: instant });
    const end = now + keptDays.exports * day;
    expect(await expiryOf(catalogKeys.job('01A'))).toBe(end);
    expect((await jobsAt(end - 1).exportsAfter('/ada', '01A', 1)).map(({ id }) => id)).toEqual(['01B']);
    expect(await jobsAt(end - 1).getExport('01A')).toMatchObject(asked);
    expect(await jobsAt(end).exportsAfter('/ada', undefined, 10)).toEqual([]);
    expect(await jobsAt(end).getExport('01A')).toBeUndefined();
    expect(await jobsAt(end).getErasure('01D')).toMatchObject({ subject: 'page' });
  });

  it('the costs of a day expire', async () => {
    const report = createQueryCosts({
      ...options(),
      budget: { bytes: 1e9, dollarsADay: 1 },
      now: () => now,
      logger: { info: () => undefined, warn: () => undefined },
      writeMetrics: () => undefined,
    });
    await report({
      id: 'e',
      reused: false,
      query: 'q',
      state: 'SUCCEEDED',
      milliseconds: 1,
      rows: 0,
      bytes: 1,
      dollars: 0.01,
    });
    expect(await expiryOf({ pk: 'query-costs', sk: '2026-11-22' })).toBe(now + keptDays.costs * day);
  });

  it("the lease of settle has no attribute by which it would expire: its end is the lease's own", async () => {
    const state = createSettleState({ ...options(), now: () => now });
    expect(await state.acquire('first', 1000)).toBe(true);
    expect(await state.acquire('second', 1000)).toBe(false);
    expect(await expiryOf(settleKeys.lease)).toBeUndefined();
    await state.release('first');
    expect(await state.acquire('second', 1000)).toBe(true);
  });
});
