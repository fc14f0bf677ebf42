import { AthenaClient, type AthenaClientConfig } from '@aws-sdk/client-athena';
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { StoreUnavailable } from './errors.ts';

export interface ViewerClientOptions<Config> {
  now: () => number;
  /** Overrides what is said here. */
  config?: Config;
  /** Milliseconds for which a store that did not answer in time is not asked again. @default 3,000 */
  rest?: number;
}

const isTimeout = (error: unknown): boolean => error instanceof Error && error.name === 'TimeoutError';

/**
 * Lets a store rest that did not answer in time: whoever waits pays for one timeout, not for one at every read. An
 * error is quick, and rests nobody.
 */
const createRests = (now: () => number, length = 3_000) => {
  const until = new Map<string, number>();
  return async <T>(names: readonly string[], work: () => Promise<T>): Promise<T> => {
    const resting = names.find((name) => now() < (until.get(name) ?? 0));
    if (resting !== undefined) throw new StoreUnavailable(`${resting} did not answer in time a moment ago`);
    try {
      return await work();
    } catch (cause) {
      if (isTimeout(cause)) for (const name of names) until.set(name, now() + length);
      throw cause;
    }
  };
};

const tablesOf = (input: object): readonly string[] => {
  if ('TableName' in input && typeof input.TableName === 'string') return [input.TableName];
  if ('RequestItems' in input && typeof input.RequestItems === 'object') return Object.keys(input.RequestItems ?? {});
  return [];
};

/** Without `throwOnRequestTimeout` the SDK writes a warning and waits on. */
const within = (milliseconds: number) => ({
  connectionTimeout: 500,
  requestTimeout: milliseconds,
  throwOnRequestTimeout: true,
});

/** DynamoDB for somebody who waits: 2.1 s at most, once in a while, for a table that does not answer. */
export const createViewerTables = ({
  now,
  config,
  rest,
}: ViewerClientOptions<DynamoDBClientConfig>): DynamoDBClient => {
  // A page of a query, 1 MB, is there within 200 ms.
  const client = new DynamoDBClient({ maxAttempts: 2, requestHandler: within(1_000), ...config });
  const rested = createRests(now, rest);
  client.middlewareStack.add((next) => (args) => rested(tablesOf(args.input), () => next(args)), {
    step: 'initialize',
    name: 'restAfterTimeout',
  });
  return client;
};

/** Athena likewise, 3.2 s at most for each call; how long a query may run is for whoever asks it. */
export const createViewerAthena = ({ now, config, rest }: ViewerClientOptions<AthenaClientConfig>): AthenaClient => {
  const client = new AthenaClient({ maxAttempts: 2, requestHandler: within(1_500), ...config });
  const rested = createRests(now, rest);
  client.middlewareStack.add((next) => (args) => rested(['Athena'], () => next(args)), {
    step: 'initialize',
    name: 'restAfterTimeout',
  });
  return client;
};
