import { z } from 'zod';
import { type MailToken, readToken } from '#core/alerts/mail-token.ts';
import { donePage, confirmationPagePolicy, questionPage } from '#core/mails/confirmation-pages.ts';
import type { MailKind } from '#schemas/alerts.ts';
import type { Alerts } from '#stores/alerts/alerts.ts';
import type { OutgoingMails } from '#stores/alerts/outgoing-mails.ts';

/** The fields of an HTTP API request (payload 2.0) that a link in a mail needs. */
export const linkRequestSchema = z.object({
  rawPath: z.string(),
  queryStringParameters: z.record(z.string(), z.string()).default({}),
  requestContext: z.object({ http: z.object({ method: z.string() }), timeEpoch: z.number() }),
});
export type LinkRequest = z.infer<typeof linkRequestSchema>;

export interface LinkResponse {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}

export interface FollowLinkDeps {
  alerts: Pick<Alerts, 'answer'>;
  mails: Pick<OutgoingMails, 'refuse'>;
  secret: () => Promise<string>;
}

/**
 * Responds to a link in a mail. GET shows a confirmation and changes nothing, because mail scanners follow every link.
 * POST acts, also when a mail client sends it for one-click unsubscribe (RFC 8058).
 */
export async function followLink(deps: FollowLinkDeps, request: LinkRequest): Promise<LinkResponse> {
  const { method } = request.requestContext.http;
  const token = readToken(request.queryStringParameters['token'] ?? '', await deps.secret());
  if (!token || !belongsTo(request.rawPath, token))
    return html(400, donePage('This link is invalid', 'It is incomplete or does not come from one of our mails.'));
  switch (method) {
    case 'GET':
    case 'HEAD':
      return html(200, confirmation(token));
    case 'POST':
      return html(200, await act(deps, token, request.requestContext.timeEpoch));
    default:
      return html(405, donePage('This link is invalid', 'Open it in a browser.'), { allow: 'GET, HEAD, POST' });
  }
}

function belongsTo(path: string, { does }: MailToken): boolean {
  return path.endsWith(`/${does}`);
}

function html(statusCode: number, body: string, headers: Record<string, string> = {}): LinkResponse {
  return {
    statusCode,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': confirmationPagePolicy,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      ...headers,
    },
    body,
  };
}

const mailNames: Record<MailKind, string> = {
  alert: 'alerts',
  recovery: 'alerts',
  digest: 'weekly summaries',
  agency: 'daily summaries',
};

function confirmation(token: MailToken): string {
  if (token.does === 'unsubscribe')
    return questionPage(
      'Unsubscribe?',
      `You will no longer receive ${mailNames[token.kind]} for ${token.subject}.`,
      'Unsubscribe',
    );
  const useful = token.answer === 'useful';
  return questionPage(
    useful ? 'Was this alert useful?' : 'Was this alert not useful?',
    `Your answer adjusts how sensitive alerts for ${token.page} are.`,
    useful ? 'Yes, it was useful' : 'No, it was not useful',
  );
}

async function act({ alerts, mails }: FollowLinkDeps, token: MailToken, at: number): Promise<string> {
  if (token.does === 'unsubscribe') {
    await mails.refuse(token.recipient, token.kind, token.subject, at);
    return donePage(
      'You are unsubscribed',
      `You will no longer receive ${mailNames[token.kind]} for ${token.subject}.`,
    );
  }
  await alerts.answer(token.page, token.incident, token.recipient, token.answer, at);
  return donePage('Thank you', `Your answer applies to future alerts for ${token.page}.`);
}
