import { AthenaClient, type AthenaClientConfig } from '@aws-sdk/client-athena';
import { createCircuitBreaker } from '../aws/circuit-breaker.ts';

export interface ViewerAthenaOptions {
  now: () => number;
  /** Overrides the settings below. */
  config?: AthenaClientConfig;
}

/** Creates a client for interactive requests: each call takes at most 3.2 s. The caller limits the query's duration. */
export function createViewerAthena({ now, config }: ViewerAthenaOptions): AthenaClient {
  const client = new AthenaClient({
    maxAttempts: 2,
    // Without `throwOnRequestTimeout` the SDK only logs a late response.
    requestHandler: { connectionTimeout: 500, requestTimeout: 1_500, throwOnRequestTimeout: true },
    ...config,
  });
  const throughBreaker = createCircuitBreaker(now);
  client.middlewareStack.add((next) => (args) => throughBreaker({ store: 'Athena', part: '' }, () => next(args)), {
    step: 'initialize',
    name: 'circuitBreaker',
  });
  return client;
}
