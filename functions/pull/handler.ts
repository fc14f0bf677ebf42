import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { composePull } from '#jobs/pull/compose.ts';
import { parseEnvironment } from '#schemas/environment.ts';
import { environment } from './env.ts';
import { createPullHandler } from './pull.ts';

const env = parseEnvironment(environment, process.env);

export const handler = createPullHandler(
  composePull({
    env,
    // Set by Lambda.
    functionName: process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? '',
    now: Date.now,
    sleep,
    random: randomBytes,
  }),
);
