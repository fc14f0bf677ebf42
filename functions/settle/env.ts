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
  /** Seconds within which an event with the same requester and target is a duplicate. */
  DUPLICATE_SECONDS: whole,
  /** The same if the requester's port is unknown. */
  DUPLICATE_SECONDS_WITHOUT_PORT: whole,
  /** Megabytes scanned by one query above which an alarm is raised. */
  QUERY_ALERT_MEGABYTES: whole,
  /** Cost of one day's queries, in US cents, above which an alarm is raised. */
  DAILY_QUERY_CENTS: whole,
};
