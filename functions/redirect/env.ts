import { flag, text } from '#schemas/environment.ts';

export const environment = {
  CATALOG_TABLE: text,
  CLICK_QUEUE_URL: text,
  /** True only on a local stack that was started with `--allow-replay`. */
  ALLOW_REPLAY: flag,
};
