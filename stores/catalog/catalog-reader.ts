import type { Link, Page, PageDesign } from '#schemas/catalog.ts';
import { catalogKeys, listingKeys } from './catalog-keys.ts';
import {
  accentPattern,
  deviceTargets,
  identityModes,
  pageThemes,
  picturePattern,
  redirectStatuses,
} from '#schemas/catalog-rules.ts';
import { createTable, type Item, type TableOptions } from '../dynamodb/table.ts';

/** Reads links and pages for redirect, collect and enrich, without zod. Reads are eventually consistent. */
export interface CatalogReader {
  /** @throws {StoreUnavailable} */
  link: (code: string) => Promise<Link | undefined>;
  /** @throws {StoreUnavailable} */
  page: (path: string) => Promise<Page | undefined>;
  /** Returns the first 500 links of a page by code. @throws {StoreUnavailable} */
  linksOfPage: (path: string) => Promise<Link[]>;
  /** Uses up one click of a link's limit. Returns false if none is left. @throws {StoreUnavailable} */
  takeClick: (id: string, limit: number) => Promise<boolean>;
}

/** Links that a link page shows. */
const linksPerPage = 500;

export function createCatalogReader(options: TableOptions): CatalogReader {
  const table = createTable(options);
  return {
    link: async (code) => {
      const item = await table.get(catalogKeys.link(code), { consistent: false });
      return item && parseLink(item);
    },
    page: async (path) => {
      const item = await table.get(catalogKeys.page(path), { consistent: false });
      return item && parsePage(item);
    },
    linksOfPage: async (path) => {
      const { items } = await table.list(listingKeys.linksOfPage(path), { limit: linksPerPage });
      return items.flatMap((item) => parseLink(item) ?? []);
    },
    takeClick: (id, limit) =>
      table.updateIf(
        catalogKeys.linkClicks(id),
        { add: { clicks: 1 } },
        { expression: 'attribute_not_exists(#clicks) OR #clicks < :limit', values: { limit } },
      ),
  };
}

/** Returns undefined for an item without code, page or URL, such as a deleted link. A damaged optional attribute reads as absent. */
export function parseLink(item: Item): Link | undefined {
  const code = text(item, 'code');
  const page = text(item, 'page');
  const url = text(item, 'url');
  if (code === null || page === null || url === null) return undefined;
  return {
    id: text(item, 'id') ?? code,
    code,
    aliases: strings(item, 'aliases'),
    page,
    domain: text(item, 'domain'),
    url,
    title: text(item, 'title'),
    campaign: text(item, 'campaign'),
    status: redirectStatuses.find((status) => status === number(item, 'status')) ?? 302,
    enabled: truth(item, 'enabled', true),
    startsAt: text(item, 'startsAt'),
    expiresAt: text(item, 'expiresAt'),
    expiredUrl: text(item, 'expiredUrl'),
    clickLimit: number(item, 'clickLimit'),
    passwordHash: text(item, 'passwordHash'),
    deviceUrls: deviceUrls(item),
    countryUrls: texts(item, 'countryUrls'),
    passQuery: truth(item, 'passQuery', false),
    utm: texts(item, 'utm'),
    variants: variants(item),
    card: card(item),
    tags: strings(item, 'tags'),
    archived: truth(item, 'archived', false),
    position: number(item, 'position'),
    listed: truth(item, 'listed', true),
    section: text(item, 'section'),
    icon: truth(item, 'icon', false),
    createdAt: text(item, 'createdAt') ?? '',
    updatedAt: text(item, 'updatedAt') ?? '',
  };
}

function text(item: Item, name: string): string | null {
  return item[name]?.S ?? null;
}

function number(item: Item, name: string): number | null {
  const value = item[name]?.N;
  return value === undefined ? null : Number(value);
}

function truth(item: Item, name: string, otherwise: boolean): boolean {
  return item[name]?.BOOL ?? otherwise;
}

function deviceUrls(item: Item): Link['deviceUrls'] {
  const urls = texts(item, 'deviceUrls');
  return Object.fromEntries(deviceTargets.flatMap((target) => (urls[target] ? [[target, urls[target]]] : [])));
}

function texts(item: Item, name: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(item[name]?.M ?? {}).flatMap(([key, value]): [string, string][] =>
      value.S === undefined ? [] : [[key, value.S]],
    ),
  );
}

function strings(item: Item, name: string): string[] {
  return (item[name]?.L ?? []).flatMap(({ S }) => (S === undefined ? [] : [S]));
}

function variants(item: Item): Link['variants'] {
  return (item['variants']?.L ?? []).flatMap(({ M: variant = {} }) => {
    const url = text(variant, 'url');
    const weight = number(variant, 'weight');
    return url === null || weight === null ? [] : [{ url, weight }];
  });
}

function card(item: Item): Link['card'] {
  const attributes = item['card']?.M;
  const title = attributes && text(attributes, 'title');
  if (attributes === undefined || title === null || title === undefined) return null;
  return { title, description: text(attributes, 'description'), image: text(attributes, 'image') };
}

/** Returns undefined for an item without path or title. */
export function parsePage(item: Item): Page | undefined {
  const path = text(item, 'path');
  const title = text(item, 'title');
  if (path === null || title === null) return undefined;
  return {
    path,
    title,
    description: text(item, 'description'),
    timeZone: text(item, 'timeZone') ?? 'UTC',
    agency: text(item, 'agency'),
    domain: text(item, 'domain'),
    origins: strings(item, 'origins'),
    ...identities(item),
    ingestKeys: (item['ingestKeys']?.L ?? []).flatMap(({ M = {} }) => {
      const [id, hash] = [text(M, 'id'), text(M, 'hash')];
      if (id === null || hash === null) return [];
      return [{ id, hash, label: text(M, 'label') ?? '', createdAt: text(M, 'createdAt') ?? '' }];
    }),
    ...visitorTexts(item),
    ...design(item),
    createdAt: text(item, 'createdAt') ?? '',
    updatedAt: text(item, 'updatedAt') ?? '',
  };
}

/** Without a secret, there is nothing to make hashes with: ids of a page of an older version are not kept any more. */
function identities(item: Item): Pick<Page, 'identities' | 'identitiesSince' | 'identitySecret'> {
  const [since, identitySecret] = [text(item, 'identitiesSince'), text(item, 'identitySecret')];
  if (identitySecret === null) return { identities: 'none' };
  return {
    identities: identityModes.find((mode) => mode === text(item, 'identities')) ?? 'none',
    ...(since !== null && { identitiesSince: since }),
    identitySecret,
  };
}

function visitorTexts(item: Item): Pick<Page, 'texts'> {
  const texts = item['texts']?.M;
  return texts === undefined ? {} : { texts: { closed: text(texts, 'closed'), unknown: text(texts, 'unknown') } };
}

/** The accent becomes a part of a style, so it must be a color here, too. */
function design(item: Item): { design?: PageDesign } {
  const attributes = item['design']?.M;
  if (attributes === undefined) return {};
  const [picture, accent] = [text(attributes, 'picture'), text(attributes, 'accent')];
  return {
    design: {
      picture: picture !== null && picturePattern.test(picture) ? picture : null,
      accent: accent !== null && accentPattern.test(accent) ? accent : null,
      theme: pageThemes.find((theme) => theme === text(attributes, 'theme')) ?? 'system',
      sections: strings(attributes, 'sections'),
    },
  };
}
