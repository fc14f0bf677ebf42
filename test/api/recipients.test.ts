import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { recipientId } from '#core/alerts/mail-token.ts';
import { createApp } from '#functions/api/create-app.ts';
import { sendDueMails } from '#jobs/mailing/send-due-mails.ts';
import { createRecipients } from '#jobs/mailing/recipients.ts';
import { confirmationLimits, defaultAlerts } from '#schemas/alerts.ts';
import { problemSchema } from '#schemas/api.ts';
import { type Recipient, recipientSchema, recipientsSchema } from '#schemas/api/pages.ts';
import { pageSchema } from '#schemas/catalog.ts';
import { createConfirmations } from '#stores/alerts/confirmations.ts';
import { createOutgoingMails } from '#stores/alerts/outgoing-mails.ts';
import { createPageTraces } from '#stores/catalog/page-traces.ts';
import { createTable } from '#stores/dynamodb/table.ts';
import { digestMail } from '../alerts/mail-contents.ts';
import { now as start, startWorld, type World } from './world.ts';

/** Addresses that a user types get no mails until their owners have confirmed. */

const secret = 'a secret of the test';
const day = 86_400_000;
let world: World;
let app: World['app'];
let now: number;
/** Mails by recipient, with the links in them. */
const sent: { to: string; kind: string; confirm: string | null }[] = [];

beforeAll(async () => {
  world = await startWorld();
  const { client } = world.db;
  const table = { client, table: world.db.tables.catalog };
  const confirmations = createConfirmations({ ...table, now: () => now });
  async function send(): Promise<void> {
    await sendDueMails(
      {
        mails: createOutgoingMails(table),
        send: async ({ to, subject, html }) => {
          sent.push({ to, kind: subject, confirm: html === '' ? null : html });
          return { kind: 'sent', messageId: 'm' };
        },
        brands: () => async () => undefined,
        render: async ({ kind }, links) => ({ subject: kind, html: links.confirm ?? '', text: '' }),
        secret: async () => secret,
        publicUrl: 'https://go.example',
        now: () => now,
      },
      now,
    );
  }
  app = createApp({
    ...world.deps,
    recipients: { confirmations, secret: async () => secret, maySend: true, send },
    now: () => now,
  });
});
beforeEach(() => {
  now = start;
  sent.splice(0);
});
afterAll(() => world.stop());

function put(recipients: string[], { as = 'ada', page = 'ada' } = {}) {
  const alerts = { ...defaultAlerts, recipients };
  const { mustConfirm: _, mutedUntil: _muted, ...body } = alerts;
  const settings = { timeZone: 'Europe/Vienna', origins: [], identities: 'none', alerts: body };
  return world.ask(as, `pages/${page}/settings`, { method: 'put', body: settings, app });
}
async function list(page = 'ada', as = 'ada'): Promise<Recipient[]> {
  return recipientsSchema.parse(await (await world.ask(as, `pages/${page}/recipients`, { app })).json()).rows;
}
function again(address: string, { as = 'ada', page = 'ada' } = {}) {
  return world.ask(as, `pages/${page}/recipients`, { method: 'post', body: { address }, app });
}
function store() {
  return createConfirmations({ client: world.db.client, table: world.db.tables.catalog, now: () => now });
}
function mails() {
  return createOutgoingMails({ client: world.db.client, table: world.db.tables.catalog });
}
function confirm(address: string, page = '/ada') {
  return store().confirm(recipientId(address, secret), page, now);
}
/** Returns who would get the weekly summary of a page now. */
async function readers(path = '/ada'): Promise<string[]> {
  const recipients = createRecipients({
    listUsers: world.deps.catalog.listUsers,
    confirmations: store(),
    secret: async () => secret,
    listChannels: async () => [],
    maySend: true,
  });
  const page = await world.deps.catalog.getPage(path);
  if (page === undefined) throw new Error(`${path} does not exist`);
  return (await recipients.notifyAboutPage(page, digestMail('Ada', 'Link'), now)).flatMap((each) =>
    'address' in each ? each.address : [],
  );
}

describe('a recipient that a user types', () => {
  it('gets one mail that asks, and no other until the owner confirms', async () => {
    expect((await put(['office@example.com'])).status).toBe(200);
    expect((await put(['office@example.com'])).status).toBe(200);
    expect(sent).toEqual([
      { to: 'office@example.com', kind: 'confirmation', confirm: expect.stringContaining('/api/mail/confirm?token=') },
    ]);
    expect(await list()).toEqual([
      { address: 'office@example.com', state: 'pending', askedAt: new Date(start).toISOString() },
    ]);
    expect(await readers()).toEqual([]);
    expect(await confirm('office@example.com')).toBe(true);
    expect(await list()).toMatchObject([{ state: 'confirmed' }]);
    expect(await readers()).toEqual(['office@example.com']);
    expect((await again('office@example.com')).status).toBe(409);
  });

  it('needs no confirmation if it was stored before confirmations existed', async () => {
    const at = new Date(start).toISOString();
    const old = { path: '/old', title: 'Old', agency: 'north', alerts: { recipients: ['old@example.com'] } };
    await world.deps.catalog.putPage(pageSchema.parse({ ...old, createdAt: at, updatedAt: at }));
    expect(await readers('/old')).toEqual(['old@example.com']);
    await put(['old@example.com', 'new@example.com'], { as: 'nora', page: 'old' });
    expect(await readers('/old')).toEqual(['old@example.com']);
    expect(await list('old', 'nora')).toMatchObject([{ state: 'confirmed' }, { state: 'pending' }]);
    await put([], { as: 'nora', page: 'old' });
    await put(['old@example.com'], { as: 'nora', page: 'old' });
    expect(await readers('/old')).toEqual([]);
  });

  it('needs no confirmation if it is the own address of the user', async () => {
    const user = { subject: 'own', email: 'Own@example.com', role: 'agency', agency: 'north', pages: [] } as const;
    await world.deps.catalog.putUser({ ...user, pages: [] });
    await put(['own@example.com'], { as: 'own' });
    expect([await readers(), sent]).toEqual([['own@example.com'], []]);
  });

  it('is confirmed for one page only', async () => {
    await put(['office@example.com', 'both@example.com']);
    await put(['both@example.com'], { as: 'nora', page: 'old' });
    expect(await confirm('both@example.com', '/ada')).toBe(true);
    expect(await readers()).toEqual(['office@example.com', 'both@example.com']);
    expect(await readers('/old')).toEqual([]);
  });

  it('is not asked by another page of the stack, nor as a recipient that the page does not have', async () => {
    expect((await again('nobody@example.com')).status).toBe(404);
    expect((await again('office@example.com', { as: 'bob' })).status).toBe(404);
    expect(sent).toEqual([]);
  });

  it('cannot be confirmed without having been asked', async () => {
    expect(await confirm('stranger@example.com')).toBe(false);
  });
});

