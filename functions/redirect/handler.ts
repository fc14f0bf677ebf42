import { setTimeout as sleep } from 'node:timers/promises';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createEventIds } from '#core/edge/event-id.ts';
import { parseEnvironment } from '#schemas/environment.ts';
import { createCatalogReader } from '#stores/catalog/catalog-reader.ts';
import { createClickQueue } from '#stores/aws/sqs-click-queue.ts';
import { createLookupCache } from '#stores/cache/lookup-cache.ts';
import { createViewerTables } from '#stores/dynamodb/interactive-client.ts';
import { environment } from './env.ts';
import { createRedirect, type PageWithLinks } from './redirect.ts';
import { createStreamResponse, endResponse } from './stream-response.ts';

const { CATALOG_TABLE, CLICK_QUEUE_URL, ALLOW_REPLAY } = parseEnvironment(environment, process.env);

const { now } = Date;

// A viewer waits for the catalog; nobody waits for the queue. Unless told to throw, the SDK only warns of a late answer.
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

/**
 * An environment that waits cannot answer, and another one may remember no link: a refresh that lasts longer goes on
 * with the next invocation.
 */
const refreshPatience = 250;

const answer = createStreamResponse({
  redirect: createRedirect({ findLink: links.get, findPage: pages.get, nextId: createEventIds(), writeLine }),
  send: createClickQueue({ client: sqs, queueUrl: CLICK_QUEUE_URL, writeLine }).send,
  settled: () =>
    Promise.race([Promise.all([links.settled(), pages.settled()]), sleep(refreshPatience, undefined, { ref: false })]),
  end: endResponse,
  writeLine,
  allowReplay: ALLOW_REPLAY,
});

export const handler = awslambda.streamifyResponse(answer);

function writeLine(line: string): void {
  return void process.stdout.write(`${line}\n`);
}
