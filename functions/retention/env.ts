import { settleEnvironment } from '#jobs/environments.ts';
import { whole } from '#schemas/environment.ts';

export const environment = {
  ...settleEnvironment,
  /** Days that raw files of settled hours live. */
  RAW_DAYS: whole,
  /** Days that settled events live; 0 keeps them forever. Day and month counters are not deleted. */
  SETTLED_DAYS: whole,
};
