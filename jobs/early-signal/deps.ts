import type { DetectDependencies } from '#jobs/detect/deps.ts';
import type { CountedHistory } from '#stores/alerts/detection-history.ts';
import type { HourNumbers } from '#core/ledger/report.ts';

export interface EarlySignalDependencies
  extends Pick<
    DetectDependencies,
    'listPages' | 'listLinksOfPage' | 'alerts' | 'addressees' | 'checkDestination' | 'mailing' | 'now'
  > {
  history: Pick<CountedHistory, 'hours'>;
  /** Hourly items of an entity on these local dates, inclusive. */
  hours: (pk: string, firstDate: string, lastDate: string) => Promise<HourNumbers[]>;
}
