import type { z } from 'zod';
import { dayLength } from '#core/time.ts';
import type { newShareSchema, ShareChange } from '#schemas/api/shares.ts';
import type { ShareRecord } from '#stores/catalog/shares.ts';
import { updatedAfter } from '../conditional.ts';
import { type Credential, hashSecret } from '../credentials.ts';
import type { ApiDeps } from '../deps.ts';
import { checkOrigins } from '../pages/write-page.ts';
import { hashIfGiven } from '../passwords.ts';
import { invalidRequest } from '../problem.ts';

type Deps = Pick<ApiDeps, 'now' | 'random'>;

/** @throws {Problem} 400 for a time in the past or more than a year away, and for what is not an origin */
export async function buildShare(
  deps: Deps,
  { password, ...share }: z.output<typeof newShareSchema>,
  { id, secret }: Credential,
): Promise<ShareRecord> {
  checkFields(share, deps.now());
  return {
    id,
    ...share,
    hash: hashSecret(secret),
    passwordHash: (await hashIfGiven(password, deps.random)) ?? null,
    createdAt: new Date(deps.now()).toISOString(),
    revokedAt: null,
  };
}

/** @throws {Problem} 400 as {@link buildShare} */
export async function applyShareChange(deps: Deps, share: ShareRecord, change: ShareChange): Promise<ShareRecord> {
  checkFields(change, deps.now());
  const passwordHash = await hashIfGiven(change.password, deps.random);
  return {
    ...share,
    label: change.label ?? share.label,
    expiresAt: change.expiresAt ?? share.expiresAt,
    extras: change.extras ?? share.extras,
    metrics: change.metrics ?? share.metrics,
    embedOrigins: change.embedOrigins ?? share.embedOrigins,
    ...(passwordHash !== undefined && { passwordHash }),
    updatedAt: changedAt(deps, share),
  };
}

export function revoke(deps: Deps, share: ShareRecord): ShareRecord {
  const at = changedAt(deps, share);
  return { ...share, revokedAt: share.revokedAt ?? at, updatedAt: at };
}

/** `updatedAt` is absent until the first change. */
function changedAt({ now }: Deps, { updatedAt, createdAt }: ShareRecord): string {
  return updatedAfter({ updatedAt: updatedAt ?? createdAt }, now());
}

const maxDays = 366;

function checkFields(
  { expiresAt, embedOrigins = [] }: Pick<ShareChange, 'expiresAt' | 'embedOrigins'>,
  now: number,
): void {
  if (expiresAt !== undefined) {
    const at = Date.parse(expiresAt);
    if (at <= now || at > now + maxDays * dayLength)
      throw invalidRequest([{ field: 'expiresAt', value: expiresAt, allowed: 'in the future, within a year' }]);
  }
  checkOrigins('embedOrigins', embedOrigins);
}
