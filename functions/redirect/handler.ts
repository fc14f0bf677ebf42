import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createEventIds } from '#core/edge/event-id.ts';
import { parseEnvironment } from '#schemas/environment.ts';
import { createCatalogReader } from '#stores/catalog.ts';
import { createClickQueue } from '#stores/click-queue.ts';
import { createLookupCache } from '#stores/lookup-cache.ts';
import { environment } from './env.ts';
import { createRedirect, type PageWithLinks } from './redirect.ts';
import { createStreamAnswer, endAnswer } from './stream-answer.ts';

const { CATALOG_TABLE, CLICK_QUEUE_URL, ALLOW_REPLAY } = parseEnvironment(environment, process.env);

// A viewer waits for the catalog; nobody waits for the queue. Unless told to throw, the SDK only warns of a late answer.
const catalog = createCatalogReader({
  client: new DynamoDBClient({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 400, requestTimeout: 800, throwOnRequestTimeout: true },
  }),
  table: CATALOG_TABLE,
});
const sqs = new SQSClient({
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 500, requestTimeout: 1_200, throwOnRequestTimeout: true },
});
const writeLine = (line: string): void => void process.stdout.write(`${line}\n`);
const { now } = Date;

const links = createLookupCache({ load: catalog.link, now });
const pages = createLookupCache<PageWithLinks>({
  load: async (path) => {
    const [page, linksOfPage] = await Promise.all([catalog.page(path), catalog.linksOfPage(path)]);
    return page && { page, links: linksOfPage };
  },
  now,
  limit: 1_000,
});

const answer = createStreamAnswer({
  redirect: createRedirect({ findLink: links.get, findPage: pages.get, nextId: createEventIds(), writeLine }),
  send: createClickQueue({ client: sqs, queueUrl: CLICK_QUEUE_URL, writeLine }).send,
  settled: () => Promise.all([links.settled(), pages.settled()]),
  end: endAnswer,
  writeLine,
  allowReplay: ALLOW_REPLAY,
});

export const handler = awslambda.streamifyResponse(answer);
