import { text, whole } from '#schemas/environment.ts';

export const environment = {
  CATALOG_TABLE: text,
  ROLLUPS_TABLE: text,
  LAKE_BUCKET: text,
  CLICK_QUEUE_URL: text,
  FILES_QUEUE_URL: text,
  GLUE_DATABASE: text,
  JOBS_WORK_GROUP: text,
  /** Days that hourly items live after their last write. */
  HOT_DAYS: whole,
  /** Seconds within which a second event of the same requester and target is a duplicate. */
  DUPLICATE_SECONDS: whole,
  /** The same where the requester's port is not known. */
  DUPLICATE_SECONDS_WITHOUT_PORT: whole,
  /** Megabytes that a query may scan, and dollars that a day's queries may cost, before somebody is told. */
  QUERY_ALERT_MEGABYTES: whole,
  DAILY_QUERY_CENTS: whole,
};
