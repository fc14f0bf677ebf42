import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { type Role, roles, type User } from '#schemas/catalog.ts';
import { RefusedRequest } from '../edge/request.ts';
import type { Identity, Issuer } from '../identity/issuer.ts';
import type { UserPoolAccounts } from '../identity/user-pool.ts';

export interface SignInDeps {
  catalog: Pick<CatalogAdmin, 'putUser'>;
  issuer: Pick<Issuer, 'mint'>;
  accounts: Pick<UserPoolAccounts, 'find' | 'mayEnter' | 'confirm'>;
}

/** Returns a token for the chosen user. @throws {RefusedRequest} */
export async function signIn(as: string, target: string | null, deps: SignInDeps): Promise<string> {
  return deps.issuer.mint(await choose(as, target, deps), tokenLifetime);
}

/** Seconds. */
const tokenLifetime = 12 * 3600;

/**
 * Returns the user to sign in: a role, whose user is added to the catalog, or an account of the user pool.
 * @throws {RefusedRequest} naming what is missing
 */
export async function choose(as: string, target: string | null, deps: SignInDeps): Promise<Identity> {
  if (as === 'account') return enter(target, deps.accounts);
  const user = userOf(as, target);
  await deps.catalog.putUser(user);
  return { subject: user.subject, email: user.email ?? '' };
}

/** Signs in an invited user. The API adds them to the catalog from their token, as on AWS. @throws {RefusedRequest} */
function enter(subject: string | null, accounts: SignInDeps['accounts']): Identity {
  const account = accounts.find(subject ?? '');
  if (!account) throw new RefusedRequest(404, `No invitation for the account "${subject}". It may have been removed.`);
  if (!accounts.mayEnter(account))
    throw new RefusedRequest(403, `The temporary password for ${account.email} has expired. Invite them again.`);
  accounts.confirm(account.subject);
  return account;
}

/** Builds the user of a role: `admin`, `agency-acme`, `creator-ada`. @throws {RefusedRequest} naming what is missing */
export function userOf(as: string, target: string | null): User {
  if (!isRole(as)) throw new RefusedRequest(400, `"as" must be one of ${roles.join(', ')}; got "${as}"`);
  if (as === 'admin') return { subject: 'admin', email: 'admin@localhost', role: as, agency: null, pages: [] };
  if (target === null || target === '')
    throw new RefusedRequest(
      400,
      `"for" is required for the role ${as}: the ${as === 'agency' ? "agency's name" : 'path of the page'}`,
    );
  const bare = target.replace(/^[/@]+/, '');
  const subject = `${as}-${bare}`;
  const email = `${subject}@localhost`;
  return as === 'agency'
    ? { subject, email, role: as, agency: target, pages: [] }
    : { subject, email, role: as, agency: null, pages: [`/${bare}`] };
}

function isRole(text: string): text is Role {
  return roles.some((role) => role === text);
}
