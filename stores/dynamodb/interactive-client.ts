import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { createCircuitBreaker } from '../aws/circuit-breaker.ts';

export interface ViewerTablesOptions {
  now: () => number;
  /** Overrides what is said here. */
  config?: DynamoDBClientConfig;
  /** Milliseconds for which a table that did not answer in time is not asked again. @default 3,000 */
  rest?: number;
}

/** DynamoDB for somebody who waits: a table that does not answer costs 2.1 s once, and then nothing while it rests. */
export function createViewerTables({ now, config, rest }: ViewerTablesOptions): DynamoDBClient {
  const client = new DynamoDBClient({
    maxAttempts: 2,
    // A page of a query, 1 MB, is there within 200 ms. Unless told to throw, the SDK only warns of a late answer.
    requestHandler: { connectionTimeout: 500, requestTimeout: 1_000, throwOnRequestTimeout: true },
    ...config,
  });
  // It copies every input and output for a logger that nobody has set: 5 % of an answer's time.
  client.middlewareStack.remove('loggerMiddleware');
  const rested = createCircuitBreaker(now, rest);
  client.middlewareStack.add((next) => (args) => rested(tablesOf(args.input), () => next(args)), {
    step: 'initialize',
    name: 'restAfterTimeout',
  });
  return client;
}

function tablesOf(input: object): readonly string[] {
  if ('TableName' in input && typeof input.TableName === 'string') return [input.TableName];
  if ('RequestItems' in input && typeof input.RequestItems === 'object') return Object.keys(input.RequestItems ?? {});
  return [];
}
