import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { handle } from 'hono/aws-lambda';
import { parseEnvironment } from '#schemas/environment.ts';
import { createApp } from './create-app.ts';
import { writeLine } from '#stores/aws/stdout.ts';
import { environment } from './env.ts';
import { createIdentify } from './identity.ts';
import { composeApi } from './compose.ts';

const env = parseEnvironment(environment, process.env);

export const handler = handle(
  createApp(
    composeApi({
      env,
      identify: createIdentify({ issuer: env.OIDC_ISSUER, audience: env.OIDC_AUDIENCE }),
      now: Date.now,
      sleep,
      random: randomBytes,
      logger: new Logger({ serviceName: 'api' }),
      writeMetrics: writeLine,
    }),
  ),
);
