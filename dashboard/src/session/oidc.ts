import * as oauth from 'oauth4webapi';
import { z } from 'zod';
import type { Configuration } from './configuration.ts';

/** Sign-in by authorization code with PKCE, as a public client. */

/** The part of the issuer's metadata that sign-in needs. */
export const metadataSchema = z.object({
  issuer: z.string(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  end_session_endpoint: z.url().exactOptional(),
  id_token_signing_alg_values_supported: z.array(z.string()).exactOptional(),
  authorization_response_iss_parameter_supported: z.boolean().exactOptional(),
});
export type IssuerMetadata = z.infer<typeof metadataSchema>;

export interface Tokens {
  /** Sent to the API; contains the email address by which an invitation is found. */
  idToken: string;
  refreshToken: string | undefined;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

/** The issuer rejected the request: the user has to sign in again. */
export class SignInRefused extends Error {
  override readonly name = 'SignInRefused';
}

/** A sign-in that waits for the browser to come back from the issuer. */
export const pendingSignInSchema = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  /** Path below `/app` to return to. */
  returnTo: z.string(),
});
export type PendingSignIn = z.infer<typeof pendingSignInSchema>;

/** @throws {Error} while the issuer is unavailable, or if its metadata is invalid */
export async function discoverIssuer({ issuer }: Configuration): Promise<IssuerMetadata> {
  const url = new URL(issuer);
  const response = await oauth.discoveryRequest(url, requestOptions(issuer));
  return metadataSchema.parse(await oauth.processDiscoveryResponse(url, response));
}

const localHosts = ['localhost', '127.0.0.1', '[::1]'];

/** The local stack's issuer has no TLS. */
function requestOptions(issuer: string) {
  const { protocol, hostname } = new URL(issuer);
  return { [oauth.allowInsecureRequests]: protocol === 'http:' && localHosts.includes(hostname) };
}

/** Returns the URL of the issuer's sign-in page, and what `finishSignIn` needs to know later. */
export async function startSignIn({ clientId }: Configuration, metadata: IssuerMetadata, returnTo: string) {
  const pending: PendingSignIn = {
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    verifier: oauth.generateRandomCodeVerifier(),
    returnTo,
  };
  const url = withParameters(metadata.authorization_endpoint, {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri(),
    scope: 'openid email profile',
    state: pending.state,
    nonce: pending.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(pending.verifier),
    code_challenge_method: 'S256',
  });
  return { pending, url };
}

function withParameters(endpoint: string, parameters: Readonly<Record<string, string>>): string {
  const url = new URL(endpoint);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

function redirectUri(): string {
  return `${window.location.origin}/app/`;
}

interface TokenRequest {
  configuration: Configuration;
  metadata: IssuerMetadata;
  /** Milliseconds since the epoch. */
  now: number;
}

/**
 * Exchanges the code in the issuer's redirect for tokens.
 * @throws {SignInRefused} if the redirect belongs to another sign-in, or the issuer rejects it
 */
export async function finishSignIn(
  request: TokenRequest,
  pending: PendingSignIn,
  redirect: URLSearchParams,
): Promise<Tokens> {
  const { configuration, metadata, now } = request;
  const client = createClient(configuration);
  const parameters = validateRedirect(metadata, client, redirect, pending.state);
  return refuseOnRejection(async () => {
    const response = await oauth.authorizationCodeGrantRequest(
      metadata,
      client,
      oauth.None(),
      parameters,
      redirectUri(),
      pending.verifier,
      requestOptions(metadata.issuer),
    );
    const options = { expectedNonce: pending.nonce, requireIdToken: true };
    return toTokens(await oauth.processAuthorizationCodeResponse(metadata, client, response, options), now);
  });
}

/** A year: the API checks when a token expires, and a device with a wrong clock can still sign in. */
const clockToleranceSeconds = 31_536_000;

function createClient({ clientId }: Configuration): oauth.Client {
  return { client_id: clientId, [oauth.clockTolerance]: clockToleranceSeconds };
}

function validateRedirect(metadata: IssuerMetadata, client: oauth.Client, redirect: URLSearchParams, state: string) {
  try {
    return oauth.validateAuthResponse(metadata, client, redirect, state);
  } catch (cause) {
    const description = cause instanceof oauth.AuthorizationResponseError ? cause.error_description : undefined;
    throw new SignInRefused(description ?? 'the sign-in was not started in this tab', { cause });
  }
}

async function refuseOnRejection<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (cause) {
    const reason = describeRejection(cause);
    if (reason !== undefined) throw new SignInRefused(reason, { cause });
    throw cause;
  }
}

const tokenErrors: readonly unknown[] = [oauth.JWT_CLAIM_COMPARISON, oauth.JWT_TIMESTAMP_CHECK];

/** Returns undefined for an error that may be temporary. */
function describeRejection(error: unknown): string | undefined {
  if (error instanceof oauth.OperationProcessingError && tokenErrors.includes(error.code))
    return 'the identity provider’s ID token is not valid for this sign-in';
  const rejected =
    (error instanceof oauth.ResponseBodyError && error.status < 500) ||
    error instanceof oauth.WWWAuthenticateChallengeError;
  return rejected ? 'the identity provider rejected the request' : undefined;
}

function toTokens({ id_token, refresh_token, expires_in = 3600 }: oauth.TokenEndpointResponse, now: number): Tokens {
  if (id_token === undefined) throw new SignInRefused('the identity provider returned no ID token');
  return { idToken: id_token, refreshToken: refresh_token, expiresAt: now + expires_in * 1000 };
}

/** Returns new tokens, with the old refresh token if the issuer doesn't rotate it. @throws {SignInRefused} */
export async function refreshTokens(request: TokenRequest, refreshToken: string): Promise<Tokens> {
  const { configuration, metadata, now } = request;
  const client = createClient(configuration);
  return refuseOnRejection(async () => {
    const options = requestOptions(metadata.issuer);
    const response = await oauth.refreshTokenGrantRequest(metadata, client, oauth.None(), refreshToken, options);
    const tokens = toTokens(await oauth.processRefreshTokenResponse(metadata, client, response), now);
    return { ...tokens, refreshToken: tokens.refreshToken ?? refreshToken };
  });
}

/** Returns the URL that ends the issuer's session. `logout_uri` is Cognito's name for the standard's parameter. */
export function signOutUrl({ clientId }: Configuration, metadata: IssuerMetadata, idToken: string): string | undefined {
  if (metadata.end_session_endpoint === undefined) return undefined;
  const back = redirectUri();
  return withParameters(metadata.end_session_endpoint, {
    client_id: clientId,
    logout_uri: back,
    post_logout_redirect_uri: back,
    id_token_hint: idToken,
  });
}
