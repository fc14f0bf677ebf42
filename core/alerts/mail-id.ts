import { createHash } from 'node:crypto';
import { addDays } from '#core/ledger/time-range.ts';
import type { MailContent } from '#schemas/alerts.ts';

/** Returns the same id for the same news to the same recipient, so that a repeated run queues no second mail. */
export function mailId(content: MailContent, recipient: string): string {
  return createHash('sha256')
    .update(`${newsOf(content)}\n${recipient}`)
    .digest('hex')
    .slice(0, 32);
}

function newsOf(content: MailContent): string {
  switch (content.kind) {
    case 'alert':
    case 'recovery':
      return `${content.kind}\n${content.page}\n${content.incident.id}`;
    case 'metric-alert':
      return `metric-alert\n${content.page}\n${content.metric.id}\n${content.rule.period}\n${content.start}`;
    case 'metric-recovery':
      return `metric-recovery\n${content.page}\n${content.metric.id}\n${content.rule.period}\n${content.since}`;
    case 'digest':
    case 'monthly':
      return `${content.kind}\n${content.page}\n${content.from}`;
    case 'agency':
      return `agency\n${content.agency}\n${addDays(content.date, 1)}`;
    case 'agency-monthly':
      return `${content.kind}\n${content.agency}\n${content.from}`;
    case 'confirmation':
      return `confirmation\n${content.page}\n${content.expires}`;
    default:
      return content satisfies never;
  }
}
