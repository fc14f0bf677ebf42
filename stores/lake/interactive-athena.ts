import { AthenaClient, type AthenaClientConfig } from '@aws-sdk/client-athena';
import { createCircuitBreaker } from '../aws/circuit-breaker.ts';

export interface ViewerAthenaOptions {
  now: () => number;
  /** Overrides what is said here. */
  config?: AthenaClientConfig;
}

/** Athena for somebody who waits: each call answers within 3.2 s or fails. How long a query runs, its asker says. */
export function createViewerAthena({ now, config }: ViewerAthenaOptions): AthenaClient {
  const client = new AthenaClient({
    maxAttempts: 2,
    // Unless told to throw, the SDK only warns of a late answer.
    requestHandler: { connectionTimeout: 500, requestTimeout: 1_500, throwOnRequestTimeout: true },
    ...config,
  });
  const rested = createCircuitBreaker(now);
  client.middlewareStack.add((next) => (args) => rested(['Athena'], () => next(args)), {
    step: 'initialize',
    name: 'restAfterTimeout',
  });
  return client;
}
