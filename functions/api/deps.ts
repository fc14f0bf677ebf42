import type { Addresses } from '#schemas/settings/link-domains.ts';
import type { AgencyDashboard } from '#schemas/api/agencies.ts';
import type { DashboardResponse } from '#schemas/api/dashboard.ts';
import type { Channel } from '#schemas/channels.ts';
import type { Funnel, FunnelCounts } from '#schemas/api/insights/funnels.ts';
import type { RetentionCounts } from '#schemas/api/insights/retention.ts';
import type { Metric } from '#schemas/insights/metrics.ts';
import type { MetricAlerts } from '#stores/alerts/metric-alerts.ts';
import type { Annotation, Segment } from '#schemas/api/saved.ts';
import type { AgencyBrands } from '#stores/catalog/agency-brands.ts';
import type { ApiKeys } from '#stores/catalog/api-keys.ts';
import type { Campaigns } from '#stores/catalog/campaigns.ts';
import type { Pulls } from '#stores/catalog/pulls.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import type { RecentEventsStore } from '#stores/cache/recent-events.ts';
import type { ResponseCache } from '#stores/cache/response-cache.ts';
import type { HistoryImports } from '#stores/catalog/history-imports.ts';
import type { Idempotency } from '#stores/cache/idempotency.ts';
import type { Invitations } from '#stores/catalog/invitations.ts';
import type { LakeJobs } from '#stores/catalog/lake-jobs.ts';
import type { LakeStats } from '#stores/lake/lake-stats.ts';
import type { SettleState } from '#stores/settle/settle-state.ts';
import type { SavedRecords } from '#stores/catalog/saved-records.ts';
import type { Shares } from '#stores/catalog/shares.ts';
import type { StatsStore } from '#stores/counters/stats.ts';
import type { SendToChannel } from '#stores/web/channel-sender.ts';
import type { WebPages } from '#stores/web/web-pages.ts';
import type { UserPool } from '#stores/aws/cognito-user-pool.ts';
import type { CampaignSums } from './campaigns/campaign-metric.ts';
import type { CampaignParts, SettledCampaign } from './campaigns/campaign-parts.ts';
import type { Identify } from './identity.ts';
import type { HistoryUploads } from './jobs/history-uploads.ts';
import type { JobRunner } from './jobs/job-runner.ts';
import type { RecipientMails } from './pages/recipients.ts';
import type { Detection } from './detection/detection.ts';
import type { Comparison } from './detection/read-backtest.ts';
import type { Principal } from './principal.ts';

export interface ApiDeps {
  catalog: CatalogAdmin;
  invitations: Invitations;
  keys: ApiKeys;
  shares: Shares;
  brands: AgencyBrands;
  annotations: SavedRecords<Annotation>;
  segments: SavedRecords<Segment>;
  metrics: SavedRecords<Metric>;
  metricAlerts: Pick<MetricAlerts, 'state' | 'remove'>;
  /** Counts a changed definition or a preview of a page. False if there were too many within the hour. */
  metricRate: (page: string) => Promise<boolean>;
  funnels: SavedRecords<Funnel>;
  channels: SavedRecords<Channel>;
  campaigns: Campaigns;
  sendToChannel: SendToChannel;
  /** Counts a test message of a page or an agency. False if there were too many within the minute. */
  channelTestRate: (owner: string) => Promise<boolean>;
  jobs: LakeJobs;
  /** Pulls from the APIs of other tools. */
  pulls: Pulls;
  imports: HistoryImports;
  /** Files that clients upload for imports of history, and their reports. */
  uploads: HistoryUploads;
  rules: Pick<SettleState, 'rules' | 'putRule'>;
  stats: StatsStore;
  lake: LakeStats;
  /** Incidents and forecasts that the jobs have stored. */
  detection: Detection;
  /** Starts exports, erasures and imports, and reads their results. */
  runner: JobRunner;
  dashboards: ResponseCache<DashboardResponse>;
  agencies: ResponseCache<AgencyDashboard>;
  backtests: ResponseCache<Comparison>;
  retentions: ResponseCache<RetentionCounts>;
  campaignParts: ResponseCache<CampaignParts>;
  settledCampaigns: ResponseCache<SettledCampaign>;
  campaignSums: ResponseCache<CampaignSums>;
  funnelCounts: ResponseCache<FunnelCounts>;
  idempotency: Idempotency;
  /** The last events of a page, while someone watches them. */
  recentEvents: Pick<RecentEventsStore, 'watch' | 'read'>;
  /** Counts a request of a caller. @returns false above the limit */
  rate: (caller: string) => Promise<boolean>;
  /** Counts an export of an owner. False if there were too many within the hour. */
  exportRate: (owner: string) => Promise<boolean>;
  /** Counts an import of an owner that starts. False if there were too many within the hour. */
  importRate: (owner: string) => Promise<boolean>;
  /** Counts an attempt to give a password, of all visitors and of one address. False if there were too many within the minute. */
  unlockRate: (locked: string) => Promise<boolean>;
  attemptRate: (bucket: string) => Promise<boolean>;
  /** Returns `index.html` of the dashboard. */
  dashboardHtml: () => Promise<string>;
  /** Reads pages of other sites, for previews and icons. */
  web: WebPages;
  /** Counts a page of another site that is read for a caller. False if there were too many within the minute. */
  webRate: (caller: string) => Promise<boolean>;
  /** Icons by host. */
  icons: ResponseCache<string | null>;
  /** Accounts in the stack's user pool. */
  accounts: UserPool;
  /** Sends an invitation. @returns false if the stack sends no mails */
  invite: (email: string) => Promise<boolean>;
  /** Confirmations of recipients of alerts. */
  recipients: RecipientMails;
  identify: Identify;
  /** Where the stack and its links are. */
  addresses: Addresses;
  /** Whether codes are equal if they differ in capitals only. */
  ignoreCase: boolean;
  now: () => number;
  random: (bytes: number) => Uint8Array;
  log: { error: (message: string, details: Record<string, unknown>) => void };
}

/** Variables in the context of every route. */
export interface ApiEnvironment {
  Variables: { principal: Principal };
}
