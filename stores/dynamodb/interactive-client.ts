import { DynamoDBClient, type DynamoDBClientConfig, type ServiceInputTypes } from '@aws-sdk/client-dynamodb';
import { tableKeys } from '#schemas/tables.ts';
import { createCircuitBreaker, type StoreCall } from '../aws/circuit-breaker.ts';
import type { Item } from './table.ts';

export interface ViewerTablesOptions {
  now: () => number;
  /** Overrides the settings below. */
  config?: DynamoDBClientConfig;
  /** Milliseconds for which a slow partition, or a table that is down, fails fast. @default 3,000 */
  coolDownMs?: number;
}

/** Creates a client for requests that a person waits for: a partition that does not respond costs 2.1 s once, a table twice. */
export function createViewerTables({ now, config, coolDownMs }: ViewerTablesOptions): DynamoDBClient {
  const client = new DynamoDBClient({
    maxAttempts: 2,
    // A 1 MB page of a query takes up to 200 ms. Without `throwOnRequestTimeout` the SDK only logs a late response.
    requestHandler: { connectionTimeout: 500, requestTimeout: 1_000, throwOnRequestTimeout: true },
    ...config,
  });
  // It copies every input and output for a logger that is not set: 5 % of a request's time.
  client.middlewareStack.remove('loggerMiddleware');
  const throughBreaker = createCircuitBreaker(now, coolDownMs);
  client.middlewareStack.add(
    (next) => (args) => {
      const call = findCall(args.input);
      return call ? throughBreaker(call, () => next(args)) : next(args);
    },
    { step: 'initialize', name: 'circuitBreaker' },
  );
  return client;
}

/** Returns the table and the partitions of a call, or undefined for a transaction. */
function findCall(input: ServiceInputTypes): StoreCall | undefined {
  if ('RequestItems' in input) {
    const [[store, request] = ['', []]] = Object.entries(input.RequestItems ?? {});
    const keys = 'Keys' in request ? (request.Keys ?? []) : [];
    return { store, part: [...new Set(keys.map(partitionOf))].join(' ') };
  }
  if (!('TableName' in input)) return undefined;
  return { store: input.TableName ?? '', part: partitionOf(keysIn(input)) };
}

/** The keys of a call for one item, or the values of a query, which begin with the partition. */
function keysIn(input: ServiceInputTypes): Item {
  if ('Key' in input) return input.Key ?? {};
  if ('Item' in input) return input.Item ?? {};
  return 'ExpressionAttributeValues' in input ? (input.ExpressionAttributeValues ?? {}) : {};
}

function partitionOf(item: Item): string {
  return (item[tableKeys.partition] ?? Object.values(item)[0])?.S ?? '';
}
