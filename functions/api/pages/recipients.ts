import { dayLength } from '#core/time.ts';
import { mailId } from '#core/alerts/mail-id.ts';
import { recipientId } from '#core/alerts/mail-token.ts';
import { confirmationLimits, defaultAlerts, type OutgoingMail } from '#schemas/alerts.ts';
import type { Recipient } from '#schemas/api/pages.ts';
import type { Page } from '#schemas/catalog.ts';
import type { Confirmations, RecipientStatus } from '#stores/alerts/confirmations.ts';
import { conflict, notFound } from '../problem.ts';

export interface RecipientDeps {
  recipients: RecipientMails;
  now: () => number;
  log: { error: (message: string, details: Record<string, unknown>) => void };
}

/** What the API needs to ask recipients of alerts for their confirmation. */
export interface RecipientMails {
  confirmations: Pick<Confirmations, 'read' | 'ask'>;
  /** The secret that hashes addresses. */
  secret: () => Promise<string>;
  /** False if the stack sends no mails. */
  maySend: boolean;
  /** Sends the mails that are due, without waiting for it. */
  send: () => Promise<void>;
}

/** Returns the recipients of a page with their status, in the order in which they were entered. */
export async function readRecipients({ recipients }: RecipientDeps, page: Page): Promise<Recipient[]> {
  const { recipients: addresses, mustConfirm } = page.alerts ?? defaultAlerts;
  if (addresses.length === 0) return [];
  const secret = await recipients.secret();
  const hashes = new Map(addresses.map((address) => [address, recipientId(address, secret)]));
  const status = await recipients.confirmations.read(page.path, [...hashes.values()]);
  return addresses.map((address) => {
    const found = status.get(hashes.get(address) ?? '');
    return toRecipient(address, found ?? unasked, mustConfirm.includes(address));
  });
}

const unasked: RecipientStatus = { state: 'pending', askedAt: null };

function toRecipient(address: string, { state, askedAt }: RecipientStatus, mustConfirm: boolean): Recipient {
  return {
    address,
    state: state === 'pending' && !mustConfirm ? 'confirmed' : state,
    askedAt: askedAt === null ? null : new Date(askedAt).toISOString(),
  };
}

/**
 * Sends the first confirmation to each new recipient of a page. A failure is only logged, because the settings are stored:
 * the recipient stays pending, and a user can ask again.
 */
export async function askNewRecipients(deps: RecipientDeps, page: Page): Promise<void> {
  if (!deps.recipients.maySend || (page.alerts ?? defaultAlerts).mustConfirm.length === 0) return;
  try {
    const rows = await readRecipients(deps, page);
    const added = rows.filter(({ state, askedAt }) => state === 'pending' && askedAt === null);
    let queued = 0;
    for (const { address } of added) queued += Number(await queueConfirmation(deps, page.path, address));
    if (queued > 0) await deps.recipients.send();
  } catch (error) {
    deps.log.error('recipients were not asked', { page: page.path, error: String(error) });
  }
}

/** Asks a recipient again. @throws {Problem} 404 if the page has no such recipient, 409 if the mail may not be sent */
export async function askAgain(deps: RecipientDeps, page: Page, address: string): Promise<Recipient> {
  const found = (await readRecipients(deps, page)).find((recipient) => recipient.address === address);
  if (found === undefined) throw notFound('Recipient');
  const obstacle = deps.recipients.maySend
    ? obstacles[found.state]
    : 'This stack sends no mails: it has no `senderAddress`.';
  if (obstacle !== null) throw conflict(obstacle);
  if (!(await queueConfirmation(deps, page.path, address))) throw conflict(limitReached);
  await deps.recipients.send();
  return { ...found, askedAt: new Date(deps.now()).toISOString() };
}

const obstacles: Readonly<Record<Recipient['state'], string | null>> = {
  pending: null,
  confirmed: 'The address is confirmed already.',
  unsubscribed: 'The owner of this address does not want these mails.',
  suppressed: 'Mails to this address bounced or were reported as spam.',
};

const limitReached =
  `A recipient is asked at most once a day and ${confirmationLimits.mails} times in ${confirmationLimits.days} days, ` +
  `and a page at most ${confirmationLimits.pageADay} times a day. Try again tomorrow.`;

async function queueConfirmation({ recipients, now }: RecipientDeps, page: string, address: string): Promise<boolean> {
  const recipient = recipientId(address, await recipients.secret());
  const at = now();
  const content = { kind: 'confirmation', page, expires: at + confirmationLimits.linkDays * dayLength } as const;
  const mail: OutgoingMail = {
    id: mailId(content, recipient),
    kind: 'confirmation',
    content,
    notBefore: new Date(at).toISOString(),
    address,
    recipient,
  };
  return recipients.confirmations.ask(mail, page);
}
