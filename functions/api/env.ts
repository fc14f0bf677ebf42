import { text, whole } from '#schemas/environment.ts';

export const environment = {
  CATALOG_TABLE: text,
  ROLLUPS_TABLE: text,
  CACHE_TABLE: text,
  LAKE_BUCKET: text,
  GLUE_DATABASE: text,
  /** Its queries are cut off. */
  INTERACTIVE_WORK_GROUP: text,
  /** Megabytes that a query may scan, and cents that a day's queries may cost, before somebody is told. */
  QUERY_ALERT_MEGABYTES: whole,
  DAILY_QUERY_CENTS: whole,
  EXPORT_FUNCTION: text,
  ERASE_FUNCTION: text,
  /** Where viewers reach the stack: `https://go.example.com`. */
  PUBLIC_URL: text,
  /** Who invitations are from; `none` where the stack sends no mails. */
  SENDER: text,
  /** Id of the stack's own user pool; `none` where accounts are another issuer's. */
  USER_POOL: text,
  /** OIDC issuer whose keys sign the bearer tokens. */
  OIDC_ISSUER: text,
  /** `aud` or `client_id` that a token must carry. */
  OIDC_AUDIENCE: text,
};
