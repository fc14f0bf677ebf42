import { isZone } from '#core/ledger/time-range.ts';
import { defaultAlerts } from '#schemas/alerts.ts';
import type { PageChange, PageSettings } from '#schemas/api/pages.ts';
import { type Link, type Page, pageSchema, type User } from '#schemas/catalog.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { AlreadyExists } from '#stores/errors.ts';
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

/** @throws {Problem} 403 for whoever may not, 409 for a taken path */
export async function createPage({ catalog, now }: PageWriter, user: User, body: NewPage): Promise<Page> {
  const agency = agencyOf(user, body);
  checkZone(body.timeZone);
  const at = new Date(now()).toISOString();
  const page = pageSchema.parse({ ...body, agency, createdAt: at, updatedAt: at });
  try {
    await catalog.createPage(page);
  } catch (error) {
    if (!(error instanceof AlreadyExists)) throw error;
    const allowed = 'a path that no page has';
    throw conflict(`The path ${page.path} is taken.`, [{ field: 'path', value: page.path, allowed }]);
  }
  return page;
}

/** Whose page it becomes. Creators are given pages; they do not make them. */
function agencyOf(user: User, { agency }: NewPage): string | null {
  if (user.role === 'admin') return agency;
  if (user.role === 'agency' && user.agency !== null && (agency === null || agency === user.agency)) return user.agency;
  throw forbidden('Pages are made by admins, and by agencies for themselves.');
}

function checkZone(timeZone: string): void {
  if (!isZone(timeZone))
    throw invalidRequest([{ field: 'timeZone', value: timeZone, allowed: 'an IANA time zone such as Europe/Vienna' }]);
}

export async function changePage(writer: PageWriter, page: Page, change: PageChange): Promise<Page> {
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

/** Links written at once. */
const lanes = 10;

/** Gives each link its place; those that are not named follow in order of creation. */
async function orderLinks(writer: PageWriter, path: string, order: readonly string[], updatedAt: string) {
  const links = await allLinks(writer, path);
  const known = new Set(links.map(({ code }) => code));
  const unknown = order.find((code) => !known.has(code));
  if (unknown !== undefined)
    throw invalidRequest([{ field: 'order', value: unknown, allowed: `codes of the links of ${path}` }]);
  const positions = new Map(order.map((code, position) => [code, position]));
  const moved = links
    .map((link) => ({ ...link, position: positions.get(link.code) ?? null, updatedAt }))
    .filter(({ position }, at) => position !== links[at]?.position);
  const queue = moved.values();
  async function lane(): Promise<void> {
    for (const link of queue) await writer.catalog.replaceLink(link);
  }
  await Promise.all(Array.from({ length: lanes }, lane));
}

const batch = 200;

async function allLinks({ catalog }: PageWriter, path: string): Promise<Link[]> {
  const links: Link[] = [];
  for (;;) {
    const found = await catalog.listLinksAfter(path, links.at(-1)?.code, batch);
    links.push(...found);
    if (found.length < batch) return links;
  }
}

export function readSettings({ timeZone, origins, consentedIds, alerts }: Page): PageSettings {
  return {
    timeZone,
    origins,
    consentedIds,
    alerts: alerts ?? defaultAlerts,
  };
}

/** @throws {Problem} 400 for an unknown zone, or an origin that is none */
export async function storeSettings(writer: PageWriter, page: Page, settings: PageSettings): Promise<Page> {
  checkZone(settings.timeZone);
  checkOrigins(settings.origins);
  const changed = { ...page, ...settings, updatedAt: new Date(writer.now()).toISOString() };
  await writer.catalog.putPage(changed);
  return changed;
}

function checkOrigins(origins: readonly string[]): void {
  const wrong = origins.find((origin) => !/^https?:\/\//.test(origin) || URL.parse(origin)?.origin !== origin);
  if (wrong !== undefined)
    throw invalidRequest([{ field: 'origins', value: wrong, allowed: 'an origin such as https://ada.example' }]);
}
