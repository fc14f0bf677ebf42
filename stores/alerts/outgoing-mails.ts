import { z } from 'zod';
import { alertKeys, mailsDue, refusalsOf } from './alert-keys.ts';
import {
  type OutgoingKind,
  type OutgoingMail,
  outgoingMailSchema,
  type OutgoingMessage,
  outgoingMessageSchema,
  type OutgoingNotification,
  summaryKinds,
} from '#schemas/alerts.ts';
import { keptDays } from '#schemas/catalog-rules.ts';
import { channelLimits } from '#schemas/channels.ts';
import { listingIndexKeys } from '#schemas/tables.ts';
import { expiring, isLive, parseItem, toItem } from '../dynamodb/items.ts';
import { createTable, isNew, type Item, type TableOptions } from '../dynamodb/table.ts';

/** Whether a mail may be sent to a recipient, and why not. */
export type Permission = { kind: 'allowed' } | { kind: 'suppressed'; reason: string } | { kind: 'refused' };

/** Mails and messages to channels. Each waits, is claimed by one run, and is finished or returned. */
export interface OutgoingMails {
  /** Queues a mail or message once. Returns false if it was queued before. */
  queue: (notification: OutgoingNotification) => Promise<boolean>;
  /** Returns mails that may be sent at this time (milliseconds since the epoch), oldest first. */
  due: (at: number, limit: number) => Promise<OutgoingMail[]>;
  /** The same of messages to channels. */
  dueMessages: (at: number, limit: number) => Promise<OutgoingMessage[]>;
  /** Returns false if another run has the mail, or it was sent. An unfinished claim is free again after 16 minutes. */
  claim: (id: string, now: number) => Promise<boolean>;
  /** Marks a mail as sent, and deletes its address and content. */
  sent: (id: string, now: number, messageId: string) => Promise<void>;
  /** Marks a mail that will never be sent, and deletes its address and content. */
  dropped: (id: string, reason: string) => Promise<void>;
  /** Returns a mail to the queue; the next run tries again. */
  release: (id: string) => Promise<void>;
  /** Returns a claimed message to the queue until a later time; milliseconds since the epoch. */
  postpone: (message: OutgoingMessage, until: number) => Promise<void>;
  /** Keeps a claimed message that is not sent any more, for `revive`. */
  bury: (message: OutgoingMessage, now: number) => Promise<void>;
  /** Queues buried messages again. Returns how many there were and how many are queued. */
  revive: (now: number) => Promise<{ waiting: number; moved: number }>;
  permission: (recipient: string, kind: OutgoingKind, subject: string) => Promise<Permission>;
  suppress: (recipient: string, reason: 'bounce' | 'complaint', at: number) => Promise<void>;
  refuse: (recipient: string, kind: OutgoingKind, subject: string, at: number) => Promise<void>;
}

/** Longer than any job's timeout: the job that claimed it has ended. */
const claimMilliseconds = 16 * 60_000;

const suppressionSchema = z.object({ reason: z.string() });

