import { text, whole } from '#schemas/environment.ts';

export const environment = {
  CATALOG_TABLE: text,
  ROLLUPS_TABLE: text,
  GLUE_DATABASE: text,
  JOBS_WORK_GROUP: text,
  /** The stack's public address: `https://go.example`. */
  PUBLIC_URL: text,
  /** Secret that signs the links in mails. */
  MAIL_SECRET_ARN: text,
  /** Sender address of the mails; `none` if the stack sends none. */
  SENDER: text,
  /** SES configuration set that reports bounces and complaints; `none` if there is none. */
  CONFIGURATION_SET: text,
  /** Days that an incident is kept after its end, the same as settled events; 0 keeps it forever. */
  SETTLED_DAYS: whole,
  /** Megabytes that one query may scan before an alarm fires. */
  QUERY_ALERT_MEGABYTES: whole,
  /** Cents that a day's queries may cost before an alarm fires. */
  DAILY_QUERY_CENTS: whole,
};
