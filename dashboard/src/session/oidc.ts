import { z } from 'zod';
import type { Configuration } from './configuration.ts';

/** Authorization code with PKCE (RFC 7636), as a browser without a secret does it. */

export const endpointsSchema = z.object({
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  end_session_endpoint: z.url().optional(),
});
export type Endpoints = z.infer<typeof endpointsSchema>;

export interface Tokens {
  /** Proves who somebody is, and carries the address by which an invitation is found. */
  idToken: string;
  refreshToken: string | undefined;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

/** The issuer refused: the person has to sign in again. */
export class SignInRefused extends Error {
  override readonly name = 'SignInRefused';
}

/** What has to survive the journey to the issuer and back. */
export interface Journey {
  state: string;
  verifier: string;
  /** Path below `/app` to come back to. */
  returnTo: string;
}
export const journeySchema = z.object({ state: z.string(), verifier: z.string(), returnTo: z.string() });

/** @throws {Error} while the issuer does not answer */
export async function discover({ issuer }: Configuration): Promise<Endpoints> {
  const answer = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  if (!answer.ok) throw new Error(`the identity provider answered ${answer.status}`);
  return endpointsSchema.parse(await answer.json());
}

/** The address to send the browser to, and what to remember meanwhile. */
export async function beginJourney(configuration: Configuration, endpoints: Endpoints, returnTo: string) {
  const journey: Journey = { state: randomText(), verifier: randomText(), returnTo };
  const url = new URL(endpoints.authorization_endpoint);
  const parameters = {
    response_type: 'code',
    client_id: configuration.clientId,
    redirect_uri: redirectUri(),
    scope: 'openid email profile',
    state: journey.state,
    code_challenge: await challengeOf(journey.verifier),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return { journey, url: url.href };
}

function randomText(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

export function redirectUri(): string {
  return `${window.location.origin}/app/`;
}

async function challengeOf(verifier: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))));
}

/** @throws {SignInRefused} for a journey that is not ours, or that the issuer does not take */
export async function endJourney(
  { clientId }: Configuration,
  endpoints: Endpoints,
  journey: Journey,
  answer: URLSearchParams,
  now: number,
): Promise<Tokens> {
  const code = answer.get('code');
  if (code === null || answer.get('state') !== journey.state)
    throw new SignInRefused(answer.get('error_description') ?? 'the answer belongs to another sign-in');
  return requestTokens(
    endpoints,
    {
      grant_type: 'authorization_code',
      client_id: clientId,
      redirect_uri: redirectUri(),
      code,
      code_verifier: journey.verifier,
    },
    now,
  );
}

const answerSchema = z.object({
  id_token: z.string(),
  refresh_token: z.string().optional(),
  /** Seconds. */
  expires_in: z.number().default(3600),
});

async function requestTokens(
  { token_endpoint }: Endpoints,
  parameters: Record<string, string>,
  now: number,
): Promise<Tokens> {
  const answer = await fetch(token_endpoint, { method: 'POST', body: new URLSearchParams(parameters) });
  if (answer.status >= 400 && answer.status < 500)
    throw new SignInRefused(`the identity provider refused with ${answer.status}`);
  if (!answer.ok) throw new Error(`the identity provider answered ${answer.status}`);
  const tokens = answerSchema.parse(await answer.json());
  return { idToken: tokens.id_token, refreshToken: tokens.refresh_token, expiresAt: now + tokens.expires_in * 1000 };
}

/** New tokens; an issuer that does not rotate its refresh token leaves the old one. @throws {SignInRefused} */
export async function refreshTokens(
  { clientId }: Configuration,
  endpoints: Endpoints,
  refreshToken: string,
  now: number,
): Promise<Tokens> {
  const tokens = await requestTokens(
    endpoints,
    { grant_type: 'refresh_token', client_id: clientId, refresh_token: refreshToken },
    now,
  );
  return { ...tokens, refreshToken: tokens.refreshToken ?? refreshToken };
}

/** Where the issuer ends its own session; Cognito and the standard name the parameter differently. */
export function signOutUrl({ clientId }: Configuration, endpoints: Endpoints, idToken: string): string | undefined {
  if (endpoints.end_session_endpoint === undefined) return undefined;
  const url = new URL(endpoints.end_session_endpoint);
  const back = redirectUri();
  const parameters = { client_id: clientId, logout_uri: back, post_logout_redirect_uri: back, id_token_hint: idToken };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}
