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

/** A token of whoever is chosen. @throws {RefusedRequest} */
export async function signIn(as: string, target: string | null, deps: SignInDeps): Promise<string> {
  return deps.issuer.mint(await choose(as, target, deps), tokenLifetime);
}

/** Seconds that a token of this machine is good for. */
const tokenLifetime = 12 * 3600;

/**
 * Who signs in: a role, which the catalog is made to know, or an account of the pool.
 * @throws {RefusedRequest} naming what is missing
 */
export async function choose(as: string, target: string | null, deps: SignInDeps): Promise<Identity> {
  if (as === 'account') return enter(target, deps.accounts);
  const user = userOf(as, target);
  await deps.catalog.putUser(user);
  return { subject: user.subject, email: user.email ?? '' };
}

/** Somebody who was invited; the catalog learns of them as on AWS, from their token. @throws {RefusedRequest} */
function enter(subject: string | null, accounts: SignInDeps['accounts']): Identity {
  const account = accounts.find(subject ?? '');
  if (!account) throw new RefusedRequest(404, 'nobody with this account is invited (any more)');
  if (!accounts.mayEnter(account))
    throw new RefusedRequest(403, `the password that was mailed to ${account.email} has expired; invite them again`);
  accounts.confirm(account.subject);
  return account;
}

/** The user of a role: `admin`, `agency-acme`, `creator-ada`. @throws {RefusedRequest} naming what is missing */
export function userOf(as: string, target: string | null): User {
  if (!isRole(as)) throw new RefusedRequest(400, `as is "${as}"; it must be one of ${roles.join(', ')}`);
  if (as === 'admin') return { subject: 'admin', email: 'admin@localhost', role: as, agency: null, pages: [] };
  if (target === null || target === '')
    throw new RefusedRequest(400, `for is missing; it names the ${as === 'agency' ? 'agency' : 'page'}`);
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
