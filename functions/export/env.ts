import { text, whole } from '#schemas/environment.ts';

export const environment = {
  CATALOG_TABLE: text,
  LAKE_BUCKET: text,
  GLUE_DATABASE: text,
  JOBS_WORK_GROUP: text,
  /** Megabytes that one query may scan before an alarm fires. */
  QUERY_ALERT_MEGABYTES: whole,
  /** Cents that a day's queries may cost before an alarm fires. */
  DAILY_QUERY_CENTS: whole,
};
