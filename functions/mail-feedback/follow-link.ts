import { z } from 'zod';
import { type MailToken, readToken } from '#core/alerts/mail-token.ts';
import { readPicture } from '#core/mails/picture-size.ts';
import { donePage, confirmationPagePolicy, questionPage } from '#core/mails/confirmation-pages.ts';
import type { OutgoingKind } from '#schemas/alerts.ts';
import type { Alerts } from '#stores/alerts/alerts.ts';
import type { AgencyBrands } from '#stores/catalog/agency-brands.ts';
import type { Confirmations } from '#stores/alerts/confirmations.ts';
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
  isBase64Encoded?: true;
}

export interface FollowLinkDeps {
  alerts: Pick<Alerts, 'answer'>;
  mails: Pick<OutgoingMails, 'refuse'>;
  confirmations: Pick<Confirmations, 'confirm'>;
  brands: Pick<AgencyBrands, 'get'>;
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
  if (token.does === 'confirm' && token.expires <= request.requestContext.timeEpoch) return html(410, expiredPage);
  switch (method) {
    case 'GET':
    case 'HEAD':
      return token.does === 'logo' ? serveLogo(deps, token.agency) : html(200, confirmation(token));
    case 'POST':
      if (token.does !== 'logo') return act(deps, token, request.requestContext.timeEpoch);
  }
  return html(405, donePage('This link is invalid', 'Open it in a browser.'), { allow: allowedFor(token) });
}

function allowedFor({ does }: MailToken): string {
  return does === 'logo' ? 'GET, HEAD' : 'GET, HEAD, POST';
}

/** Responds with the agency's logo of today, also in older mails. */
async function serveLogo({ brands }: FollowLinkDeps, agency: string): Promise<LinkResponse> {
  const { logo = null } = (await brands.get(agency)) ?? {};
  const picture = logo === null ? undefined : readPicture(logo);
  if (picture === undefined) return html(404, donePage('This picture is gone', 'The agency has no logo.'));
  return {
    statusCode: 200,
    headers: {
      'content-type': picture.type,
      'cache-control': 'public, max-age=86400',
      'content-security-policy': "default-src 'none'",
      // Web mailers are other sites.
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
    },
    body: picture.bytes.toString('base64'),
    isBase64Encoded: true,
  };
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

const expiredPage = donePage(
  'This link has expired',
  'You can be asked to confirm your address again from the settings of the page.',
);

const mailNames: Record<Exclude<OutgoingKind, 'confirmation'>, string> = {
  alert: 'alerts',
  recovery: 'alerts',
  'metric-alert': 'alerts',
  'metric-recovery': 'alerts',
  digest: 'weekly summaries',
  monthly: 'monthly summaries',
  agency: 'daily summaries',
  'agency-monthly': 'monthly summaries',
};

type PageToken = Exclude<MailToken, { does: 'logo' }>;

function confirmation(token: PageToken): string {
  switch (token.does) {
    case 'confirm':
      return questionPage(
        'Confirm your address?',
        `You will receive alerts and summaries for ${token.page}.`,
        'Confirm address',
      );
    case 'unsubscribe':
      return questionPage('Unsubscribe?', unsubscribed(token), 'Unsubscribe');
    case 'feedback': {
      const useful = token.answer === 'useful';
      return questionPage(
        useful ? 'Was this alert useful?' : 'Was this alert not useful?',
        `Your answer adjusts how sensitive alerts for ${token.page} are.`,
        useful ? 'Yes, it was useful' : 'No, it was not useful',
      );
    }
    default:
      return token satisfies never;
  }
}

function unsubscribed({ kind, subject }: Extract<MailToken, { does: 'unsubscribe' }>): string {
  return kind === 'confirmation'
    ? 'You will no longer be asked to confirm your address.'
    : `You will no longer receive ${mailNames[kind]} for ${subject}.`;
}

async function act(
  { alerts, mails, confirmations }: FollowLinkDeps,
  token: PageToken,
  at: number,
): Promise<LinkResponse> {
  switch (token.does) {
    case 'confirm':
      // Not stored any more if the page was erased.
      return (await confirmations.confirm(token.recipient, token.page, at))
        ? html(200, donePage('Your address is confirmed', `You will receive alerts for ${token.page}.`))
        : html(410, expiredPage);
    case 'unsubscribe':
      await mails.refuse(token.recipient, token.kind, token.subject, at);
      return html(200, donePage('You are unsubscribed', unsubscribed(token)));
    case 'feedback':
      await alerts.answer(token.page, token.incident, token.recipient, token.answer, at);
      return html(200, donePage('Thank you', `Your answer applies to future alerts for ${token.page}.`));
    default:
      return token satisfies never;
  }
}
