import {
  type AttributeValue,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { z } from 'zod';
import {
  catalogKeys,
  type Link,
  linkSchema,
  listingIndex,
  listingKeys,
  type Page,
  pageSchema,
  type User,
  userSchema,
} from '#schemas/catalog.ts';
import { AlreadyExists, DamagedItem, StoreUnavailable } from './errors.ts';

type Key = { pk: string; sk: string };
type Item = Record<string, AttributeValue>;

/** A page of a listing; `next` continues it and is undefined at its end. */
export interface Listing<Row> {
  rows: Row[];
  next: string | undefined;
}

export interface ListOptions {
  /** At most this many rows, 100 unless told. */
  limit?: number;
  /** `next` of the page before. */
  after?: string | undefined;
}

/** What a batch came to; `unwritten` lists the codes that the table did not take within the attempts. */
export interface ImportResult {
  written: number;
  unwritten: string[];
}

// BatchWriteItem's own limit.
const batchSize = 25;
const batchAttempts = 8;

const keyOf = (key: Key): Item => ({ pk: { S: key.pk }, sk: { S: key.sk } });
const toItem = (value: Record<string, unknown>): Item => marshall(value, { removeUndefinedValues: true });

const linkItem = (link: Link): Item =>
  toItem({ ...link, ...catalogKeys.link(link.code), ...listingKeys.linksOfPage(link.page, link.code) });
const pageItem = (page: Page): Item =>
  toItem({ ...page, ...catalogKeys.page(page.path), ...listingKeys.pages(page.path) });
const userItem = (user: User): Item =>
  toItem({ ...user, ...catalogKeys.user(user.subject), ...listingKeys.users(user.subject) });

const parseItem = <Schema extends z.ZodType>(schema: Schema, item: Item): z.output<Schema> => {
  const parsed = schema.safeParse(unmarshall(item));
  if (!parsed.success)
    throw new DamagedItem(`catalog item ${item['pk']?.S ?? '?'} is damaged`, { cause: parsed.error });
  return parsed.data;
};

const encodeCursor = (key: Item | undefined): string | undefined =>
  key && Buffer.from(JSON.stringify(key)).toString('base64url');

/** A cursor is opaque to callers and comes back through them: what is not one of ours starts from the beginning. */
const decodeCursor = (cursor: string | undefined): Item | undefined => {
  if (cursor === undefined) return undefined;
  try {
    const names = ['pk', 'sk', 'gpk', 'gsk'];
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (typeof key !== 'object' || key === null) return undefined;
    const texts = new Map(Object.entries(key).map(([name, value]: [string, unknown]) => [name, textOf(value)]));
    return Object.fromEntries(names.map((name) => [name, { S: texts.get(name) ?? '' }]));
  } catch {
    return undefined;
  }
};

const textOf = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'S' in value && typeof value.S === 'string' ? value.S : '';

const isConflict = (error: unknown): boolean =>
  error instanceof ConditionalCheckFailedException ||
  (error instanceof TransactionCanceledException &&
    (error.CancellationReasons ?? []).some(({ Code }) => Code === 'ConditionalCheckFailed'));

export interface CatalogAdminOptions {
  client: DynamoDBClient;
  table: string;
  /** Waits between attempts of a batch; milliseconds. */
  pause?: (ms: number) => Promise<void>;
}

export type CatalogAdmin = ReturnType<typeof createCatalogAdmin>;

/**
 * The catalog for the API, the CLI and the canary: every item is checked by its schema on the way out. Reads by key
 * are strongly consistent, listings are not. What a user may ask for (codes, destinations) is judged by
 * `core/links/new-link.ts` before it comes here.
 *
 * Every function may throw {@link StoreUnavailable}; reads throw {@link DamagedItem} too.
 */
export const createCatalogAdmin = ({
  client,
  table,
  pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}: CatalogAdminOptions) => {
  const attempt = async <Result>(what: string, run: () => Promise<Result>): Promise<Result> => {
    try {
      return await run();
    } catch (cause) {
      if (isConflict(cause)) throw new AlreadyExists(`${what}: exists already`, { cause });
      throw new StoreUnavailable(`${table}: ${what} failed`, { cause });
    }
  };

  const get = async (key: Key): Promise<Item | undefined> =>
    (
      await attempt(`get ${key.pk}`, () =>
        client.send(new GetItemCommand({ TableName: table, Key: keyOf(key), ConsistentRead: true })),
      )
    ).Item;

  const put = (item: Item, onlyNew: boolean): Promise<unknown> =>
    attempt(`put ${item['pk']?.S ?? ''}`, () =>
      client.send(
        new PutItemCommand({
          TableName: table,
          Item: item,
          ...(onlyNew && { ConditionExpression: 'attribute_not_exists(pk)' }),
        }),
      ),
    );

  const remove = (key: Key): Promise<unknown> =>
    attempt(`delete ${key.pk}`, () => client.send(new DeleteItemCommand({ TableName: table, Key: keyOf(key) })));

  const list = async (
    gpk: string,
    prefix: string,
    { limit = 100, after }: ListOptions = {},
  ): Promise<{ items: Item[]; next: string | undefined }> => {
    const answer = await attempt(`list ${gpk}`, () =>
      client.send(
        new QueryCommand({
          TableName: table,
          IndexName: listingIndex,
          KeyConditionExpression: prefix === '' ? 'gpk = :gpk' : 'gpk = :gpk AND begins_with(gsk, :gsk)',
          ExpressionAttributeValues: { ':gpk': { S: gpk }, ...(prefix !== '' && { ':gsk': { S: prefix } }) },
          ExclusiveStartKey: decodeCursor(after),
          Limit: limit,
        }),
      ),
    );
    return { items: answer.Items ?? [], next: encodeCursor(answer.LastEvaluatedKey) };
  };

  /** The page, and its membership of an agency, change together. */
  const writePage = async (page: Page, onlyNew: boolean): Promise<void> => {
    const before = onlyNew ? undefined : await getPage(page.path);
    const writes: TransactWriteItem[] = [
      {
        Put: {
          TableName: table,
          Item: pageItem(page),
          ...(onlyNew && { ConditionExpression: 'attribute_not_exists(pk)' }),
        },
      },
    ];
    if (page.agency !== null) {
      const membership = { ...catalogKeys.agencyPage(page.agency, page.path), path: page.path };
      writes.push({ Put: { TableName: table, Item: toItem(membership) } });
    }
    if (before?.agency && before.agency !== page.agency)
      writes.push({ Delete: { TableName: table, Key: keyOf(catalogKeys.agencyPage(before.agency, page.path)) } });
    await attempt(`write page ${page.path}`, () =>
      client.send(new TransactWriteItemsCommand({ TransactItems: writes })),
    );
  };

  const writeBatch = async (requests: WriteRequest[]): Promise<WriteRequest[]> => {
    let rest = requests;
    for (let round = 0; rest.length > 0 && round < batchAttempts; round++) {
      // 50 ms, doubled each time: 8 attempts take about 6 s.
      if (round > 0) await pause(25 * 2 ** round);
      const sent = rest;
      const { UnprocessedItems } = await attempt('batch write', () =>
        client.send(new BatchWriteItemCommand({ RequestItems: { [table]: sent } })),
      );
      rest = UnprocessedItems?.[table] ?? [];
    }
    return rest;
  };

  const getPage = async (path: string): Promise<Page | undefined> => {
    const item = await get(catalogKeys.page(path));
    return item && parseItem(pageSchema, item);
  };

  return {
    getLink: async (code: string): Promise<Link | undefined> => {
      const item = await get(catalogKeys.link(code));
      return item && parseItem(linkSchema, item);
    },
    /** @throws {AlreadyExists} where the code is taken; nothing is written then */
    createLink: async (link: Link): Promise<void> => void (await put(linkItem(link), true)),
    putLink: async (link: Link): Promise<void> => void (await put(linkItem(link), false)),
    deleteLink: async (code: string): Promise<void> => void (await remove(catalogKeys.link(code))),
    /** Links of a page by code. */
    listLinksOfPage: async (path: string, options?: ListOptions): Promise<Listing<Link>> => {
      const { gpk, gsk } = listingKeys.linksOfPage(path);
      const { items, next } = await list(gpk, gsk, options);
      return { rows: items.map((item) => parseItem(linkSchema, item)), next };
    },
    /** Writes links in batches of 25, replacing those that exist. Of one code twice, the last stays. */
    importLinks: async (links: readonly Link[]): Promise<ImportResult> => {
      const latest = [...new Map(links.map((link) => [link.code, link])).values()];
      const unwritten: string[] = [];
      for (let start = 0; start < latest.length; start += batchSize) {
        const batch = latest.slice(start, start + batchSize).map((link) => ({ PutRequest: { Item: linkItem(link) } }));
        const rest = await writeBatch(batch);
        unwritten.push(...rest.map(({ PutRequest }) => PutRequest?.Item?.['code']?.S ?? ''));
      }
      return { written: latest.length - unwritten.length, unwritten };
    },

    getPage,
    /** @throws {AlreadyExists} where the path is taken; nothing is written then */
    createPage: (page: Page): Promise<void> => writePage(page, true),
    putPage: (page: Page): Promise<void> => writePage(page, false),
    /** Its links stay: they keep redirecting until they are deleted. */
    deletePage: async (path: string): Promise<void> => {
      const before = await getPage(path);
      if (before?.agency) await remove(catalogKeys.agencyPage(before.agency, path));
      await remove(catalogKeys.page(path));
    },
    listPages: async (options?: ListOptions): Promise<Listing<Page>> => {
      const { items, next } = await list(listingKeys.pages().gpk, '', options);
      return { rows: items.map((item) => parseItem(pageSchema, item)), next };
    },
    /** Paths of an agency's pages. */
    listAgencyPages: async (agency: string): Promise<string[]> => {
      const { pk, sk } = catalogKeys.agencyPage(agency, '');
      const paths: string[] = [];
      let start: Item | undefined;
      do {
        const from = start;
        const answer = await attempt(`list ${pk}`, () =>
          client.send(
            new QueryCommand({
              TableName: table,
              KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
              ExpressionAttributeValues: { ':pk': { S: pk }, ':sk': { S: sk } },
              ExclusiveStartKey: from,
            }),
          ),
        );
        paths.push(...(answer.Items ?? []).map((item) => item['sk']?.S?.slice(sk.length) ?? ''));
        start = answer.LastEvaluatedKey;
      } while (start !== undefined);
      return paths;
    },

    getUser: async (subject: string): Promise<User | undefined> => {
      const item = await get(catalogKeys.user(subject));
      return item && parseItem(userSchema, item);
    },
    /** @throws {AlreadyExists} where the subject is known; nothing is written then */
    createUser: async (user: User): Promise<void> => void (await put(userItem(user), true)),
    putUser: async (user: User): Promise<void> => void (await put(userItem(user), false)),
    deleteUser: async (subject: string): Promise<void> => void (await remove(catalogKeys.user(subject))),
    listUsers: async (options?: ListOptions): Promise<Listing<User>> => {
      const { items, next } = await list(listingKeys.users().gpk, '', options);
      return { rows: items.map((item) => parseItem(userSchema, item)), next };
    },
  };
};
