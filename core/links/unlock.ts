import { createHmac, timingSafeEqual } from 'node:crypto';

/** Query parameter by which a visitor proves to redirect that the API accepted their password. */
export const unlockParameter = '_unlock';

/** How long a proof is valid: from the API's response to the request that follows it. */
const validMs = 60_000;

/** A link as far as its proofs depend on it: another password makes them invalid. */
export interface LockedLink {
  id: string;
  passwordHash: string;
}

/** Returns a proof that is valid for a minute: the time when it ends, and a signature with the link's password hash. */
export function createUnlock(link: LockedLink, now: number): string {
  const expires = String(now + validMs);
  return `${expires}.${sign(link, expires).toString('base64url')}`;
}

/** Returns whether the query has a valid proof for the link. Costs one HMAC, compared in constant time. */
export function hasUnlock(link: LockedLink, query: string, now: number): boolean {
  const [expires = '', signature = ''] = new URLSearchParams(query).get(unlockParameter)?.split('.') ?? [];
  const at = Number(expires);
  if (!(at > now && at <= now + validMs)) return false;
  const given = Buffer.from(signature, 'base64url');
  const expected = sign(link, expires);
  return given.length === expected.length && timingSafeEqual(given, expected);
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

function sign({ id, passwordHash }: LockedLink, expires: string): Buffer {
  return createHmac('sha256', passwordHash).update(`unlock\n${id}\n${expires}`).digest();
}
