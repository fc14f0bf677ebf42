import { lakeQueryEnvironment } from '#jobs/environments.ts';
import { text } from '#schemas/environment.ts';

export const environment = { ...lakeQueryEnvironment, LAKE_BUCKET: text };
