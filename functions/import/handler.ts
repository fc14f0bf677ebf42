import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { composeImport } from '#jobs/history/compose.ts';
import { parseEnvironment } from '#schemas/environment.ts';
import { writeLine } from '#stores/aws/stdout.ts';
import { environment } from './env.ts';
import { createImportHandler } from './import.ts';

const env = parseEnvironment(environment, process.env);
const logger = new Logger({ serviceName: 'import' });

export const handler = createImportHandler(
  composeImport({
    env,
    // Set by Lambda.
    functionName: process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? '',
    now: Date.now,
    sleep,
    random: randomBytes,
    logger,
    writeMetrics: writeLine,
  }),
);
