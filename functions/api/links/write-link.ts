import { findLoop } from '#core/links/loop.ts';
import { describeFull, describeReserved } from '#core/links/link-code.ts';
import { checkLink, describeLoop, type LinkProblem } from '#core/links/new-link.ts';
import type { LinkChange, NewLink } from '#schemas/api/links.ts';
import type { Link, LinkInput, Page, User } from '#schemas/catalog.ts';
import { type Addresses, domainOfNewLinks, listOwnHosts, listUsableDomains } from '#schemas/settings/link-domains.ts';
import type { Campaigns } from '#stores/catalog/campaigns.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import type { LinkCreation } from '#stores/catalog/link-codes.ts';
import { canSee } from '../access.ts';
import { readUtmDefaults } from '../campaigns/find-campaigns.ts';
import { updatedAfter } from '../conditional.ts';
import { hashIfGiven } from '../passwords.ts';
import { conflict, invalidRequest, type Problem } from '../problem.ts';

export interface LinkWriter {
  catalog: Pick<CatalogAdmin, 'createLink' | 'findCodes' | 'getLink' | 'getPage'>;
  campaigns: Pick<Campaigns, 'list'>;
  addresses: Addresses;
  ignoreCase: boolean;
  now: () => number;
  random: (bytes: number) => Uint8Array;
}

const maxAttempts = 5;

/**
 * Stores a link, with a random code if it has none.
 * @throws {Problem} 400 for an invalid link, 409 for a taken code or a page with too many links
 */
export async function storeNewLink(writer: LinkWriter, user: User, { password, ...input }: NewLink): Promise<Link> {
  const passwordHash = (await hashIfGiven(password, writer.random)) ?? null;
  const domain = await chooseDomain(writer, input);
  const utm = { ...(await readDefaults(writer, input)), ...input.utm };
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const link = await parseLink(
      { ...input, utm, domain, passwordHash, code: input.code ?? createCode(writer.random) },
      writer,
    );
    const creation = await writer.catalog.createLink(link);
    switch (creation.kind) {
      case 'created':
        return creation.link;
      case 'full':
        throw conflict(describeFull(link.page));
      case 'reserved':
      case 'taken':
        if (input.code === undefined && creation.code === link.code) break;
        throw codeTaken(user, creation, {
          field: creation.code === link.code ? 'code' : 'aliases',
          reservedFor: await findReservedFor(writer, creation),
        });
      default:
        creation satisfies never;
    }
  }
  throw conflict(`No free code found in ${maxAttempts} attempts. Try again.`);
}

/** Only a link with a campaign reads its page for it. */
async function readDefaults({ catalog, campaigns }: LinkWriter, { page, campaign }: NewLink) {
  if (campaign === undefined || campaign === null) return {};
  const agency = (await catalog.getPage(page))?.agency ?? null;
  return readUtmDefaults(campaigns, { page, agency, campaign });
}

/** A page whose domain is gone is at that of the stack. @throws {Problem} 400 for a domain that the page may not name */
async function chooseDomain(
  { catalog, addresses }: LinkWriter,
  { page: path, domain }: NewLink,
): Promise<string | null> {
  if (domain === null) return null;
  const page = await catalog.getPage(path);
  if (domain === undefined) return domainOfNewLinks(page, addresses.domains);
  return checkDomain(domain, page === undefined ? [] : listUsableDomains(page, addresses.domains));
}

/** @throws {Problem} 400 */
export function checkDomain(domain: string, usable: readonly string[]): string {
  if (usable.includes(domain)) return domain;
  const allowed = ['null', ...usable.map((name) => `\`${name}\``)].join(', ');
  throw invalidRequest([{ field: 'domain', value: domain, allowed: `one of ${allowed}` }]);
}

type Taken = Extract<LinkCreation, { kind: 'taken' | 'reserved' }>;

async function findReservedFor({ catalog }: LinkWriter, taken: Taken): Promise<Page | undefined> {
  return taken.kind === 'reserved' ? catalog.getPage(taken.page) : undefined;
}

/** Returns the changed link. @throws {Problem} 400 for an invalid change, 409 for an alias that is taken */
export async function applyLinkChange(
  writer: LinkWriter & { user: User },
  link: Link,
  { password, ...change }: LinkChange,
): Promise<Link> {
  const { id } = link;
  const passwordHash = await hashIfGiven(password, writer.random);
  if (change.domain !== undefined && change.domain !== link.domain)
    await chooseDomain(writer, { ...link, domain: change.domain });
  const changed = {
    ...link,
    ...change,
    ...(passwordHash !== undefined && { passwordHash }),
    updatedAt: updatedAfter(link, writer.now()),
  };
  const parsed = { ...(await parseLink(changed, writer)), id };
  await checkAliases(writer, link, parsed);
  return parsed;
}

/** @throws {Problem} 409 if an alias that the link gets belongs to another link, or is reserved for another page */
async function checkAliases(writer: LinkWriter & { user: User }, link: Link, { aliases }: Link): Promise<void> {
  const added = aliases.filter((alias) => !link.aliases.includes(alias));
  if (added.length === 0) return;
  for (const [code, stored] of await writer.catalog.findCodes(added)) {
    const taken: Taken =
      stored.kind === 'reserved' ? { kind: 'reserved', code, page: stored.reservation.page } : { kind: 'taken', code };
    if (taken.kind === 'taken' || taken.page !== link.page)
      throw codeTaken(writer.user, taken, { field: 'aliases', reservedFor: await findReservedFor(writer, taken) });
  }
}

async function parseLink(input: unknown, { now, addresses, ignoreCase, catalog }: LinkWriter): Promise<LinkInput> {
  const own = { ownHosts: listOwnHosts(addresses), ignoreCase };
  const check = checkLink(input, { now: now(), ...own });
  if (check.kind === 'refused') throw refusedLink(check.problems);
  const loop = await findLoop(check.link, { ...own, findLink: catalog.getLink });
  if (loop !== undefined) throw refusedLink([describeLoop(loop)]);
  return check.link;
}

function refusedLink(problems: readonly LinkProblem[]): Problem {
  return invalidRequest(problems.map(({ field, value, allowed }) => ({ field, value, allowed })));
}

function codeTaken(
  user: User,
  { code }: Taken,
  { field, reservedFor }: { field: 'code' | 'aliases'; reservedFor: Page | undefined },
): Problem {
  const detail = describeTaken(user, code, reservedFor);
  // Forms show the detail, which says what to do, unless a field is named.
  if (reservedFor !== undefined && canSee(user, reservedFor)) return conflict(detail);
  return conflict(detail, [{ field, value: code, allowed: 'a code that is free' }]);
}

/** Says that a code is taken. Only users who can see the page learn that it is reserved for it. */
export function describeTaken(user: User, code: string, reservedFor: Page | undefined): string {
  if (reservedFor === undefined || !canSee(user, reservedFor)) return `The code \`${code}\` is taken.`;
  const release =
    user.role === 'admin'
      ? `release it with \`hopcount links release ${code}\` or \`DELETE /links/${code}/reservation\``
      : 'ask an admin to release it';
  return `${describeReserved(code, reservedFor.path)} Create the link there, or ${release}.`;
}

const alphabet = '23456789abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ';

/** 56^7: 1.7 × 10^12 codes. */
const codeLength = 7;

function createCode(random: (bytes: number) => Uint8Array): string {
  return Array.from(random(codeLength), (byte) => alphabet[byte % alphabet.length]).join('');
}
