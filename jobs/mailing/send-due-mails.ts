import { everyPage, signToken } from '#core/alerts/mail-token.ts';
import { type RunCounts, skip } from '#jobs/alert-run.ts';
import type { MailBrand } from '#core/mails/mail-brand.ts';
import type { MailLinks } from '#core/mails/text-part.ts';
import type { MailContent, OutgoingKind, OutgoingMail } from '#schemas/alerts.ts';
import type { SendMail } from '#stores/aws/ses-mail.ts';
import type { OutgoingMails } from '#stores/alerts/outgoing-mails.ts';
import { dashboardLink } from './dashboard-link.ts';
import type { MessageTally } from './send-due-messages.ts';

export interface RenderedMail {
  subject: string;
  html: string;
  text: string;
}

export interface MailingDeps {
  mails: OutgoingMails;
  send: SendMail;
  render: (content: MailContent, links: MailLinks, brand: MailBrand | undefined) => Promise<RenderedMail>;
  /** Creates the reader of a run's white labels. It may reject: the mail then leaves without it. */
  brands: () => (content: MailContent) => Promise<MailBrand | undefined>;
  /** Signs the links in mails. */
  secret: () => Promise<string>;
  /** The stack's public address, without a trailing slash. */
  publicUrl: string;
  now: () => number;
}

/** What a job needs to send mails, and messages to channels. */
export interface NotifyingDeps extends MailingDeps {
  sendMessages: (time: number) => Promise<MessageTally>;
}

/** Number of mails by result: `sent`, or the reason they were not sent. */
export type MailTally = Record<string, number>;

/** Sends the due mails and messages, and adds them to the run's counts. */
export async function sendAndCount(deps: NotifyingDeps, time: number, counts: RunCounts): Promise<void> {
  const [mails, messages] = await Promise.all([sendDueMails(deps, time), deps.sendMessages(time)]);
  counts.mails = mails['sent'] ?? 0;
  counts.messages = messages['sent'] ?? 0;
  for (const [what, tally] of [
    ['mail', mails],
    ['message', messages],
  ] as const)
    for (const [reason, times] of Object.entries(tally))
      if (reason !== 'sent') skip(counts, `${what}: ${reason}`, times);
}

/** About 6 minutes at 14 mails a second, the SES rate of a new account. */
const maxMailsPerRun = 5000;
const batchSize = 100;

/**
 * Sends every mail that may leave at `time`. A mail is claimed before it is sent. If the job stops between the two, a
 * later run sends the mail; only then may a recipient get it twice.
 * @param time milliseconds since the epoch
 * @throws {StoreUnavailable}
 */
export async function sendDueMails(deps: MailingDeps, time: number): Promise<MailTally> {
  const tally: MailTally = {};
  const seen = new Set<string>();
  const brandOf = deps.brands();
  while (seen.size < maxMailsPerRun) {
    const due = (await deps.mails.due(time, batchSize)).filter(({ id }) => !seen.has(id));
    if (due.length === 0) return tally;
    for (const mail of due) {
      seen.add(mail.id);
      const outcome = await deliver(deps, mail, brandOf);
      tally[outcome] = (tally[outcome] ?? 0) + 1;
      // If SES is unavailable for one mail, it is for the others, too: the next run sends them.
      if (outcome === 'unavailable') return tally;
    }
  }
  return tally;
}

async function deliver(
  deps: MailingDeps,
  mail: OutgoingMail,
  brandOf: ReturnType<MailingDeps['brands']>,
): Promise<string> {
  const { mails, now } = deps;
  if (!(await mails.claim(mail.id, now()))) return 'claimed-by-another-run';
  const permission = await mails.permission(mail.recipient, refusalKind(mail.kind), subjectOf(mail.content));
  if (permission.kind !== 'allowed') {
    await mails.dropped(mail.id, permission.kind);
    return permission.kind;
  }
  const links = linksOf(mail, deps.publicUrl, await deps.secret());
  const rendered = await deps.render(mail.content, links, await brandOf(mail.content).catch(() => undefined));
  const delivery = await deps.send({ to: mail.address, ...rendered, unsubscribeUrl: links.unsubscribe });
  switch (delivery.kind) {
    case 'sent':
      await mails.sent(mail.id, now(), delivery.messageId);
      return 'sent';
    case 'rejected':
      await mails.dropped(mail.id, delivery.reason);
      return 'rejected';
    case 'unavailable':
      await mails.release(mail.id);
      return 'unavailable';
    default:
      return delivery satisfies never;
  }
}

/** Maps recoveries and alerts of metrics to alerts, because recipients unsubscribe from all together. */
function refusalKind(kind: OutgoingKind): OutgoingKind {
  return kind === 'recovery' || kind === 'metric-alert' || kind === 'metric-recovery' ? 'alert' : kind;
}

/** Returns what recipients unsubscribe from: the page or agency of a mail, or the confirmations of all pages. */
export function subjectOf(content: MailContent): string {
  switch (content.kind) {
    case 'confirmation':
      return everyPage;
    case 'agency':
    case 'agency-monthly':
      return content.agency;
    case 'alert':
    case 'recovery':
    case 'metric-alert':
    case 'metric-recovery':
    case 'digest':
    case 'monthly':
      return content.page;
    default:
      return content satisfies never;
  }
}

function linksOf(mail: OutgoingMail, publicUrl: string, secret: string): MailLinks {
  const { content, recipient, kind } = mail;
  function link(name: string, token: string): string {
    return `${publicUrl}/api/mail/${name}?token=${token}`;
  }
  function feedback(answer: 'useful' | 'not-useful'): string | null {
    return content.kind === 'alert'
      ? link(
          'feedback',
          signToken({ does: 'feedback', recipient, page: content.page, incident: content.incident.id, answer }, secret),
        )
      : null;
  }
  const confirm =
    content.kind === 'confirmation'
      ? link('confirm', signToken({ does: 'confirm', recipient, page: content.page, expires: content.expires }, secret))
      : null;
  const unsubscribe = { does: 'unsubscribe', recipient, kind: refusalKind(kind), subject: subjectOf(content) } as const;
  return {
    dashboard: dashboardLink(publicUrl, content),
    unsubscribe: link('unsubscribe', signToken(unsubscribe, secret)),
    confirm,
    useful: feedback('useful'),
    notUseful: feedback('not-useful'),
  };
}
