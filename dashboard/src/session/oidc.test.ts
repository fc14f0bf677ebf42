import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { discoverIssuer, finishSignIn, refreshTokens, SignInRefused, signOutUrl, startSignIn } from './oidc.ts';

const issuer = 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ada';
const configuration = { issuer, clientId: 'dashboard' };
const domain = 'https://hopcount.auth.eu-central-1.amazoncognito.com';
const metadata = {
  issuer,
  authorization_endpoint: `${domain}/oauth2/authorize`,
  token_endpoint: `${domain}/oauth2/token`,
  end_session_endpoint: `${domain}/logout`,
  id_token_signing_alg_values_supported: ['RS256'],
};
const now = Date.now();

const fetchDouble = vi.fn<(url: string, init: RequestInit) => Promise<Response>>();
beforeEach(() => {
  vi.stubGlobal('window', { location: { origin: 'https://go.example' } });
  vi.stubGlobal('fetch', fetchDouble);
});
afterEach(() => {
  vi.unstubAllGlobals();
  fetchDouble.mockReset();
});

function respond(body: unknown, status = 200): void {
  fetchDouble.mockResolvedValueOnce(Response.json(body, { status }));
}
function encode(part: unknown): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
/** Builds an id token with Cognito's claims. */
function idToken(claims: Record<string, unknown> = {}): string {
  const seconds = Math.floor(now / 1000);
  const payload = { iss: issuer, aud: 'dashboard', sub: 'ada', iat: seconds, exp: seconds + 3600, ...claims };
  return `${encode({ alg: 'RS256', kid: '1' })}.${encode(payload)}.${encode('signature')}`;
}
function tokenResponse(token: string) {
  return { id_token: token, access_token: 'a', token_type: 'Bearer', expires_in: 3600, refresh_token: 'r' };
}

async function signIn(tokens: (nonce: string) => unknown, state?: string) {
  const { pending } = await startSignIn(configuration, metadata, '/pages');
  respond(tokens(pending.nonce));
  const redirect = new URLSearchParams({ code: 'c', state: state ?? pending.state });
  return finishSignIn({ configuration, metadata, now }, pending, redirect);
}

it('discovers an issuer', async () => {
  respond({ ...metadata, jwks_uri: `${issuer}/.well-known/jwks.json` });
  expect(await discoverIssuer(configuration)).toEqual(metadata);
  expect(fetchDouble.mock.calls[0]?.[0]).toBe(`${issuer}/.well-known/openid-configuration`);
});

it('allows http for a local issuer only', async () => {
  const local = 'http://localhost:8787/_local/oidc';
  respond({ ...metadata, issuer: local });
  expect((await discoverIssuer({ ...configuration, issuer: local })).issuer).toBe(local);
  await expect(discoverIssuer({ ...configuration, issuer: 'http://id.example' })).rejects.toThrow();
});

it('exchanges the code for tokens with PKCE', async () => {
  const tokens = await signIn((nonce) => tokenResponse(idToken({ nonce })));
  expect(tokens).toMatchObject({ refreshToken: 'r', expiresAt: now + 3_600_000 });
  const body = fetchDouble.mock.calls[0]?.[1].body;
  expect(body instanceof URLSearchParams && Object.fromEntries(body)).toMatchObject({
    grant_type: 'authorization_code',
    client_id: 'dashboard',
    code: 'c',
    redirect_uri: 'https://go.example/app/',
    code_verifier: expect.stringMatching(/^[\w-]{43}$/),
  });
});

it('signs in on a device whose clock is days behind', async () => {
  const later = Math.floor(now / 1000) + 6 * 86_400;
  await signIn((nonce) => tokenResponse(idToken({ nonce, iat: later, nbf: later, exp: later + 3600 })));
});

it.each([
  ['another state', () => signIn((nonce) => tokenResponse(idToken({ nonce })), 'other')],
  ['another nonce', () => signIn(() => tokenResponse(idToken({ nonce: 'other' })))],
  ['another audience', () => signIn((nonce) => tokenResponse(idToken({ nonce, aud: 'other' })))],
  ['an expired id token', () => signIn((nonce) => tokenResponse(idToken({ nonce, exp: 1 })))],
])('refuses %s', async (_name, attempt) => {
  await expect(attempt()).rejects.toThrow(SignInRefused);
});

it('keeps a refresh token that the issuer does not rotate', async () => {
  respond({ ...tokenResponse(idToken()), refresh_token: undefined });
  expect((await refreshTokens({ configuration, metadata, now }, 'old')).refreshToken).toBe('old');
});

it('refuses a rejected refresh token, but not while the issuer is unavailable', async () => {
  respond({ error: 'invalid_grant' }, 400);
  await expect(refreshTokens({ configuration, metadata, now }, 'old')).rejects.toThrow(SignInRefused);
  respond({ message: 'try later' }, 503);
  await expect(refreshTokens({ configuration, metadata, now }, 'old')).rejects.not.toThrow(SignInRefused);
});

it('ends the session at the issuer', () => {
  const url = new URL(signOutUrl(configuration, metadata, 'token') ?? '');
  expect(url.origin + url.pathname).toBe(`${domain}/logout`);
  expect(url.searchParams.get('logout_uri')).toBe('https://go.example/app/');
});
