import { type AttributeValue, type DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { Link, Page } from '#schemas/catalog.ts';
import { catalogKeys, listingKeys } from './catalog-keys.ts';
import { deviceTargets, redirectStatuses } from '#schemas/catalog-rules.ts';
import { listingIndex } from '#schemas/tables.ts';
import { StoreUnavailable } from '../errors.ts';

/** Reads of the catalog that redirect, collect and enrich need, without zod. Reads are eventually consistent. */
export interface CatalogReader {
  /** @throws {StoreUnavailable} */
  link: (code: string) => Promise<Link | undefined>;
  /** @throws {StoreUnavailable} */
  page: (path: string) => Promise<Page | undefined>;
  /** Links of a page by code, at most 500. @throws {StoreUnavailable} */
  linksOfPage: (path: string) => Promise<Link[]>;
}

/** Links that a link page shows at most: 1 MB of one query is about 1,500. */
const linksPerPage = 500;

type Item = Readonly<Record<string, AttributeValue>>;

export function createCatalogReader({ client, table }: { client: DynamoDBClient; table: string }): CatalogReader {
  async function read(key: { pk: string; sk: string }): Promise<Item | undefined> {
    try {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: { pk: { S: key.pk }, sk: { S: key.sk } } }),
      );
      return Item;
    } catch (cause) {
      throw new StoreUnavailable(`${table} did not answer for ${key.pk}`, { cause });
    }
  }

  async function listLinks(path: string): Promise<Item[]> {
    const { gpk, gsk } = listingKeys.linksOfPage(path);
    try {
      const { Items } = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: listingIndex,
          KeyConditionExpression: 'gpk = :page AND begins_with(gsk, :link)',
          ExpressionAttributeValues: { ':page': { S: gpk }, ':link': { S: gsk } },
          Limit: linksPerPage,
        }),
      );
      return Items ?? [];
    } catch (cause) {
      throw new StoreUnavailable(`${table} did not list the links of ${path}`, { cause });
    }
  }

  return {
    link: async (code) => {
      const item = await read(catalogKeys.link(code));
      return item && linkOfItem(item);
    },
    page: async (path) => {
      const item = await read(catalogKeys.page(path));
      return item && pageOfItem(item);
    },
    linksOfPage: async (path) => (await listLinks(path)).flatMap((item) => linkOfItem(item) ?? []),
  };
}

/** Undefined where the item lacks what a link cannot do without. What is optional and damaged reads as absent. */
export function linkOfItem(item: Item): Link | undefined {
  const code = text(item, 'code');
  const page = text(item, 'page');
  const url = text(item, 'url');
  if (code === null || page === null || url === null) return undefined;
  return {
    code,
    page,
    url,
    title: text(item, 'title'),
    campaign: text(item, 'campaign'),
    status: redirectStatuses.find((status) => status === number(item, 'status')) ?? 302,
    enabled: truth(item, 'enabled', true),
    startsAt: text(item, 'startsAt'),
    expiresAt: text(item, 'expiresAt'),
    expiredUrl: text(item, 'expiredUrl'),
    deviceUrls: deviceUrls(item),
    countryUrls: texts(item, 'countryUrls'),
    passQuery: truth(item, 'passQuery', false),
    utm: texts(item, 'utm'),
    position: number(item, 'position'),
    listed: truth(item, 'listed', true),
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

/** Undefined where the item lacks its path or title. */
export function pageOfItem(item: Item): Page | undefined {
  const path = text(item, 'path');
  const title = text(item, 'title');
  if (path === null || title === null) return undefined;
  return {
    path,
    title,
    description: text(item, 'description'),
    timeZone: text(item, 'timeZone') ?? 'UTC',
    agency: text(item, 'agency'),
    origins: (item['origins']?.L ?? []).flatMap(({ S }) => (S === undefined ? [] : [S])),
    consentedIds: truth(item, 'consentedIds', false),
    createdAt: text(item, 'createdAt') ?? '',
    updatedAt: text(item, 'updatedAt') ?? '',
  };
}
