import type { Recipients } from '#jobs/mailing/recipients.ts';
import type { MailingDeps } from '#jobs/mailing/send-due-mails.ts';
import type { Link, Page } from '#schemas/catalog.ts';
import type { Alerts } from '#stores/alerts/alerts.ts';
import type { Listing, ListOptions } from '#stores/dynamodb/table.ts';
import type { CountedHistory } from '#stores/alerts/detection-history.ts';

export interface DigestDeps {
  listPages: (options?: ListOptions) => Promise<Listing<Page>>;
  getLink: (code: string) => Promise<Link | undefined>;
  /** Milliseconds since the epoch before which every hour is settled; undefined before the first settle. */
  settledThrough: () => Promise<number | undefined>;
  alerts: Pick<Alerts, 'incidents' | 'forecast' | 'putRun'>;
  history: Pick<CountedHistory, 'settled'>;
  recipients: () => Recipients;
  mailing: MailingDeps;
  now: () => number;
}
