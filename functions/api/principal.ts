import { isProof } from '#core/links/unlock.ts';
import { hourLength } from '#core/time.ts';
import type { KeyScope } from '#schemas/api/users.ts';
import type { User } from '#schemas/catalog.ts';
import type { ApiKeyRecord, ApiKeys } from '#stores/catalog/api-keys.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import type { Invitations } from '#stores/catalog/invitations.ts';
import type { ShareRecord, Shares } from '#stores/catalog/shares.ts';
import { type Credential, matchesHash, parseKey, parseShareToken } from './credentials.ts';
import { parseBearer, type Identify } from './identity.ts';
import { forbidden, Problem, unauthorized } from './problem.ts';

/** The caller of a request. `id` is unique per caller; rate limits and idempotency keys are counted by it. */
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
 * Returns a function that finds the caller by the `authorization` header: `Bearer` with a token of the issuer or an API
 * key, or `Share` with a share token.
 * @throws {Problem} 401, or 503 while the issuer is unavailable
 */
export function createPrincipals(deps: PrincipalDependencies) {
  return async (authorization: string | undefined): Promise<Principal> => {
    const [, shareToken] = /^Share +(\S+)$/i.exec(authorization ?? '') ?? [];
    if (shareToken !== undefined) {
      const share = await findShare(deps, shareToken);
      return { kind: 'share', id: `share#${share.id}`, share };
    }
    const token = parseBearer(authorization);
    const key = parseKey(token);
    return key ? findByKey(deps, key) : findByToken(deps, token);
  };
}

/** @throws {Problem} 401 for an unknown, revoked or expired share, and for one whose password was not given */
export async function findShare(deps: Pick<PrincipalDependencies, 'shares' | 'now'>, token: string) {
  const share = await findLockedShare(deps, token);
  const { id, passwordHash } = share;
  const proof = parseShareToken(token)?.proof ?? '';
  if (passwordHash !== null && !isProof({ id, passwordHash }, proof, { now: deps.now(), validMs: shareUnlockMs }))
    throw new Problem(401, 'password-required', 'Password required', 'This share link is protected by a password.', {
      headers: { 'www-authenticate': 'Share' },
    });
  return share;
}

/** How long a visitor is not asked for the password again. */
export const shareUnlockMs = 12 * hourLength;

/** Finds a share whether or not its password was given. @throws {Problem} 401 for an unknown, revoked or expired share */
export async function findLockedShare(
  { shares, now }: Pick<PrincipalDependencies, 'shares' | 'now'>,
  token: string,
): Promise<ShareRecord> {
  const credential = parseShareToken(token);
  const share = credential && (await shares.get(credential.id));
  if (!credential || !share || !matchesHash(credential.secret, share.hash) || !isActive(share, now()))
    throw unauthorized('This share link is invalid or has expired.');
  return share;
}

function isActive({ expiresAt, revokedAt }: ShareRecord, now: number): boolean {
  return revokedAt === null && now < Date.parse(expiresAt);
}

async function findByKey(deps: PrincipalDependencies, { id, secret }: Credential): Promise<Principal> {
  const key = await deps.keys.get(id);
  if (!key || !matchesHash(secret, key.hash)) throw unauthorized('This API key is invalid or has been revoked.');
  const [user] = await Promise.all([deps.catalog.getUser(key.subject), recordUse(deps, key)]);
  return { kind: 'key', id: `key#${id}`, user, scopes: key.scopes };
}

/** The last use is recorded once an hour, so that a read does not cost a write. */
const useRecordedEvery = 3_600_000;

async function recordUse({ keys, now }: PrincipalDependencies, key: ApiKeyRecord): Promise<void> {
  if (key.lastUsedAt !== null && now() - Date.parse(key.lastUsedAt) < useRecordedEvery) return;
  await keys.touch({ ...key, lastUsedAt: new Date(now()).toISOString() });
}

/** A caller without a user record accepts the invitation of their account or address, if there is one. */
async function findByToken(deps: PrincipalDependencies, token: string): Promise<Principal> {
  const { subject, email } = await deps.identify(token);
  const user = (await deps.catalog.getUser(subject)) ?? (await deps.invitations.redeem({ subject, email }, deps.now()));
  return { kind: 'user', id: `user#${subject}`, subject, user };
}

/** Scopes that include each scope. */
const includedIn: Readonly<Record<KeyScope, readonly KeyScope[]>> = {
  read: ['read', 'links', 'admin'],
  annotations: ['annotations', 'admin'],
  links: ['links', 'admin'],
  admin: ['admin'],
};

/** Checks the scopes of a key. @throws {Problem} 403 */
export function checkScope(principal: Principal, method: string, path: string): void {
  if (principal.kind !== 'key') return;
  const needed = keyScopeOf(method, path);
  if (needed === undefined) throw forbidden('An API key cannot manage keys. Sign in instead.');
  if (!principal.scopes.some((scope) => includedIn[needed].includes(scope)))
    throw forbidden(`This request needs an API key with the scope \`${needed}\`.`);
}

/** Returns the scope that a key needs for a request; undefined where no key is allowed, because none may manage keys. */
export function keyScopeOf(method: string, path: string): KeyScope | undefined {
  if (/^\/api\/v1\/(keys|pages\/[^/]+\/ingest-keys)(\/|$)/.test(path)) return undefined;
  if (method === 'GET' || method === 'HEAD') return 'read';
  if (path.endsWith('/reservation')) return 'admin';
  if (method === 'POST' && /^\/api\/v1\/pages\/[^/]+\/annotations$/.test(path)) return 'annotations';
  return /^\/api\/v1\/(links(\/|$)|imports$)/.test(path) ? 'links' : 'admin';
}
