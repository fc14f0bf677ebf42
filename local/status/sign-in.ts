import type { CatalogAdmin } from '#stores/catalog-admin.ts';
import { type Role, roles, type User } from '#schemas/catalog.ts';
import { RefusedRequest } from '../edge/request.ts';
import type { Issuer } from '../identity/issuer.ts';

const isRole = (text: string): text is Role => roles.some((role) => role === text);

/** The user of a role: `admin`, `agency-acme`, `creator-ada`. @throws {RefusedRequest} naming what is missing */
export const userOf = (as: string, target: string | null): User => {
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
};

/** Seconds that a token of this machine is good for. */
const tokenLifetime = 12 * 3600;

/** Makes sure that the catalog knows the user, and signs a token for them. */
export const signIn = async (user: User, catalog: CatalogAdmin, issuer: Issuer): Promise<string> => {
  await catalog.putUser(user);
  return issuer.mint({ subject: user.subject, email: user.email ?? '' }, tokenLifetime);
};
