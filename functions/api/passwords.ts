import { hashPassword, verifyPassword } from '#core/links/link-password.ts';
import type { Locked } from '#core/links/unlock.ts';
import { viewerAddressHeader } from '#schemas/edge-headers.ts';
import { rateBucket } from '#stores/cache/rate-limit.ts';
import type { Context } from 'hono';
import type { ApiDeps } from './deps.ts';

/** Returns the hash of a new password, null for one that is removed, undefined for one that stays. */
export async function hashIfGiven(password: string | null | undefined, random: ApiDeps['random']) {
  return typeof password === 'string' ? hashPassword(password, random(16)) : password;
}

export type Attempt = 'right' | 'wrong' | 'too-many';

/**
 * Checks the password of a link or a share. Attempts are limited for each address, so that one visitor cannot lock out the
 * others, and for all visitors together, because each costs a hash.
 */
export async function tryPassword(deps: ApiDeps, c: Context, locked: Locked, password: string): Promise<Attempt> {
  const address = c.req.header(viewerAddressHeader) ?? '';
  // The hash has a random salt, so it keys the address as well as a secret does.
  const bucket = rateBucket(locked.passwordHash, address, `unlock#${locked.id}`);
  if (!(await deps.attemptRate(bucket)) || !(await deps.unlockRate(`unlock#${locked.id}`))) return 'too-many';
  return (await verifyPassword(password, locked.passwordHash)) ? 'right' : 'wrong';
}
