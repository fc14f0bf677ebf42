import { text } from '#schemas/environment.ts';

export const environment = {
  CATALOG_TABLE: text,
  /** Signs the links of mails. */
  MAIL_SECRET_ARN: text,
};
