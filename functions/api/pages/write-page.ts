import { describeErased } from '#core/settle/tombstone.ts';
import { isZone } from '#core/ledger/time-range.ts';
import { defaultAlerts } from '#schemas/alerts.ts';
import type { PageChange, PageSettings } from '#schemas/api/pages.ts';
import { type Link, type Page, pageSchema, type User } from '#schemas/catalog.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { type Addresses, listUsableDomains } from '#schemas/settings/link-domains.ts';
import { readAllLinks } from '../links/list-links.ts';
import { checkDomain } from '../links/write-link.ts';
import { updatedAfter } from '../conditional.ts';
import { checkLimit, ownerLimits } from '../limits.ts';
import { conflict, forbidden, invalidRequest, type Problem } from '../problem.ts';

export interface PageWriter {
  catalog: Pick<CatalogAdmin, 'createPage' | 'listAgencyPages' | 'listLinksAfter' | 'getLink' | 'replaceLink'>;
  addresses: Addresses;
  now: () => number;
  random: (bytes: number) => Uint8Array;
}

interface NewPage {
  path: string;
  title: string;
  description: string | null;
  timeZone: string;
  agency: string | null;
}

/** @throws {Problem} 400 for an unknown time zone, 403 for users who may not create the page, 409 for a taken path or too many pages */
export async function storeNewPage({ catalog, now }: PageWriter, user: User, body: NewPage): Promise<Page> {
  const agency = chooseAgency(user, body);
  checkZone(body.timeZone);
  const at = new Date(now()).toISOString();
  const page = pageSchema.parse({ ...body, agency, createdAt: at, updatedAt: at });
  if (agency !== null)
    checkLimit('pages of an agency', (await catalog.listAgencyPages(agency)).length, ownerLimits.pagesOfAgency);
  const creation = await catalog.createPage(page);
  switch (creation) {
    case 'created':
      return page;
    case 'taken':
      throw pathRefused(page, `The path \`${page.path}\` is taken.`, 'a path that is free');
    case 'erased':
      throw pathRefused(page, describeErased(page.path), 'a path that was never erased');
    default:
      return creation satisfies never;
  }
}

/** @throws {Problem} 403 */
function chooseAgency(user: User, { agency }: NewPage): string | null {
  if (user.role === 'admin') return agency;
  if (user.role === 'agency' && user.agency !== null && (agency === null || agency === user.agency)) return user.agency;
  throw forbidden('Only admins can create pages, and agencies for themselves.');
}

function pathRefused({ path }: Page, detail: string, allowed: string): Problem {
  return conflict(detail, [{ field: 'path', value: path, allowed }]);
}

function checkZone(timeZone: string): void {
  if (!isZone(timeZone))
    throw invalidRequest([{ field: 'timeZone', value: timeZone, allowed: 'an IANA time zone such as Europe/Vienna' }]);
}

/** Returns the changed page. The order of its links is stored by {@link planOrder}. @throws {Problem} 400 for a foreign domain */
export function applyPageChange(writer: PageWriter, page: Page, change: PageChange): Page {
  const { title, description, domain = page.domain, design, texts } = change;
  if (domain !== null && domain !== page.domain) checkDomain(domain, listUsableDomains(page, writer.addresses.domains));
  return {
    ...page,
    domain,
    title: title ?? page.title,
    description: description === undefined ? page.description : description,
    ...(design && { design }),
    ...(texts && { texts }),
    updatedAt: updatedAfter(page, writer.now()),
  };
}

const concurrentWrites = 10;
const maxAttempts = 5;

/**
 * Checks an order of a page's links, and returns the function that stores it: after the change of the page, which only
 * one of several concurrent requests wins. Links that `order` omits follow in order of creation.
 * @throws {Problem} 400 for an unknown link
 */
export async function planOrder(
  writer: PageWriter,
  path: string,
  order: readonly string[],
): Promise<() => Promise<void>> {
  const links: Link[] = [];
  for await (const link of readAllLinks(writer.catalog, path)) links.push(link);
  const known = new Set(links.map(({ code }) => code));
  const unknown = order.find((code) => !known.has(code));
  if (unknown !== undefined)
    throw invalidRequest([{ field: 'order', value: unknown, allowed: `a list of codes of the links of ${path}` }]);
  const positions = new Map(order.map((code, position) => [code, position]));
  return async () => {
    const queue = links.filter(({ code, position }) => position !== (positions.get(code) ?? null)).values();
    async function work(): Promise<void> {
      for (const link of queue) await moveLink(writer, link, positions.get(link.code) ?? null);
    }
    await Promise.all(Array.from({ length: concurrentWrites }, work));
  };
}

/** Sets the position of a link, whatever else is changed about it meanwhile. A link that was deleted needs none. */
async function moveLink({ catalog, now }: PageWriter, link: Link, position: number | null): Promise<void> {
  let stored: Link | undefined = link;
  for (let attempt = 0; stored !== undefined && attempt < maxAttempts; attempt++) {
    const moved = { ...stored, position, updatedAt: updatedAfter(stored, now()) };
    if (await catalog.replaceLink(moved, stored)) return;
    stored = await catalog.getLink(link.code);
  }
  if (stored !== undefined) throw conflict(`The link \`${link.code}\` is being changed by others. Try again.`);
}

/**
 * Returns the page with the settings. New recipients must confirm, but for the user's own address, which the identity
 * provider has verified.
 * @throws {Problem} 400 for an unknown time zone or an invalid origin
 */
export function applySettings(writer: PageWriter, page: Page, settings: PageSettings, user: User): Page {
  checkZone(settings.timeZone);
  checkOrigins('origins', settings.origins);
  const { timeZone, origins, identities } = settings;
  const stored = page.alerts ?? defaultAlerts;
  const mustConfirm = settings.alerts.recipients.filter((address) => {
    const isKnown = stored.recipients.includes(address) && !stored.mustConfirm.includes(address);
    return !isKnown && address.toLowerCase() !== user.email?.toLowerCase();
  });
  const alerts = { ...stored, ...settings.alerts, mustConfirm };
  return {
    ...page,
    timeZone,
    origins,
    ...keepIdentities(writer, page, identities),
    alerts,
    updatedAt: updatedAfter(page, writer.now()),
  };
}

type Identities = Pick<Page, 'identities' | 'identitiesSince' | 'identitySecret'>;

/** A page gets its secret with the first ids, and keeps it: whoever erases a person needs it. */
function keepIdentities({ now, random }: PageWriter, page: Page, identities: Page['identities']): Identities {
  if (identities === page.identities || identities === 'none') return { identities };
  const { identitySecret = Buffer.from(random(32)).toString('base64url') } = page;
  return { identities, identitiesSince: new Date(now()).toISOString(), identitySecret };
}

/** Stricter than a URL: an origin may stand in a header, where `;`, `,` and `*` have a meaning. */
const originPattern = /^https?:\/\/([a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(:\d+)?$/;

/** @throws {Problem} 400 for what a browser would not send as an origin */
export function checkOrigins(field: string, origins: readonly string[]): void {
  const invalid = origins.find((origin) => !originPattern.test(origin) || URL.parse(origin)?.origin !== origin);
  if (invalid !== undefined)
    throw invalidRequest([{ field, value: invalid, allowed: 'an origin such as https://ada.example' }]);
}
