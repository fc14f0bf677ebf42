import { pullEnvironment } from '#jobs/environments.ts';

export const environment = pullEnvironment;
