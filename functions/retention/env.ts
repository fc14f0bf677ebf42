import { whole } from '#schemas/environment.ts';
import { environment as settleEnvironment } from '../settle/env.ts';

export const environment = {
  ...settleEnvironment,
  /** Days that raw files of settled hours live. */
  RAW_DAYS: whole,
  /** Days that settled events live; 0 for ever. Day and month items stay. */
  SETTLED_DAYS: whole,
};
