import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import path from 'node:path';
import { OAuth2Issuer, OAuth2Service } from 'oauth2-mock-server';
import { z } from 'zod';
import type { UserPoolAccounts } from './user-pool.ts';

/** A user to sign in as; `subject` becomes the token's `sub`. */
export interface Identity {
  subject: string;
  email: string;
}

export interface Issuer {
  /** `http://localhost:8787/_local/oidc` */
  url: string;
  /** Serves discovery, keys, authorization and tokens, with paths relative to `url`. */
  handle: RequestListener;
  /** Signs a token that the API accepts. @param expiresIn seconds */
  mint(identity: Identity, expiresIn: number): Promise<string>;
}

/** The parameters of a token request that identify the user. */
interface TokenRequest {
  code?: string;
  refresh_token?: string;
  username?: unknown;
}

/** Creates a local OIDC issuer that replaces the stack's user pool. */
export async function createIssuer(options: {
  url: string;
  audience: string;
  keysFile: string;
  accounts: Pick<UserPoolAccounts, 'find'>;
}): Promise<Issuer> {
  const issuer = new OAuth2Issuer();
  issuer.url = options.url;
  await loadKeys(issuer, options.keysFile);
  const service = new OAuth2Service(issuer);

  // Subjects by authorization code or refresh token. The sign-in page sends the subject as `login_hint`; each response
  // with a new refresh token carries it over.
  const chosen = new Map<string, string>();
  function grantOf({ code, refresh_token: refreshToken }: TokenRequest): string {
    return refreshToken ?? code ?? '';
  }
  service.on('beforeAuthorizeRedirect', (redirect: { url: URL }, incoming: { url?: string | undefined }) => {
    const hint = new URL(incoming.url ?? '/', 'http://local').searchParams.get('login_hint');
    const code = redirect.url.searchParams.get('code');
    if (hint !== null && code !== null) chosen.set(code, hint);
  });
  service.on(
    'beforeTokenSigning',
    (token: { payload: Record<string, unknown> }, { body = {} }: { body?: TokenRequest }) => {
      const subject = subjectOf(chosen.get(grantOf(body)) ?? body.username);
      const email = options.accounts.find(subject)?.email ?? `${subject}@localhost`;
      // Only the access token has a scope.
      if ('scope' in token.payload) Object.assign(token.payload, { sub: subject, client_id: options.audience });
      else Object.assign(token.payload, claims({ subject, email }, options.audience));
    },
  );
  service.on(
    'beforeResponse',
    (response: { statusCode: number; body: Record<string, unknown> }, { body = {} }: { body?: TokenRequest }) => {
      const subject = chosen.get(grantOf(body));
      const next = response.body['refresh_token'];
      const ended = subject !== undefined && isAccount(subject) && !options.accounts.find(subject);
      if (subject !== undefined && typeof next === 'string' && !ended) chosen.set(next, subject);
      // The refresh token was issued before a restart, or its user was removed.
      else if (body.refresh_token !== undefined)
        Object.assign(response, { statusCode: 400, body: { error: 'invalid_grant' } });
    },
  );

  return {
    url: options.url,
    handle: service.requestHandler,
    mint: (identity, expiresIn) =>
      issuer.buildToken({
        expiresIn,
        scopesOrTransform: (_header, payload) => Object.assign(payload, claims(identity, options.audience)),
      }),
  };
}

const keysSchema = z.array(z.record(z.string(), z.unknown()));

/** Loads the signing keys. They are kept across restarts so that tokens stay valid. */
async function loadKeys(issuer: OAuth2Issuer, file: string): Promise<void> {
  if (existsSync(file)) {
    for (const key of keysSchema.parse(JSON.parse(readFileSync(file, 'utf8')))) await issuer.keys.add(key);
    return;
  }
  await issuer.keys.generate('RS256');
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(issuer.keys.toJSON(true)), { mode: 0o600 });
}

function subjectOf(username: unknown): string {
  return typeof username === 'string' && username !== '' ? username : 'admin';
}

/** Builds the claims of an id token as Cognito does. Its access tokens have neither `aud` nor `email`. */
function claims({ subject, email }: Identity, audience: string): Record<string, unknown> {
  return {
    sub: subject,
    email,
    // The API accepts an invitation only with a verified address.
    email_verified: true,
    aud: audience,
    client_id: audience,
  };
}

/** Returns whether the subject is an account of the user pool (a UUID) and not a role of the sign-in page (a name). */
function isAccount(subject: string): boolean {
  return z.uuid().safeParse(subject).success;
}
