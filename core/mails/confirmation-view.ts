import { confirmationLimits } from '#schemas/alerts.ts';

export interface ConfirmationView {
  subject: string;
  host: string;
  headline: string;
  paragraphs: string[];
  button: string;
  /** Text of the link that ends these mails. */
  never: string;
}

/**
 * Words of the mail that asks the owner of an address whether they want mails about a page. It holds no text that a user of
 * the stack wrote, but for the path behind the stack's own host: anyone who controls a page can send it to any address.
 */
export function confirmationView({ page, host }: { page: string; host: string }): ConfirmationView {
  const name = `${host}/@${page.slice(1)}`;
  return {
    host,
    subject: `Confirm your address for alerts from ${host}`,
    headline: 'Do you want alerts about this page?',
    paragraphs: [
      `A user of ${host} entered your address to receive alerts and summaries about ${name}.`,
      `If you want them, confirm your address within ${confirmationLimits.linkDays} days. Otherwise, ignore this mail: you will not be added.`,
    ],
    button: 'Confirm address',
    never: 'Never ask me again',
  };
}
