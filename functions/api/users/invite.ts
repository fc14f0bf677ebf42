import type { User } from '#schemas/catalog.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import type { InvitationRecord, Invitations } from '#stores/catalog/invitations.ts';
import type { AccountInvitation, UserPool } from '#stores/aws/cognito-user-pool.ts';
import { conflict, invalidRequest, type Problem } from '../problem.ts';

export interface InvitationDependencies {
  catalog: Pick<CatalogAdmin, 'getUser' | 'listUsersAfter'>;
  invitations: Pick<Invitations, 'put'>;
  accounts: Pick<UserPool, 'invite'>;
  /** Tells an address without a password. @returns false where the stack sends no mails */
  invite: (email: string) => Promise<boolean>;
  now: () => number;
}

export type InvitationRequest = Pick<User, 'role' | 'agency' | 'pages'> & { email: string };

/**
 * Invites an address, or invites it again: with a new end, the role that is given now, and another mail. The account comes
 * first: an invitation that could not be stored is completed by inviting again.
 * @throws {Problem} 409 where somebody with the address is a user, 400 where the user pool does not take it
 */
export async function inviteUser(
  deps: InvitationDependencies,
  request: InvitationRequest,
): Promise<{ invitation: InvitationRecord; mailed: boolean }> {
  // z.email() takes ASCII only, so that lower case is one letter for one letter.
  const email = request.email.toLowerCase();
  if (await isKnownAddress(deps, email)) throw alreadyUser(email);
  const account = await deps.accounts.invite(email);
  const subject = await accountOf(deps, account, email);
  const { role, agency, pages } = request;
  const invitation = { email, role, agency, pages, subject, invitedAt: new Date(deps.now()).toISOString() };
  await deps.invitations.put(invitation);
  const ours = account.kind === 'known' || account.kind === 'elsewhere';
  return { invitation, mailed: ours ? await deps.invite(email) : account.kind === 'mailed' };
}

const listed = 500;

async function isKnownAddress({ catalog }: InvitationDependencies, email: string): Promise<boolean> {
  let after: string | undefined;
  do {
    const users = await catalog.listUsersAfter(after, listed);
    if (users.some((user) => user.email?.toLowerCase() === email)) return true;
    after = users.length < listed ? undefined : users.at(-1)?.subject;
  } while (after !== undefined);
  return false;
}

function alreadyUser(email: string): Problem {
  return conflict('Somebody with this address is a user already: change their role.', [
    { field: 'email', value: email, allowed: 'an address that no user has' },
  ]);
}

/** The account that waits for the invitation; null where the issuer makes accounts. @throws {Problem} */
async function accountOf(
  { catalog }: InvitationDependencies,
  account: AccountInvitation,
  email: string,
): Promise<string | null> {
  if (account.kind === 'elsewhere') return null;
  if (account.kind === 'refused')
    throw invalidRequest([{ field: 'email', value: email, allowed: 'an address that the user pool takes' }]);
  // The first administrator is in the catalog without an address.
  if ((await catalog.getUser(account.subject)) !== undefined) throw alreadyUser(email);
  return account.subject;
}
