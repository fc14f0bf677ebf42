import { SendEmailCommand, type SESv2Client } from '@aws-sdk/client-sesv2';
import { StoreUnavailable } from '../errors.ts';

/** Value of the settings of a stack that sends no mails. */
const none = 'none';

interface InvitationMailOptions {
  readonly client: SESv2Client;
  /** Address of the sender; `none` if the stack sends no mails. */
  readonly sender: string;
  /** Named in each mail. Without it SES takes the identity's default, which the role may not use. */
  readonly configurationSet: string;
  readonly url: string;
}

/**
 * Sends invitations through SES v2, in plain text. Returns false if the stack sends no mails.
 * @throws {StoreUnavailable} when SES did not accept the mail; the reason holds no address
 */
export function createInvitationMail({ client, sender, configurationSet, url }: InvitationMailOptions) {
  return async (email: string): Promise<boolean> => {
    if (sender === none) return false;
    const text = `You are invited to look at the numbers of your links and pages.\n\nSign in with this address: ${url}/app/\n`;
    const command = new SendEmailCommand({
      FromEmailAddress: sender,
      ...(configurationSet !== none && { ConfigurationSetName: configurationSet }),
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
