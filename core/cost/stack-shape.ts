import type { Poller } from './traffic.ts';

/**
 * The configuration of the stack that the bill depends on. A test compares these numbers with the synthesized template.
 */
export const stackShape = {
  redirectMemoryGb: 0.5,
  enrichMemoryGb: 1769 / 1024,
  rollupMemoryGb: 1769 / 1024,
  receiptsMemoryGb: 1,
  canaryMemoryGb: 0.25,
  apiMemoryGb: 1769 / 1024,
  alertsMemoryGb: 1769 / 1024,
  /** Daily and hourly detection, forecast and digest. */
  hourlyJobs: 4,
  clicks: { windowSeconds: 5, maxBatch: 1000 },
  files: { windowSeconds: 0, maxBatch: 10 },
  /** Items of one transaction, without its marker. */
  updatesPerTransaction: 99,
  linkCacheSeconds: 60,
  receiptsWindowSeconds: 900,
  rawDays: 35,
  hotDays: 90,
  /** Metrics that alarms watch: CloudWatch bills each. */
  alarms: 19,
  /** Metrics of our own, each billed for the hours in which it is not zero. */
  metrics: 6,
  secrets: 2,
  keys: 0,
  /** Of the managed web ACL, a managed rule group included. */
  webAclRules: 3,
  canarySecondsBetween: 60,
} as const;

/** Values that need an AWS account to measure. Each names its source; none comes from a bill of this stack. */
export const taken = {
  /** Share of the hours in which something is wrong and our metrics are sent. */
  troubledShare: 0.01,
  /** Estimated billed time of one redirect: lookup after a cache miss, response, and the send after it. */
  redirectSeconds: 0.025,
  /** Time of one small S3 request or one transaction, during which the function is billed. */
  s3Seconds: 0.04,
  transactionSeconds: 0.02,
  updateSeconds: 0.005,
  /** Reading one window of log lines, and one canary click from Lambda through CloudFront. */
  logReadSeconds: 1,
  canarySeconds: 0.3,
  /** A function has 1 core at 1,769 MB (Lambda developer guide, "Configure Lambda function memory"). */
  gbPerCore: 1769 / 1024,
  /** Lambda starts with five pollers per standard queue; each receive waits up to 20 s (same guide). */
  pollers: 5,
  longPollSeconds: 20,
  /** Bytes of a 302 with CloudFront's headers and TLS records. */
  redirectResponseBytes: 900,
  /** Queries of one settled hour: events, traffic, counters per entity, and its share of a closed day's views. */
  settleQueriesPerHour: 4,
  settleFilesPerHour: 4,
  athenaMinimumBytes: 10e6,
  /** Counted in Chromium: 3 to open a page, 2 to 4 per view, 12 per live minute; four views and two minutes. */
  requestsPerVisit: 40,
  /** Estimated share that misses every cache tier: live stats, other stats, and first requests. */
  uncachedShare: 0.5,
  /** Lake queries for a filter or "why not counted", each at Athena's minimum charge. */
  filteredPerVisit: 1,
  /** Compressed, between the size of a ledger and of a whole dashboard. */
  apiResponseBytes: 5_000,
  /** `npm run bench -- api`: a page's 30 days from memory and from the table, plus Lambda's overhead. */
  cachedResponseSeconds: 0.02,
  computedResponseSeconds: 0.1,
  /** Write units of a cached response of 4 KB; read units of a page's 30 days, half a unit per 4 KB. */
  cachedResponseUnits: 4,
  readUnitsPerResponse: 40,
  /** A job that has nothing to do. */
  jobStartSeconds: 1,
  /** 2,000 pages take 10 to 36 s without their reads (docs/detection.md); a forecast adds one model. */
  dailyDetectionSecondsPerPage: 0.03,
  hourlyDetectionSecondsPerPage: 0.01,
  forecastSecondsPerPage: 0.1,
  /** Per hour: its state and the same hour of three weeks. Per day: months, states and the forecast of 28 days. */
  readUnitsPerPageHour: 4,
  readUnitsPerPageDay: 20,
  writeUnitsPerPageDay: 8,
  detectQueriesPerDay: 24,
  /** Incidents of a page in a year (docs/detection.md). */
  alertsPerPageYear: 4,
  writeUnitsPerMail: 12,
} as const;

export const clickPoller: Poller = {
  ...stackShape.clicks,
  pollers: taken.pollers,
  longPollSeconds: taken.longPollSeconds,
};
export const filePoller: Poller = {
  ...stackShape.files,
  pollers: taken.pollers,
  longPollSeconds: taken.longPollSeconds,
};
