import { signToken } from '#core/alerts/mail-token.ts';
import type { MailLinks } from '#core/mails/text-part.ts';
import type { MailContent, MailKind, OutgoingMail } from '#schemas/alerts.ts';
import type { SendMail } from '#stores/aws/ses-mail.ts';
import type { OutgoingMails } from '#stores/alerts/outgoing-mails.ts';

export interface RenderedMail {
  subject: string;
  html: string;
  text: string;
}

export interface MailingDeps {
  mails: OutgoingMails;
  send: SendMail;
  render: (content: MailContent, links: MailLinks) => Promise<RenderedMail>;
  /** Signs what the links of a mail may do. */
  secret: () => Promise<string>;
  /** Where viewers reach the stack, without a slash at the end. */
  publicUrl: string;
  now: () => number;
}

/** Counts by what became of a mail: `sent`, or why it was not. */
export type MailTally = Record<string, number>;

/** Mails of one run: some 15 minutes of SES at the 14 a second of a new account. */
const mostMails = 5000;
const atOnce = 100;

/**
 * Sends every mail that may leave at `time`. A mail is claimed before it is sent; when the job dies between the two,
 * a later run sends it, and only then can somebody get it twice.
 * @param time milliseconds since the epoch
 * @throws {StoreUnavailable}
 */
export async function sendDueMails(deps: MailingDeps, time: number): Promise<MailTally> {
  const tally: MailTally = {};
  const seen = new Set<string>();
  while (seen.size < mostMails) {
    const due = (await deps.mails.due(time, atOnce)).filter(({ id }) => !seen.has(id));
    if (due.length === 0) return tally;
    for (const mail of due) {
      seen.add(mail.id);
      const outcome = await deliver(deps, mail);
      tally[outcome] = (tally[outcome] ?? 0) + 1;
      // SES is asked again in the next run, not for every mail of this one.
      if (outcome === 'unavailable') return tally;
    }
  }
  return tally;
}

async function deliver(deps: MailingDeps, mail: OutgoingMail): Promise<string> {
  const { mails, now } = deps;
  if (!(await mails.claim(mail.id, now()))) return 'claimed-by-another-run';
  const permission = await mails.permission(mail.recipient, refusalKind(mail.kind), subjectOf(mail.content));
  if (permission.kind !== 'allowed') {
    await mails.dropped(mail.id, permission.kind);
    return permission.kind;
  }
  const links = linksOf(mail, deps.publicUrl, await deps.secret());
  const rendered = await deps.render(mail.content, links);
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

/** Alerts and recoveries are refused together: one without the other tells half a story. */
function refusalKind(kind: MailKind): MailKind {
  return kind === 'recovery' ? 'alert' : kind;
}

/** Page or agency that a mail is about: what a refusal is kept for. */
export function subjectOf(content: MailContent): string {
  return content.kind === 'agency' ? content.agency : content.page;
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
  const refused = { does: 'unsubscribe', recipient, kind: refusalKind(kind), subject: subjectOf(content) } as const;
  return {
    dashboard: `${publicUrl}${pathOf(content)}`,
    unsubscribe: link('unsubscribe', signToken(refused, secret)),
    useful: feedback('useful'),
    notUseful: feedback('not-useful'),
  };
}

/** Where the dashboard shows what the mail is about: an address of dashboard/src/router/routes.ts. */
function pathOf(content: MailContent): string {
  if (content.kind === 'agency') return `/app/agencies/${encodeURIComponent(content.agency)}/overview`;
  const overview = `/app/pages/${encodeURIComponent(content.page.slice(1))}/overview`;
  return content.kind === 'digest' ? overview : `${overview}#alerts`;
}
