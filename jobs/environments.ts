import { parseLinkDomains } from '#schemas/settings/link-domains.ts';
import { type Environment, flag, text, whole } from '#schemas/environment.ts';

/** Variables of every function that queries the lake. */
export const lakeQueryEnvironment = {
  CATALOG_TABLE: text,
  GLUE_DATABASE: text,
  JOBS_WORK_GROUP: text,
  /** Megabytes that one query may scan before an alarm fires. */
  QUERY_ALERT_MEGABYTES: whole,
  /** Cents that a day's queries may cost before an alarm fires. */
  DAILY_QUERY_CENTS: whole,
} as const;
export type LakeQueryEnvironment = Environment<typeof lakeQueryEnvironment>;

/** Variables of every function that settles hours: settle, erase and retention. */
export const settleEnvironment = {
  ...lakeQueryEnvironment,
  ROLLUPS_TABLE: text,
  LAKE_BUCKET: text,
  CLICK_QUEUE_URL: text,
  FILES_QUEUE_URL: text,
  /** Days for which hourly items are kept after their last write. */
  HOT_DAYS: whole,
  /** Entities whose settled counters are written in one transaction; 1 without transactions, which cost twice. */
  ENTITIES_AT_ONCE: whole,
  /** Seconds within which an event with the same requester and target is a duplicate. */
  DUPLICATE_SECONDS: whole,
  /** The same if the requester's port is unknown. */
  DUPLICATE_SECONDS_WITHOUT_PORT: whole,
} as const;
/** Variables of the function that imports history. */
export const importEnvironment = {
  ...lakeQueryEnvironment,
  ROLLUPS_TABLE: text,
  CACHE_TABLE: text,
  LAKE_BUCKET: text,
  /** First date of the lake's projected partitions. */
  LAKE_FROM: text,
  /** Public URL of the stack: `https://go.example.com`. Its own links are internal referrers. */
  PUBLIC_URL: text,
  LINK_DOMAINS: parseLinkDomains,
  /** Whether codes are equal if they differ in capitals only. */
  IGNORE_CASE: flag,
} as const;
export type ImportEnvironment = Environment<typeof importEnvironment>;

/** Variables of the function that pulls from the APIs of other tools. */
export const pullEnvironment = {
  CATALOG_TABLE: text,
  LAKE_BUCKET: text,
  /** Function that imports the history. */
  IMPORT_FUNCTION: text,
  /** Secret with which tokens are encrypted. */
  MAIL_SECRET_ARN: text,
  /** Private addresses that may be asked; `none` on AWS. Only tests of the local stack set it. */
  PRIVATE_DESTINATIONS: text,
  PUBLIC_URL: text,
  LINK_DOMAINS: parseLinkDomains,
  IGNORE_CASE: flag,
} as const;
export type PullEnvironment = Environment<typeof pullEnvironment>;

export type SettleEnvironment = Environment<typeof settleEnvironment>;
