import type { ShareExtra } from '#schemas/api/shares.ts';
import type { Link, Page, User } from '#schemas/catalog.ts';
import type { AccessCheck } from '#stores/cache/idempotency.ts';
import type { ApiKeys } from '#stores/catalog/api-keys.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import type { Shares } from '#stores/catalog/shares.ts';
import type { Principal } from './principal.ts';
import { forbidden, notFound } from './problem.ts';

/**
 * The access checks of the API. A token proves who the caller is; their role comes from the catalog. A page, link or
 * agency that the caller may not see is the same 404 as one that does not exist.
 */
export interface Access {
  /** @throws {Problem} 403 for share links, and accounts that are not invited */
  user: (principal: Principal) => User;
  /** @throws {Problem} 403 for other roles */
  admin: (principal: Principal) => User;
  /** Returns a page for reading and changing it. @throws {Problem} 404 */
  page: (principal: Principal, path: string) => Promise<Page>;
  /**
   * Returns a page for reading its statistics, which its share links may too.
   * @param extra what a share link shows only if its owner says so
   * @throws {Problem} 404; 403 for a share link that does not show it
   */
  statistics: (principal: Principal, path: string, extra?: ShareExtra) => Promise<Page>;
  /** @throws {Problem} 404 */
  link: (principal: Principal, code: string) => Promise<{ link: Link; page: Page }>;
  /** @throws {Problem} 404 */
  agency: (principal: Principal, id: string) => Promise<void>;
  /** Adds what the response to this request shows, beyond what was checked: what the request has created. */
  shows: (principal: Principal, check: AccessCheck) => void;
  /** Returns the checks that this request has passed, and what its response shows. */
  checksOf: (principal: Principal) => readonly AccessCheck[];
  /** Repeats the checks of an earlier request. @throws {Problem} 403 or 404, also for a key or share that was revoked */
  repeat: (principal: Principal, checks: readonly AccessCheck[]) => Promise<void>;
}

export interface AccessDependencies {
  catalog: Pick<CatalogAdmin, 'getPage' | 'getLink'>;
  keys: Pick<ApiKeys, 'get'>;
  shares: Pick<Shares, 'get'>;
}

export function createAccess({ catalog, keys, shares }: AccessDependencies): Access {
  /** A principal is made for each request. */
  const passed = new WeakMap<Principal, AccessCheck[]>();

  function shows(principal: Principal, check: AccessCheck): void {
    passed.set(principal, [...(passed.get(principal) ?? []), check]);
  }
  function user(principal: Principal): User {
    const found = requireUser(principal);
    shows(principal, { kind: 'user', id: '' });
    return found;
  }
  function admin(principal: Principal): User {
    const found = requireUser(principal);
    if (found.role !== 'admin') throw forbidden('Only admins can do this.');
    shows(principal, { kind: 'admin', id: '' });
    return found;
  }
  async function page(principal: Principal, path: string): Promise<Page> {
    const found = await catalog.getPage(path);
    const viewer = findUser(principal);
    if (found === undefined || viewer === undefined || !canSee(viewer, found)) throw notFound('Page');
    shows(principal, { kind: 'page', id: path });
    return found;
  }
  async function agency(principal: Principal, id: string): Promise<void> {
    const viewer = findUser(principal);
    if (viewer === undefined || !canSeeAgency(viewer, id)) throw notFound('Agency');
    shows(principal, { kind: 'agency', id });
  }
  async function repeatCheck(principal: Principal, { kind, id }: AccessCheck): Promise<void> {
    switch (kind) {
      case 'user':
        return void user(principal);
      case 'admin':
        return void admin(principal);
      case 'page':
        return void (await page(principal, id));
      case 'agency':
        return agency(principal, id);
      case 'key':
        if ((await keys.get(id)) === undefined) throw notFound('Key');
        return undefined;
      case 'ingest-key': {
        const [path = '', key] = id.split(' ');
        if (!(await page(principal, path)).ingestKeys?.some((stored) => stored.id === key))
          throw notFound('Ingest key');
        return undefined;
      }
      case 'share':
        if ((await shares.get(id))?.revokedAt !== null) throw notFound('Share');
        return undefined;
      default:
        return kind satisfies never;
    }
  }
  return {
    user,
    admin,
    page,
    agency,
    statistics: async (principal, path, extra) => {
      if (principal.kind !== 'share') return page(principal, path);
      const { share } = principal;
      const found = share.page === path ? await catalog.getPage(path) : undefined;
      if (found === undefined) throw notFound('Page');
      if (extra !== undefined && !share.extras.includes(extra))
        throw forbidden(`This share link does not show ${extra}.`);
      return found;
    },
    link: async (principal, code) => {
      const link = await catalog.getLink(code);
      const found = link && (await catalog.getPage(link.page));
      const viewer = findUser(principal);
      if (!link || !found || !viewer || !canSee(viewer, found)) throw notFound('Link');
      shows(principal, { kind: 'page', id: link.page });
      return { link, page: found };
    },
    shows,
    checksOf: (principal) => passed.get(principal) ?? [],
    repeat: async (principal, checks) => {
      for (const check of checks) await repeatCheck(principal, check);
    },
  };
}

function findUser(principal: Principal): User | undefined {
  return principal.kind === 'share' ? undefined : principal.user;
}

function requireUser(principal: Principal): User {
  if (principal.kind === 'share') throw forbidden('A share link can only read the statistics of its page.');
  if (principal.user === undefined) throw forbidden('This account has no access. Ask an admin to invite you.');
  return principal.user;
}

export function canSee(user: User, page: Page): boolean {
  switch (user.role) {
    case 'admin':
      return true;
    case 'agency':
      return user.agency !== null && user.agency === page.agency;
    case 'creator':
      return user.pages.includes(page.path);
    default:
      return user.role satisfies never;
  }
}

export function canSeeAgency(user: User, id: string): boolean {
  return user.role === 'admin' || (user.role === 'agency' && user.agency === id);
}
