import { isZone } from '#core/ledger/time-range.ts';
import { defaultAlerts } from '#schemas/alerts.ts';
import type { PageChange, PageSettings } from '#schemas/api/pages.ts';
import { type Link, type Page, pageSchema, type User } from '#schemas/catalog.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { AlreadyExists } from '#stores/errors.ts';
import { readAllLinks } from '../links/list-links.ts';
import { conflict, forbidden, invalidRequest } from '../problem.ts';

export interface PageWriter {
  catalog: Pick<CatalogAdmin, 'createPage' | 'putPage' | 'listLinksAfter' | 'replaceLink'>;
  now: () => number;
}

interface NewPage {
  path: string;
  title: string;
  description: string | null;
  timeZone: string;
  agency: string | null;
}

/** @throws {Problem} 400 for an unknown time zone, 403 for users who may not create the page, 409 for a taken path */
export async function storeNewPage({ catalog, now }: PageWriter, user: User, body: NewPage): Promise<Page> {
  const agency = chooseAgency(user, body);
  checkZone(body.timeZone);
  const at = new Date(now()).toISOString();
  const page = pageSchema.parse({ ...body, agency, createdAt: at, updatedAt: at });
  try {
    await catalog.createPage(page);
  } catch (error) {
    if (!(error instanceof AlreadyExists)) throw error;
    const { path } = page;
    throw conflict(`The path \`${path}\` is taken.`, [{ field: 'path', value: path, allowed: 'a path that is free' }]);
  }
  return page;
}

/** @throws {Problem} 403 */
function chooseAgency(user: User, { agency }: NewPage): string | null {
  if (user.role === 'admin') return agency;
  if (user.role === 'agency' && user.agency !== null && (agency === null || agency === user.agency)) return user.agency;
  throw forbidden('Only admins can create pages, and agencies for themselves.');
}

function checkZone(timeZone: string): void {
  if (!isZone(timeZone))
    throw invalidRequest([{ field: 'timeZone', value: timeZone, allowed: 'an IANA time zone such as Europe/Vienna' }]);
}

export async function storePageChange(writer: PageWriter, page: Page, change: PageChange): Promise<Page> {
  const updatedAt = new Date(writer.now()).toISOString();
  const { order, title, description } = change;
  if (order) await orderLinks(writer, page.path, order, updatedAt);
  const changed = {
    ...page,
    title: title ?? page.title,
    description: description === undefined ? page.description : description,
    updatedAt,
  };
  await writer.catalog.putPage(changed);
  return changed;
}

const concurrentWrites = 10;

/** Sets the position of each link. Links that `order` omits follow in order of creation. */
async function orderLinks(writer: PageWriter, path: string, order: readonly string[], updatedAt: string) {
  const links: Link[] = [];
  for await (const link of readAllLinks(writer.catalog, path)) links.push(link);
  const known = new Set(links.map(({ code }) => code));
  const unknown = order.find((code) => !known.has(code));
  if (unknown !== undefined)
    throw invalidRequest([{ field: 'order', value: unknown, allowed: `a list of codes of the links of ${path}` }]);
  const positions = new Map(order.map((code, position) => [code, position]));
  const moved = links
    .map((link) => ({ ...link, position: positions.get(link.code) ?? null, updatedAt }))
    .filter(({ position }, at) => position !== links[at]?.position);
  const queue = moved.values();
  async function work(): Promise<void> {
    for (const link of queue) await writer.catalog.replaceLink(link);
  }
  await Promise.all(Array.from({ length: concurrentWrites }, work));
}

/** @throws {Problem} 400 for an unknown time zone or an invalid origin */
export async function storeSettings(writer: PageWriter, page: Page, settings: PageSettings): Promise<Page> {
  checkZone(settings.timeZone);
  checkOrigins(settings.origins);
  const { timeZone, origins, consentedIds } = settings;
  const alerts = { ...(page.alerts ?? defaultAlerts), ...settings.alerts };
  const updatedAt = new Date(writer.now()).toISOString();
  const changed = { ...page, timeZone, origins, consentedIds, alerts, updatedAt };
  await writer.catalog.putPage(changed);
  return changed;
}

function checkOrigins(origins: readonly string[]): void {
  const invalid = origins.find((origin) => !/^https?:\/\//.test(origin) || URL.parse(origin)?.origin !== origin);
  if (invalid !== undefined)
    throw invalidRequest([{ field: 'origins', value: invalid, allowed: 'an origin such as https://ada.example' }]);
}
