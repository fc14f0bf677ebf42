import { ConditionalCheckFailedException, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { z } from 'zod';
import { alertKeys, mailsDue, refusalsOf } from '../alerts/alert-keys.ts';
import { type MailContent, mailContentSchema } from '#schemas/alerts.ts';
import { catalogKeys, listingKeys } from './catalog-keys.ts';
import { settleKeys } from '../settle/settle-keys.ts';
import { createCatalogTable, type Item, type ItemKey, keyOf, parseItem, toItem } from '../dynamodb/catalog-table.ts';
import { StoreUnavailable } from '../errors.ts';

/** What the catalog keeps of a page beside the page and its links, which are its owner's to delete. */
export const traceKinds = [
  'alerts',
  'forecasts',
  'mails',
  'refusals',
  'shares',
  'invitations',
  'exports',
  'rules',
] as const;
/** Items erased, by kind. */
export type TracesErased = Record<(typeof traceKinds)[number], number>;

export interface PageTraces {
  /**
   * Erases what the catalog keeps of a page. Repeated it ends the same.
   * @throws {StoreUnavailable}
   */
  erase: (page: string) => Promise<TracesErased>;
}

const waitingSchema = z.object({ id: z.string(), content: mailContentSchema });
const invitedSchema = z.looseObject({ pages: z.array(z.string()) });

export function createPageTraces(options: { client: DynamoDBClient; table: string }): PageTraces {
  const table = createCatalogTable(options);

  async function removeAll(items: readonly Item[]): Promise<number> {
    for (const item of items) await table.remove(keysOf(item));
    return items.length;
  }
  async function partition({ pk }: ItemKey): Promise<number> {
    return removeAll(await table.listPartition({ pk, sk: '' }));
  }
  async function listing(keys: { gpk: string; gsk: string }): Promise<number> {
    return removeAll(await table.listAll(keys));
  }

  /** Only while it waits: one that has left meanwhile holds nothing any more. */
  async function rewrite(id: string, content: MailContent): Promise<void> {
    const command = new UpdateItemCommand({
      TableName: options.table,
      Key: keyOf(alertKeys.mail(id)),
      UpdateExpression: 'SET #content = :content',
      ConditionExpression: 'attribute_exists(#content)',
      ExpressionAttributeNames: { '#content': 'content' },
      ExpressionAttributeValues: marshall({ ':content': content }, { removeUndefinedValues: true }),
    });
    try {
      await options.client.send(command);
    } catch (cause) {
      if (!(cause instanceof ConditionalCheckFailedException))
        throw new StoreUnavailable(`${options.table} did not take mail ${id} without an erased page`, { cause });
    }
  }
  /** Mails that wait; what has left holds neither address nor page. */
  async function mails(page: string): Promise<number> {
    let erased = 0;
    for (const item of await table.listAll({ ...mailsDue, gsk: '' })) {
      if (item['content'] === undefined) continue;
      const { id, content } = parseItem(waitingSchema, item);
      const rest = without(content, page);
      if (rest === content) continue;
      if (rest === undefined) await table.remove(keysOf(item));
      else await rewrite(id, rest);
      erased++;
    }
    return erased;
  }
  /** Of an invitation to several pages the others stay. */
  async function invitations(page: string): Promise<number> {
    let erased = 0;
    for (const item of await table.listPartition(catalogKeys.invitation(''))) {
      const { pages, ...invitation } = parseItem(invitedSchema, item);
      if (!pages.includes(page)) continue;
      const others = pages.filter((each) => each !== page);
      if (others.length === 0) await table.remove(keysOf(item));
      else await table.replace(toItem({ ...invitation, pages: others }));
      erased++;
    }
    return erased;
  }
  async function rules(page: string): Promise<number> {
    const found = await table.listPartition(settleKeys.rule(''));
    return removeAll(found.filter((item) => item['page']?.S === page));
  }

  return {
    erase: async (page) => ({
      alerts: await partition(alertKeys.state(page)),
      forecasts: await partition(alertKeys.forecast(page)),
      mails: await mails(page),
      refusals: await listing(refusalsOf(page)),
      shares: await listing(listingKeys.shares(page)),
      invitations: await invitations(page),
      exports: await listing(listingKeys.exports(page)),
      rules: await rules(page),
    }),
  };
}

function keysOf(item: Item): ItemKey {
  return { pk: item['pk']?.S ?? '', sk: item['sk']?.S ?? '' };
}

/** What is left of a mail without the page: undefined where nothing is, the same where it never named it. */
function without(content: MailContent, page: string): MailContent | undefined {
  if (content.kind !== 'agency') return content.page === page ? undefined : content;
  const [opened, continuing, recovered] = [content.opened, content.continuing, content.recovered].map((told) =>
    told.filter((each) => each.page !== page),
  );
  if (!opened || !continuing || !recovered) return content;
  const left = opened.length + continuing.length + recovered.length;
  const told = content.opened.length + content.continuing.length + content.recovered.length;
  if (left === told) return content;
  return left === 0 ? undefined : { ...content, opened, continuing, recovered };
}
