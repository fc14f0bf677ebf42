import { SendEmailCommand, type SESv2Client } from '@aws-sdk/client-sesv2';
import { StoreUnavailable } from '../errors.ts';

/** A stack without a sender's address sends no mails. */
const noSender = 'none';

/**
 * Sends invitations through SES v2, in plain text. Returns false if the stack sends no mails.
 * @throws {StoreUnavailable} when SES did not accept the mail; the reason holds no address
 */
export function createInvitationMail({ client, sender, url }: { client: SESv2Client; sender: string; url: string }) {
  return async (email: string): Promise<boolean> => {
    if (sender === noSender) return false;
    const text = `You are invited to look at the numbers of your links and pages.\n\nSign in with this address: ${url}/app/\n`;
    const command = new SendEmailCommand({
      FromEmailAddress: sender,
      Destination: { ToAddresses: [email] },
      Content: { Simple: { Subject: { Data: 'You are invited to Hopcount' }, Body: { Text: { Data: text } } } },
    });
    try {
      await client.send(command);
      return true;
    } catch (cause) {
      // SES's messages hold the address; its error's name does not.
      throw new StoreUnavailable(`SES did not take an invitation: ${cause instanceof Error ? cause.name : 'unknown'}`);
    }
  };
}
