import { text, whole } from '#schemas/environment.ts';

export const environment = {
  CATALOG_TABLE: text,
  ROLLUPS_TABLE: text,
  GLUE_DATABASE: text,
  JOBS_WORK_GROUP: text,
  /** Where viewers reach the stack: `https://go.example`. */
  PUBLIC_URL: text,
  /** Signs the links of mails. */
  MAIL_SECRET_ARN: text,
  /** Who the mails are from; `none` where the stack sends none. */
  SENDER: text,
  /** To whose topic SES reports bounces and complaints; `none` for none. */
  CONFIGURATION_SET: text,
  /** Days that an incident is kept after its end, as long as settled events; 0 for ever. */
  SETTLED_DAYS: whole,
  /** Megabytes that a query may scan, and cents that a day's queries may cost, before somebody is told. */
  QUERY_ALERT_MEGABYTES: whole,
  DAILY_QUERY_CENTS: whole,
};
