import { z } from 'zod';
import { recipientId } from '#core/alerts/mail-token.ts';
import type { OutgoingMails } from '#stores/alerts/outgoing-mails.ts';

/** SNS delivers SES's reports as JSON text. */
export const snsEventSchema = z.object({
  Records: z.array(z.object({ Sns: z.object({ Message: z.string(), Timestamp: z.string() }) })),
});

export interface ReportDependencies {
  mails: Pick<OutgoingMails, 'suppress'>;
  secret: () => Promise<string>;
}

/** Number of reports in one event, by result. */
export interface ReportTally {
  suppressed: number;
  /** Temporary bounces, such as a full mailbox: SES retries. */
  transient: number;
  ignored: number;
  unreadable: number;
}

/**
 * Suppresses all mails to addresses that bounced permanently or complained of spam. Stores a hash, not the address.
 * @throws {StoreUnavailable} SNS delivers the event again
 */
export async function takeReports(
  deps: ReportDependencies,
  event: z.infer<typeof snsEventSchema>,
): Promise<ReportTally> {
  const tally: ReportTally = { suppressed: 0, transient: 0, ignored: 0, unreadable: 0 };
  for (const { Sns } of event.Records) {
    const report = readReport(Sns.Message);
    if (report === undefined) {
      tally.unreadable += 1;
      continue;
    }
    const found = findSuppressions(report);
    if (found === undefined) {
      tally[report.type === 'Bounce' ? 'transient' : 'ignored'] += 1;
      continue;
    }
    for (const address of found.addresses) {
      const recipient = recipientId(bareAddress(address), await deps.secret());
      await deps.mails.suppress(recipient, found.reason, Date.parse(Sns.Timestamp));
      tally.suppressed += 1;
    }
  }
  return tally;
}

const recipients = z.array(z.object({ emailAddress: z.string() }));

/** Event publishing calls the type `eventType`, identity notifications call it `notificationType`. */
const reportSchema = z
  .object({
    eventType: z.string().exactOptional(),
    notificationType: z.string().exactOptional(),
    bounce: z.object({ bounceType: z.string(), bouncedRecipients: recipients }).exactOptional(),
    complaint: z.object({ complainedRecipients: recipients }).exactOptional(),
  })
  .transform(({ eventType, notificationType, ...rest }) => ({ type: eventType ?? notificationType ?? '', ...rest }));

type Report = z.infer<typeof reportSchema>;

function readReport(message: string): Report | undefined {
  try {
    return reportSchema.safeParse(JSON.parse(message)).data;
  } catch {
    return undefined;
  }
}

function findSuppressions(report: Report): { reason: 'bounce' | 'complaint'; addresses: string[] } | undefined {
  if (report.type === 'Complaint' && report.complaint)
    return {
      reason: 'complaint',
      addresses: report.complaint.complainedRecipients.map(({ emailAddress }) => emailAddress),
    };
  if (report.type === 'Bounce' && report.bounce?.bounceType === 'Permanent')
    return { reason: 'bounce', addresses: report.bounce.bouncedRecipients.map(({ emailAddress }) => emailAddress) };
  return undefined;
}

/** Returns the address in `Name <ada@example.com>`. */
function bareAddress(address: string): string {
  return /<([^<>]+)>\s*$/.exec(address)?.[1] ?? address;
}
