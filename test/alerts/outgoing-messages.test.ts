import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { plainPage } from '#core/links/link.fixture.ts';
import { sealTarget } from '#core/channels/seal.ts';
import { createRecipients } from '#jobs/mailing/recipients.ts';
import { sendDueMessages } from '#jobs/mailing/send-due-messages.ts';
import { defaultAlerts, type OutgoingMessage, isAboutAgency } from '#schemas/alerts.ts';
import { agencyOwner, type Channel, channelSchema } from '#schemas/channels.ts';
import { createConfirmations } from '#stores/alerts/confirmations.ts';
import { createOutgoingMails } from '#stores/alerts/outgoing-mails.ts';
import { createPageTraces } from '#stores/catalog/page-traces.ts';
import { createSavedRecords } from '#stores/catalog/saved-records.ts';
import { createChannelSender } from '#stores/web/channel-sender.ts';
import { allowBesides } from '#stores/web/public-request.ts';
import { startDynamoDb, type TestDynamoDb } from '#test/dynamodb.ts';
import { type Receiver, startReceiver, verifyWebhook } from './channel-receiver.ts';
import { digestMail, dropMail, monthlyMail, recoveryMail } from './mail-contents.ts';

/** Messages to channels, from the outbox to a server and back. */

const secret = 'a secret of the test';
const key = 'whsec_c2VjcmV0IG9mIGEgY2hhbm5lbA==';
const morning = Date.parse('2026-11-22T06:00:00Z');
const hour = 3_600_000;

let db: TestDynamoDb;
let receiver: Receiver;
let now = morning;
let slept: number[] = [];
let dead = 0;
beforeAll(async () => {
  db = await startDynamoDb();
});
afterAll(() => db.stop());
beforeEach(async () => {
  receiver = await startReceiver();
  now = morning;
  slept = [];
  dead = 0;
});
afterEach(async () => {
  receiver.stop();
  const traces = createPageTraces(options());
  for (const owner of ['/ada', '/bob', agencyOwner('north')]) await traces.erase(owner);
});

function options() {
  return { client: db.client, table: db.tables.catalog };
}
function outbox() {
  return createOutgoingMails(options());
}
function channels() {
  return createSavedRecords({ ...options(), kind: 'channel', schema: channelSchema });
}

async function addChannel(id: string, owner = '/ada', url = receiver.url): Promise<Channel> {
  const sealed = sealTarget({ url: `${url}/${id}`, key }, { owner, id }, { secret, iv: Buffer.from(id.padEnd(12)) });
  const about = { service: 'webhook', name: id, host: '127.0.0.1', ending: 'hook' } as const;
  const channel = { id, owner, ...about, sealed, createdAt: '2026-11-01T00:00:00.000Z', last: null };
  await channels().put(owner, channel);
  return channel;
}

function message(id: string, channel: string, changes: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return {
    id,
    kind: 'alert',
    content: dropMail('Ada'),
    notBefore: new Date(morning).toISOString(),
    channel: { owner: '/ada', id: channel },
    attempts: 0,
    firstAttempt: null,
    ...changes,
  };
}

function run({ isAllowed = allowBesides('127.0.0.1'), timeout = 30_000 } = {}) {
  const deps = {
    mails: outbox(),
    channels: channels(),
    sendToChannel: createChannelSender({ secret: async () => secret, now: () => now, isAllowed, timeout }),
    onDead: (messages: number) => void (dead += messages),
    publicUrl: 'https://go.example',
    now: () => now,
    sleep: async (ms: number) => void slept.push(ms),
  };
  return sendDueMessages(deps, now);
}

async function last(id: string, owner = '/ada') {
  return (await channels().list(owner)).find((each) => each.id === id)?.last;
}

