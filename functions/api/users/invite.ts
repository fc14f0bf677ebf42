import type { User } from '#schemas/catalog.ts';
import type { AccountInvitation, UserPool } from '#stores/aws/cognito-user-pool.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import type { InvitationRecord, Invitations } from '#stores/catalog/invitations.ts';
import { checkLimit, ownerLimits } from '../limits.ts';
import { conflict, invalidRequest, type Problem } from '../problem.ts';

export interface InvitationDeps {
  catalog: Pick<CatalogAdmin, 'getUser' | 'listUsersAfter'>;
  invitations: Pick<Invitations, 'list' | 'put'>;
  accounts: Pick<UserPool, 'invite'>;
  /** Sends an invitation without a password. @returns false if the stack sends no mails */
  invite: (email: string) => Promise<boolean>;
  now: () => number;
}

export type InvitationRequest = Pick<User, 'role' | 'agency' | 'pages'> & { email: string };

/**
 * Invites an address. Inviting it again extends the invitation, replaces its role and sends another mail. The account is
 * created first, so that inviting again completes an invitation that could not be stored.
 * @throws {Problem} 409 if a user has the address or there are too many invitations, 400 if the user pool refuses it
 */
export async function sendInvitation(
  deps: InvitationDeps,
  request: InvitationRequest,
): Promise<{ invitation: InvitationRecord; mailed: boolean }> {
  // z.email() accepts ASCII only, so lower case is unambiguous.
  const email = request.email.toLowerCase();
  if (await isUserAddress(deps, email)) throw addressTaken(email);
  await checkRoom(deps, email);
  const account = await deps.accounts.invite(email);
  const subject = await resolveSubject(deps, account, email);
  const { role, agency, pages } = request;
  const invitation = { email, role, agency, pages, subject, invitedAt: new Date(deps.now()).toISOString() };
  await deps.invitations.put(invitation);
  const needsOurMail = account.kind === 'known' || account.kind === 'elsewhere';
  return { invitation, mailed: needsOurMail ? await deps.invite(email) : account.kind === 'mailed' };
}

const usersPerRead = 500;

async function isUserAddress({ catalog }: InvitationDeps, email: string): Promise<boolean> {
  let after: string | undefined;
  do {
    const users = await catalog.listUsersAfter(after, usersPerRead);
    if (users.some((user) => user.email?.toLowerCase() === email)) return true;
    after = users.length < usersPerRead ? undefined : users.at(-1)?.subject;
  } while (after !== undefined);
  return false;
}

/** Inviting an address again needs no room. @throws {Problem} 409 */
async function checkRoom({ invitations, now }: InvitationDeps, email: string): Promise<void> {
  const others = (await invitations.list(now())).filter((invitation) => invitation.email !== email);
  checkLimit('invitations', others.length, ownerLimits.invitations);
}

function addressTaken(email: string): Problem {
  return conflict('A user with this address exists already. Change their role instead.', [
    { field: 'email', value: email, allowed: 'an address that no user has' },
  ]);
}

/** Returns the subject of the invited account; null if another issuer manages the accounts. @throws {Problem} */
async function resolveSubject(
  { catalog }: InvitationDeps,
  account: AccountInvitation,
  email: string,
): Promise<string | null> {
  if (account.kind === 'elsewhere') return null;
  if (account.kind === 'refused')
    throw invalidRequest([{ field: 'email', value: email, allowed: 'an address that the user pool accepts' }]);
  // The first admin is stored without an address, so the search above does not find them.
  if ((await catalog.getUser(account.subject)) !== undefined) throw addressTaken(email);
  return account.subject;
}
