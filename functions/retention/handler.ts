import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { parseEnvironment } from '#schemas/environment.ts';
import { writeLine } from '#stores/aws/stdout.ts';
import { composeSettle } from '#jobs/settle/compose.ts';
import { createRetentionHandler } from './retention.ts';
import { environment } from './env.ts';

const env = parseEnvironment(environment, process.env);
const logger = new Logger({ serviceName: 'retention' });

export const handler = createRetentionHandler({
  deps: composeSettle({ env, now: Date.now, sleep, random: randomBytes, logger, writeMetrics: writeLine }),
  policy: { rawDays: env.RAW_DAYS, settledDays: env.SETTLED_DAYS },
  now: Date.now,
  logger,
  writeMetrics: writeLine,
});
