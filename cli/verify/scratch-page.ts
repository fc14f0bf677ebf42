import { randomBytes } from 'node:crypto';
import type { ErasureReceipt } from '#schemas/lake-jobs.ts';
import { scratchPageTitle } from '#schemas/catalog-rules.ts';
import { type Link, linkInputSchema, pageSchema } from '#schemas/catalog.ts';
import { CommandFailed } from '#cli/errors.ts';
import { erasePage } from '#cli/lake/erase-page.ts';
import { openCatalog } from '#cli/links/catalog.ts';
import type { Stack } from '#cli/stack.ts';
import { type LinkRole, linkRoles } from './population.ts';

/** Where the links lead, and the site that may send events. Neither is requested. */
export const target = 'https://example.com/verify';
export const origin = 'https://verify.example';

export type ScratchLinks = Readonly<Record<LinkRole, Link>>;

/** Returns a path that no page has or had. Lower case, because a stack may ignore the case of codes. */
export function newScratchPath(): string {
  return `/verify-${randomBytes(8).toString('hex')}`;
}

/** Creates the page and its links. @throws {CommandFailed} if the path or a code is taken */
export async function createScratchPage(stack: Stack, path: string, now: number): Promise<ScratchLinks> {
  const catalog = openCatalog(stack);
  const at = { createdAt: new Date(now).toISOString(), updatedAt: new Date(now).toISOString() };
  const page = pageSchema.parse({ path, title: scratchPageTitle, origins: [origin], ...at });
  if ((await catalog.createPage(page)) !== 'created') throw new CommandFailed(`the page ${path} could not be created`);
  const links: [LinkRole, Link][] = [];
  for (const role of linkRoles) {
    const code = codeOf(path, role);
    const link = linkInputSchema.parse({ code, page: path, url: target, title: role, ...at, ...settings[role] });
    const creation = await catalog.createLink(link);
    if (creation.kind !== 'created') throw new CommandFailed(`the link ${code} could not be created: ${creation.kind}`);
    links.push([role, creation.link]);
  }
  return Object.fromEntries(links) as Record<LinkRole, Link>;
}

/** Returns the code of a link. It cannot be guessed, because another visitor's request would falsify the counts. */
export function codeOf(path: string, role: LinkRole): string {
  return role === 'open' ? path.slice(1) : `${path.slice(1)}-${role}`;
}

const settings: Readonly<Record<LinkRole, object>> = {
  open: {},
  pass: { passQuery: true },
  off: { enabled: false },
  old: { expiresAt: '2020-01-01T00:00:00Z' },
  forged: {},
  private: {},
};

/**
 * Erases the page as `hopcount erase` does, deletes it and its links from the catalog, and frees their codes.
 * @returns undefined if there is no such page
 * @throws {CommandFailed} if the page was not made by {@link createScratchPage}
 */
export async function eraseScratchPage(stack: Stack, path: string, now: number): Promise<ErasureReceipt | undefined> {
  const catalog = openCatalog(stack);
  const page = await catalog.getPage(path);
  if (page === undefined) return undefined;
  if (page.title !== scratchPageTitle) throw new CommandFailed(`${path} is not a scratch page of \`hopcount verify\``);
  return erasePage(stack, page, now);
}
