import { text, whole } from '#schemas/environment.ts';

export const environment = {
  CATALOG_TABLE: text,
  ROLLUPS_TABLE: text,
  REDIRECT_LOG_GROUP: text,
  COLLECT_LOG_GROUP: text,
  HOT_DAYS: whole,
};
