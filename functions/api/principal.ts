import type { KeyScope } from '#schemas/api/users.ts';
import type { User } from '#schemas/catalog.ts';
import type { ApiKeyRecord, ApiKeys } from '#stores/catalog/api-keys.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import type { Invitations } from '#stores/catalog/invitations.ts';
import type { ShareRecord, Shares } from '#stores/catalog/shares.ts';
import { matchesHash, parseKey, parseShareToken } from './credentials.ts';
import { parseBearer, type Identify } from './identity.ts';
import { forbidden, unauthorized } from './problem.ts';

/** Who sends a request. `id` tells senders apart, for rate limits and idempotency keys. */
export type Principal =
  | { kind: 'user'; id: string; subject: string; user: User | undefined }
  | { kind: 'key'; id: string; user: User | undefined; scopes: readonly KeyScope[] }
  | { kind: 'share'; id: string; share: ShareRecord };

export interface PrincipalDependencies {
  catalog: Pick<CatalogAdmin, 'getUser'>;
  invitations: Pick<Invitations, 'redeem'>;
  keys: Pick<ApiKeys, 'get' | 'touch'>;
  shares: Pick<Shares, 'get'>;
  identify: Identify;
  now: () => number;
}

/**
 * Finds out who sends a request: `Bearer` with a token of the issuer or one of our keys, or `Share` with a share's.
 * @throws {Problem} 401, or 503 while the issuer does not answer
 */
export function createPrincipals(deps: PrincipalDependencies) {
  return async (authorization: string | undefined): Promise<Principal> => {
    const [, shared] = /^Share +(\S+)$/i.exec(authorization ?? '') ?? [];
    if (shared !== undefined) {
      const share = await openShare(deps, shared);
      return { kind: 'share', id: `share#${share.id}`, share };
    }
    const token = parseBearer(authorization);
    const key = parseKey(token);
    return key ? byKey(deps, key.id, key.secret) : byToken(deps, token);
  };
}

/** The share that a token opens. @throws {Problem} 401 where it opens nothing, or nothing any more */
export async function openShare(
  { shares, now }: Pick<PrincipalDependencies, 'shares' | 'now'>,
  token: string,
): Promise<ShareRecord> {
  const credential = parseShareToken(token);
  const share = credential && (await shares.get(credential.id));
  if (!credential || !share || !matchesHash(credential.secret, share.hash) || !isOpen(share, now()))
    throw unauthorized('The share opens nothing, or has ended.');
  return share;
}

function isOpen({ expiresAt, revokedAt }: ShareRecord, now: number): boolean {
  return revokedAt === null && now < Date.parse(expiresAt);
}

async function byKey(deps: PrincipalDependencies, id: string, secret: string): Promise<Principal> {
  const key = await deps.keys.get(id);
  if (!key || !matchesHash(secret, key.hash)) throw unauthorized('The key is not valid, or has been revoked.');
  const [user] = await Promise.all([deps.catalog.getUser(key.subject), touch(deps, key)]);
  return { kind: 'key', id: `key#${id}`, user, scopes: key.scopes };
}

/** A key's last use is kept to the hour, so that reading does not cost a write each time. */
const touchedWithin = 3_600_000;

async function touch({ keys, now }: PrincipalDependencies, key: ApiKeyRecord): Promise<void> {
  if (key.lastUsedAt !== null && now() - Date.parse(key.lastUsedAt) < touchedWithin) return;
  await keys.touch({ ...key, lastUsedAt: new Date(now()).toISOString() });
}

/** Whoever signs in with the account or the address that was invited becomes the user. */
async function byToken(deps: PrincipalDependencies, token: string): Promise<Principal> {
  const { subject, email } = await deps.identify(token);
  const known = await deps.catalog.getUser(subject);
  const user = known ?? (await deps.invitations.redeem({ subject, email }, deps.now()));
  return { kind: 'user', id: `user#${subject}`, subject, user };
}

/** `admin` holds `links`, and `links` holds `read`. */
const holding: Readonly<Record<KeyScope, readonly KeyScope[]>> = {
  read: ['read', 'links', 'admin'],
  links: ['links', 'admin'],
  admin: ['admin'],
};

/** @throws {Problem} 403 where a key's scopes do not reach; keys never reach keys */
export function checkScope(principal: Principal, method: string, path: string): void {
  if (principal.kind !== 'key') return;
  if (path.startsWith('/api/v1/keys')) throw forbidden('Keys are managed by signing in.');
  const scope = scopeOf(method, path);
  if (!principal.scopes.some((held) => holding[scope].includes(held)))
    throw forbidden(`The key lacks the scope ${scope}.`);
}

function scopeOf(method: string, path: string): KeyScope {
  if (method === 'GET' || method === 'HEAD') return 'read';
  return /^\/api\/v1\/(links|imports)(\/|$)/.test(path) ? 'links' : 'admin';
}
