import { randomBytes } from 'node:crypto';
import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { z } from 'zod';
import { parseEnvironment } from '#schemas/environment.ts';
import { createSalts } from '#stores/cache/salts.ts';
import { environment } from './env.ts';
import { renewSalts } from './salts.ts';

const { CACHE_TABLE } = parseEnvironment(environment, process.env);
const logger = new Logger({ serviceName: 'salts' });
const client = new DynamoDBClient({});

const payload = z.object({ time: z.iso.datetime({ offset: true }) });

export async function handler(event: unknown): Promise<void> {
  const now = Date.parse(payload.parse(event).time);
  const salts = createSalts({ client, table: CACHE_TABLE, now: () => now, randomSalt: () => randomBytes(32) });
  logger.info('salts renewed', { ...(await renewSalts(salts, now)) });
}
