import { text } from '#schemas/environment.ts';

export const environment = {
  CATALOG_TABLE: text,
  /** Where viewers reach the stack: `https://go.example`. */
  PUBLIC_URL: text,
};
