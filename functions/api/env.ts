import { parseLinkDomains } from '#schemas/settings/link-domains.ts';
import { flag, text, whole } from '#schemas/environment.ts';

export const environment = {
  CATALOG_TABLE: text,
  ROLLUPS_TABLE: text,
  CACHE_TABLE: text,
  /** Secret that CloudFront adds to its requests. */
  ORIGIN_SECRET_ARN: text,
  LAKE_BUCKET: text,
  /** Bucket of the dashboard's files. */
  SITE_BUCKET: text,
  GLUE_DATABASE: text,
  /** Athena work group that cancels expensive queries. */
  INTERACTIVE_WORK_GROUP: text,
  /** Limits above which a warning is logged: megabytes that a query scans, and cents that a day's queries cost. */
  QUERY_ALERT_MEGABYTES: whole,
  DAILY_QUERY_CENTS: whole,
  EXPORT_FUNCTION: text,
  IMPORT_FUNCTION: text,
  PULL_FUNCTION: text,
  ERASE_FUNCTION: text,
  /** Function that sends mails. */
  ALERTS_FUNCTION: text,
  /** Secret that hashes addresses of recipients. */
  MAIL_SECRET_ARN: text,
  /** Private addresses that test messages may reach; `none` on AWS. Only tests of the local stack set it. */
  PRIVATE_DESTINATIONS: text,
  /** Public URL of the stack: `https://go.example.com`. */
  PUBLIC_URL: text,
  LINK_DOMAINS: parseLinkDomains,
  /** Seconds after which an event is counted. */
  FRESHNESS_SECONDS: whole,
  /** Whether codes are equal if they differ in capitals only. */
  IGNORE_CASE: flag,
  /** Sender of invitations; `none` if the stack sends no mails. */
  SENDER: text,
  /** SES configuration set of invitations; `none` if the stack sends no mails. */
  CONFIGURATION_SET: text,
  /** Id of the stack's user pool; `none` if another issuer manages the accounts. */
  USER_POOL: text,
  /** OIDC issuer of the bearer tokens. */
  OIDC_ISSUER: text,
  /** Required `aud` or `client_id` of a token. */
  OIDC_AUDIENCE: text,
};
