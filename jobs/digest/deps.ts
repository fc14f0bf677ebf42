import type { RunCounts } from '#jobs/alert-run.ts';
import type { Recipients } from '#jobs/mailing/recipients.ts';
import type { NotifyingDeps } from '#jobs/mailing/send-due-mails.ts';
import type { Annotation } from '#schemas/api/saved.ts';
import type { Link, Page } from '#schemas/catalog.ts';
import type { Alerts } from '#stores/alerts/alerts.ts';
import type { Metric } from '#schemas/insights/metrics.ts';
import type { Campaigns } from '#stores/catalog/campaigns.ts';
import type { LakeMetric, MetricRange, MetricRead } from '#stores/lake/metric-queries.ts';
import type { SavedRecords } from '#stores/catalog/saved-records.ts';
import type { Listing, ListOptions } from '#stores/dynamodb/table.ts';
import type { CountedHistory } from '#stores/alerts/detection-history.ts';

export interface DigestDeps {
  listPages: (options?: ListOptions) => Promise<Listing<Page>>;
  getLink: (code: string) => Promise<Link | undefined>;
  /** Milliseconds since the epoch before which every hour is settled; undefined before the first settle. */
  settledThrough: () => Promise<number | undefined>;
  alerts: Pick<Alerts, 'incidents' | 'forecast' | 'putRun' | 'isSummarized' | 'putSummarized'>;
  history: Pick<CountedHistory, 'settled' | 'numbers'>;
  annotations: Pick<SavedRecords<Annotation>, 'list'>;
  campaigns: Pick<Campaigns, 'list'>;
  metrics: Pick<SavedRecords<Metric>, 'list'>;
  listLinksOfPage: (path: string, options?: ListOptions) => Promise<Listing<Link>>;
  /** Reads measures from the lake. @throws {QueryFailed} */
  readMeasures: (metrics: readonly LakeMetric[], range: MetricRange) => Promise<MetricRead>;
  recipients: () => Recipients;
  mailing: NotifyingDeps;
  now: () => number;
}

/** What the summaries of a run are built with. */
export interface DigestRun {
  deps: DigestDeps;
  recipients: Recipients;
  /** Before it every hour is settled; milliseconds since the epoch, as the others. */
  settled: number;
  time: number;
  /** After it no summary is begun. */
  deadline: number;
  counts: RunCounts;
}
