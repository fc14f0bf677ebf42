import type { ApiKeys } from '#stores/catalog/api-keys.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import type { Invitations } from '#stores/catalog/invitations.ts';
import type { UserPool } from '#stores/aws/cognito-user-pool.ts';

export interface RemovalDependencies {
  catalog: Pick<CatalogAdmin, 'getUser' | 'deleteUser'>;
  invitations: Pick<Invitations, 'remove'>;
  keys: Pick<ApiKeys, 'listAfter' | 'remove'>;
  accounts: Pick<UserPool, 'remove'>;
}

/**
 * Removes a user: the role first, which ends all access at once, then keys and the account. Repeated, it completes what
 * was interrupted.
 */
export async function removeUser(deps: RemovalDependencies, subject: string): Promise<void> {
  await deps.catalog.deleteUser(subject);
  await removeKeys(deps, subject);
  await deps.accounts.remove(subject);
}

const listed = 100;

/** Keys that stayed would work again for a subject that is invited again. */
async function removeKeys({ keys }: RemovalDependencies, subject: string): Promise<void> {
  let after: string | undefined;
  do {
    const found = await keys.listAfter(subject, after, listed);
    for (const { id } of found) await keys.remove(id);
    after = found.length < listed ? undefined : found.at(-1)?.id;
  } while (after !== undefined);
}

/** Takes an invitation back, and with it the account that was made for it: its password opens nothing any more. */
export async function withdrawInvitation(deps: RemovalDependencies, email: string): Promise<void> {
  const invitation = await deps.invitations.remove(email);
  if (invitation?.subject) await deps.accounts.remove(invitation.subject);
}
