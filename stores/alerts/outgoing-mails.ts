import { ConditionalCheckFailedException, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { z } from 'zod';
import { alertKeys, mailsDue, refusalsOf } from './alert-keys.ts';
import { type MailKind, type OutgoingMail, outgoingMailSchema } from '#schemas/alerts.ts';
import { keptDays } from '#schemas/catalog-rules.ts';
import {
  createCatalogTable,
  expiring,
  isLive,
  type Item,
  keyOf,
  parseItem,
  toItem,
} from '../dynamodb/catalog-table.ts';
import { AlreadyExists, StoreUnavailable } from '../errors.ts';

/** Whether a recipient may be written to; where not, why. */
export type Permission = { kind: 'allowed' } | { kind: 'suppressed'; reason: string } | { kind: 'refused' };

export interface OutgoingMails {
  /** Puts a mail on its way, once: false where it was before. */
  queue: (mail: OutgoingMail) => Promise<boolean>;
  /** Mails that may leave at this moment (milliseconds since the epoch), oldest first. */
  due: (at: number, limit: number) => Promise<OutgoingMail[]>;
  /** False when another run has it, or it has left. A claim that nobody finished is free again after ten minutes. */
  claim: (id: string, now: number) => Promise<boolean>;
  /** It has left: its address and content are forgotten. */
  sent: (id: string, now: number, messageId: string) => Promise<void>;
  /** It will never leave. */
  dropped: (id: string, reason: string) => Promise<void>;
  /** It could not leave now; the next run tries again. */
  release: (id: string) => Promise<void>;
  permission: (recipient: string, kind: MailKind, subject: string) => Promise<Permission>;
  suppress: (recipient: string, reason: 'bounce' | 'complaint', at: number) => Promise<void>;
  refuse: (recipient: string, kind: MailKind, subject: string, at: number) => Promise<void>;
}

/** Longer than any job's timeout: who claimed it and did not finish is dead. */
const claimMilliseconds = 16 * 60_000;

const suppressionSchema = z.object({ reason: z.string() });

export function createOutgoingMails(options: { client: DynamoDBClient; table: string }): OutgoingMails {
  const { client, table: name } = options;
  const table = createCatalogTable(options);

  interface Change {
    expression: string;
    names: Record<string, string>;
    values: Record<string, unknown>;
    condition?: string;
  }
  async function update(id: string, { expression, names, values, condition }: Change): Promise<boolean> {
    try {
      await client.send(
        new UpdateItemCommand({
          TableName: name,
          Key: keyOf(alertKeys.mail(id)),
          UpdateExpression: expression,
          ExpressionAttributeNames: names,
          ExpressionAttributeValues: marshall(values),
          ...(condition && { ConditionExpression: condition }),
        }),
      );
      return true;
    } catch (cause) {
      if (cause instanceof ConditionalCheckFailedException) return false;
      throw new StoreUnavailable(`${name} did not take the state of mail ${id}`, { cause });
    }
  }

  /** Out of the listing, and nothing left that names anybody. */
  function finish(id: string, set: Record<string, unknown>): Promise<boolean> {
    const entries = Object.entries(set);
    return update(id, {
      expression: `SET ${entries.map((_, at) => `#f${at} = :f${at}`).join(', ')} REMOVE #gpk, #gsk, #address, #content`,
      names: {
        '#gpk': 'gpk',
        '#gsk': 'gsk',
        '#address': 'address',
        '#content': 'content',
        ...Object.fromEntries(entries.map(([key], at) => [`#f${at}`, key])),
      },
      values: Object.fromEntries(entries.map(([, value], at) => [`:f${at}`, value])),
    });
  }

  return {
    queue: async (mail) => {
      try {
        await table.put(mailItem(mail), { onlyNew: true });
        return true;
      } catch (error) {
        if (error instanceof AlreadyExists) return false;
        throw error;
      }
    },
    due: async (at, limit) => {
      const { items } = await table.list({ ...mailsDue, gsk: '' }, { limit });
      const now = new Date(at).toISOString();
      // The index follows its table: an item may be listed that has just left, and the claim finds out.
      return items
        .filter((item) => item['address'] !== undefined && isLive(item, at) && (item['notBefore']?.S ?? '') <= now)
        .map((item) => parseItem(outgoingMailSchema, item));
    },
    claim: (id, now) =>
      update(id, {
        expression: 'SET #status = :sending, #claimed = :now',
        names: { '#status': 'status', '#claimed': 'claimedAt' },
        values: { ':sending': 'sending', ':waiting': 'waiting', ':now': now, ':stale': now - claimMilliseconds },
        condition: '#status = :waiting OR (#status = :sending AND #claimed < :stale)',
      }),
    sent: async (id, now, messageId) => {
      await finish(id, { status: 'sent', sentAt: now, messageId });
    },
    dropped: async (id, reason) => {
      await finish(id, { status: 'dropped', reason });
    },
    release: async (id) => {
      await update(id, {
        expression: 'SET #status = :waiting',
        names: { '#status': 'status' },
        values: { ':waiting': 'waiting' },
      });
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

export function mailItem(mail: OutgoingMail): Item {
  return toItem({
    ...alertKeys.mail(mail.id),
    ...mailsDue,
    gsk: `${mail.notBefore}#${mail.id}`,
    ...mail,
    status: 'waiting',
    ...expiring(Date.parse(mail.notBefore), keptDays.mails),
  });
}
