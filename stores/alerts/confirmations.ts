import { z } from 'zod';
import { dayLength } from '#core/time.ts';
import { everyPage } from '#core/alerts/mail-token.ts';
import { confirmationLimits, type OutgoingMail, type RecipientState } from '#schemas/alerts.ts';
import { expiryAttribute } from '#schemas/tables.ts';
import { expiring, isLive, parseItem } from '../dynamodb/items.ts';
import { createTable, isNew, type Item, type ItemKey, type TableOptions, type Write } from '../dynamodb/table.ts';
import { alertKeys, refusalsOf } from './alert-keys.ts';
import { mailItem } from './outgoing-mails.ts';

export interface RecipientStatus {
  state: RecipientState;
  /** When the owner of the address was last asked; milliseconds since the epoch, null if never. */
  askedAt: number | null;
}

export interface Confirmations {
  /** Returns the status of each recipient of a page, by the hash of its address. */
  read: (page: string, recipients: readonly string[]) => Promise<Map<string, RecipientStatus>>;
  /** Queues the mail that asks a recipient. Returns false, and queues nothing, if a limit is reached. */
  ask: (mail: OutgoingMail, page: string) => Promise<boolean>;
  /** Confirms a recipient who was asked. Returns false if there was no request, or it is too long ago. */
  confirm: (recipient: string, page: string, at: number) => Promise<boolean>;
}

/** Stores who confirmed their address for which page. Every function may throw {@link StoreUnavailable}. */
export function createConfirmations(options: TableOptions & { now: () => number }): Confirmations {
  const { now } = options;
  const table = createTable(options);
  return {
    read: async (page, recipients) => {
      const keys = [...new Set(recipients)].flatMap((recipient) => Object.values(statusKeys(recipient, page)));
      const items = await table.batchGet(keys, { consistent: true });
      const found = new Map(items.filter((item) => isLive(item, now())).map((item) => [nameOf(item), item]));
      return new Map(recipients.map((recipient) => [recipient, statusOf(recipient, page, found)]));
    },
    ask: (mail, page) => table.transact(askWrites(mail, page, now()), { idempotent: true }),
    confirm: (recipient, page, at) =>
      table.updateIf(
        alertKeys.confirmation(recipient, page),
        { set: { confirmedAt: at }, remove: [expiryAttribute] },
        { expression: 'attribute_exists(#askedAt)' },
      ),
  };
}

function statusKeys(recipient: string, page: string) {
  return {
    suppression: alertKeys.suppression(recipient),
    blocked: alertKeys.refusal(recipient, 'confirmation', everyPage),
    alerts: alertKeys.refusal(recipient, 'alert', page),
    digests: alertKeys.refusal(recipient, 'digest', page),
    monthlies: alertKeys.refusal(recipient, 'monthly', page),
    confirmation: alertKeys.confirmation(recipient, page),
  };
}

function nameOf(item: Item): string {
  return `${item['pk']?.S}\n${item['sk']?.S}`;
}

const confirmationSchema = z.object({ askedAt: z.number(), confirmedAt: z.number().optional() });

function statusOf(recipient: string, page: string, found: ReadonlyMap<string, Item>): RecipientStatus {
  const keys = statusKeys(recipient, page);
  function has({ pk, sk }: ItemKey): Item | undefined {
    return found.get(`${pk}\n${sk}`);
  }
  const item = has(keys.confirmation);
  const { askedAt, confirmedAt } = item
    ? parseItem(confirmationSchema, item)
    : { askedAt: null, confirmedAt: undefined };
  function state(): RecipientState {
    if (has(keys.suppression)) return 'suppressed';
    if (has(keys.alerts) && has(keys.digests) && has(keys.monthlies)) return 'unsubscribed';
    if (confirmedAt !== undefined) return 'confirmed';
    return has(keys.blocked) ? 'unsubscribed' : 'pending';
  }
  return { state: state(), askedAt };
}

/** All or nothing, so that no limit is used up by a mail that another one prevents. */
function askWrites(mail: OutgoingMail, page: string, at: number): Write[] {
  const { recipient } = mail;
  const { mails, days, addressADay, pageADay, stackADay } = confirmationLimits;
  const date = new Date(at).toISOString().slice(0, 10);
  function countOne(of: string, limit: number): Write {
    return {
      kind: 'update',
      key: alertKeys.asked(date, of),
      change: { add: { count: 1 }, set: expiring(at, 2) },
      condition: { expression: 'attribute_not_exists(#count) OR #count < :limit', values: { limit } },
    };
  }
  const { gpk, gsk } = refusalsOf(page, `${recipient}#confirmation`);
  return [
    {
      kind: 'update',
      key: alertKeys.confirmation(recipient, page),
      change: { add: { asks: 1 }, set: { askedAt: at, gpk, gsk, ...expiring(at, days) } },
      condition: {
        expression:
          'attribute_not_exists(#askedAt) OR (attribute_not_exists(#confirmedAt) AND #asks < :mails AND #askedAt <= :yesterday)',
        values: { mails, yesterday: at - dayLength },
      },
    },
    countOne('stack', stackADay),
    countOne(`page#${page}`, pageADay),
    countOne(`address#${recipient}`, addressADay),
    { kind: 'put', item: mailItem(mail), condition: isNew },
  ];
}
