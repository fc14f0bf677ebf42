import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createEventIds } from '#core/edge/event-id.ts';
import { createRefusedLimit } from '#core/edge/refused-limit.ts';
import { parseEnvironment } from '#schemas/environment.ts';
import { createCatalogReader } from '#stores/catalog/catalog-reader.ts';
import { createClickQueue } from '#stores/aws/sqs-click-queue.ts';
import { createSqsRequests, readSqsSettings } from '#stores/aws/sqs-requests.ts';
import { writeLine } from '#stores/aws/stdout.ts';
import { createLookupCache } from '#stores/cache/lookup-cache.ts';
import { createOriginSecret } from '#stores/aws/secrets-manager-origin-secret.ts';
import { createRateLimit } from '#stores/cache/rate-limit.ts';
import { createCapture } from './capture.ts';
import { createCollect } from './collect.ts';
import { environment } from './env.ts';
import { createHandleRequest } from './handle-request.ts';

const { CATALOG_TABLE, CACHE_TABLE, CLICK_QUEUE_URL, ORIGIN_SECRET_ARN, ALLOW_REPLAY } = parseEnvironment(
  environment,
  process.env,
);

// Without `throwOnRequestTimeout`, the SDK only logs a warning.
const shortTimeouts = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 500, requestTimeout: 1_200, throwOnRequestTimeout: true },
};
const dynamo = new DynamoDBClient(shortTimeouts);

const { now } = Date;

/** Of one address for one page: an office, or a busy page that sends a thousand events at once. */
const eventsAMinute = 1_200;

const pages = createLookupCache({
  load: createCatalogReader({ client: dynamo, table: CATALOG_TABLE }).page,
  now,
  patience: 250,
  limit: 5_000,
});

const deps = {
  findPage: pages.get,
  originSecret: createOriginSecret({ client: new SecretsManagerClient(shortTimeouts), arn: ORIGIN_SECRET_ARN, now }),
  withinRate: createRateLimit({ client: dynamo, table: CACHE_TABLE, now, limit: eventsAMinute }),
  keepsRefused: createRefusedLimit(),
  nextId: createEventIds(),
  ...createClickQueue({
    request: createSqsRequests({ ...readSqsSettings(CLICK_QUEUE_URL, process.env), maxAttempts: 2 }),
    queueUrl: CLICK_QUEUE_URL,
    writeLine,
  }),
  writeLine,
};

export const handler = createHandleRequest({
  collect: createCollect(deps),
  capture: createCapture(deps),
  settled: pages.settled,
  writeLine,
  allowReplay: ALLOW_REPLAY,
});
