import { z } from 'zod';
import { alertKeys, mailsDue, refusalsOf } from './alert-keys.ts';
import { type OutgoingKind, type OutgoingMail, outgoingMailSchema } from '#schemas/alerts.ts';
import { keptDays } from '#schemas/catalog-rules.ts';
import { listingIndexKeys } from '#schemas/tables.ts';
import { expiring, isLive, parseItem, toItem } from '../dynamodb/items.ts';
import { createTable, isNew, type Item, type TableOptions } from '../dynamodb/table.ts';

/** Whether a mail may be sent to a recipient, and why not. */
export type Permission = { kind: 'allowed' } | { kind: 'suppressed'; reason: string } | { kind: 'refused' };

export interface OutgoingMails {
  /** Queues a mail once. Returns false if it was queued before. */
  queue: (mail: OutgoingMail) => Promise<boolean>;
  /** Returns mails that may be sent at this time (milliseconds since the epoch), oldest first. */
  due: (at: number, limit: number) => Promise<OutgoingMail[]>;
  /** Returns false if another run has the mail, or it was sent. An unfinished claim is free again after 16 minutes. */
  claim: (id: string, now: number) => Promise<boolean>;
  /** Marks a mail as sent, and deletes its address and content. */
  sent: (id: string, now: number, messageId: string) => Promise<void>;
  /** Marks a mail that will never be sent, and deletes its address and content. */
  dropped: (id: string, reason: string) => Promise<void>;
  /** Returns a mail to the queue; the next run tries again. */
  release: (id: string) => Promise<void>;
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
    await table.update(alertKeys.mail(id), { set, remove: [partition, sort, 'address', 'content'] });
  }

  async function listDue(mark: string, at: number, limit: number): Promise<OutgoingMail[]> {
    const now = new Date(at).toISOString();
    const due: OutgoingMail[] = [];
    let after: string | undefined;
    while (due.length < limit) {
      const { items, next } = await table.list({ ...mailsDue, gsk: mark }, { limit, after });
      // The index lags behind the table: it may list a mail that was just sent, which cannot be claimed again.
      const waiting = items.filter((item) => item['address'] !== undefined && isLive(item, at));
      const present = waiting.filter((item) => (item['notBefore']?.S ?? '') <= now);
      due.push(...present.map((item) => parseItem(outgoingMailSchema, item)));
      if (next === undefined || present.length < waiting.length) break;
      after = next;
    }
    return due.slice(0, limit);
  }

  return {
    queue: (mail) => table.putIf(mailItem(mail), isNew),
    due: async (at, limit) => {
      const urgent = await listDue(alertMark, at, limit);
      return [...urgent, ...(await listDue(summaryMark, at, limit - urgent.length))];
    },
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

/** Sort keys of alerts begin with their date, as those of all mails did in older versions. */
const alertMark = '2';

/** Begins the sort keys of summaries, so that thousands of them on a Monday don't hold up an alert. */
const summaryMark = 'summary#';

export function mailItem(mail: OutgoingMail): Item {
  const mark = mail.kind === 'digest' || mail.kind === 'agency' ? summaryMark : '';
  return toItem({
    ...alertKeys.mail(mail.id),
    ...mailsDue,
    gsk: `${mark}${mail.notBefore}#${mail.id}`,
    ...mail,
    status: 'waiting',
    ...expiring(Date.parse(mail.notBefore), keptDays.mails),
  });
}