/** Every function may throw {@link StoreUnavailable}. */
export function createOutgoingMails(options: TableOptions): OutgoingMails {
  const table = createTable(options);

  /** Takes the mail out of the listing, and removes what names a person. */
  async function finish(id: string, set: Record<string, unknown>): Promise<void> {
    const { partition, sort } = listingIndexKeys;
    await table.update(alertKeys.mail(id), { set, remove: [partition, sort, 'address', 'channel', 'content'] });
  }

  /** Puts a message elsewhere in the listing, unless it was finished meanwhile. */
  function move(id: string, place: string, set: Record<string, unknown>): Promise<boolean> {
    const change = { set: { ...set, [listingIndexKeys.sort]: `${place}#${id}` } };
    return table.updateIf(alertKeys.mail(id), change, { expression: 'attribute_exists(#content)' });
  }

  /** @param addressed attribute that tells a mail from a message, and that what was sent has no more */
  async function listDue<Schema extends z.ZodType>(
    { mark, schema, addressed }: Due<Schema>,
    at: number,
    limit: number,
  ): Promise<z.output<Schema>[]> {
    const now = new Date(at).toISOString();
    const due: z.output<Schema>[] = [];
    let after: string | undefined;
    while (due.length < limit) {
      const { items, next } = await table.list({ ...mailsDue, gsk: mark }, { limit, after });
      // The index lags behind the table: it may list a mail that was just sent, which cannot be claimed again.
      const waiting = items.filter(
        (item) => item['content'] !== undefined && item[addressed] !== undefined && isLive(item, at),
      );
      const present = waiting.filter((item) => (item['notBefore']?.S ?? '') <= now);
      due.push(...present.map((item) => parseItem(schema, item)));
      if (next === undefined || present.length < waiting.length) break;
      after = next;
    }
    return due.slice(0, limit);
  }

  return {
    queue: (notification) => table.putIf(mailItem(notification), isNew),
    due: async (at, limit) => {
      const urgent = await listDue({ ...ofMails, mark: alertMark }, at, limit);
      return [...urgent, ...(await listDue({ ...ofMails, mark: summaryMark }, at, limit - urgent.length))];
    },
    dueMessages: (at, limit) => listDue(ofMessages, at, limit),
    claim: (id, now) =>
      table.updateIf(
        alertKeys.mail(id),
        { set: { status: 'sending', claimedAt: now } },
        {
          expression: '#status = :waiting OR (#status = :sending AND #claimedAt < :stale)',
          values: { waiting: 'waiting', sending: 'sending', stale: now - claimMilliseconds },
        },
      ),
    sent: (id, now, messageId) => finish(id, { status: 'sent', sentAt: now, messageId }),
    dropped: (id, reason) => finish(id, { status: 'dropped', reason }),
    release: (id) => table.update(alertKeys.mail(id), { set: { status: 'waiting' } }),
    postpone: async ({ id, attempts, firstAttempt }, until) => {
      const notBefore = new Date(until).toISOString();
      await move(id, messageMark + notBefore, { status: 'waiting', attempts, firstAttempt, notBefore });
    },
    bury: async ({ id }, now) => {
      const kept = expiring(now, channelLimits.deadDays);
      await move(id, deadMark + new Date(now).toISOString(), { status: 'dead', ...kept });
    },
    revive: async (now) => {
      const notBefore = new Date(now).toISOString();
      const kept = expiring(now, keptDays.mails);
      const alive = { status: 'waiting', attempts: 0, firstAttempt: null, notBefore, ...kept };
      const dead = (await table.listAll({ ...mailsDue, gsk: deadMark })).filter((item) => isLive(item, now));
      let moved = 0;
      for (const item of dead) {
        const { id } = parseItem(outgoingMessageSchema, item);
        moved += Number(await move(id, messageMark + notBefore, alive));
      }
      return { waiting: dead.length, moved };
    },
    permission: async (recipient, kind, subject) => {
      const suppression = await table.get(alertKeys.suppression(recipient));
      if (suppression) return { kind: 'suppressed', reason: parseItem(suppressionSchema, suppression).reason };
      const refusal = await table.get(alertKeys.refusal(recipient, kind, subject));
      return refusal ? { kind: 'refused' } : { kind: 'allowed' };
    },
    suppress: (recipient, reason, at) => table.put(toItem({ ...alertKeys.suppression(recipient), reason, at })),
    refuse: (recipient, kind, subject, at) =>
      table.put(
        toItem({
          ...alertKeys.refusal(recipient, kind, subject),
          ...refusalsOf(subject, `${recipient}#${kind}`),
          kind,
          subject,
          at,
        }),
      ),
  };
}

interface Due<Schema> {
  /** How its sort keys begin. */
  mark: string;
  schema: Schema;
  addressed: string;
}

/** Sort keys of alerts begin with their date, as those of all mails did in older versions. */
const alertMark = '2';

/** Begins the sort keys of summaries, so that thousands of them on a Monday don't hold up an alert. */
const summaryMark = 'summary#';

/** Begin the sort keys of messages to channels, and of those that were given up. */
const messageMark = 'channel#';
const deadMark = 'dead#';

const ofMails = { schema: outgoingMailSchema, addressed: 'address' } as const;
const ofMessages = { mark: messageMark, schema: outgoingMessageSchema, addressed: 'channel' } as const;

export function mailItem(notification: OutgoingNotification): Item {
  return toItem({
    ...alertKeys.mail(notification.id),
    ...mailsDue,
    gsk: `${markOf(notification)}${notification.notBefore}#${notification.id}`,
    ...notification,
    status: 'waiting',
    ...expiring(Date.parse(notification.notBefore), keptDays.mails),
  });
}

function markOf(notification: OutgoingNotification): string {
  if ('channel' in notification) return messageMark;
  return summaryKinds.includes(notification.kind) ? summaryMark : '';
}
