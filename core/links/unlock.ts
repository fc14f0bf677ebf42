import { createHmac, timingSafeEqual } from 'node:crypto';

/** A link or a share as far as its proofs depend on it: another password makes them invalid. */
export interface Locked {
  id: string;
  passwordHash: string;
}

/** Returns a proof that a visitor gave the password: the time when it ends, and a signature with the password's hash. */
export function createProof(locked: Locked, expires: number): string {
  return `${expires}.${sign(locked, String(expires)).toString('base64url')}`;
}

/** Returns whether a proof is valid, and for `validMs` at most. Costs one HMAC, compared in constant time. */
export function isProof(locked: Locked, proof: string, { now, validMs }: { now: number; validMs: number }): boolean {
  const [expires = '', signature = ''] = proof.split('.');
  const at = Number(expires);
  if (!(at > now && at <= now + validMs)) return false;
  const given = Buffer.from(signature, 'base64url');
  const expected = sign(locked, expires);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function sign({ id, passwordHash }: Locked, expires: string): Buffer {
  return createHmac('sha256', passwordHash).update(`unlock\n${id}\n${expires}`).digest();
}

/** Query parameter by which a visitor proves to redirect that the API accepted their password. */
export const unlockParameter = '_unlock';

/** From the API's response to the request that follows it. */
const unlockMs = 60_000;

/** Returns a proof for the address of a link. */
export function createUnlock(link: Locked, now: number): string {
  return createProof(link, now + unlockMs);
}

/** Returns whether the query has a valid proof for the link. */
export function hasUnlock(link: Locked, query: string, now: number): boolean {
  return isProof(link, new URLSearchParams(query).get(unlockParameter) ?? '', { now, validMs: unlockMs });
}

/** Returns the query without proofs, as the visitor sent it to the API. */
export function withoutUnlock(query: string): string {
  return query.includes(unlockParameter)
    ? query
        .split('&')
        .filter((pair) => pair.split('=', 1)[0] !== unlockParameter)
        .join('&')
    : query;
}