describe('a message', () => {
  it('arrives once, signed, not before its time, and with several jobs at once', async () => {
    await addChannel('ops');
    await outbox().queue(message('one', 'ops', { notBefore: new Date(morning + 1).toISOString() }));
    expect(await run()).toEqual({});
    now = morning + 1;
    const runs = await Promise.all([run(), run(), run()]);
    expect(runs.map(({ sent = 0 }) => sent).toSorted((a, b) => a - b)).toEqual([0, 0, 1]);
    expect(receiver.received).toHaveLength(1);
    const [request] = receiver.received;
    if (request === undefined) throw new Error('nothing arrived');
    expect(request.headers).toMatchObject({ 'webhook-id': 'msg_one', 'user-agent': 'hopcount-alerts/1' });
    expect(verifyWebhook(request, key)).toMatchObject({
      type: 'incident.opened',
      data: {
        dashboard: 'https://go.example/app/pages/ada/overview#alerts',
        incident: { first: { expected: 1002.3, actual: 380 } },
      },
    });
    expect(() => verifyWebhook({ ...request, body: request.body.replace('380', '381') }, key)).toThrow('signature');
    expect(await outbox().queue(message('one', 'ops'))).toBe(false);
    expect(await run()).toEqual({});
    expect(await last('ops')).toEqual({ at: new Date(now).toISOString(), delivered: true, detail: 'HTTP 200' });
  });

  it('is sent again with the same id and body if the job died after the send', async () => {
    await addChannel('ops');
    await outbox().queue(message('died', 'ops'));
    // A job that claimed and sent it, and was killed before it could say so.
    expect(await outbox().claim('died', now)).toBe(true);
    expect(await run()).toEqual({ 'claimed-by-another-run': 1 });
    now += 17 * 60_000;
    expect(await run()).toEqual({ sent: 1 });
    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual(['msg_died']);
  });

  it('waits for a short rate limit within the run, and loses nothing', async () => {
    await addChannel('ops');
    for (let at = 0; at < 5; at++) await outbox().queue(message(`limited-${at}`, 'ops'));
    let requests = 0;
    receiver.answer = () => (++requests % 2 === 0 ? { status: 200 } : { status: 429, headers: { 'retry-after': '1' } });
    expect(await run()).toEqual({ sent: 5 });
    expect(slept).toEqual([1000, 1000, 1000, 1000, 1000]);
  });

  it('waits for a long one until a later run', async () => {
    await addChannel('ops');
    await outbox().queue(message('long', 'ops'));
    receiver.answer = () => ({ status: 429, headers: { 'retry-after': '7200' } });
    expect(await run()).toEqual({ postponed: 1 });
    receiver.answer = () => ({ status: 200 });
    now = morning + 2 * hour - 1;
    expect(await run()).toEqual({});
    now = morning + 2 * hour;
    expect(await run()).toEqual({ sent: 1 });
  });

  it('that fails holds back the others of its channel, in order, but no other channel', async () => {
    await addChannel('down');
    await addChannel('up');
    const down = ['a', 'b', 'c'].map((id) => message(`${id}-down`, 'down'));
    for (const each of [...down, message('d-up', 'up')]) await outbox().queue(each);
    receiver.answer = ({ path }) => ({ status: path === '/down' ? 500 : 200, body: 'private words of a server' });
    expect(await run()).toEqual({ postponed: 3, sent: 1 });
    expect(receiver.received.map(({ path }) => path).toSorted()).toEqual(['/down', '/up']);
    expect(await last('down')).toMatchObject({ delivered: false, detail: 'returned HTTP 500' });
    receiver.answer = () => ({ status: 204 });
    now += 5 * 60_000;
    expect(await run()).toEqual({ sent: 3 });
    expect(receiver.received.slice(2).map(({ headers }) => headers['webhook-id'])).toEqual([
      'msg_a-down',
      'msg_b-down',
      'msg_c-down',
    ]);
  });

  it('is given up after two days, and redriven with its id', async () => {
    await addChannel('ops');
    await outbox().queue(message('dead', 'ops'));
    receiver.answer = () => ({ status: 503 });
    let attempts = 0;
    for (; dead === 0 && attempts < 50; now += hour) attempts += (await run())['postponed'] ?? 0;
    expect([dead, attempts]).toEqual([1, expect.any(Number)]);
    expect(now - morning).toBeGreaterThan(48 * hour);
    expect(now - morning).toBeLessThan(56 * hour);
    expect(await run()).toEqual({});
    expect(await outbox().revive(now)).toEqual({ waiting: 1, moved: 1 });
    receiver.answer = () => ({ status: 200 });
    expect(await run()).toEqual({ sent: 1 });
    expect(receiver.received.at(-1)?.headers['webhook-id']).toBe('msg_dead');
    expect(await outbox().revive(now)).toEqual({ waiting: 0, moved: 0 });
  });

  it('is given up at once if the receiver is gone, and kept for two weeks', async () => {
    await addChannel('ops');
    await outbox().queue(message('gone', 'ops'));
    receiver.answer = () => ({ status: 410 });
    expect(await run()).toEqual({ dead: 1 });
    expect(await outbox().revive(now + 15 * 24 * hour)).toEqual({ waiting: 0, moved: 0 });
    expect(await outbox().revive(now + 13 * 24 * hour)).toEqual({ waiting: 1, moved: 1 });
  });

  it('is kept if the secret that encrypts its channel was lost, and holds up no other', async () => {
    const lost = await addChannel('lost');
    const sealed = sealTarget({ url: receiver.url }, lost, { secret: 'another', iv: Buffer.alloc(12) });
    await channels().replace('/ada', { ...lost, sealed });
    await addChannel('ops');
    for (const [id, channel] of Object.entries({ first: 'lost', second: 'ops' }))
      await outbox().queue(message(id, channel));
    expect(await run()).toEqual({ dead: 1, sent: 1 });
    expect(await last('lost')).toMatchObject({ delivered: false, detail: expect.stringContaining('decrypted') });
  });

  it('is not sent if the channel was deleted', async () => {
    await outbox().queue(message('late', 'nowhere'));
    expect(await run()).toEqual({ 'channel-deleted': 1 });
    expect(await run()).toEqual({});
  });
});

