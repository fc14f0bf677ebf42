import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import { unauthorized, unavailable } from './problem.ts';

/** Whom a token names. `email` only where the issuer says that it was verified. */
export interface Identity {
  subject: string;
  email: string | null;
}

/** Finds out whom a token names. */
export type Identify = (token: string) => Promise<Identity>;

export interface IdentityOptions {
  issuer: string;
  /** Must be the token's `aud`, or its `client_id`: access tokens of Cognito have no audience. */
  audience: string;
}

/** @throws {Problem} 401 where there is none */
export function parseBearer(authorization: string | undefined): string {
  const [, token] = /^Bearer +([\w.~+/=-]+)$/i.exec(authorization ?? '') ?? [];
  if (token === undefined) throw unauthorized('The request carries no bearer token.');
  return token;
}

/** Asymmetric only: with a shared secret, whoever can check a token could make one. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

/** What jose throws for the token's own faults; anything else is the issuer's. */
const tokenFaults = [
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
 * Checks bearer tokens against the keys of an OIDC issuer, found through its discovery document and kept while the
 * process lives.
 * @throws {Problem} 401 for a missing or invalid token, 503 while the issuer does not answer
 */
export function createIdentify({ issuer, audience }: IdentityOptions): Identify {
  let keys: Promise<JWTVerifyGetKey> | undefined;
  async function issuerKeys(): Promise<JWTVerifyGetKey> {
    keys ??= discover(issuer);
    try {
      return await keys;
    } catch (cause) {
      keys = undefined;
      throw unavailable('The identity provider does not answer.', cause);
    }
  }
  async function verify(token: string): Promise<JWTPayload> {
    const getKey = await issuerKeys();
    try {
      // Clocks differ.
      const options = { issuer, algorithms, clockTolerance: 30, requiredClaims: ['exp', 'sub'] };
      return (await jwtVerify(token, getKey, options)).payload;
    } catch (cause) {
      if (tokenFaults.some((fault) => cause instanceof fault))
        throw unauthorized('The bearer token is not valid.', cause);
      throw unavailable("The identity provider's keys cannot be read.", cause);
    }
  }
  return async (token) => {
    const payload = await verify(token);
    if (!isFor(payload, audience)) throw unauthorized('The bearer token is for another audience.');
    if (payload.sub === undefined) throw unauthorized('The bearer token names no subject.');
    return { subject: payload.sub, email: verifiedEmail(payload) };
  };
}

const discoverySchema = z.object({ issuer: z.string(), jwks_uri: z.url() });

const answersWithin = 5_000;

async function discover(issuer: string): Promise<JWTVerifyGetKey> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(answersWithin) });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  const document = discoverySchema.parse(await answer.json());
  if (document.issuer !== issuer) throw new Error(`${url} names the issuer ${document.issuer}`);
  return createRemoteJWKSet(new URL(document.jwks_uri), { timeoutDuration: answersWithin });
}

function isFor(payload: JWTPayload, audience: string): boolean {
  return [payload.aud].flat().includes(audience) || payload['client_id'] === audience;
}

const emailSchema = z.object({ email: z.email(), email_verified: z.literal([true, 'true']) });

function verifiedEmail(payload: JWTPayload): string | null {
  return emailSchema.safeParse(payload).data?.email ?? null;
}
