import type { Page, Role, User } from '#schemas/catalog.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { canSee } from '../access.ts';
import { type ListRequest, parseCursor, searchListing } from '../listing.ts';

type UserCatalog = Pick<CatalogAdmin, 'listUsersAfter'>;

/** Returns the users who have access to a page because of this page or its agency, by subject: no admins. */
export async function findPeople(
  catalog: UserCatalog,
  page: Page,
  { cursor, limit }: ListRequest,
): Promise<{ rows: { email: string | null; role: Role }[]; next: string | null }> {
  const [last] = parseCursor(cursor);
  const { rows, next } = await searchListing(
    allUsers(catalog, last),
    { limit, last },
    { keyOf: ({ subject }) => subject, matches: (user) => user.role !== 'admin' && canSee(user, page) },
  );
  return { rows: rows.map(({ email, role }) => ({ email, role })), next };
}

const usersPerRead = 100;

async function* allUsers(catalog: UserCatalog, after: string | undefined): AsyncGenerator<User> {
  let last = after;
  for (;;) {
    const users = await catalog.listUsersAfter(last, usersPerRead);
    yield* users;
    last = users.at(-1)?.subject;
    if (users.length < usersPerRead || last === undefined) return;
  }
}
