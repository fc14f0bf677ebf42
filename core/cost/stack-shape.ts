import type { Poller } from './traffic.ts';

/**
 * How the stack is configured, as far as the bill depends on it. A test holds these numbers against the synthesized
 * template.
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
  /** Items of one transaction besides its marker. */
  updatesPerTransaction: 99,
  linkCacheSeconds: 60,
  receiptsWindowSeconds: 900,
  rawDays: 35,
  hotDays: 90,
  alarms: 44,
  metrics: 18,
  secrets: 2,
  keys: 0,
  canarySecondsBetween: 60,
} as const;

/** What cannot be measured without an account. Each names its source; none comes from a bill of this stack. */
export const taken = {
  /** Billed time of one redirect, an estimate: the lookup where the cache misses, the answer, and the send that follows it. */
  redirectSeconds: 0.025,
  /** Time of one small request to S3 or of one transaction, waited for while the function is billed. */
  s3Seconds: 0.04,
  transactionSeconds: 0.02,
  updateSeconds: 0.005,
  /** Reading one window of log lines, and one canary click from Lambda through CloudFront. */
  logReadSeconds: 1,
  canarySeconds: 0.3,
  /** A function has 1 core at 1,769 MB (Lambda developer guide, "Configure Lambda function memory"). */
  gbPerCore: 1769 / 1024,
  /** Lambda polls a standard queue with five pollers until they are busy, each receive waiting up to 20 s (same guide). */
  pollers: 5,
  longPollSeconds: 20,
  /** Bytes of a 302 with CloudFront's own headers, and of TLS records around it. */
  redirectResponseBytes: 900,
  /** Queries of one settled hour: events, traffic, numbers per entity; the views of a closed day shared out. */
  settleQueriesPerHour: 4,
  settleFilesPerHour: 4,
  athenaLeastBytes: 10e6,
  /** Counted in Chromium: 3 to open a page, 2 to 4 a view, 12 a minute of live numbers; four views and two such minutes. */
  requestsPerVisit: 40,
  /** Of them those that no tier of the cache answers, an estimate: live numbers, stats and what is asked for first. */
  uncachedShare: 0.5,
  /** Queries of the lake for a filter or for why something is not counted, each at the least that Athena bills. */
  filteredPerVisit: 1,
  /** Between a ledger and a whole dashboard, compressed. */
  apiAnswerBytes: 5_000,
  /** `npm run bench -- api`: a page's 30 days from memory and from the table, with Lambda's own share. */
  cachedAnswerSeconds: 0.02,
  computedAnswerSeconds: 0.1,
  /** A kept answer of 4 KB; hours and days of a page for 30 days, half a unit for each 4 KB. */
  keptAnswerUnits: 4,
  readUnitsPerAnswer: 40,
  /** A job that finds nothing due. */
  jobStartSeconds: 1,
  /** 2,000 pages in 10 to 36 s, their reads beside (docs/detection.md); a forecast is a model more. */
  dailyDetectionSecondsPerPage: 0.03,
  hourlyDetectionSecondsPerPage: 0.01,
  forecastSecondsPerPage: 0.1,
  /** Its state and the same hour of three weeks; months, states and the forecast of 28 days. */
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
