import { settleEnvironment } from '#jobs/environments.ts';
import { whole } from '#schemas/environment.ts';

export const environment = {
  ...settleEnvironment,
  /** Days for which rollup keeps claims and stored updates. */
  MARKER_DAYS: whole,
};
