import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { handle, type LambdaContext, type LambdaEvent } from 'hono/aws-lambda';
import { requireCloudFront } from '#core/edge/origin-secret.ts';
import { parseEnvironment } from '#schemas/environment.ts';
import { createApp } from './create-app.ts';
import { createOriginSecret } from '#stores/aws/secrets-manager-origin-secret.ts';
import { writeLine } from '#stores/aws/stdout.ts';
import { environment } from './env.ts';
import { createIdentify } from './identity.ts';
import { composeApi, createAwsClients } from './compose.ts';

const env = parseEnvironment(environment, process.env);

const { now } = Date;
const clients = createAwsClients(now);

const api = handle(
  createApp(
    composeApi(
      {
        env,
        identify: createIdentify({ issuer: env.OIDC_ISSUER, audience: env.OIDC_AUDIENCE }),
        now,
        sleep,
        random: randomBytes,
        logger: new Logger({ serviceName: 'api' }),
        writeMetrics: writeLine,
      },
      clients,
    ),
  ),
);

/** An event of the HTTP API, payload 2.0. */
type HttpApiEvent = Extract<LambdaEvent, { rawPath: string }>;

export const handler = requireCloudFront(
  (event: HttpApiEvent, context: LambdaContext) => api(event, context),
  createOriginSecret({ client: clients.secrets, arn: env.ORIGIN_SECRET_ARN, now }),
);
