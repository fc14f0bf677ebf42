import { flag, text } from '#schemas/environment.ts';

export const environment = {
  CATALOG_TABLE: text,
  CLICK_QUEUE_URL: text,
  /** True on the local stack started with `--allow-replay` only. */
  ALLOW_REPLAY: flag,
};
