import type { Recipients } from '#jobs/mailing/recipients.ts';
import type { NotifyingDeps } from '#jobs/mailing/send-due-mails.ts';
import type { BrokenDestination } from '#schemas/alerts.ts';
import type { Link, Page } from '#schemas/catalog.ts';
import type { Alerts } from '#stores/alerts/alerts.ts';
import type { Listing, ListOptions } from '#stores/dynamodb/table.ts';
import type { History } from '#stores/alerts/detection-history.ts';
import type { MetricAlertDeps } from './commit-step.ts';

export interface DailyDetectionDeps extends MetricAlertDeps {
  listPages: (options?: ListOptions) => Promise<Listing<Page>>;
  listLinksOfPage: (path: string, options?: ListOptions) => Promise<Listing<Link>>;
  getLink: (code: string) => Promise<Link | undefined>;
  /** Milliseconds since the epoch before which every hour is settled; undefined before the first settle. */
  settledThrough: () => Promise<number | undefined>;
  alerts: Alerts;
  history: History;
  recipients: () => Recipients;
  /** Returns what is wrong with a destination, or undefined. */
  checkDestination: (url: string) => Promise<string | undefined>;
  mailing: NotifyingDeps;
}

export type DestinationReport = { broken: BrokenDestination[]; checked: boolean; checkProblem?: string };
