import { text } from '#schemas/environment.ts';

export const environment = {
  CATALOG_TABLE: text,
  /** Secret that CloudFront adds to its requests. */
  ORIGIN_SECRET_ARN: text,
  /** Secret that signs the links in mails. */
  MAIL_SECRET_ARN: text,
};
