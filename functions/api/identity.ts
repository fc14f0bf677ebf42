import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import { unauthorized, unavailable } from './problem.ts';

/** The owner of a token. */
export interface Identity {
  subject: string;
  /** Null unless the issuer has verified it. */
  email: string | null;
}

export type Identify = (token: string) => Promise<Identity>;

export interface IdentityOptions {
  issuer: string;
  /** Required `aud` or `client_id` of a token; Cognito's access tokens have no audience. */
  audience: string;
}

/** Tolerated difference between the issuer's clock and ours. */
const clockSkewSeconds = 30;

/** Asymmetric only: with a shared secret, anyone who can verify a token could create one. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

/** Errors of jose for an invalid token. Any other error means that the issuer is unavailable. */
const tokenErrors = [
  errors.JWTClaimValidationFailed,
  errors.JWTExpired,
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSNoMatchingKey,
];

/**
 * Returns a function that verifies bearer tokens with the keys of an OIDC issuer. The keys are found through the
 * discovery document and cached for the life of the process.
 * @throws {Problem} 401 for an invalid token, 503 while the issuer is unavailable
 */
export function createIdentify({ issuer, audience }: IdentityOptions): Identify {
  let keys: Promise<JWTVerifyGetKey> | undefined;
  async function issuerKeys(): Promise<JWTVerifyGetKey> {
    keys ??= discover(issuer);
    try {
      return await keys;
    } catch (cause) {
      keys = undefined;
      throw unavailable('The identity provider is unavailable.', cause);
    }
  }
  async function verify(token: string): Promise<JWTPayload> {
    const getKey = await issuerKeys();
    try {
      const options = { issuer, algorithms, clockTolerance: clockSkewSeconds, requiredClaims: ['exp', 'sub'] };
      return (await jwtVerify(token, getKey, options)).payload;
    } catch (cause) {
      if (tokenErrors.some((error) => cause instanceof error))
        throw unauthorized('The bearer token is invalid or has expired.', cause);
      throw unavailable("The identity provider's keys are unavailable.", cause);
    }
  }
  return async (token) => {
    const payload = await verify(token);
    if (!hasAudience(payload, audience)) throw unauthorized('The bearer token is for another audience.');
    if (payload.sub === undefined) throw unauthorized('The bearer token has no subject.');
    return { subject: payload.sub, email: verifiedEmail(payload) };
  };
}

const discoverySchema = z.object({ issuer: z.string(), jwks_uri: z.url() });

const timeoutMs = 5_000;

async function discover(issuer: string): Promise<JWTVerifyGetKey> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
  if (!response.ok) throw new Error(`${url} responded with ${response.status}`);
  const document = discoverySchema.parse(await response.json());
  if (document.issuer !== issuer) throw new Error(`the issuer in ${url} is ${document.issuer}, not ${issuer}`);
  return createRemoteJWKSet(new URL(document.jwks_uri), { timeoutDuration: timeoutMs });
}

function hasAudience(payload: JWTPayload, audience: string): boolean {
  return [payload.aud].flat().includes(audience) || payload['client_id'] === audience;
}

const emailSchema = z.object({ email: z.email(), email_verified: z.literal([true, 'true']) });

function verifiedEmail(payload: JWTPayload): string | null {
  return emailSchema.safeParse(payload).data?.email ?? null;
}

/** Returns the token of an `authorization: Bearer` header. @throws {Problem} 401 without one */
export function parseBearer(authorization: string | undefined): string {
  const [, token] = /^Bearer +([\w.~+/=-]+)$/i.exec(authorization ?? '') ?? [];
  if (token === undefined) throw unauthorized('The request has no bearer token.');
  return token;
}
