import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { z } from 'zod';
import { alertKeys, mailsDue, refusalsOf } from '../alerts/alert-keys.ts';
import { type MailContent, mailContentSchema } from '#schemas/alerts.ts';
import { catalogKeys, listingKeys } from './catalog-keys.ts';
import { settleKeys } from '../settle/settle-keys.ts';
import { parseItem, toItem } from '../dynamodb/items.ts';
import { createTable, exists, type Item, type ItemKey, keyOf, type ListingKey } from '../dynamodb/table.ts';

/** What the catalog holds about a page, besides the page and its links. */
export const traceKinds = [
  'alerts',
  'forecasts',
  'mails',
  'refusals',
  'shares',
  'invitations',
  'exports',
  'imports',
  'pulls',
  'rules',
  'saved',
  'campaigns',
] as const;
/** Items erased, by kind. */
export type TracesErased = Record<(typeof traceKinds)[number], number>;

export interface PageTraces {
  /** Returns the ids of a page's imports of history and of its pulls, whose files are elsewhere. @throws {StoreUnavailable} */
  importsOf: (page: string) => Promise<string[]>;
  /**
   * Erases what the catalog holds about a page. Safe to repeat.
   * @throws {StoreUnavailable}
   */
  erase: (page: string) => Promise<TracesErased>;
}

const waitingSchema = z.object({ id: z.string(), content: mailContentSchema });
const invitedSchema = z.looseObject({ pages: z.array(z.string()) });

export function createPageTraces(options: { client: DynamoDBClient; table: string }): PageTraces {
  const table = createTable(options);

  async function removeAll(items: readonly Item[]): Promise<number> {
    for (const item of items) await table.delete(keyOf(item));
    return items.length;
  }
  async function partition({ pk }: ItemKey): Promise<number> {
    return removeAll(await table.query({ pk }));
  }
  async function listing(keys: ListingKey): Promise<number> {
    return removeAll(await table.listAll(keys));
  }

  /** Rewrites a mail that waits: one that was sent meanwhile has no content any more. */
  async function rewrite(id: string, content: MailContent): Promise<void> {
    await table.updateIf(alertKeys.mail(id), { set: { content } }, { expression: 'attribute_exists(#content)' });
  }
  /** Mails that wait: a sent mail holds neither address nor page. */
  async function mails(page: string): Promise<number> {
    let erased = 0;
    for (const item of await table.listAll({ ...mailsDue, gsk: '' })) {
      if (item['content'] === undefined) continue;
      const { id, content } = parseItem(waitingSchema, item);
      const rest = without(content, page);
      if (rest === content) continue;
      if (rest === undefined) await table.delete(keyOf(item));
      else await rewrite(id, rest);
      erased++;
    }
    return erased;
  }
  /** An invitation to several pages keeps the others. */
  async function invitations(page: string): Promise<number> {
    let erased = 0;
    for (const item of await table.query({ pk: catalogKeys.invitation('').pk })) {
      const { pages, ...invitation } = parseItem(invitedSchema, item);
      if (!pages.includes(page)) continue;
      const others = pages.filter((each) => each !== page);
      if (others.length === 0) await table.delete(keyOf(item));
      else await table.putIf(toItem({ ...invitation, pages: others }), exists);
      erased++;
    }
    return erased;
  }
  async function rules(page: string): Promise<number> {
    const found = await table.query({ pk: settleKeys.rule('').pk });
    return removeAll(found.filter((item) => item['page']?.S === page));
  }

  async function idsOf(keys: ListingKey): Promise<string[]> {
    return (await table.listAll(keys)).flatMap(({ id }) => id?.S ?? []);
  }
  /** With their tokens. */
  async function pulls(page: string): Promise<number> {
    for (const id of await idsOf(listingKeys.pulls(page))) await table.delete(catalogKeys.pullToken(id));
    return listing(listingKeys.pulls(page));
  }

  async function imports(page: string): Promise<number> {
    await table.delete(catalogKeys.importOfPage(page));
    return listing(listingKeys.imports(page));
  }

  return {
    importsOf: async (page) => [...(await idsOf(listingKeys.imports(page))), ...(await idsOf(listingKeys.pulls(page)))],
    erase: async (page) => ({
      alerts: await partition(alertKeys.state(page)),
      forecasts: await partition(alertKeys.forecast(page)),
      mails: await mails(page),
      refusals: await listing(refusalsOf(page)),
      shares: await listing(listingKeys.shares(page)),
      invitations: await invitations(page),
      exports: await listing(listingKeys.exports(page)),
      imports: await imports(page),
      pulls: await pulls(page),
      rules: await rules(page),
      saved: await partition(catalogKeys.saved(page, '', '')),
      campaigns: await listing(listingKeys.campaigns(page)),
    }),
  };
}

/** Returns the mail without the page: undefined if nothing is left, the same object if it never named the page. */
function without(content: MailContent, page: string): MailContent | undefined {
  if (content.kind === 'agency-monthly') {
    const rows = content.rows.filter((row) => row.page !== page);
    if (rows.length === content.rows.length) return content;
    return rows.length === 0 ? undefined : { ...content, rows };
  }
  if (content.kind !== 'agency') return content.page === page ? undefined : content;
  const [opened, continuing, recovered] = [content.opened, content.continuing, content.recovered].map((incidents) =>
    incidents.filter((each) => each.page !== page),
  );
  if (!opened || !continuing || !recovered) return content;
  const left = opened.length + continuing.length + recovered.length;
  const all = content.opened.length + content.continuing.length + content.recovered.length;
  if (left === all) return content;
  if (left === 0) return undefined;
  const { counts: _counts, ...others } = content;
  return { ...others, opened, continuing, recovered };
}
