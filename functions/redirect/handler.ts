import { setTimeout as sleep } from 'node:timers/promises';
import { createEventIds } from '#core/edge/event-id.ts';
import { createRefusedLimit } from '#core/edge/refused-limit.ts';
import { parseEnvironment } from '#schemas/environment.ts';
import { createCatalogReader } from '#stores/catalog/catalog-reader.ts';
import { createClickQueue } from '#stores/aws/sqs-click-queue.ts';
import { createSqsRequests, readSqsSettings } from '#stores/aws/sqs-requests.ts';
import { writeLine } from '#stores/aws/stdout.ts';
import { createLookupCache } from '#stores/cache/lookup-cache.ts';
import { createViewerTables } from '#stores/dynamodb/interactive-client.ts';
import { retryUntil } from '#stores/dynamodb/retry.ts';
import { environment } from './env.ts';
import { createServedDomains } from '#core/links/served-domains.ts';
import { createRedirect } from './redirect.ts';
import type { PageWithLinks } from './responses.ts';
import { createStreamResponse, endResponse } from './stream-response.ts';

const {
  CATALOG_TABLE,
  CLICK_QUEUE_URL,
  ORIGIN_SECRET,
  HOME_URL,
  LINK_DOMAINS,
  MAIN_DOMAIN,
  IGNORE_CASE,
  ALLOW_REPLAY,
} = parseEnvironment(environment, process.env);

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
const request = createSqsRequests(readSqsSettings(CLICK_QUEUE_URL, process.env));

/** How long a visitor waits for a throttled catalog. The SDK's two attempts alone may take 1.6 s if it does not respond. */
const lookupTimeoutMs = 1_500;

function retryLookup<Found>(what: string, lookUp: () => Promise<Found>): Promise<Found> {
  return retryUntil({ deadline: now() + lookupTimeoutMs, backoff: { now, sleep, random: Math.random }, what }, lookUp);
}

/** How long a visitor waits for the catalog if the link is in memory, but older than 6 minutes. */
const patience = 250;

/** A write that takes longer continues during the next invocation, and may still use up the click. */
async function withTimeout(taken: Promise<boolean>): Promise<boolean> {
  const timeout = sleep(patience, 'timeout' as const, { ref: false });
  const result = await Promise.race([taken, timeout]);
  if (result === 'timeout') throw new Error(`no response within ${patience} ms`);
  return result;
}

const links = createLookupCache({
  load: (code) => retryLookup('look up a link', () => catalog.link(code)),
  now,
  patience,
});
const pages = createLookupCache<PageWithLinks>({
  load: async (path) => {
    const [page, linksOfPage] = await retryLookup('look up a page', () =>
      Promise.all([catalog.page(path), catalog.linksOfPage(path)]),
    );
    return page && { page, links: linksOfPage };
  },
  now,
  patience,
  limit: 1_000,
});

/** A waiting environment serves no other request. A cache refresh that takes longer continues during the next invocation. */
const refreshTimeoutMs = 250;

const respond = createStreamResponse({
  redirect: createRedirect({
    findLink: links.get,
    findPage: pages.get,
    takeClick: (id, limit) => withTimeout(catalog.takeClick(id, limit)),
    keepsRefused: createRefusedLimit(),
    nextId: createEventIds(),
    writeLine,
    askedDomain: createServedDomains({ domains: LINK_DOMAINS, main: MAIN_DOMAIN }),
    ignoreCase: IGNORE_CASE,
    homeUrl: HOME_URL === 'none' ? undefined : HOME_URL,
  }),
  send: createClickQueue({ request, queueUrl: CLICK_QUEUE_URL, writeLine }).send,
  settled: () =>
    Promise.race([Promise.all([links.settled(), pages.settled()]), sleep(refreshTimeoutMs, undefined, { ref: false })]),
  end: endResponse,
  originSecret: ORIGIN_SECRET === 'none' ? undefined : ORIGIN_SECRET,
  writeLine,
  allowReplay: ALLOW_REPLAY,
});

// If the connection of a response breaks, Lambda's runtime client rejects a promise that it never awaits. Without a listener,
// Node would end the process before the event is sent: `npm run conformance -- runtime`.
process.on('unhandledRejection', (cause) =>
  writeLine(JSON.stringify({ message: 'rejection.unhandled', error: String(cause) })),
);

export const handler = awslambda.streamifyResponse(respond);
