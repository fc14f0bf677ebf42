import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { handle, type LambdaContext, type LambdaEvent } from 'hono/aws-lambda';
import { requireCloudFront } from '#core/edge/origin-secret.ts';
import { parseEnvironment } from '#schemas/environment.ts';
import { createApp } from './create-app.ts';
import { createOriginSecret } from '#stores/aws/secrets-manager-origin-secret.ts';
import { writeLine } from '#stores/aws/stdout.ts';
import { environment } from './env.ts';
import { createIdentify } from './identity.ts';
import { composeApi } from './compose.ts';

const env = parseEnvironment(environment, process.env);

const api = handle(
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

/** An event of the HTTP API, payload 2.0. */
type HttpApiEvent = Extract<LambdaEvent, { rawPath: string }>;

export const handler = requireCloudFront(
  (event: HttpApiEvent, context: LambdaContext) => api(event, context),
  createOriginSecret({
    client: new SecretsManagerClient({
      maxAttempts: 2,
      requestHandler: { connectionTimeout: 500, requestTimeout: 1_200, throwOnRequestTimeout: true },
    }),
    arn: env.ORIGIN_SECRET_ARN,
    now: Date.now,
  }),
);
