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
  /** Seconds within which a second event of the same visitor and target is a duplicate. */
  DUPLICATE_SECONDS: whole,
  /** The same if the visitor's port is unknown. */
  DUPLICATE_SECONDS_WITHOUT_PORT: whole,
  /** Megabytes that one query may scan before an alarm fires. */
  QUERY_ALERT_MEGABYTES: whole,
  /** Cents that a day's queries may cost before an alarm fires. */
  DAILY_QUERY_CENTS: whole,
  /** Days that raw files of settled hours live. */
  RAW_DAYS: whole,
  /** Days that settled events live; 0 keeps them forever. Day and month counters are not deleted. */
  SETTLED_DAYS: whole,
};
