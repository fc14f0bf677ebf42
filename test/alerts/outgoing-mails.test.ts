import { afterAll, beforeAll, expect, it } from 'vitest';
import { sendDueMails } from '#jobs/mailing/send-due-mails.ts';
import type { OutgoingMail } from '#schemas/alerts.ts';
import { keptDays } from '#schemas/catalog-rules.ts';
import { dropMail } from './mail-contents.ts';
import { startDynamoDb, type TestDynamoDb } from '#test/dynamodb.ts';
import type { Delivery } from '#stores/aws/ses-mail.ts';
import { createAlerts } from '#stores/alerts/alerts.ts';
import { createOutgoingMails, type OutgoingMails } from '#stores/alerts/outgoing-mails.ts';

let db: TestDynamoDb;
let mails: OutgoingMails;
beforeAll(async () => {
  db = await startDynamoDb();
  mails = createOutgoingMails({ client: db.client, table: db.tables.catalog });
});
afterAll(() => db.stop());

const morning = Date.parse('2026-11-22T06:00:00Z');
function mail(id: string, notBefore = morning): OutgoingMail {
  return {
    id,
    kind: 'alert',
    address: `${id}@example.com`,
    recipient: `r-${id}`,
    content: dropMail('Ada'),
    notBefore: new Date(notBefore).toISOString(),
  };
}

/** Sends what is due, by a clock and a service of the test. */
function send(now: number, answer: () => Delivery | Promise<Delivery>, sent: string[] = []) {
  return sendDueMails(
    {
      mails,
      send: async ({ to }) => {
        sent.push(to);
        return answer();
      },
      brands: () => async () => undefined,
      render: async () => ({ subject: '', html: '', text: '' }),
      secret: async () => 'a secret of the test',
      publicUrl: 'https://go.example',
      now: () => now,
    },
    now,
  );
}
function taken(): Delivery {
  return { kind: 'sent', messageId: 'm' };
}

it('sends a mail once and not before its time, even with several jobs', async () => {
  const sent: string[] = [];
  expect(await mails.queue(mail('a', morning + 1))).toBe(true);
  expect(await send(morning, taken, sent)).toEqual({});
  const runs = await Promise.all([1, 2, 3].map(() => send(morning + 1, taken, sent)));
  expect(sent).toEqual(['a@example.com']);
  expect(runs.map(({ sent: count = 0 }) => count).toSorted((a, b) => a - b)).toEqual([0, 0, 1]);
  expect(await mails.queue(mail('a'))).toBe(false);
  expect(await send(morning + 2, taken, sent)).toEqual({});
});

it('retries mails after a failure of SES, but not mails that SES refused', async () => {
  const sent: string[] = [];
  await mails.queue(mail('b'));
  expect(await send(morning, () => ({ kind: 'unavailable', reason: 'TooManyRequestsException' }), sent)).toEqual({
    unavailable: 1,
  });
  expect(await send(morning, () => ({ kind: 'rejected', reason: 'MessageRejected' }), sent)).toEqual({ rejected: 1 });
  expect(await send(morning, taken, sent)).toEqual({});
  expect(sent).toHaveLength(2);
});

it('sends a mail again if the job that claimed it died, after the claim has expired', async () => {
  const sent: string[] = [];
  await mails.queue(mail('c'));
  const died = send(
    morning,
    () => {
      throw new Error('the function was killed');
    },
    sent,
  );
  await expect(died).rejects.toThrow('killed');
  expect(await send(morning + 60_000, taken, sent)).toEqual({ 'claimed-by-another-run': 1 });
  expect(await send(morning + 17 * 60_000, taken, sent)).toEqual({ sent: 1 });
  expect(sent).toEqual(['c@example.com', 'c@example.com']);
});

it('sends nothing to addresses that bounced or unsubscribed from this kind or page', async () => {
  const sent: string[] = [];
  await mails.suppress('r-d', 'bounce', morning);
  await mails.refuse('r-e', 'alert', '/ada', morning);
  await mails.refuse('r-f', 'digest', '/ada', morning);
  await mails.refuse('r-f', 'alert', '/bob', morning);
  for (const id of ['d', 'e', 'f']) await mails.queue(mail(id));
  expect(await send(morning, taken, sent)).toEqual({ suppressed: 1, refused: 1, sent: 1 });
  expect(sent).toEqual(['f@example.com']);
});

it('sends alerts before older summaries, and skips expired mails', async () => {
  const later = morning + 400 * 86_400_000;
  const expired = later - (keptDays.mails + 1) * 86_400_000;
  for (let at = 0; at < 120; at++) await mails.queue(mail(`expired-${at}`, expired));
  for (let at = 0; at < 120; at++) await mails.queue({ ...mail(`summary-${at}`, later - 2), kind: 'digest' });
  await mails.queue(mail('urgent', later - 1));
  await mails.queue({ ...mail('at-night', later + 1), kind: 'digest' });
  const due = await mails.due(later, 100);
  expect(due).toHaveLength(100);
  expect(due[0]?.id).toBe('urgent');
  expect(due.slice(1).every(({ kind }) => kind === 'digest')).toBe(true);
  const sent: string[] = [];
  await send(later, taken, sent);
  expect(sent).toHaveLength(121);
});

it('queues the mails of a page with more readers than fit into a transaction', async () => {
  const alerts = createAlerts({ client: db.client, table: db.tables.catalog, now: () => morning });
  const calm = { kind: 'calm', through: '2026-11-22' } as const;
  const at = Date.parse('2027-06-01T00:00:00Z');
  const readers = Array.from({ length: 130 }, (_, reader) => mail(`reader-${reader}`, at));
  const outcome = { page: '/ada', through: '2026-11-22', states: { traffic: calm, 'click-through': calm } };
  expect(await alerts.commitDay({ ...outcome, incidents: [], mails: readers })).toBe(true);
  const due = await mails.due(at, 1000);
  expect(due.filter(({ id }) => id.startsWith('reader-'))).toHaveLength(130);
});
