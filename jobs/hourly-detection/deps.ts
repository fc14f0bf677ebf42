import type { DailyDetectionDeps } from '#jobs/daily-detection/deps.ts';
import type { CountedHistory } from '#stores/alerts/detection-history.ts';
import type { HourNumbers } from '#core/ledger/report.ts';

export interface HourlyDetectionDeps
  extends Pick<
    DailyDetectionDeps,
    'listPages' | 'listLinksOfPage' | 'alerts' | 'recipients' | 'checkDestination' | 'mailing' | 'now'
  > {
  history: Pick<CountedHistory, 'hours'>;
  /** Hourly items of an entity on these local dates, inclusive. */
  hours: (entity: string, firstDate: string, lastDate: string) => Promise<HourNumbers[]>;
}
