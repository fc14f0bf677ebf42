import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { parseEnvironment } from '#schemas/environment.ts';
import { composeSettle } from '#jobs/settle/compose.ts';
import { createExportHandler } from './create-export-handler.ts';
import { environment } from './env.ts';

const env = parseEnvironment(environment, process.env);
const logger = new Logger({ serviceName: 'export' });

export const handler = createExportHandler(
  composeSettle({ env, now: Date.now, sleep, random: randomBytes, logger, writeMetrics }),
);

function writeMetrics(line: string): void {
  return void process.stdout.write(`${line}\n`);
}
