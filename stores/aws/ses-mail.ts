import { SendEmailCommand, type SESv2Client } from '@aws-sdk/client-sesv2';

/** A mail to send. */
export interface Mail {
  to: string;
  subject: string;
  html: string;
  text: string;
  /** Unsubscribes by POST, with one click (RFC 8058). */
  unsubscribeUrl: string;
}

/**
 * `rejected`: SES will never accept this mail. `unavailable`: it did not accept it now, or did not respond; sending again
 * is the one case in which a person may get a mail twice.
 */
export type Delivery =
  | { kind: 'sent'; messageId: string }
  | { kind: 'rejected'; reason: string }
  | { kind: 'unavailable'; reason: string };

export type SendMail = (mail: Mail) => Promise<Delivery>;

const permanent: ReadonlySet<string> = new Set(['MessageRejected', 'BadRequestException']);

/**
 * Sends through SES v2. The client must not retry (`maxAttempts: 1`): a mail that timed out may have been sent.
 * A reason is the name of SES's error: its message may hold the address.
 * @param configurationSet to whose topic SES reports bounces and complaints; empty for none
 */
export function createSendMail(options: { client: SESv2Client; sender: string; configurationSet: string }): SendMail {
  return async ({ to, subject, html, text, unsubscribeUrl }) => {
    const { client, sender, configurationSet } = options;
    try {
      const { MessageId } = await client.send(
        new SendEmailCommand({
          FromEmailAddress: sender,
          Destination: { ToAddresses: [to] },
          ...(configurationSet !== '' && { ConfigurationSetName: configurationSet }),
          Content: {
            Simple: {
              Subject: { Data: subject, Charset: 'UTF-8' },
              Body: { Html: { Data: html, Charset: 'UTF-8' }, Text: { Data: text, Charset: 'UTF-8' } },
              Headers: [
                { Name: 'List-Unsubscribe', Value: `<${unsubscribeUrl}>` },
                { Name: 'List-Unsubscribe-Post', Value: 'List-Unsubscribe=One-Click' },
              ],
            },
          },
        }),
      );
      return { kind: 'sent', messageId: MessageId ?? '' };
    } catch (cause) {
      const name = cause instanceof Error ? cause.name : 'Unknown';
      return { kind: permanent.has(name) ? 'rejected' : 'unavailable', reason: name };
    }
  };
}