describe('the owner of an address', () => {
  it('is asked once a day, and three times in thirty days', async () => {
    await put(['slow@example.com']);
    for (let days = 0; days < 5; days++) {
      now = start + days * day + 1;
      const response = await again('slow@example.com');
      // The first day's mail followed from the settings.
      const expected = days > 0 && days < confirmationLimits.mails ? 202 : 409;
      expect([days, response.status]).toEqual([days, expected]);
      if (expected === 202) expect(recipientSchema.parse(await response.json())).toMatchObject({ state: 'pending' });
    }
    expect(sent).toHaveLength(confirmationLimits.mails);
  });

  it('who was asked by three pages on a day is asked by no fourth one', async () => {
    const at = new Date(start).toISOString();
    for (const name of ['p1', 'p2', 'p3', 'p4']) {
      const page = { path: `/${name}`, title: name, agency: 'north', createdAt: at, updatedAt: at };
      await world.deps.catalog.putPage(pageSchema.parse(page));
      expect((await put(['victim@example.com'], { as: 'nora', page: name })).status).toBe(200);
    }
    expect(sent).toHaveLength(confirmationLimits.addressADay);
    expect(await list('p4', 'nora')).toMatchObject([{ state: 'pending', askedAt: null }]);
    expect(
      problemSchema.parse(await (await again('victim@example.com', { as: 'nora', page: 'p4' })).json()),
    ).toMatchObject({ status: 409, detail: expect.stringContaining('Try again tomorrow') });
  });

  it('who wants no such mails, or complained, is never asked again', async () => {
    const [never, spam] = ['never@example.com', 'spam@example.com'];
    await mails().refuse(recipientId(never, secret), 'confirmation', '*', start);
    await mails().suppress(recipientId(spam, secret), 'complaint', start);
    now = start + day;
    await put([never, spam], { as: 'nora', page: 'p2' });
    expect(await list('p2', 'nora')).toMatchObject([{ state: 'unsubscribed' }, { state: 'suppressed' }]);
    for (const address of [never, spam]) expect((await again(address, { as: 'nora', page: 'p2' })).status).toBe(409);
    expect(sent).toEqual([]);
  });

  it('who unsubscribed from every mail of a page is not asked for it again', async () => {
    for (const kind of ['alert', 'digest', 'monthly'] as const)
      await mails().refuse(recipientId('both@example.com', secret), kind, '/ada', start);
    await put(['both@example.com']);
    expect(await list()).toMatchObject([{ state: 'unsubscribed' }]);
    expect((await again('both@example.com')).status).toBe(409);
  });
});

describe('a page', () => {
  it('sends at most 20 confirmations a day', async () => {
    now = start + 10 * day;
    for (const set of [0, 1]) await put(Array.from({ length: 20 }, (_, at) => `r${set}-${at}@example.com`));
    expect(sent).toHaveLength(confirmationLimits.pageADay);
    expect((await list()).filter(({ askedAt }) => askedAt === null)).toHaveLength(20);
  });

  it('that is erased takes its confirmations along', async () => {
    await put(['office@example.com']);
    expect(await list()).toMatchObject([{ state: 'confirmed' }]);
    const options = { client: world.db.client, table: world.db.tables.catalog };
    await createPageTraces(options).erase('/ada');
    expect(await list()).toMatchObject([{ state: 'pending', askedAt: null }]);
    expect(await confirm('office@example.com')).toBe(false);
  });
});

it('a stack sends at most 200 confirmations a day', async () => {
  now = start + 20 * day;
  const table = createTable({ client: world.db.client, table: world.db.tables.catalog });
  const date = new Date(now).toISOString().slice(0, 10);
  await table.increment({ pk: 'recipient#asked', sk: `${date}#stack` }, 'count', confirmationLimits.stackADay - 1);
  await put(['last@example.com', 'late@example.com'], { as: 'nora', page: 'p1' });
  expect(sent.map(({ to }) => to)).toEqual(['last@example.com']);
});

it('stores no address but in the settings, and in mails that wait', async () => {
  const { client, tables } = world.db;
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName: tables.catalog,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: `recipient#${recipientId('last@example.com', secret)}` } },
    }),
  );
  expect(Items).toHaveLength(1);
  expect(JSON.stringify(z.array(z.unknown()).parse(Items.map((item) => unmarshall(item))))).not.toContain('@example');
});
