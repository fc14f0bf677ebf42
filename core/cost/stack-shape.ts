import { canaryMinutes } from '#schemas/catalog-rules.ts';
import { batchWindows } from '#schemas/counters.ts';
import type { Poller } from './traffic.ts';

/**
 * The configuration of the stack that the bill depends on. A test compares these numbers with the synthesized template.
 */
export const stackShape = {
  redirectMemoryGb: 0.5,
  enrichMemoryGb: 1,
  rollupMemoryGb: 1,
  receiptsMemoryGb: 1,
  saltsMemoryGb: 0.25,
  settleMemoryGb: 1769 / 1024,
  canaryMemoryGb: 0.25,
  apiMemoryGb: 1769 / 1024,
  alertsMemoryGb: 1769 / 1024,
  /** Daily and hourly detection, forecast and digest. */
  hourlyJobs: 4,
  /** Messages in one batch of enrich, and of rollup. */
  clicksPerBatch: 1000,
  filesPerBatch: 75,
  filesReadAtOnce: 8,
  linkCacheSeconds: 60,
  receiptsWindowSeconds: 900,
  edgeLogDays: 7,
  logDays: 14,
  rawDays: 35,
  hotDays: 90,
  /** Of the catalog. The counters are only backed up if events are deleted (setting `settledDays`). */
  tablesWithBackups: 1,
  /** Metrics that alarms watch: CloudWatch bills each. */
  alarms: 20,
  /** Metrics of our own, each billed for the hours in which it is not zero. */
  metrics: 7,
  secrets: 2,
  keys: 0,
  /** Of the managed web ACL, a managed rule group included. */
  webAclRules: 3,
  canarySecondsBetween: canaryMinutes * 60,
} as const;

/** Values that need an AWS account to measure. Each names its source; none comes from a bill of this stack. */
export const taken = {
  /** Bytes of a link or a page in the catalog, which its listing index holds, too. */
  catalogItemBytes: 1_000,
  /** Share of the hours in which something is wrong and our metrics are sent. */
  troubledShare: 0.01,
  /** Estimated billed time of one redirect: lookup after a cache miss, response, and the send after it. */
  redirectSeconds: 0.025,
  /** Time of one small S3 request or one transaction, during which the function is billed. */
  s3Seconds: 0.04,
  transactionSeconds: 0.02,
  updateSeconds: 0.005,
  /** A page of FilterLogEvents holds about 8,000 lines, and takes half a second. */
  secondsPerLogLine: 0.00006,
  /** One canary click from Lambda through CloudFront. */
  canarySeconds: 0.3,
  /** A function has 1 core at 1,769 MB (Lambda developer guide, "Configure Lambda function memory"). */
  gbPerCore: 1769 / 1024,
  /**
   * Lambda polls a standard queue with five pollers, and may go down to two at low traffic; each receive waits up to 20 s
   * (same guide, "Configuring scaling behavior for SQS event source mappings"). It does not say what is low.
   */
  pollers: { usual: 5, fewest: 2 },
  longPollSeconds: 20,
  /** Bytes of a 302 with CloudFront's headers and TLS records. */
  redirectResponseBytes: 900,
  /** CloudWatch stores logs compressed, to about this share of their bytes (CloudWatch pricing, example). */
  logCompression: 0.15,
  /** Messages and batches that are processed again after an error or a timeout. */
  retriedShare: 0.01,
  /** Files that settle writes for an hour: its run, and also a view and the manifest. Athena stores two per query result. */
  runFilesPerHour: 4,
  settleFilesPerHour: 9,
  resultFilesPerQuery: 2,
  /** Smaller objects do not change their storage class (S3 user guide, lifecycle transitions). */
  smallestTransition: 128 * 1024,
  /** Three of Athena's queries read each raw file, and settle itself. Small files are read whole, by one request. */
  settleReadsPerFile: 4,
  /** Times that a raw file is listed: its own hour five times, again after a day and after a week. A request lists 1,000. */
  listingsPerFile: (5 + 2) / 1000,
  /** Files that are read, or items that are written, side by side. */
  filesAtOnce: 16,
  querySeconds: 1.5,
  retentionQueriesPerHour: 1,
  /** Time zones of pages, UTC included. A date settles when it ends in each. */
  zones: 2,
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
  /**
   * Per hour: its state and the same hour of three weeks. Per day: months, states and the forecast of 28 days; for one
   * page in a hundred, 91 days of hours (2,184 items of about 1 KB).
   */
  readUnitsPerPageHour: 4,
  readUnitsPerPageDay: 23,
  writeUnitsPerPageDay: 8,
  detectQueriesPerDay: 24,
  /** Incidents of a page in a year (docs/detection.md). */
  alertsPerPageYear: 4,
  writeUnitsPerMail: 12,
} as const;

/** Returns how the two queues are polled with this setting. */
export function pollersOf(
  freshnessSeconds: number,
  pollers: number = taken.pollers.usual,
): { clicks: Poller; files: Poller } {
  const windows = batchWindows(freshnessSeconds);
  const polling = { pollers, longPollSeconds: taken.longPollSeconds };
  return {
    clicks: { ...polling, windowSeconds: windows.clicks, maxBatch: stackShape.clicksPerBatch },
    files: { ...polling, windowSeconds: windows.files, maxBatch: stackShape.filesPerBatch },
  };
}
