import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { invitedSchema, usersSchema } from '#schemas/api/users.ts';
import { startAwsEndpoint } from '#local/aws/endpoint.ts';
import { unrestricted } from '#local/iam/access.ts';
import type { Listening } from '#local/aws/listen.ts';
import { createOutbox, type Outbox } from '#local/aws/outbox.ts';
import { createUserPoolAccounts, type UserPoolAccounts } from '#local/identity/user-pool.ts';
import { createServiceFaults } from '#local/fault-injection/service-faults.ts';
import { now, startWorld, type World } from './world.ts';

const pool = 'us-east-1_Test';
const day = 86_400_000;

/** The local stack's Cognito, and the API that calls it. */
interface Stand {
  world: World;
  accounts: UserPoolAccounts;
  outbox: Outbox;
  app: World['app'];
}

let world: World;
let directory: string;
let endpoint: Listening;
let stand: Stand;
let time = now;

async function startPool(folder: string) {
  const outbox = createOutbox(path.join(folder, 'outbox.ndjson'));
  const accounts = createUserPoolAccounts({
    model: {
      id: pool,
      temporaryPasswordDays: 7,
      invitation: { subject: 'You are invited', body: 'Sign in as {username} with {####}' },
    },
    file: path.join(folder, 'user-pool.json'),
    outbox,
    now: () => time,
  });
  const started = await startAwsEndpoint({
    services: { AWSCognitoIdentityProviderService: accounts.service },
    functions: () => expect.unreachable('no function runs here'),
    outbox,
    serviceFaults: createServiceFaults(),
    access: unrestricted,
    senders: [],
    workGroupOf: () => undefined,
    now: () => time,
  });
  return { outbox, accounts, started };
}

beforeAll(async () => {
  world = await startWorld();
  directory = mkdtempSync(path.join(tmpdir(), 'hopcount-pool-'));
  const { outbox, accounts, started } = await startPool(directory);
  endpoint = started;
  const app = world.again({ pool: { id: pool, endpoint: started.url }, now: () => time });
  stand = { world, accounts, outbox, app };
});
afterAll(async () => {
  await endpoint.stop();
  await world.stop();
  rmSync(directory, { recursive: true });
});
beforeEach(() => {
  time = now;
});

function ask(as: string, where: string, options: { method?: string; body?: unknown; app?: World['app'] } = {}) {
  return world.ask(as, where, { app: stand.app, ...options });
}
function invite(email: string, more: object = {}) {
  return ask('root', 'users', { method: 'post', body: { email, role: 'creator', pages: ['/ada'], ...more } });
}
async function invited(email: string, more: object = {}) {
  const answer = await invite(email, more);
  expect(answer.status).toBe(201);
  return invitedSchema.parse(await answer.json());
}
function remove(subject: string) {
  return ask('root', `users/${encodeURIComponent(subject)}`, { method: 'delete' });
}
function subjectOf(email: string): string {
  const account = stand.accounts.list().find((each) => each.email === email);
  if (account === undefined) throw new Error(`${email} has no account`);
  return account.subject;
}
function mailsTo(email: string) {
  return stand.outbox.list().filter(({ to }) => to.includes(email));
}

