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
  clicks: { windowSeconds: 5, maxBatch: 1000 },
  files: { windowSeconds: 0, maxBatch: 10 },
  /** Items of one transaction besides its marker. */
  updatesPerTransaction: 99,
  linkCacheSeconds: 60,
  receiptsWindowSeconds: 900,
  rawDays: 35,
  hotDays: 90,
  alarms: 50,
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
