import { flag, text } from '#schemas/environment.ts';

export const environment = {
  CATALOG_TABLE: text,
  CACHE_TABLE: text,
  CLICK_QUEUE_URL: text,
  /** Secret that CloudFront adds to its requests; read from Secrets Manager at start, never passed in plain text. */
  ORIGIN_SECRET_ARN: text,
  ALLOW_REPLAY: flag,
};
