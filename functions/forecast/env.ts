import { text } from '#schemas/environment.ts';

export const environment = {
  CATALOG_TABLE: text,
  ROLLUPS_TABLE: text,
};
