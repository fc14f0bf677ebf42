import { importEnvironment } from '#jobs/environments.ts';

export const environment = importEnvironment;
