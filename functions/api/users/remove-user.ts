import type { UserPool } from '#stores/aws/cognito-user-pool.ts';
import type { ApiKeys } from '#stores/catalog/api-keys.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import type { Invitations } from '#stores/catalog/invitations.ts';

export interface RemovalDeps {
  catalog: Pick<CatalogAdmin, 'getUser' | 'deleteUser'>;
  invitations: Pick<Invitations, 'remove'>;
  keys: Pick<ApiKeys, 'listAfter' | 'remove'>;
  accounts: Pick<UserPool, 'remove'>;
}

/**
 * Deletes a user: first the role, which ends all access at once, then the keys and the account. Repeating it completes
 * an interrupted removal.
 */
export async function deleteUser(deps: RemovalDeps, subject: string): Promise<void> {
  await deps.catalog.deleteUser(subject);
  await deleteKeys(deps, subject);
  await deps.accounts.remove(subject);
}

const keysPerRead = 100;

/** Otherwise they would work again if the same subject were invited again. */
async function deleteKeys({ keys }: RemovalDeps, subject: string): Promise<void> {
  let after: string | undefined;
  do {
    const found = await keys.listAfter(subject, after, keysPerRead);
    for (const { id } of found) await keys.remove(id);
    after = found.length < keysPerRead ? undefined : found.at(-1)?.id;
  } while (after !== undefined);
}

/** Deletes an invitation and the account created for it, so that the mailed password stops working. */
export async function withdrawInvitation(deps: RemovalDeps, email: string): Promise<void> {
  const invitation = await deps.invitations.remove(email);
  if (invitation?.subject) await deps.accounts.remove(invitation.subject);
}
