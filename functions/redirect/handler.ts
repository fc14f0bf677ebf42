import { setTimeout as sleep } from 'node:timers/promises';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createEventIds } from '#core/edge/event-id.ts';
import { parseEnvironment } from '#schemas/environment.ts';
import { createCatalogReader } from '#stores/catalog/catalog-reader.ts';
import { createClickQueue } from '#stores/aws/sqs-click-queue.ts';
import { writeLine } from '#stores/aws/stdout.ts';
import { createLookupCache } from '#stores/cache/lookup-cache.ts';
import { createViewerTables } from '#stores/dynamodb/interactive-client.ts';
import { environment } from './env.ts';
import { createRedirect, type PageWithLinks } from './redirect.ts';
import { createStreamResponse, endResponse } from './stream-response.ts';

const { CATALOG_TABLE, CLICK_QUEUE_URL, IGNORE_CASE, ALLOW_REPLAY } = parseEnvironment(environment, process.env);

const { now } = Date;

// Visitors wait for the catalog, but not for the queue. Without `throwOnRequestTimeout`, the SDK only logs a warning.
const catalog = createCatalogReader({
  client: createViewerTables({
    now,
    config: { requestHandler: { connectionTimeout: 400, requestTimeout: 800, throwOnRequestTimeout: true } },
    coolDownMs: 5_000,
  }),
  table: CATALOG_TABLE,
});
const sqs = new SQSClient({
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 500, requestTimeout: 1_200, throwOnRequestTimeout: true },
});

const links = createLookupCache({ load: catalog.link, now });
const pages = createLookupCache<PageWithLinks>({
  load: async (path) => {
    const [page, linksOfPage] = await Promise.all([catalog.page(path), catalog.linksOfPage(path)]);
    return page && { page, links: linksOfPage };
  },
  now,
  limit: 1_000,
});

/** A waiting environment serves no other request. A cache refresh that takes longer continues during the next invocation. */
const refreshTimeoutMs = 250;

const respond = createStreamResponse({
  redirect: createRedirect({
    findLink: links.get,
    findPage: pages.get,
    nextId: createEventIds(),
    writeLine,
    ignoreCase: IGNORE_CASE,
  }),
  send: createClickQueue({ client: sqs, queueUrl: CLICK_QUEUE_URL, writeLine }).send,
  settled: () =>
    Promise.race([Promise.all([links.settled(), pages.settled()]), sleep(refreshTimeoutMs, undefined, { ref: false })]),
  end: endResponse,
  writeLine,
  allowReplay: ALLOW_REPLAY,
});

export const handler = awslambda.streamifyResponse(respond);