describe('a destination', () => {
  it('is never a private address', async () => {
    await addChannel('ops');
    await outbox().queue(message('private', 'ops'));
    expect(await run({ isAllowed: allowBesides('none') })).toEqual({ postponed: 1 });
    expect(receiver.received).toEqual([]);
    expect(await last('ops')).toMatchObject({ detail: 'leads to an address that is not public' });
  });

  it('does not lead elsewhere by a redirect', async () => {
    await addChannel('ops');
    await outbox().queue(message('moved', 'ops'));
    receiver.answer = () => ({ status: 307, headers: { location: `${receiver.url}/secret` } });
    expect(await run()).toEqual({ postponed: 1 });
    expect(receiver.received).toHaveLength(1);
    expect(await last('ops')).toMatchObject({ detail: 'returned HTTP 307' });
  });

  it('that does not respond costs one timeout', async () => {
    await addChannel('slow');
    for (const id of ['s1', 's2', 's3']) await outbox().queue(message(id, 'slow'));
    receiver.answer = () => new Promise(() => {});
    expect(await run({ timeout: 500 })).toEqual({ postponed: 3 });
    expect(receiver.received.length).toBeLessThanOrEqual(1);
    expect(await last('slow')).toMatchObject({ detail: 'does not respond within 0.5 s' });
  });
});

describe('who gets a message', () => {
  const page = { ...plainPage, path: '/ada', agency: 'north', timeZone: 'UTC' };
  async function told(content = dropMail('Ada'), alerts = {}, of = page) {
    const recipients = createRecipients({
      listUsers: async () => ({ rows: [], next: undefined }),
      confirmations: createConfirmations({ ...options(), now: () => now }),
      secret: async () => secret,
      listChannels: channels().list,
      maySend: false,
    });
    if (isAboutAgency(content) || content.kind === 'confirmation') throw new TypeError(content.kind);
    return recipients.notifyAboutPage({ ...of, alerts: { ...defaultAlerts, ...alerts } }, content, now);
  }
  function names(found: Awaited<ReturnType<typeof told>>): string[] {
    return found.flatMap((each) => ('channel' in each ? `${each.channel.owner} ${each.channel.id}` : []));
  }

  beforeEach(async () => {
    await addChannel('own');
    await addChannel('all', agencyOwner('north'));
    await addChannel('foreign', '/bob');
    await addChannel('other', agencyOwner('south'));
  });

  it('is each channel of the page and of its agency, without a sender of mails, too', async () => {
    expect(names(await told())).toEqual(['/ada own', 'agency#north all']);
    expect(names(await told(recoveryMail('Ada')))).toEqual(['/ada own', 'agency#north all']);
    expect(names(await told(dropMail('Ada'), {}, { ...page, agency: null as unknown as string }))).toEqual([
      '/ada own',
    ]);
    expect(names(await told(dropMail('Ada'), { kinds: [] }))).toHaveLength(2);
  });

  it('is nobody for a summary, and nobody while the page is muted', async () => {
    expect(await told(digestMail('Ada'))).toEqual([]);
    expect(await told(monthlyMail('Ada'))).toEqual([]);
    expect(await told(dropMail('Ada'), { mutedUntil: '2026-12-01T00:00:00Z' })).toEqual([]);
  });

  it('waits for the end of the quiet hours', async () => {
    const [first] = await told(dropMail('Ada'), { quietHours: { from: 5, to: 9 } });
    expect(first?.notBefore).toBe('2026-11-22T09:00:00.000Z');
  });

  it('gets one message for each state of an incident, however often the job runs', async () => {
    const ids = [...(await told()), ...(await told()), ...(await told(recoveryMail('Ada')))].map(({ id }) => id);
    expect(new Set(ids).size).toBe(4);
  });
});

it('erasing a page deletes its channels, and its messages that wait or were given up', async () => {
  await addChannel('ops');
  await outbox().queue(message('given-up', 'ops'));
  receiver.answer = () => ({ status: 410 });
  await run();
  await outbox().queue(message('waits', 'ops', { notBefore: new Date(now + hour).toISOString() }));
  expect(await createPageTraces(options()).erase('/ada')).toMatchObject({ saved: 1, mails: 2 });
  expect(await outbox().revive(now)).toEqual({ waiting: 0, moved: 0 });
  expect(await channels().list('/ada')).toEqual([]);
});