describe("an invitation, with the stack's own user pool", () => {
  it('creates an account, mails its password, and is accepted by any token of the account', async () => {
    const answer = await invited('grace@example.org');
    expect(answer).toMatchObject({
      subject: 'invited:grace@example.org',
      pending: true,
      mailed: true,
      expiresAt: new Date(now + 7 * day).toISOString(),
    });
    const [mail] = mailsTo('grace@example.org');
    expect(mail?.html).toMatch(/^Sign in as grace@example\.org with [a-z0-9]{12}$/);
    // The token names the account and no address, as an access token of Cognito does.
    const me = await ask(subjectOf('grace@example.org'), 'me');
    expect(await me.json()).toMatchObject({ email: 'grace@example.org', role: 'creator', pages: ['/ada'] });
    const users = await (await ask('root', 'users')).text();
    expect(users).not.toContain('invited:grace');
  });

  it('can be sent again with a new expiry and role', async () => {
    await invited('again@example.org');
    const subject = subjectOf('again@example.org');
    time = now + 6 * day;
    const second = await invited('again@example.org', { pages: ['/zoe'] });
    expect(second).toMatchObject({ mailed: true, expiresAt: new Date(time + 7 * day).toISOString() });
    expect(mailsTo('again@example.org')).toHaveLength(2);
    expect(subjectOf('again@example.org')).toBe(subject);
    time = now + 8 * day;
    expect(await (await ask(subject, 'me')).json()).toMatchObject({ pages: ['/zoe'] });
  });

  it('expires after seven days, is shown as expired, and is valid again when it is resent', async () => {
    await invited('slow@example.org');
    const subject = subjectOf('slow@example.org');
    time = now + 7 * day;
    expect((await ask(subject, 'me')).status).toBe(403);
    const { rows } = usersSchema.parse(await (await ask('root', 'users')).json());
    const ended = rows.find(({ email }) => email === 'slow@example.org');
    expect(Date.parse(ended?.expiresAt ?? '')).toBeLessThanOrEqual(time);
    await invited('slow@example.org');
    expect((await ask(subject, 'me')).status).toBe(200);
  });

  it('is the same in capital letters', async () => {
    await invited('Mixed.Case@Example.ORG');
    await invited('mixed.case@example.org');
    expect(stand.accounts.list().filter(({ email }) => email === 'mixed.case@example.org')).toHaveLength(1);
    const { rows } = usersSchema.parse(await (await ask('root', 'users')).json());
    expect(rows.filter(({ email }) => email?.toLowerCase() === 'mixed.case@example.org')).toHaveLength(1);
  });

  // U+212A is a Kelvin sign, whose lower case is k; U+0130 is a dotted I, whose lower case are two characters.
  it.each(['müller@example.org', 'jo@exämple.org', '\u212Aate@example.org', '\u0130vy@example.org'])(
    'rejects %s, which is not an ASCII address',
    async (email) => {
      const answer = await invite(email);
      expect(answer.status).toBe(400);
      expect(await answer.text()).toContain('email');
    },
  );

  it('gives no access and leaves no account after it is revoked', async () => {
    await invited('late@example.org');
    const subject = subjectOf('late@example.org');
    expect((await remove('invited:late@example.org')).status).toBe(204);
    expect((await ask(subject, 'me')).status).toBe(403);
    expect(stand.accounts.find(subject)).toBeUndefined();
    expect((await remove('invited:late@example.org')).status).toBe(204);
  });

  it('is rejected for a user, who already has a role', async () => {
    await invited('twice@example.org');
    await ask(subjectOf('twice@example.org'), 'me');
    const answer = await invite('Twice@example.org');
    expect(answer.status).toBe(409);
    expect(await answer.text()).toContain('Change their role');
    expect(mailsTo('twice@example.org')).toHaveLength(1);
  });

  it('is rejected for the first admin, whose address is not in the catalog', async () => {
    await stand.accounts.service('AdminCreateUser', { UserPoolId: pool, Username: 'first@example.org' });
    const subject = subjectOf('first@example.org');
    await world.deps.catalog.createUser({ subject, email: null, role: 'admin', agency: null, pages: [] });
    expect((await invite('first@example.org')).status).toBe(409);
  });

  it('sends no password to an account that has one, and is accepted by it', async () => {
    await stand.accounts.service('AdminCreateUser', { UserPoolId: pool, Username: 'known@example.org' });
    const subject = subjectOf('known@example.org');
    stand.accounts.confirm(subject);
    expect(await invited('known@example.org')).toMatchObject({ mailed: false });
    expect(mailsTo('known@example.org')).toHaveLength(1);
    expect((await ask(subject, 'me')).status).toBe(200);
  });

  it('is not accepted by another account with the same address', async () => {
    await invited('mine@example.org');
    // A token with this verified address and another subject.
    expect((await ask('mail-mine', 'me')).status).toBe(403);
    expect((await ask(subjectOf('mine@example.org'), 'me')).status).toBe(200);
  });

  it('names the service that failed, and is completed by inviting again', async () => {
    const down = world.again({ pool: { id: pool, endpoint: 'http://127.0.0.1:9' } });
    const options = { method: 'post', body: { email: 'down@example.org', role: 'admin' } };
    expect((await world.ask('root', 'users', { ...options, app: down })).status).toBe(503);
    expect(await (await ask('root', 'users')).text()).not.toContain('down@example.org');
    await invited('down@example.org');
  });
});

describe('removing a user', () => {
  it('deletes the role, the keys and the account, and can be repeated', async () => {
    await invited('gone@example.org');
    const subject = subjectOf('gone@example.org');
    const body = { label: 'ci', scopes: ['read'] };
    const key = z
      .object({ secret: z.string() })
      .parse(await (await ask(subject, 'keys', { method: 'post', body })).json());
    expect((await ask(`Bearer ${key.secret}`, 'me')).status).toBe(200);
    expect((await remove(subject)).status).toBe(204);
    expect((await ask(subject, 'me')).status).toBe(403);
    expect((await ask(`Bearer ${key.secret}`, 'me')).status).toBe(401);
    expect(stand.accounts.find(subject)).toBeUndefined();
    expect((await remove(subject)).status).toBe(204);
  });

  it('allows the address to be invited again as a new user', async () => {
    await invited('back@example.org');
    const first = subjectOf('back@example.org');
    await ask(first, 'me');
    await remove(first);
    await invited('back@example.org');
    expect(subjectOf('back@example.org')).not.toBe(first);
    expect((await ask(first, 'me')).status).toBe(403);
    expect((await ask(subjectOf('back@example.org'), 'me')).status).toBe(200);
  });
});

describe('with your own issuer', () => {
  it('the account with the verified address becomes the user', async () => {
    const body = { email: 'Else@example.org', role: 'creator', pages: ['/ada'] };
    const answer = await world.ask('root', 'users', { method: 'post', body });
    expect(invitedSchema.parse(await answer.json())).toMatchObject({ mailed: false });
    expect((await world.ask('else', 'me')).status).toBe(403);
    expect(await (await world.ask('mail-else', 'me')).json()).toMatchObject({ subject: 'mail-else', role: 'creator' });
    expect((await world.ask('root', 'users', { method: 'post', body })).status).toBe(409);
  });

  it('an invitation revoked while it is accepted either creates a user or does not, consistently', async () => {
    const body = { email: 'race@example.org', role: 'admin' };
    await world.ask('root', 'users', { method: 'post', body });
    const [me] = await Promise.all([
      world.ask('mail-race', 'me'),
      world.ask('root', 'users/invited:race@example.org', { method: 'delete' }),
    ]);
    expect((await world.ask('mail-race', 'me')).status).toBe(me.status);
    expect(await (await world.ask('root', 'users')).text()).not.toContain('invited:race');
  });
});
