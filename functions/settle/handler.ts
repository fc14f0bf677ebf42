import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { parseEnvironment } from '#schemas/environment.ts';
import { writeLine } from '#stores/aws/stdout.ts';
import { createSettleHandler } from './settle.ts';
import { environment } from './env.ts';
import { composeSettle } from '#jobs/settle/compose.ts';

const env = parseEnvironment(environment, process.env);
const logger = new Logger({ serviceName: 'settle' });

export const handler = createSettleHandler({
  deps: composeSettle({ env, now: Date.now, sleep, random: randomBytes, logger, writeMetrics: writeLine }),
  now: Date.now,
  logger,
  writeMetrics: writeLine,
});
