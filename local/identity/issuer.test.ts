import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decodeJwt } from 'jose';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { createIssuer } from './issuer.ts';
import type { Account } from './user-pool.ts';

const subject = '0b6f1a52-6f0e-4a52-9a53-3f9a1f6f1a52';
const redirectUri = 'http://localhost:8787/app/';
const tokensSchema = z.object({ access_token: z.string(), id_token: z.string(), refresh_token: z.string() });

let directory: string;
let server: Server;
let url: string;
let accounts: Account[];

beforeEach(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'hopcount-issuer-'));
  accounts = [{ subject, email: 'ada@example.org', status: 'CONFIRMED', invitedAt: 0 }];
  const issuer = await createIssuer({
    url: 'http://localhost:8787/_local/oidc',
    audience: 'dashboard',
    keysFile: path.join(directory, 'keys.json'),
    accounts: { find: (wanted) => accounts.find((each) => each.subject === wanted) },
  });
  server = createServer(issuer.handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
});
afterEach(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

async function codeFor(hint: string): Promise<string> {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: 'dashboard',
    redirect_uri: redirectUri,
    scope: 'openid email profile',
    state: 'state',
    login_hint: hint,
  });
  const answer = await fetch(`${url}/authorize?${query.toString()}`, { redirect: 'manual' });
  return new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '';
}
function tokens(parameters: Record<string, string>): Promise<Response> {
  return fetch(`${url}/token`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: 'dashboard', redirect_uri: redirectUri, ...parameters }),
  });
}
async function signIn(hint: string) {
  return tokensSchema.parse(
    await (await tokens({ grant_type: 'authorization_code', code: await codeFor(hint) })).json(),
  );
}

it("puts an account's address into the id token, and none into the access token, as Cognito does", async () => {
  const { access_token: access, id_token: id } = await signIn(subject);
  expect(decodeJwt(id)).toMatchObject({
    sub: subject,
    aud: 'dashboard',
    email: 'ada@example.org',
    email_verified: true,
  });
  expect(decodeJwt(access)).toMatchObject({ sub: subject, client_id: 'dashboard' });
  expect(decodeJwt(access)).not.toHaveProperty('email');
  expect(decodeJwt(access)).not.toHaveProperty('aud');
});

it('renews the tokens of an account until it is removed', async () => {
  const first = await signIn(subject);
  const renewed = await tokens({ grant_type: 'refresh_token', refresh_token: first.refresh_token });
  const second = tokensSchema.parse(await renewed.json());
  expect(decodeJwt(second.id_token)).toMatchObject({ sub: subject });
  accounts = [];
  expect((await tokens({ grant_type: 'refresh_token', refresh_token: second.refresh_token })).status).toBe(400);
});

it('renews the tokens of the roles of the chooser page, which have no account', async () => {
  const first = await signIn('admin');
  const renewed = await tokens({ grant_type: 'refresh_token', refresh_token: first.refresh_token });
  expect(decodeJwt(tokensSchema.parse(await renewed.json()).id_token)).toMatchObject({ sub: 'admin' });
});
