import { text } from '#schemas/environment.ts';

export const environment = {
  CACHE_TABLE: text,
};
